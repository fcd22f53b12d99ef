//! Bytes on their way out: packets are put together, and sent as the network takes them.

use crate::codec;
use crate::limits::WRITE_STAGE;
use crate::micropython::{
    Buffer, Immutable, ORDERING, Obj, StackBuffer, StreamError, has_threads, now,
};
use crate::time::Deadline;
#[cfg(feature = "tls")]
use crate::transport::moved;
use crate::transport::{Interest, MicroPythonStack, PipeError, Socket, Wait as _, send_some};

use super::client::Client;
use super::delivery::work_while_blocked;
use super::error::{Error, Reason, Result};
#[cfg(feature = "aio")]
use super::rest::Rest;

/// Puts packets together, so that a small one leaves in one write, and sends them.
pub struct Output<'a> {
    sink: Sink<'a>,
    stage: StackBuffer<WRITE_STAGE>,
}

/// The socket, for the context that has the role of writer.
pub struct Sink<'a> {
    client: &'a Client,
    stack: MicroPythonStack<'a>,
    socket: Socket,
    deadline: Deadline,
    /// Something of the packets has been given to the network.
    begun: bool,
    /// The network took nothing last time.
    blocked: bool,
    /// Its owner has the role of delivery, and lets messages be delivered that stand in the way.
    holds_delivery: bool,
    /// How a packet of the outbox goes on; `None` for any other packet.
    resume: Option<Resume>,
    /// The bytes that the network has not taken, where their owner never waits.
    #[cfg(feature = "aio")]
    rest: Option<Rest>,
}

/// How far a packet has got that may leave in parts, over several calls.
struct Resume {
    /// Bytes at the front that need not be sent again.
    skip: usize,
    /// Bytes that have left.
    sent: usize,
    may_wait: bool,
}

impl Resume {
    /// The part of `bytes` that has not left.
    #[cold]
    #[inline(never)]
    fn rest_of<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let gone = self.skip.min(bytes.len());
        self.skip = self.skip.saturating_sub(gone);
        bytes.get(gone..).unwrap_or(&[])
    }
}

/// Whether packets may leave in parts.
pub const RESUMES: bool = cfg!(any(feature = "outbox", feature = "v5"));

impl<'a> Output<'a> {
    /// An output for the context that has the role of writer.
    #[inline(always)]
    pub fn new(client: &'a Client, socket: Socket, deadline: Deadline) -> Self {
        Self {
            sink: Sink::new(client, socket, deadline),
            stage: StackBuffer::empty(),
        }
    }

    /// An output for a packet of which the first `sent` bytes have left. Without a `deadline` it never
    /// waits: it fails with [`Reason::WouldWait`].
    #[cfg(feature = "outbox")]
    pub fn resume(
        client: &'a Client,
        socket: Socket,
        sent: usize,
        deadline: Option<Deadline>,
    ) -> Self {
        let mut output = Self::new(
            client,
            socket,
            deadline.unwrap_or_else(|| client.command_deadline()),
        );
        output.sink.resume = Some(Resume {
            skip: sent,
            sent,
            may_wait: deadline.is_some(),
        });
        #[cfg(feature = "aio")]
        {
            output.sink.rest = None;
        }
        output
    }

    /// An output that never waits: it fails with [`Reason::WouldWait`].
    #[cfg(feature = "v5")]
    pub fn at_once(client: &'a Client, socket: Socket) -> Self {
        let mut output = Self::new(client, socket, client.command_deadline());
        output.sink.resume = Some(Resume {
            skip: 0,
            sent: 0,
            may_wait: false,
        });
        #[cfg(feature = "aio")]
        {
            output.sink.rest = None;
        }
        output
    }

    /// The number of bytes of such a packet that have left.
    #[cfg(feature = "outbox")]
    pub fn sent(&self) -> usize {
        self.sink.resume.as_ref().map_or(0, |resume| resume.sent)
    }

    /// Whether something has been given to the network.
    pub fn begun(&self) -> bool {
        self.sink.begun
    }

    /// Puts everything behind `rest`, which has not left, or behind a packet that has left in part.
    #[cfg(feature = "aio")]
    pub fn stay_behind(&mut self, rest: Rest) {
        self.sink.rest = Some(rest);
        self.sink.blocked = true;
    }

