//! From the bytes in the reader's buffer to packets and messages.

use core::ptr;

use crate::codec::{Properties, PublishShape};
#[cfg(feature = "v5")]
use crate::limits::LONGEST_ANSWER;
use crate::limits::READ_AHEAD;
use crate::micropython::{
    GcVec, Immutable, MutexGuard, Text, UnfilledBytes, now, print_line, take_and_zero,
};
use crate::session::{self, Receipt, Session, SessionEvent};

#[cfg(feature = "into")]
use super::parts::Taken;
use super::{Input, Reader, Reading, TURN, bytes};
use crate::module::client::Client;
use crate::module::error::{Error, Reason, Result};
use crate::module::inbox::{Content, Message};
use crate::module::properties::Block;
use crate::module::writer::flush_output;

/// A message whose payload is being read.
pub(super) struct PartialMessage {
    /// `None`: the message is thrown away for want of memory.
    pub(super) topic: Option<Text>,
    pub(super) receipt: Receipt,
    pub(super) properties: Block,
    duplicate: bool,
    pub(super) payload: PartialPayload,
}

/// A payload that is being read.
pub(super) enum PartialPayload {
    /// No memory has been taken for its bytes, of which there are so many.
    Announced(usize),
    /// All of it came at once.
    Whole(Immutable),
    Filling(UnfilledBytes),
    /// It is thrown away. So many bytes are still to come.
    Dropped(usize),
    /// It goes into the buffers of its functions. So many bytes are still to come.
    #[cfg(feature = "into")]
    InParts(usize),
}

