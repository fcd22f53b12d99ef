//! Reading packets, for who has the role of reader.

use core::ops::Range;
use core::ptr;

use crate::codec::{PublishShape, ReturnCode};
use crate::limits::READ_AHEAD;
use crate::micropython::{GcVec, Text, UnfilledBytes, new_bytes, now, print_line, take_and_zero};
use crate::session::{self, SessionEvent};
use crate::time::Deadline;

use super::client::{Client, Partial, Payload, Reader};
use super::error::{Error, Reason, Result};
use super::inbox::{Content, Message};

/// What reading came to.
pub enum Input {
    /// Nothing came in time.
    Nothing,
    /// An answer that somebody may be waiting for.
    Answer,
    /// The answer to CONNECT.
    ConnAck(ReturnCode),
    /// A message for the application.
    Message(Message),
}

/// How to read.
#[derive(Clone, Copy)]
pub struct Reading {
    /// How long to wait for something to come, in ms.
    pub timeout: u32,
    /// A message for which there is no memory is thrown away. Otherwise it stays where it
    /// is, and reading fails with MemoryError.
    pub may_drop: bool,
    /// Whether the protocol's own packets may be written: not by who writes already.
    pub may_write: bool,
}

/// What the bytes that are here came to.
enum Taken {
    Input(Input),
    /// More of them are needed.
    Incomplete,
    /// Acknowledgements have to be written before any more can be taken in.
    WriteFirst,
}

/// How far a message has got.
enum Progress {
    /// More bytes are needed.
    Incomplete,
    /// The application has had it before.
    Dropped,
    Complete(Message),
}

impl Client {
    /// Reads until something has come that concerns anybody.
    ///
    /// An error that ends the connection is for the caller to report with
    /// [`Client::fail`], when the role of reader is free again.
    pub fn read(&self, reader: &mut Reader, how: Reading) -> Result<Input> {
        let mut deadline = None;
        let mut deadline = || *deadline.get_or_insert_with(|| Deadline::after(now(), how.timeout));
        loop {
            let seen = self.written.seen();
            match self.take_in(reader, how)? {
                Taken::Input(input) => return Ok(input),
                Taken::Incomplete => {
                    if !self.fill(reader, deadline(), how)? {
                        return Ok(Input::Nothing);
                    }
                }
                Taken::WriteFirst => {
                    let present = now();
                    // A link that takes nothing shows here.
                    let check = self.check_timers(present)?;
                    match deadline().remaining(present) {
                        Some(left) if how.may_write => {
                            let patience = check.map_or(left, |check| left.min(check));
                            self.written.wait(seen, patience.max(1))?;
                        }
                        _ => return Ok(Input::Nothing),
                    }
                }
            }
        }
    }

    /// Makes what it can of the bytes that are here.
    fn take_in(&self, reader: &mut Reader, how: Reading) -> Result<Taken> {
        loop {
            if reader.message.is_some() {
                match self.take_payload(reader, how)? {
                    Progress::Incomplete => return Ok(Taken::Incomplete),
                    Progress::Dropped => continue,
                    Progress::Complete(message) => {
                        return Ok(Taken::Input(Input::Message(message)));
                    }
                }
            }
            let Reader {
                buffer,
                start,
                end,
                long_header,
                topic: last_topic,
                message,
                ..
            } = &mut *reader;
            let input = match long_header {
                Some(header) if !header.is_full() => {
                    let n = header.fill(bytes(buffer, *start..*end));
                    *start = start.saturating_add(n);
                    if !header.is_full() {
                        return Ok(Taken::Incomplete);
                    }
                    header.filled()
                }
                Some(header) => header.filled(),
                None => bytes(buffer, *start..*end),
            };
            let known = *last_topic;
            let known = known.as_ref().map(Text::as_str);
            let step = self.session.lock().next_event(input, known)?;
            match step.event {
                SessionEvent::Incomplete { needed, publish } => {
                    self.make_room(reader, needed, publish, how)?;
                    if reader.start == reader.end {
                        return Ok(Taken::Incomplete);
                    }
                    match reader.long_header {
                        Some(_) => continue,
                        None => return Ok(Taken::Incomplete),
                    }
                }
                SessionEvent::RoomFirst => {
                    self.reserve_incoming()?;
                    continue;
                }
                SessionEvent::OutputFirst => {
                    if how.may_write {
                        self.flush_output()?;
                    }
                    if self.session.lock().must_write() {
                        // Somebody else is writing, and will write that too.
                        return Ok(Taken::WriteFirst);
                    }
                    continue;
                }
                SessionEvent::Message {
                    topic,
                    receipt,
                    duplicate,
                } => {
                    *message = Some(Partial {
                        topic: None,
                        receipt,
                        duplicate,
                        payload: Payload::Announced,
                    });
                    let topic = match topic {
                        Some(topic) if !duplicate => topic_object(last_topic, known, topic),
                        _ => Ok(None),
                    };
                    if let Some(message) = message {
                        match topic {
                            Ok(topic) => message.topic = topic,
                            Err(_) => no_memory("its topic"),
                        }
                    }
                }
                _ => {}
            }
            let input = match step.event {
                SessionEvent::ConnAck { return_code, .. } => Some(Input::ConnAck(return_code)),
                SessionEvent::Answer => Some(Input::Answer),
                _ => None,
            };
            let consumed = step.consumed;
            if long_header.is_some() {
                take_and_zero(long_header);
            } else {
                *start = start.saturating_add(consumed);
            }
            if let Some(input) = input {
                return Ok(Taken::Input(input));
            }
        }
    }