    /// See [`Sink::rest`].
    #[cfg(feature = "aio")]
    pub fn rest(&self) -> (Rest, bool) {
        self.sink.rest()
    }

    /// Declares whether the owner has the role of delivery, and lets messages be delivered that stand
    /// in the way of a write.
    pub fn holds_delivery(&mut self, holds: bool) {
        self.sink.holds_delivery = holds;
    }

    /// Sends all that is still here.
    ///
    /// # Errors
    ///
    /// The connection is lost, or takes no bytes up to the deadline.
    pub fn flush(&mut self) -> Result<()> {
        let sent = self.sink.send(self.stage.as_slice());
        self.stage.clear();
        sent
    }

    /// Puts and sends the first `len` bytes of `owner`, wherever they lie by then.
    ///
    /// The program may resize the object while a write is blocked. Then its old memory may hold
    /// anything. So the rest of the payload is copied before a wait; without the memory for that, the
    /// object is looked up after each wait.
    ///
    /// # Errors
    ///
    /// [`Reason::PayloadResized`]; otherwise as [`Self::flush`].
    pub fn put_movable(&mut self, owner: Obj, len: usize) -> Result<()> {
        const RESIZED: Error = Error::because(Reason::PayloadResized);
        self.flush()?;
        let mut sent = 0;
        #[cfg(feature = "aio")]
        if self.sink.rest.is_some() {
            // Nothing is waited for.
            let memory = Buffer::of(owner)?.ok_or(RESIZED)?;
            return self.sink.send(memory.as_bytes().get(..len).ok_or(RESIZED)?);
        }
        while sent < len {
            let memory = Buffer::of(owner)?.ok_or(RESIZED)?;
            let rest = memory.as_bytes().get(sent..len).ok_or(RESIZED)?;
            let n = if has_threads() {
                // A write lets other threads run: it takes its bytes from the stack.
                let later = self.stage.append(rest).len();
                self.flush()?;
                rest.len().saturating_sub(later)
            } else {
                self.sink.try_send(rest)?
            };
            if n == 0 {
                if let Ok(copy) = Immutable::copy(rest) {
                    return self.sink.send(copy.as_bytes());
                }
                self.sink.wait_for_room()?;
            }
            sent = sent.saturating_add(n);
        }
        Ok(())
    }
}

impl<'a> Sink<'a> {
    /// A sink whose sends end at `deadline`.
    pub fn new(client: &'a Client, socket: Socket, deadline: Deadline) -> Self {
        Self {
            client,
            stack: MicroPythonStack::new(&client.cancelled),
            socket,
            deadline,
            begun: false,
            blocked: false,
            holds_delivery: false,
            resume: None,
            #[cfg(feature = "aio")]
            rest: client.is_driven().then_some(Rest::NONE),
        }
    }

    /// Sends all of `bytes`.
    ///
    /// # Errors
    ///
    /// The connection is lost, or takes no bytes up to the deadline.
    pub fn send(&mut self, mut bytes: &[u8]) -> Result<()> {
        if RESUMES && let Some(resume) = &mut self.resume {
            bytes = resume.rest_of(bytes);
        }
        while !bytes.is_empty() {
            #[cfg(feature = "aio")]
            if self.blocked && self.keep(bytes)? {
                return Ok(());
            }
            let n = self.try_send(bytes)?;
            #[cfg(feature = "aio")]
            if n == 0 && self.rest.is_some() {
                continue;
            }
            if n == 0 {
                self.wait_for_room()?;
            }
            bytes = bytes.get(n..).unwrap_or(&[]);
        }
        Ok(())
    }

    /// Keeps `bytes`, behind those that have not left either. False: the owner waits.
    ///
    /// # Errors
    ///
    /// Without the memory for them it waits, as long as any other owner, and fails as [`Self::send`].
    #[cfg(feature = "aio")]
    #[cold]
    fn keep(&mut self, bytes: &[u8]) -> Result<bool> {
        let Some(mut rest) = self.rest else {
            return Ok(false);
        };
        let added = rest.add(bytes);
        self.rest = added.is_ok().then_some(rest);
        if added.is_err() {
            self.send(rest.as_bytes())?;
        }
        Ok(added.is_ok())
    }

