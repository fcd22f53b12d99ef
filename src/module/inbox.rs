//! Messages that wait for their functions to be called.

use crate::micropython::{GcVec, Obj, Text, take_and_zero};
use crate::session::Receipt;

/// A message that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// `None`: it was thrown away for want of memory. Its acknowledgement keeps its place
    /// behind those of the messages before it.
    pub content: Option<Content>,
    /// For its acknowledgement.
    pub receipt: Receipt,
}

/// What the application gets of a message.
#[derive(Clone, Copy, Debug)]
pub struct Content {
    /// The topic name.
    pub topic: Text,
    /// A `bytes` object.
    pub payload: Obj,
}

/// First in, first out; grows on MicroPython's heap.
#[derive(Debug)]
pub struct Inbox {
    messages: GcVec<Option<Message>>,
    /// Messages in front that are gone already.
    gone: usize,
}

impl Inbox {
    pub const fn new() -> Self {
        Self {
            messages: GcVec::new(),
            gone: 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.gone >= self.messages.len()
    }

    /// The capacity that a larger block must have before one more message fits; `None` if
    /// it does already.
    pub fn next_capacity(&mut self) -> Option<usize> {
        let wanted = self.messages.next_capacity()?;
        // Moving costs less than it frees as long as half of the places are free.
        if self.gone.saturating_mul(2) < self.messages.len() || self.gone == 0 {
            return Some(wanted);
        }
        self.messages.remove_first(self.gone);
        self.gone = 0;
        None
    }

    /// Moves everything into `larger`; gives back the block to be freed.
    #[must_use]
    pub fn grow(&mut self, larger: GcVec<Option<Message>>) -> GcVec<Option<Message>> {
        self.messages.grow(larger)
    }

    /// Puts `message` at the end; gives it back when there is no room.
    pub fn push(&mut self, message: Message) -> Result<(), Message> {
        self.messages.push(Some(message)).map_err(|_| message)
    }

    /// The next message.
    pub fn pop(&mut self) -> Option<Message> {
        let message = take_and_zero(self.messages.get_mut(self.gone)?);
        self.gone = self.gone.saturating_add(1);
        if self.is_empty() {
            self.messages.clear();
            self.gone = 0;
        }
        message
    }
}
