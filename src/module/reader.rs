//! Reading: from the bytes of the network to messages and answers.

use core::ptr;

use crate::codec::{PublishShape, ReturnCode};
use crate::limits::READ_AHEAD;
use crate::micropython::{
    GcVec, HAS_THREADS, Immutable, MutexGuard, Text, UnfilledBytes, has_scheduled, now, print_line,
    take_and_zero,
};
use crate::session::{self, Receipt, Session, SessionEvent};
use crate::time::{Deadline, Instant};
use crate::transport::{Interest, MicroPythonStack, PipeError, Socket, Wait as _, receive};

use super::client::Client;
use super::error::{Error, Reason, Result};
use super::inbox::{Content, Message};
use super::writer::flush_output;

/// How long the reader goes on while bytes keep coming that no caller asked for, in ms. Then the
/// caller looks at its own deadline, and at whether it is to stop.
const TURN: u32 = 20;

/// The result of reading.
pub enum Input {
    /// Nothing came in time.
    Nothing,
    /// Packets of the protocol came: there may be an answer among them that a caller waits for.
    Progress,
    /// The answer to CONNECT.
    ConnAck(ReturnCode),
    /// A message for the application.
    Message(Message),
}

/// The way in which to read.
#[derive(Clone, Copy)]
pub struct Reading {
    /// The longest wait for bytes, in ms.
    pub timeout: u32,
    /// A message for which there is no memory is thrown away. Otherwise it stays where it is, and
    /// reading fails with `MemoryError`.
    pub may_drop: bool,
    /// The reader may write the protocol's own packets: not if its caller is writing already.
    pub may_write: bool,
}

/// The state of reading from a connection. It belongs to the role of reader.
///
/// In this order: fields near the front are reached with shorter instructions.
#[repr(C)]
pub struct Reader {
    start: usize,
    end: usize,
    /// The header of a PUBLISH that does not fit into the buffer.
    long_header: Option<UnfilledBytes>,
    /// The message whose payload is being read.
    message: Option<PartialMessage>,
    /// Since when a packet has been incomplete without any byte coming in.
    stalled: Option<Instant>,
    /// The topic of the last message: the next one often has the same.
    topic: Option<Text>,
    /// Bytes `start..end` of the buffer were read and not taken in yet.
    buffer: [u8; READ_AHEAD],
}

/// A message whose payload is being read.
struct PartialMessage {
    /// `None`: the message is thrown away for want of memory.
    topic: Option<Text>,
    receipt: Receipt,
    duplicate: bool,
    /// Payload bytes that have not been taken.
    left: usize,
    payload: PartialPayload,
}

/// A payload that is being read.
enum PartialPayload {
    /// No memory has been taken for it yet.
    Announced,
    /// All of it came at once.
    Whole(Immutable),
    Filling(UnfilledBytes),
    /// Read and thrown away.
    Dropped,
}

impl Reader {
    /// A reader that has read nothing.
    pub const fn new() -> Self {
        Self {
            start: 0,
            end: 0,
            long_header: None,
            message: None,
            stalled: None,
            topic: None,
            buffer: [0; READ_AHEAD],
        }
    }

    /// Forgets all that belongs to an old connection.
    pub fn reset(&mut self) {
        self.start = 0;
        self.end = 0;
        take_and_zero(&mut self.long_header);
        take_and_zero(&mut self.message);
        self.stalled = None;
    }

    /// Reads until something has come that concerns anybody, or for `how.timeout` ms.
    ///
    /// # Errors
    ///
    /// An error that ends the connection: the caller reports it with [`Client::fail`] when the role
    /// of reader is free again. `MemoryError`, if `how` says so; the stream keeps its place.
    pub fn read(&mut self, client: &Client, how: Reading) -> Result<Input> {
        let mut turn = None;
        loop {
            if let Some(input) = self.next_input(client, how)? {
                return Ok(input);
            }
            let Some(present) = self.fill(client, how)? else {
                return Ok(Input::Nothing);
            };
            let turn = *turn.get_or_insert(Deadline::after(present, how.timeout.min(TURN)));
            if turn.remaining(present).is_none() {
                // One look at the bytes that have come, then the caller's turn.
                let input = self.next_input(client, how)?;
                return Ok(input.unwrap_or(Input::Progress));
            }
        }
    }

