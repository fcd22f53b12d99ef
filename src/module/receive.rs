//! Getting bytes from the network, for who has the role of reader.

use crate::limits::READ_AHEAD;
use crate::micropython::{now, take_and_zero};
use crate::time::{Deadline, Instant};
use crate::transport::{Interest, MicroPythonStack, PipeError, Socket, Wait, receive};

use super::client::{Client, Partial, Payload, Reader};
use super::error::{Error, Reason, Result};
use super::input::Reading;

impl Client {
    /// Gets more bytes. False: none came before the deadline.
    pub fn fill(&self, reader: &mut Reader, deadline: Deadline, how: Reading) -> Result<bool> {
        let Some(mut socket) = *self.socket.lock() else {
            return Err(Error::NOT_CONNECTED);
        };
        let mut stack = MicroPythonStack::new(&self.cancelled);
        if how.may_write {
            self.flush_output()?;
        }
        loop {
            if self.receive(reader, &mut stack, &mut socket)? {
                return Ok(true);
            }
            let present = now();
            self.session.lock().caught_up(present);
            let mut patience = deadline.remaining(present).unwrap_or(0);
            if let Some(stall) = self.stall_left(reader, present)? {
                patience = patience.min(stall);
            }
            if let Some(check) = self.check_timers(present)? {
                patience = patience.min(check);
            }
            if how.may_write {
                self.flush_output()?;
            }
            if deadline.remaining(present).is_none() {
                return Ok(false);
            }
            stack
                .wait(&socket, Interest::Receive, patience.max(1))
                .map_err(|e| Error::from(PipeError::Stack(e)))?;
        }
    }

    /// Looks at the clock of the keep-alive: milliseconds until that is to be done again, if ever.
    pub fn check_timers(&self, present: Instant) -> Result<Option<u32>> {
        let mut session = self.session.lock();
        session.check_timers(present, self.command_timeout)?;
        Ok(session.next_check(present))
    }

    /// Receives what is there, straight into a large payload or else into the buffer.
    fn receive(
        &self,
        reader: &mut Reader,
        stack: &mut MicroPythonStack<'_>,
        socket: &mut Socket,
    ) -> Result<bool> {
        if reader.start == reader.end {
            reader.start = 0;
            reader.end = 0;
        } else if reader.end == READ_AHEAD {
            reader.compact();
        }
        let direct = match &mut reader.message {
            Some(Partial {
                payload: Payload::Filling(payload),
                ..
            }) if reader.end == 0 && payload.unfilled() >= READ_AHEAD => Some(payload),
            _ => None,
        };
        let n = match direct {
            Some(payload) => {
                let n = receive(stack, socket, payload.rest())?;
                payload.advance(n);
                self.session.lock().payload_taken(n);
                n
            }
            None => {
                let free = reader.buffer.get_mut(reader.end..).unwrap_or(&mut []);
                let n = receive(stack, socket, free)?;
                reader.end = reader.end.saturating_add(n);
                n
            }
        };
        if n > 0 {
            reader.stalled = None;
            self.session.lock().received(now());
        }
        Ok(n > 0)
    }

    /// Milliseconds until a packet that does not go on is given up; `None` between packets.
    fn stall_left(&self, reader: &mut Reader, present: Instant) -> Result<Option<u32>> {
        let inside =
            reader.start < reader.end || reader.long_header.is_some() || reader.message.is_some();
        if !inside {
            reader.stalled = None;
            return Ok(None);
        }
        let since = *reader.stalled.get_or_insert(present);
        match Deadline::after(since, self.command_timeout).remaining(present) {
            Some(left) => Ok(Some(left)),
            None => Err(Error::because(Reason::Stalled)),
        }
    }
}

impl Reader {
    /// Forgets what belongs to an old connection.
    pub fn reset(&mut self) {
        self.start = 0;
        self.end = 0;
        take_and_zero(&mut self.long_header);
        take_and_zero(&mut self.message);
        self.stalled = None;
    }

    /// Moves what has not been taken in to the front of the buffer.
    pub fn compact(&mut self) {
        if self.start <= self.end && self.end <= READ_AHEAD {
            self.buffer.copy_within(self.start..self.end, 0);
        }
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
    }
}
