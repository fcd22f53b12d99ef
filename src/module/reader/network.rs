//! From the network to the reader's buffer.

use crate::limits::READ_AHEAD;
use crate::micropython::{has_scheduled, has_threads, now};
use crate::time::{Deadline, Instant};
use crate::transport::{Interest, MicroPythonStack, PipeError, Socket, Wait as _, receive};

use super::{Reader, Reading, TURN, bytes};
use crate::module::client::Client;
use crate::module::error::{Error, Reason, Result};
use crate::module::writer::flush_output;

impl Reader {
    /// Looks at the network while packets are here that have not been taken in: an answer to PINGREQ
    /// is missing only if nothing more can be read, and none of these is it.
    ///
    /// The end of the stream is not reported: the packets that are here come before it.
    pub fn look_ahead(&mut self, client: &Client, present: Instant) {
        let is_full = self.start == 0 && self.end == READ_AHEAD;
        if is_full || self.message.is_some() || self.long_header.is_some() {
            return;
        }
        let Some(mut socket) = *client.socket.lock() else {
            return;
        };
        let mut stack = MicroPythonStack::new(&client.cancelled).without_functions();
        let received = self.receive(&mut stack, &mut socket).unwrap_or(false);
        let mut session = client.session.lock();
        if received {
            session.received(present);
        } else {
            let unread = bytes(&self.buffer, self.start, self.end);
            session.caught_up_behind(unread, present);
        }
    }

    /// Gets more bytes from the network. The time at which they came; `None`: none came within
    /// `how.timeout`.
    pub(super) fn fill(&mut self, client: &Client, how: Reading) -> Result<Option<Instant>> {
        let Some(mut socket) = *client.socket.lock() else {
            return Err(Error::NOT_CONNECTED);
        };
        let mut stack = MicroPythonStack::new(&client.cancelled).without_functions();
        if how.may_write {
            flush_output(client)?;
        }
        let mut deadline = None;
        loop {
            let received = self.receive(&mut stack, &mut socket)?;
            let present = now();
            let check = {
                let mut session = client.session.lock();
                if received {
                    session.received(present);
                } else {
                    session.caught_up(present);
                }
                session.check_timers(present, client.command_timeout)?;
                session.next_check(present)
            };
            if received {
                return Ok(Some(present));
            }
            if how.may_write {
                flush_output(client)?;
            }
            let deadline = *deadline.get_or_insert(Deadline::after(present, how.timeout));
            let stall = self.stall_remaining(client, present)?;
            let Some(left) = deadline.remaining(present) else {
                return Ok(None);
            };
            let mut patience = left.min(stall).min(check.unwrap_or(left));
            if how.may_write && client.session.lock().has_output() {
                // The network has no room for it.
                patience = patience.min(TURN);
            }
            stack
                .wait(&socket, Interest::Receive, patience.max(1))
                .map_err(|e| Error::from(PipeError::Stack(e)))?;
            if has_threads() && has_scheduled() {
                // They may need this role: the caller gives it back, and runs them.
                return Ok(None);
            }
        }
    }

    /// Receives the bytes that are there, straight into a large payload or else into the buffer.
    /// False: there are none.
    fn receive(&mut self, stack: &mut MicroPythonStack<'_>, socket: &mut Socket) -> Result<bool> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        } else if self.end == READ_AHEAD {
            self.compact();
        }
        let direct = match &mut self.message {
            Some(message) if self.end == 0 => message.large_rest(),
            _ => None,
        };
        let n = match direct {
            Some(payload) => {
                let n = receive(stack, socket, payload.rest())?;
                payload.advance(n);
                n
            }
            None => {
                let free = self.buffer.get_mut(self.end..).unwrap_or(&mut []);
                let n = receive(stack, socket, free)?;
                self.end = self.end.saturating_add(n);
                n
            }
        };
        if n > 0 {
            self.stalled = None;
        }
        Ok(n > 0)
    }

    /// Milliseconds until a packet that does not go on is given up; between packets `u32::MAX`. The caller
    /// has just looked at the network, and found nothing.
    ///
    /// # Errors
    ///
    /// [`Reason::Stalled`]: it is given up now.
    pub fn stall_remaining(&mut self, client: &Client, present: Instant) -> Result<u32> {
        if self.start == self.end && self.long_header.is_none() && self.message.is_none() {
            self.stalled = None;
            return Ok(u32::MAX);
        }
        let since = *self.stalled.get_or_insert(present);
        Deadline::after(since, client.command_timeout)
            .remaining(present)
            .ok_or(Error::because(Reason::Stalled))
    }
}
