//! The types of a Python program for the session: its messages, its filters, and their tables.

use crate::codec::{SubscriptionOptions, Version};
use crate::micropython::{GcVec, Immutable, Obj, Text};
use crate::session::{Application, SavedFilter, SavedMessage, StoredId, Subscription, Table};

use super::outbox;
use super::properties::Block;

/// An outgoing message as it is kept until it is acknowledged.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    pub topic: Text,
    pub payload: Immutable,
    pub retain: bool,
    pub properties: Block,
}

/// A topic filter with all that its SUBSCRIBE says of it, but for the QoS.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    pub text: Text,
    pub options: SubscriptionOptions,
    pub properties: Block,
}

impl Filter {
    /// A filter without options; or a topic name, where the session keeps one.
    pub fn plain(text: Text) -> Self {
        Self {
            text,
            options: SubscriptionOptions::default(),
            properties: Block::EMPTY,
        }
    }

    /// The options in a SUBSCRIBE of `version`: in MQTT 3.1.1 their bits are reserved.
    pub fn options_of(&self, version: Version) -> SubscriptionOptions {
        if version.is_5() {
            self.options
        } else {
            SubscriptionOptions::default()
        }
    }
}

impl AsRef<str> for Filter {
    fn as_ref(&self) -> &str {
        self.text.as_str()
    }
}

/// The session's view of Python.
pub struct Python;

impl Application for Python {
    type Message = Kept;
    type Filter = Filter;
    type Handler = Obj;
    type Table = GcVec<Subscription<Filter, Obj>>;
    type Incoming = GcVec<StoredId>;
    type Tracker = outbox::Tracker;
    type Outbox = outbox::Line;

    fn memory_of(message: &Kept) -> usize {
        let topic = message.topic.as_str().len();
        let payload = message.payload.as_bytes().len();
        topic
            .saturating_add(payload)
            .saturating_add(message.properties.memory())
            .saturating_add(outbox::OVERHEAD)
    }

    fn with_saved(message: &Kept, version: Version, visit: impl FnOnce(SavedMessage<'_>)) {
        visit(SavedMessage {
            topic: message.topic.as_str(),
            properties: message.properties.of_version(version),
            payload: message.payload.as_bytes(),
            retain: message.retain,
        });
    }

    fn saved_filter(filter: &Filter, version: Version) -> SavedFilter<'_> {
        SavedFilter {
            text: filter.text.as_str(),
            options: filter.options_of(version),
            properties: filter.properties.of_version(version),
        }
    }

    fn ask_alike(one: &Filter, other: &Filter) -> bool {
        one.options == other.options && one.properties == other.properties
    }

    fn have_same_text(one: &Filter, other: &Filter) -> bool {
        // Nearly every program gives the same object again.
        one.text.obj() == other.text.obj() || one.text.as_str() == other.text.as_str()
    }
}

impl<T: Copy> Table<T> for GcVec<T> {
    fn push(&mut self, entry: T) -> core::result::Result<(), T> {
        Self::push(self, entry)
    }

    fn has_room(&self) -> bool {
        Self::has_room(self)
    }

    fn remove(&mut self, index: usize) -> Option<T> {
        Self::remove(self, index)
    }

    fn clear(&mut self) {
        Self::clear(self);
    }
}
