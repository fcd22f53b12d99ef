//! Messages that wait for the application's functions to be called.

use crate::limits::INBOX;
use crate::micropython::{GcVec, Immutable, MutexGuard, Text, take_and_zero};
use crate::session::Receipt;

use super::client::Client;
use super::error::{Error, Result};
use super::properties::Block;
use super::reader::{Input, Reader, Reading};

/// A message that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// `None`: it was thrown away for want of memory. Its acknowledgement keeps its place
    /// behind those of the messages before it.
    pub content: Option<Content>,
    /// For its acknowledgement.
    pub receipt: Receipt,
}

/// The part of a message that the application gets.
#[derive(Clone, Copy, Debug)]
pub struct Content {
    /// The topic name.
    pub topic: Text,
    /// A `bytes` object.
    pub payload: Immutable,
    pub properties: Block,
}

/// A message's memory besides its bytes: its entry here, and the headers of two objects.
const OVERHEAD: usize = size_of::<Option<Message>>() + 2 * size_of::<[usize; 4]>();

/// A queue on MicroPython's heap: first in, first out.
///
/// Once its messages take [`INBOX`] bytes it is full. The reader looks at that before it reads: so
/// the one message that was being read then comes on top.
#[derive(Debug)]
pub struct Inbox {
    messages: GcVec<Option<Message>>,
    /// Messages in front that are gone already.
    gone: usize,
    /// Memory of the messages that are there.
    bytes: usize,
}

impl Inbox {
    /// An empty queue, without memory.
    pub const fn new() -> Self {
        Self {
            messages: GcVec::new(),
            gone: 0,
            bytes: 0,
        }
    }

    /// Whether no message waits.
    pub fn is_empty(&self) -> bool {
        self.gone >= self.messages.len()
    }

    /// Whether nothing more may be read from the broker.
    pub fn is_full(&self) -> bool {
        self.bytes >= INBOX
    }

    /// Moves the messages to the front of the block when it is full and at least half of its places are
    /// free: moving costs less than it frees then.
    fn close_gap(&mut self) {
        if !self.messages.has_room()
            && self.gone > 0
            && self.gone.saturating_mul(2) >= self.messages.len()
        {
            self.messages.remove_first(self.gone);
            self.gone = 0;
        }
    }

    /// Puts `message` at the end; gives it back when there is no room.
    ///
    /// # Errors
    ///
    /// The message: the block has no place for it.
    pub fn push(&mut self, message: Message) -> core::result::Result<(), Message> {
        self.messages.push(Some(message)).map_err(|_| message)?;
        self.bytes = self.bytes.saturating_add(memory_of(&message));
        Ok(())
    }

    /// Takes the message that has waited longest.
    pub fn pop(&mut self) -> Option<Message> {
        let message = take_and_zero(self.messages.get_mut(self.gone)?);
        self.gone = self.gone.saturating_add(1);
        if let Some(message) = &message {
            self.bytes = self.bytes.saturating_sub(memory_of(message));
        }
        if self.is_empty() {
            self.messages.clear();
            self.gone = 0;
        }
        message
    }
}

fn memory_of(message: &Message) -> usize {
    let Some(content) = &message.content else {
        return OVERHEAD;
    };
    let topic = content.topic.as_str().len();
    let payload = content.payload.as_bytes().len();
    topic
        .saturating_add(payload)
        .saturating_add(content.properties.memory())
        .saturating_add(OVERHEAD)
}

/// Makes room for one more message. The reader calls it before it reads: a message that was read
/// must not be lost. False: the inbox is full, or there is no memory for it to grow; then messages
/// must be delivered first.
///
/// # Errors
///
/// `MemoryError`, if there is no memory for the first message.
pub fn reserve_inbox(client: &Client) -> Result<bool> {
    let empty = {
        let mut inbox = client.inbox.lock();
        if inbox.is_full() {
            return Ok(false);
        }
        inbox.close_gap();
        if inbox.messages.has_room() {
            return Ok(true);
        }
        inbox.is_empty()
    };
    match GcVec::reserve(|| MutexGuard::map(client.inbox.lock(), |inbox| &mut inbox.messages)) {
        Ok(()) => Ok(true),
        Err(_) if !empty => Ok(false),
        Err(no_memory) => Err(no_memory.into()),
    }
}

/// Puts `message` into the inbox, where the reader has made room for it.
///
/// # Errors
///
/// `MemoryError`: there was no room.
pub fn queue(client: &Client, message: Message) -> Result<()> {
    let full = {
        let mut inbox = client.inbox.lock();
        inbox.push(message).map_err(|_| Error::no_memory())?;
        inbox.is_full()
    };
    if full {
        // The inbox may wait for a function that waits for the role of writer.
        client.written.signal();
    }
    Ok(())
}

/// The outcome of [`read_into_inbox`].
pub enum Intake {
    /// Bytes came.
    Came,
    /// No bytes came.
    Nothing,
    /// Messages that wait for their functions stand in the way.
    Blocked,
    /// A part of a payload has come: see [`Input::Part`].
    #[cfg(feature = "into")]
    Part,
    /// A payload stands in the way that another context has to read.
    #[cfg(feature = "into")]
    BlockedByPart,
}

/// Reads once, if there is room for a message, and puts one that comes into the inbox.
///
/// # Errors
///
/// Those of [`Reader::read`], and of [`reserve_inbox`].
pub fn read_into_inbox(client: &Client, reader: &mut Reader, how: Reading) -> Result<Intake> {
    if !reserve_inbox(client)? {
        return Ok(Intake::Blocked);
    }
    match reader.read(client, how)? {
        Input::Message(message) => queue(client, message).map(|()| Intake::Came),
        Input::Nothing => Ok(Intake::Nothing),
        Input::Progress | Input::ConnAck(_) => Ok(Intake::Came),
        #[cfg(feature = "into")]
        Input::Part => Ok(Intake::Part),
        #[cfg(feature = "into")]
        Input::Blocked => Ok(Intake::BlockedByPart),
    }
}