impl Reader {
    /// Takes in the bytes that are here. `None`: more of them are needed.
    pub(super) fn next_input(&mut self, client: &Client, how: Reading) -> Result<Option<Input>> {
        loop {
            if self.message.is_some() {
                #[cfg(feature = "into")]
                if client.delivered.parts.is_used() {
                    let taken = self.take_part(client, how)?;
                    if taken != Taken::Whole {
                        return Ok(taken.input());
                    }
                }
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
                    properties,
                    #[cfg(feature = "v5")]
                    alias,
                } => {
                    let properties = properties_object(properties);
                    // Later messages may have the alias alone.
                    #[cfg(feature = "v5")]
                    let wanted = !duplicate || alias.is_some();
                    #[cfg(not(feature = "v5"))]
                    let wanted = !duplicate;
                    let named = topic.filter(|_| wanted);
                    let topic = named.and_then(|topic| topic_object(last.zip(last_topic), topic));
                    #[cfg(feature = "v5")]
                    let topic = match alias {
                        None => topic,
                        Some(_) if named.is_some() && topic.is_none() => {
                            return Err(Error::because(Reason::NoTopicMemory));
                        }
                        Some(alias) => self.aliases.resolve(alias, topic)?,
                    };
                    self.topic = topic.or(last);
                    self.message = Some(PartialMessage {
                        topic: topic.filter(|_| !duplicate && properties.is_some()),
                        receipt,
                        properties: properties.unwrap_or(Block::EMPTY),
                        duplicate,
                        payload: PartialPayload::Announced(payload_len),
                    });
                    None
                }
                #[cfg(not(feature = "v5"))]
                SessionEvent::ConnAck { return_code, .. } => Some(Input::ConnAck(return_code)),
                #[cfg(feature = "v5")]
                SessionEvent::ConnAck {
                    return_code,
                    properties,
                    ..
                } => {
                    client.told.keep_connack(properties)?;
                    Some(Input::ConnAck(return_code))
                }
                #[cfg(feature = "v5")]
                SessionEvent::Refusal(reason) => {
                    client.told.keep(&reason);
                    Some(Input::Progress)
                }
                #[cfg(feature = "v5")]
                SessionEvent::Disconnect(reason) => {
                    client.told.keep_farewell(&reason);
                    return Err(if reason.code.is_failure() {
                        Error::refused(reason.code)
                    } else {
                        Error::because(Reason::ConnectionClosed)
                    });
                }
                #[cfg(feature = "v5")]
                SessionEvent::Auth(reason) => {
                    client.take_auth(&reason)?;
                    Some(Input::Progress)
                }
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
        if needed <= READ_AHEAD && self.long_header.is_none() {
            if self.start.saturating_add(needed) > READ_AHEAD {
                self.compact();
            }
            return Ok(());
        }
        if let Some(begun) = &self.long_header {
            // The properties behind a long topic name. Without the memory the stream keeps its place.
            let mut header = UnfilledBytes::new(needed)?;
            header.fill(begun.filled());
            self.long_header = Some(header);
            return Ok(());
        }
        let Some(shape) = publish else {
            return self.make_room_for_answer(needed);
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

    /// Prepares for a packet other than PUBLISH that does not fit into the buffer: only MQTT 5 has any.
    #[cold]
    fn make_room_for_answer(&mut self, needed: usize) -> Result<()> {
        #[cfg(feature = "v5")]
        if needed <= LONGEST_ANSWER {
            self.long_header = Some(UnfilledBytes::new(needed)?);
            return Ok(());
        }
        let _ = needed;
        Err(session::Error::TooLong.into())
    }

    /// Takes payload bytes that are here into the message that is being read. False: more are to
    /// come.
    fn take_payload(&mut self, how: Reading) -> Result<bool> {
        let Some(partial) = &mut self.message else {
            return Ok(true);
        };
        let here = bytes(&self.buffer, self.start, self.end);
        if let PartialPayload::Announced(len) = partial.payload {
            let wanted = partial.topic.is_some();
            partial.payload = PartialPayload::begin(wanted, len, here, how)?;
        }
        let (taken, left) = match &mut partial.payload {
            PartialPayload::Filling(payload) => (payload.fill(here), payload.unfilled()),
            PartialPayload::Dropped(left) => {
                let taken = here.len().min(*left);
                *left = left.saturating_sub(taken);
                (taken, *left)
            }
            PartialPayload::Whole(payload) => (payload.as_bytes().len(), 0),
            PartialPayload::Announced(left) => (0, *left),
            #[cfg(feature = "into")]
            PartialPayload::InParts(left) => (0, *left),
        };
        self.start = self.start.saturating_add(taken);
        Ok(left == 0)
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
            PartialPayload::Announced(_) | PartialPayload::Dropped(_) => None,
            // It stands for the last part.
            #[cfg(feature = "into")]
            PartialPayload::InParts(_) => partial.topic.map(Text::into_immutable),
        };
        if partial.duplicate {
            return Ok(None);
        }
        let content = match (partial.topic, payload) {
            (Some(topic), Some(payload)) => Some(Content {
                topic,
                payload,
                properties: partial.properties,
            }),
            _ => None,
        };
        #[cfg(feature = "v5")]
        let content =
            content.filter(|content| !client.take_answer(content, partial.receipt.flags()));
        Ok(Some(Message {
            content,
            receipt: partial.receipt,
        }))
    }
}

impl PartialMessage {
    /// The memory of its payload, if a part of that is still to come and larger than the reader's
    /// buffer.
    pub(super) fn large_rest(&mut self) -> Option<&mut UnfilledBytes> {
        match &mut self.payload {
            PartialPayload::Filling(payload) if payload.unfilled() >= READ_AHEAD => Some(payload),
            _ => None,
        }
    }
}

impl PartialPayload {
    /// The beginning of a payload of `len` bytes, whose front is `here`.
    fn begin(wanted: bool, len: usize, here: &[u8], how: Reading) -> Result<Self> {
        if !wanted {
            return Ok(Self::Dropped(len));
        }
        let begun = match here.get(..len) {
            Some(whole) => Immutable::copy(whole).map(Self::Whole),
            None => UnfilledBytes::new(len).map(Self::Filling),
        };
        match begun {
            Err(exception) if exception.is_memory_error() && how.may_drop => {
                report_dropped("its payload");
                Ok(Self::Dropped(len))
            }
            begun => Ok(begun?),
        }
    }
}

/// The topic as an object: that of the last message, with its text, if it is the same, which the session
/// has found out. `None` without the memory for it.
fn topic_object(last: Option<(Text, &str)>, topic: &str) -> Option<Text> {
    match last {
        Some((last, text)) if ptr::eq(text, topic) => Some(last),
        _ => match Text::copy(topic) {
            Ok(topic) => Some(topic),
            Err(_) => {
                report_dropped("its topic");
                None
            }
        },
    }
}

/// The properties as an object; `None` without the memory for it.
fn properties_object(properties: Option<Properties<'_>>) -> Option<Block> {
    #[cfg(feature = "v5")]
    return Block::copy(properties)
        .inspect_err(|_| report_dropped("its properties"))
        .ok();
    #[cfg(not(feature = "v5"))]
    {
        let _ = properties;
        Some(Block::EMPTY)
    }
}

/// Writes the acknowledgements that must leave before anything more can be taken in, or waits for the
/// context that is writing to do so. False: they have not left in time.
fn write_acks_first(client: &Client, how: Reading) -> Result<bool> {
    if how.may_write {
        flush_output(client)?;
    }
    let seen = client.written.seen();
    if !client.session.lock().must_write() {
        return Ok(true);
    }
    // A link that takes nothing shows here.
    let check = client.check_timers(now())?;
    if how.may_write {
        let patience = check.map_or(how.timeout, |check| how.timeout.min(check));
        // If no other context writes, the network has no room.
        client.written.wait(seen, patience.clamp(1, TURN))?;
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