    /// Takes in the bytes that are here. `None`: more of them are needed.
    fn next_input(&mut self, client: &Client, how: Reading) -> Result<Option<Input>> {
        loop {
            if self.message.is_some() {
                if !self.take_payload(how)? {
                    return Ok(None);
                }
                match self.finish_message(client)? {
                    Some(message) => return Ok(Some(Input::Message(message))),
                    None => continue,
                }
            }
            let last = self.topic;
            let last_topic = last.as_ref().map(Text::as_str);
            let Some(input) = self.unread() else {
                return Ok(None);
            };
            let step = client.session.lock().next_event(input, last_topic)?;
            let consumed = step.consumed;
            let input = match step.event {
                SessionEvent::Incomplete { needed, publish } => {
                    self.make_room(client, needed, publish, how)?;
                    if self.start == self.end || self.long_header.is_none() {
                        return Ok(None);
                    }
                    continue;
                }
                SessionEvent::RoomFirst => {
                    reserve_incoming(client)?;
                    continue;
                }
                SessionEvent::OutputFirst => {
                    if !write_acks_first(client, how)? {
                        return Ok(Some(Input::Nothing));
                    }
                    continue;
                }
                SessionEvent::Message {
                    topic,
                    payload_len,
                    receipt,
                    duplicate,
                } => {
                    let topic = match topic {
                        Some(topic) if !duplicate => topic_object(last, topic),
                        _ => None,
                    };
                    self.topic = topic.or(last);
                    self.message = Some(PartialMessage {
                        topic,
                        receipt,
                        duplicate,
                        left: payload_len,
                        payload: PartialPayload::Announced,
                    });
                    None
                }
                SessionEvent::ConnAck { return_code, .. } => Some(Input::ConnAck(return_code)),
                SessionEvent::Answer => Some(Input::Progress),
                SessionEvent::Nothing => None,
            };
            if self.long_header.is_some() {
                take_and_zero(&mut self.long_header);
            } else {
                self.start = self.start.saturating_add(consumed);
            }
            if input.is_some() {
                return Ok(input);
            }
        }
    }

    /// The bytes that are to be taken in: the buffer's, or a header that was too long for it. `None`:
    /// more of that header are needed.
    fn unread(&mut self) -> Option<&[u8]> {
        let Some(header) = &mut self.long_header else {
            return Some(bytes(&self.buffer, self.start, self.end));
        };
        let n = header.fill(bytes(&self.buffer, self.start, self.end));
        self.start = self.start.saturating_add(n);
        header.is_full().then(|| header.filled())
    }

    /// Prepares for `needed` bytes that have to be in one place.
    fn make_room(
        &mut self,
        client: &Client,
        needed: usize,
        publish: Option<PublishShape>,
        how: Reading,
    ) -> Result<()> {
        if needed <= READ_AHEAD {
            if self.start.saturating_add(needed) > READ_AHEAD {
                self.compact();
            }
            return Ok(());
        }
        let Some(shape) = publish else {
            return Err(session::Error::TooLong.into());
        };
        match UnfilledBytes::new(needed) {
            Ok(header) => self.long_header = Some(header),
            Err(exception) if exception.is_memory_error() && how.may_drop => {
                report_dropped("its topic");
                let dropped = client.session.lock().skip(shape);
                self.start = self.start.saturating_add(dropped);
            }
            Err(exception) => return Err(exception.into()),
        }
        Ok(())
    }

    /// Takes payload bytes that are here into the message that is being read. False: more are to
    /// come.
    fn take_payload(&mut self, how: Reading) -> Result<bool> {
        let Some(partial) = &mut self.message else {
            return Ok(true);
        };
        let here = bytes(&self.buffer, self.start, self.end);
        let here = here.get(..partial.left).unwrap_or(here);
        if let PartialPayload::Announced = partial.payload {
            partial.payload = partial.begin_payload(here, how)?;
        }
        if let PartialPayload::Filling(payload) = &mut partial.payload {
            payload.fill(here);
        }
        let taken = here.len();
        self.start = self.start.saturating_add(taken);
        partial.left = partial.left.saturating_sub(taken);
        Ok(partial.left == 0)
    }

    /// The message whose payload is complete; `None`: the application has had it before.
    fn finish_message(&mut self, client: &Client) -> Result<Option<Message>> {
        let Some(partial) = take_and_zero(&mut self.message) else {
            return Ok(None);
        };
        client.session.lock().arrived(partial.receipt)?;
        let payload = match partial.payload {
            PartialPayload::Whole(payload) => Some(payload),
            PartialPayload::Filling(payload) => Some(payload.finish()),
            PartialPayload::Announced | PartialPayload::Dropped => None,
        };
        if partial.duplicate {
            return Ok(None);
        }
        let content = match (partial.topic, payload) {
            (Some(topic), Some(payload)) => Some(Content { topic, payload }),
            _ => None,
        };
        Ok(Some(Message {
            content,
            receipt: partial.receipt,
        }))
    }

    /// Looks at the network while packets are here that have not been taken in: an answer to PINGREQ
    /// is missing only if nothing more can be read, and none of these is it.
    ///
    /// The end of the stream is not reported: the packets that are here come before it.
    pub fn look_ahead(&mut self, client: &Client, present: Instant) {
        let Some(mut socket) = *client.socket.lock() else {
            return;
        };
        if self.message.is_some() || self.long_header.is_some() {
            return;
        }
        self.compact();
        let mut stack = MicroPythonStack::new(&client.cancelled).without_functions();
        let Some(free) = self
            .buffer
            .get_mut(self.end..)
            .filter(|free| !free.is_empty())
        else {
            return;
        };
        match receive(&mut stack, &mut socket, free) {
            Ok(n) if n > 0 => {
                self.end = self.end.saturating_add(n);
                client.session.lock().received(present);
            }
            // Nothing, or the end of the stream.
            _ => {
                let unread = bytes(&self.buffer, self.start, self.end);
                client.session.lock().caught_up_behind(unread, present);
            }
        }
    }