    /// Prepares for `needed` bytes that have to be in one place.
    fn make_room(
        &self,
        reader: &mut Reader,
        needed: usize,
        publish: Option<PublishShape>,
        how: Reading,
    ) -> Result<()> {
        if needed <= READ_AHEAD {
            if reader.start.saturating_add(needed) > READ_AHEAD {
                reader.compact();
            }
            return Ok(());
        }
        let Some(shape) = publish else {
            return Err(session::Error::TooLong.into());
        };
        match UnfilledBytes::new(needed) {
            Ok(header) => reader.long_header = Some(header),
            Err(exception) if exception.is_memory_error() && how.may_drop => {
                no_memory("its topic");
                let dropped = self.session.lock().skip(shape);
                reader.start = reader.start.saturating_add(dropped);
            }
            Err(exception) => return Err(exception.into()),
        }
        Ok(())
    }

    /// Takes payload bytes that are here into the message that is being read.
    fn take_payload(&self, reader: &mut Reader, how: Reading) -> Result<Progress> {
        let left = self.session.lock().payload_left();
        let Reader {
            buffer,
            start,
            end,
            message,
            ..
        } = &mut *reader;
        let Some(partial) = message else {
            return Ok(Progress::Dropped);
        };
        let here = bytes(buffer, *start..*end);
        let here = here.get(..left).unwrap_or(here);
        let mut whole = None;
        if let Payload::Announced = partial.payload {
            if partial.topic.is_none() {
                partial.payload = Payload::Dropped;
            } else if here.len() == left {
                match new_bytes(here) {
                    Ok(payload) => whole = Some(payload),
                    Err(exception) => partial.payload = without_memory(exception, how)?,
                }
            } else {
                match UnfilledBytes::new(left) {
                    Ok(payload) => partial.payload = Payload::Filling(payload),
                    Err(exception) => partial.payload = without_memory(exception, how)?,
                }
            }
        }
        if let Payload::Filling(payload) = &mut partial.payload {
            payload.fill(here);
        }
        let taken = here.len();
        *start = start.saturating_add(taken);
        let mut session = self.session.lock();
        session.payload_taken(taken);
        if taken < left {
            return Ok(Progress::Incomplete);
        }
        let Some(partial) = take_and_zero(message) else {
            return Ok(Progress::Dropped);
        };
        session.arrived(partial.receipt)?;
        drop(session);
        let payload = match partial.payload {
            Payload::Filling(payload) => Some(payload.finish()),
            Payload::Announced => whole,
            Payload::Dropped => None,
        };
        if partial.duplicate {
            return Ok(Progress::Dropped);
        }
        let content = match (partial.topic, payload) {
            (Some(topic), Some(payload)) => Some(Content { topic, payload }),
            _ => None,
        };
        Ok(Progress::Complete(Message {
            content,
            receipt: partial.receipt,
        }))
    }

    /// Makes room for one more message in the inbox. Before reading: what was read must
    /// not be lost.
    pub fn reserve_inbox(&self) -> Result<()> {
        let Some(capacity) = self.inbox.lock().next_capacity() else {
            return Ok(());
        };
        let larger = GcVec::with_capacity(capacity).ok_or_else(Error::no_memory)?;
        let left_over = self.inbox.lock().grow(larger);
        left_over.free();
        Ok(())
    }

    /// Makes room for one more identifier of an incoming QoS 2 message. Without the memory
    /// the connection ends: the broker sends the message again on the next one.
    fn reserve_incoming(&self) -> Result<()> {
        const FULL: Error = Error::because(Reason::IncomingFull);
        let Some(capacity) = self.session.lock().incoming_mut().next_capacity() else {
            return Ok(());
        };
        let larger = GcVec::with_capacity(capacity).ok_or(FULL)?;
        let left_over = self.session.lock().incoming_mut().grow(larger);
        left_over.free();
        Ok(())
    }

    /// While a write waits for room: takes in what the broker sends, or it might never take
    /// anything. Messages are queued; nothing is written and no Python code runs.
    pub fn read_while_blocked(&self) {
        let connection = self.connection();
        // A link that takes nothing is noticed here: there may be nobody else to look at the
        // clock.
        if let Err(error) = self.check_timers(now()) {
            self.fail(connection, error);
            return;
        }
        let Some(mut reader) = self.reader.try_take(&self.changed) else {
            return;
        };
        let how = Reading {
            timeout: 0,
            may_drop: false,
            may_write: false,
        };
        while self.reserve_inbox().is_ok() {
            match self.read(&mut reader, how) {
                Ok(Input::Message(message)) => {
                    if self.inbox.lock().push(message).is_err() {
                        return;
                    }
                }
                Ok(Input::Answer) => {}
                Err(error) if error.ends_connection() => {
                    drop(reader);
                    self.fail(connection, error);
                    return;
                }
                // What Python raised shows again when the socket is read next.
                Ok(Input::Nothing | Input::ConnAck(_)) | Err(_) => return,
            }
        }
    }
}

fn bytes(buffer: &[u8; READ_AHEAD], range: Range<usize>) -> &[u8] {
    buffer.get(range).unwrap_or(&[])
}

/// The topic as an object: that of the last message if it is the same, which the session has found
/// out.
fn topic_object(last: &mut Option<Text>, known: Option<&str>, topic: &str) -> Result<Option<Text>> {
    if !known.is_some_and(|known| ptr::eq(known, topic)) {
        *last = Some(Text::copy(topic)?);
    }
    Ok(*last)
}

fn without_memory(exception: crate::micropython::Exception, how: Reading) -> Result<Payload> {
    if exception.is_memory_error() && how.may_drop {
        no_memory("its payload");
        return Ok(Payload::Dropped);
    }
    Err(exception.into())
}

fn no_memory(what: &str) {
    print_line(&["mqtt: a message was thrown away: no memory for ", what]);
}