    /// The bytes that have not left, where the owner never waits, and [`Self::reads_first`].
    #[cfg(feature = "aio")]
    pub fn rest(&self) -> (Rest, bool) {
        (self.rest.unwrap_or(Rest::NONE), self.reads_first())
    }

    /// Whether the network takes nothing before something has been read.
    #[cfg(feature = "aio")]
    pub fn reads_first(&self) -> bool {
        self.socket.reads_first()
    }

    /// Sends the bytes that the network takes at once: their number.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub fn try_send(&mut self, bytes: &[u8]) -> Result<usize> {
        self.try_with(|stack, socket| send_some(stack, socket, bytes))
    }

    /// Does the same with a function that sends.
    #[inline(always)]
    fn try_with(
        &mut self,
        send: impl FnOnce(
            &mut MicroPythonStack<'a>,
            &mut Socket,
        ) -> core::result::Result<usize, PipeError<StreamError>>,
    ) -> Result<usize> {
        #[cfg(feature = "store")]
        self.client.store_changes()?;
        self.begun = true;
        let n = match send(&mut self.stack, &mut self.socket) {
            // The reader knows why.
            Err(PipeError::Closed) if self.client.is_down() => {
                return Err(self.client.last_failure());
            }
            sent => sent?,
        };
        if RESUMES && let Some(resume) = &mut self.resume {
            resume.sent = resume.sent.saturating_add(n);
        }
        if n > 0 && self.blocked {
            // Bytes move again.
            self.client.session.lock().sent(now());
        }
        self.blocked = n == 0;
        Ok(n)
    }

    /// Sends all of `parts`, one behind the other, in as few records of the built-in TLS as possible. False, and
    /// nothing is sent: that is not on top of the socket, or the packet may leave in parts.
    ///
    /// # Errors
    ///
    /// As [`Self::send`].
    #[cfg(feature = "tls")]
    fn send_records(&mut self, [mut front, mut rest]: [&[u8]; 2]) -> Result<bool> {
        #[cfg(feature = "aio")]
        if self.rest.is_some() {
            return Ok(false);
        }
        if self.resume.is_some() || !self.socket.has_records() {
            return Ok(false);
        }
        while !front.is_empty() {
            let parts = [front, rest];
            let n = self.try_with(|stack, socket| moved(stack.send_record(socket, parts)))?;
            if n == 0 {
                self.wait_for_room()?;
            }
            rest = rest.get(n.saturating_sub(front.len())..).unwrap_or(&[]);
            front = front.get(n..).unwrap_or(&[]);
        }
        self.send(rest)?;
        Ok(true)
    }

    fn wait_for_room(&mut self) -> Result<()> {
        if RESUMES
            && let Some(Resume {
                may_wait: false, ..
            }) = self.resume
        {
            return Err(Error::because(Reason::WouldWait));
        }
        // A broker may be unable to take anything before its own messages are taken.
        work_while_blocked(self.client, self.holds_delivery);
        if self.client.is_down() {
            return Err(self.client.last_failure());
        }
        let left = self
            .deadline
            .remaining(now())
            .ok_or(Error::because(Reason::SendTimedOut))?;
        self.stack
            .wait(&self.socket, Interest::Send, left)
            .map_err(|error| Error::from(PipeError::Stack(error)))?;
        Ok(())
    }
}

impl codec::Output for Output<'_> {
    type Error = Error;

    fn begin(&mut self, first_byte: u8) {
        self.sink.client.last_packet.store(first_byte, ORDERING);
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let later = self.stage.append(bytes);
        if later.is_empty() {
            return Ok(());
        }
        #[cfg(feature = "tls")]
        if later.len() >= WRITE_STAGE && self.sink.send_records([self.stage.as_slice(), later])? {
            self.stage.clear();
            return Ok(());
        }
        self.flush()?;
        if later.len() >= WRITE_STAGE {
            return self.sink.send(later);
        }
        // It fits.
        let _ = self.stage.append(later);
        Ok(())
    }
}