    /// Gets more bytes from the network. The time at which they came; `None`: none came within
    /// `how.timeout`.
    fn fill(&mut self, client: &Client, how: Reading) -> Result<Option<Instant>> {
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
            if received {
                self.stalled = None;
                client.session.lock().received(present);
                client.check_timers(present)?;
                return Ok(Some(present));
            }
            client.session.lock().caught_up(present);
            let deadline = *deadline.get_or_insert(Deadline::after(present, how.timeout));
            let mut patience = deadline.remaining(present).unwrap_or(0);
            if let Some(stall) = self.stall_remaining(client, present)? {
                patience = patience.min(stall);
            }
            if let Some(check) = client.check_timers(present)? {
                patience = patience.min(check);
            }
            if how.may_write {
                flush_output(client)?;
            }
            if deadline.remaining(present).is_none() {
                return Ok(None);
            }
            stack
                .wait(&socket, Interest::Receive, patience.max(1))
                .map_err(|e| Error::from(PipeError::Stack(e)))?;
            if HAS_THREADS && has_scheduled() {
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
            Some(PartialMessage {
                payload: PartialPayload::Filling(payload),
                left,
                ..
            }) if self.end == 0 && *left >= READ_AHEAD => Some((payload, left)),
            _ => None,
        };
        let n = match direct {
            Some((payload, left)) => {
                let n = receive(stack, socket, payload.rest())?;
                payload.advance(n);
                *left = left.saturating_sub(n);
                n
            }
            None => {
                let free = self.buffer.get_mut(self.end..).unwrap_or(&mut []);
                let n = receive(stack, socket, free)?;
                self.end = self.end.saturating_add(n);
                n
            }
        };
        Ok(n > 0)
    }

    /// Milliseconds until a packet that does not go on is given up; `None` between packets.
    fn stall_remaining(&mut self, client: &Client, present: Instant) -> Result<Option<u32>> {
        let inside = self.start < self.end || self.long_header.is_some() || self.message.is_some();
        if !inside {
            self.stalled = None;
            return Ok(None);
        }
        let since = *self.stalled.get_or_insert(present);
        match Deadline::after(since, client.command_timeout).remaining(present) {
            Some(left) => Ok(Some(left)),
            None => Err(Error::because(Reason::Stalled)),
        }
    }

    /// Moves the bytes that have not been taken in to the front of the buffer.
    fn compact(&mut self) {
        if self.start <= self.end && self.end <= READ_AHEAD {
            self.buffer.copy_within(self.start..self.end, 0);
        }
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
    }
}

impl PartialMessage {
    /// The beginning of its payload, of which `here` is there.
    fn begin_payload(&self, here: &[u8], how: Reading) -> Result<PartialPayload> {
        if self.topic.is_none() {
            return Ok(PartialPayload::Dropped);
        }
        let begun = if here.len() == self.left {
            Immutable::copy(here).map(PartialPayload::Whole)
        } else {
            UnfilledBytes::new(self.left).map(PartialPayload::Filling)
        };
        match begun {
            Err(exception) if exception.is_memory_error() && how.may_drop => {
                report_dropped("its payload");
                Ok(PartialPayload::Dropped)
            }
            begun => Ok(begun?),
        }
    }
}

fn bytes(buffer: &[u8; READ_AHEAD], start: usize, end: usize) -> &[u8] {
    buffer.get(start..end).unwrap_or(&[])
}

/// The topic as an object: that of the last message if it is the same, which the session has found
/// out. `None` without the memory for it.
fn topic_object(last: Option<Text>, topic: &str) -> Option<Text> {
    match last {
        Some(last) if ptr::eq(last.as_str(), topic) => Some(last),
        _ => match Text::copy(topic) {
            Ok(topic) => Some(topic),
            Err(_) => {
                report_dropped("its topic");
                None
            }
        },
    }
}

/// Writes the acknowledgements that must leave before anything more can be taken in, or waits for the
/// context that is writing to do so. False: they have not left in time.
fn write_acks_first(client: &Client, how: Reading) -> Result<bool> {
    let seen = client.written.seen();
    if how.may_write {
        flush_output(client)?;
    }
    if !client.session.lock().must_write() {
        return Ok(true);
    }
    // A link that takes nothing shows here.
    let check = client.check_timers(now())?;
    if how.may_write {
        let patience = check.map_or(how.timeout, |check| how.timeout.min(check));
        client.written.wait(seen, patience.max(1))?;
    }
    Ok(!client.session.lock().must_write())
}

/// Makes room for one more identifier of an incoming QoS 2 message. Without the memory the
/// connection ends: the broker sends the message again on the next one.
fn reserve_incoming(client: &Client) -> Result<()> {
    GcVec::reserve(|| MutexGuard::map(client.session.lock(), Session::incoming_mut))
        .map_err(|_| Error::because(Reason::IncomingFull))
}

fn report_dropped(part: &str) {
    print_line(&["mqtt: a message was thrown away: no memory for ", part]);
}
