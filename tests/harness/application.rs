//! The application's types: messages and handlers are numbers.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::string::{String, ToString};
use std::vec::Vec;

use core::ops::{Deref, DerefMut};

use mqtt::codec::{Properties, SubscriptionOptions, Version};
use mqtt::limits::OUTBOX;
use mqtt::session::{
    Application, HandshakeStatus, Outbox, Queued, SavedFilter, SavedMessage, StoredId,
    Subscription, Table, Tracker,
};

/// The topic that outgoing messages are published under.
pub const OUT: &str = "out";

/// Stands for the handler of a filter that was restored. It is never called.
pub const NO_HANDLER: u32 = u32::MAX;

/// Messages are numbers, handlers are numbers.
pub struct Numbers;

/// Messages that the outbox has room for.
pub const OUTBOX_ROOM: usize = 16;

/// The record of one message.
#[derive(Clone, Debug)]
pub struct Record(Rc<Cell<HandshakeStatus>>);

impl Record {
    pub fn new() -> Self {
        Self(Rc::new(Cell::new(HandshakeStatus::Pending)))
    }

    pub fn status(&self) -> HandshakeStatus {
        self.0.get()
    }
}

impl Tracker for Record {
    fn settle(&self, status: HandshakeStatus) {
        if self.status() == HandshakeStatus::Pending {
            self.0.set(status);
        }
    }
}

/// The outbox.
#[derive(Default)]
pub struct Line(VecDeque<Queued<u32, Record>>);

impl Outbox<u32, Record> for Line {
    fn push(&mut self, queued: Queued<u32, Record>) {
        self.0.push_back(queued);
    }

    fn first(&self) -> Option<Queued<u32, Record>> {
        self.0.front().cloned()
    }

    fn pop(&mut self) {
        self.0.pop_front();
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn for_each(&self, visit: impl FnMut(&Queued<u32, Record>)) {
        self.0.iter().for_each(visit);
    }
}

impl Application for Numbers {
    type Message = u32;
    type Tracker = Record;
    type Outbox = Line;
    type Filter = Filter;
    type Handler = u32;
    type Table = Growing<Subscription<Filter, u32>>;
    type Incoming = Growing<StoredId>;

    fn memory_of(_message: &u32) -> usize {
        OUTBOX / OUTBOX_ROOM
    }

    fn with_saved(message: &u32, version: Version, visit: impl FnOnce(SavedMessage<'_>)) {
        visit(SavedMessage {
            topic: OUT,
            properties: properties_of(version, *message),
            payload: message.to_string().as_bytes(),
            retain: false,
        });
    }

    fn saved_filter(filter: &Filter, version: Version) -> SavedFilter<'_> {
        SavedFilter {
            text: &filter.text,
            options: filter.options_of(version),
            properties: filter.properties_of(version),
        }
    }

    fn ask_alike(one: &Filter, other: &Filter) -> bool {
        one == other
    }
}

/// A table with room for `room` entries.
pub struct Growing<T> {
    entries: Vec<T>,
    pub room: usize,
}

impl<T> Growing<T> {
    pub fn new(room: usize) -> Self {
        Self {
            entries: Vec::new(),
            room,
        }
    }
}

impl<T> Table<T> for Growing<T> {
    fn push(&mut self, entry: T) -> Result<(), T> {
        if self.entries.len() >= self.room {
            return Err(entry);
        }
        self.entries.push(entry);
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.entries.len() < self.room
    }

    fn clear(&mut self) {
        self.entries.clear();
    }

    fn remove(&mut self, index: usize) -> Option<T> {
        (index < self.entries.len()).then(|| self.entries.remove(index))
    }
}

impl<T> Deref for Growing<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.entries
    }
}

impl<T> DerefMut for Growing<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.entries
    }
}

/// The properties of an outgoing message. In MQTT 5 two of three messages have some.
pub fn properties_of(version: Version, message: u32) -> Option<Properties<'static>> {
    #[cfg(feature = "v5")]
    if version.is_5() {
        let blocks: [&[u8]; 3] = [b"", b"\x03\0\x04text", b"\x02\0\0\0\x3c\x26\0\x01n\0\x01v"];
        let block = blocks[message as usize % blocks.len()];
        return Some(Properties::new(block, mqtt::codec::Place::Publish).unwrap());
    }
    let _ = message;
    version.no_properties()
}

/// A topic filter with all that its SUBSCRIBE says of it, but for the QoS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub text: String,
    pub options: SubscriptionOptions,
    /// Properties of a SUBSCRIBE.
    pub properties: Vec<u8>,
}

impl Filter {
    /// A filter without options.
    pub fn plain(text: &str) -> Self {
        Self {
            text: text.to_string(),
            options: SubscriptionOptions::default(),
            properties: Vec::new(),
        }
    }

    /// The options in a packet of `version`.
    pub fn options_of(&self, version: Version) -> SubscriptionOptions {
        if version.is_5() {
            self.options
        } else {
            SubscriptionOptions::default()
        }
    }

    /// The properties in a packet of `version`.
    pub fn properties_of(&self, version: Version) -> Option<Properties<'_>> {
        #[cfg(feature = "v5")]
        if version.is_5() {
            return Some(Properties::new_unchecked(&self.properties));
        }
        version.no_properties()
    }
}

impl AsRef<str> for Filter {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl Deref for Filter {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}
