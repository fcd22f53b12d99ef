//! Writing packets: whole ones, by one context at a time.

use crate::codec;
use crate::limits::WRITE_STAGE;
use crate::micropython::{HAS_DESCRIPTORS, HAS_THREADS, StackBuffer, now};
use crate::time::Deadline;
use crate::transport::{Interest, MicroPythonStack, Nagle, PipeError, Socket, Wait as _, send_all};

use super::client::Client;
use super::error::{Error, Reason, Result};

/// Room for a batch of acknowledgements and a PINGREQ.
const PROTOCOL_BATCH: usize = 64;

/// What belongs to the role of writer.
pub struct Writing {
    /// Where nobody waits for room: by when there has to be some.
    room_by: Option<Deadline>,
    nagle: Nagle,
}

impl Writing {
    /// For a connection that is new.
    pub const NEW: Self = Self {
        room_by: None,
        nagle: Nagle::NEW,
    };
}

/// Puts packets together, so that a small one leaves in one write, and sends them.
pub struct Output<'a> {
    link: Link<'a>,
    stage: StackBuffer<WRITE_STAGE>,
}

/// Where packets go.
struct Link<'a> {
    client: &'a Client,
    stack: MicroPythonStack<'a>,
    socket: Socket,
    deadline: Deadline,
    /// Something of the packets has been given to the network.
    begun: bool,
}

impl<'a> Output<'a> {
    /// For who has the role of writer.
    #[inline(always)]
    pub fn new(client: &'a Client, socket: Socket, deadline: Deadline) -> Self {
        Self {
            link: Link::new(client, socket, deadline),
            stage: StackBuffer::EMPTY,
        }
    }

    /// Sends what is still here.
    pub fn flush(&mut self) -> Result<()> {
        let sent = self.link.send(self.stage.as_slice());
        self.stage.clear();
        sent
    }
}

impl<'a> Link<'a> {
    fn new(client: &'a Client, socket: Socket, deadline: Deadline) -> Self {
        Self {
            client,
            stack: MicroPythonStack::new(&client.cancelled),
            socket,
            deadline,
            begun: false,
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.begun = true;
        let client = self.client;
        // A broker may be unable to take anything before its own messages are taken.
        let mut before = bytes.len();
        let blocked = |left| {
            if left < before {
                before = left;
                client.session.lock().sent(now());
            }
            client.read_while_blocked();
            !client.is_down()
        };
        let sent = send_all(
            &mut self.stack,
            &mut self.socket,
            bytes,
            self.deadline,
            blocked,
        );
        match sent {
            // Why is known from reading.
            Err(PipeError::Closed) if client.is_down() => Err(client.last_failure()),
            sent => Ok(sent?),
        }
    }
}

impl codec::Output for Output<'_> {
    type Error = Error;

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let later = self.stage.append(bytes);
        if later.is_empty() {
            return Ok(());
        }
        self.flush()?;
        if later.len() >= WRITE_STAGE {
            return self.link.send(later);
        }
        // It fits.
        let _ = self.stage.append(later);
        Ok(())
    }
}

impl Client {
    /// Writes what `write` puts together, with the role of writer.
    ///
    /// A packet that could not be written whole is the end of the connection.
    pub fn write(
        &self,
        deadline: Deadline,
        write: &mut dyn FnMut(&mut Output<'_>) -> Result<()>,
    ) -> Result<()> {
        const LATE: Error = Error::because(Reason::WriterInUse);
        let mut role = match self.writer.take(&self.written, deadline, LATE) {
            Ok(role) => role,
            Err(late) => {
                if !HAS_THREADS {
                    // A call that connects has the role, and this one interrupts it.
                    self.present_connection()?;
                }
                return Err(late);
            }
        };
        let connection = self.present_connection()?;
        let socket = (*self.socket.lock()).ok_or(Error::NOT_CONNECTED)?;
        let mut output = Output::new(self, socket, deadline);
        let result = write(&mut output).and_then(|()| output.flush());
        match result {
            Ok(()) if output.link.begun => {
                let present = now();
                role.room_by = None;
                if HAS_DESCRIPTORS && let Some(nodelay) = role.nagle.wrote(present) {
                    socket.set_nodelay(nodelay);
                }
                self.session.lock().sent(present);
            }
            Err(error) if output.link.begun => {
                drop(role);
                self.fail(connection, error);
                return result;
            }
            _ => {}
        }
        drop(role);
        self.flush_output()?;
        result
    }

    /// Writes what the protocol itself has to say, unless somebody else is writing: then
    /// they will, when they are done.
    pub fn flush_output(&self) -> Result<()> {
        loop {
            if !self.session.lock().has_output() {
                return Ok(());
            }
            let Some(mut role) = self.writer.try_take(&self.written) else {
                return Ok(());
            };
            let Ok(connection) = self.present_connection() else {
                return Ok(());
            };
            let Some(socket) = *self.socket.lock() else {
                return Ok(());
            };
            // Without threads the whole program would wait for room: this is tried again.
            let result = if !HAS_THREADS && !self.takes_more(&socket) {
                let deadline = *role.room_by.get_or_insert(self.command_deadline());
                if deadline.remaining(now()).is_some() {
                    return Ok(());
                }
                Err(Error::because(Reason::SendTimedOut))
            } else {
                let mut batch = [0; PROTOCOL_BATCH];
                let filled = self.session.lock().poll_output(now(), &mut batch);
                let mut link = Link::new(self, socket, self.command_deadline());
                link.send(batch.get(..filled).unwrap_or(&[]))
            };
            role.room_by = None;
            drop(role);
            if let Err(error) = result {
                self.fail(connection, error);
                return Err(error);
            }
        }
    }

    /// Whether a write would not have to wait. True, too, if it would fail.
    fn takes_more(&self, socket: &Socket) -> bool {
        MicroPythonStack::new(&self.cancelled)
            .wait(socket, Interest::Send, 0)
            .unwrap_or(true)
    }

    /// Puts what the protocol itself has to say. For who has the role of writer.
    pub fn put_acks(&self, output: &mut Output<'_>) -> Result<()> {
        let mut batch = [0; PROTOCOL_BATCH];
        loop {
            let filled = self.session.lock().poll_output(now(), &mut batch);
            match batch.get(..filled) {
                Some(acks) if filled > 0 => codec::Output::put(output, acks)?,
                _ => return Ok(()),
            }
        }
    }

    /// The number of the connection that is up.
    pub fn present_connection(&self) -> Result<u32> {
        let session = self.session.lock();
        if session.is_up() {
            Ok(session.connection())
        } else {
            Err(Error::NOT_CONNECTED)
        }
    }
}
