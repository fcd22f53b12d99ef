//! The client's side of the MQTT state machine.
//!
//! A [`Session`] does no I/O, reads no clock and knows no Python. The caller gives it the received
//! bytes ([`Session::next_event`], one [`SessionEvent`] at a time), the commands of the application
//! (verbs, such as [`Session::publish`]) and the present time, and writes the bytes that the
//! protocol itself must send ([`Session::poll_output`]: acknowledgements and PINGREQ). The caller
//! also encodes the packet of each command, with [`crate::codec`].
//!
//! A client connects, subscribes, and receives and acknowledges a message:
//!
//! ```
//! use mqtt::codec::{QoS, Version}; use mqtt::session::{Application, NoOutbox, NoTracker, SavedFilter,
//! SavedMessage, Session, SessionEvent, StoredId, SubscribeStatus, Subscription}; use mqtt::time::Instant;
//!
//! /// Filters are text, handlers are numbers.
//! struct Lamp;
//! impl Application for Lamp {
//!     type Message = &'static str;
//!     type Tracker = NoTracker;
//!     type Outbox = NoOutbox;
//!     type Filter = &'static str;
//!     type Handler = u8;
//!     type Table = heapless::Vec<Subscription<&'static str, u8>, 4>;
//!     type Incoming = heapless::Vec<StoredId, 4>;
//!
//!     fn memory_of(message: &&'static str) -> usize { message.len() }
//!     fn with_saved(message: &&'static str, _: Version, visit: impl FnOnce(SavedMessage<'_>)) {
//!         let (topic, payload) = ("lamp/state", message.as_bytes());
//!         visit(SavedMessage { topic, properties: None, payload, retain: false });
//!     }
//!     fn saved_filter<'a>(text: &'a &'static str, _: Version) -> SavedFilter<'a> {
//!         SavedFilter { text, options: Default::default(), properties: None }
//!     }
//!     fn ask_alike(_: &&'static str, _: &&'static str) -> bool { true }
//! }
//!
//! let now = Instant::from_ms(0);
//! let mut session = Session::<Lamp>::new(true, Default::default(), Default::default());
//! session.connect(60, now); // The caller sends CONNECT. The broker answers with CONNACK.
//! session.next_event(b"\x20\x02\0\0", None).unwrap();
//! assert!(session.is_up());
//!
//! let subscribing = session.subscribe("lamp/+", 7, QoS::AtLeastOnce).ok().unwrap();
//! assert_eq!(subscribing.id.unwrap().get(), 1); // The caller sends SUBSCRIBE with this id.
//! session.next_event(b"\x90\x03\0\x01\x01", None).unwrap();
//! assert_eq!(session.subscribe_status(subscribing.attempt), SubscribeStatus::Granted);
//!
//! let input = b"\x32\x0c\0\x06lamp/1\0\x05on"; // PUBLISH with QoS 1
//! let next = session.next_event(input, None).unwrap();
//! let SessionEvent::Message { topic: Some("lamp/1"), payload_len, receipt, .. } = next.event else {
//!     panic!()
//! };
//! let payload = &input[next.consumed..][..payload_len];
//! session.arrived(receipt).unwrap();
//! let last = session.last_registration().unwrap();
//! let (_, handler) = session.next_match("lamp/1", None, last).unwrap();
//! assert_eq!((handler, payload), (7, &b"on"[..])); // The caller calls the handler.
//! assert!(session.delivered(receipt));
//!
//! let mut output = [0; 16];
//! let len = session.poll_output(now, &mut output);
//! assert_eq!(output[..len], *b"\x40\x02\0\x05"); // PUBACK
//! ```
#![forbid(unsafe_code)]

#[cfg(feature = "v5")]
mod authentication;
mod error;
mod filter_hash;
mod incoming;
mod input;
mod keep_alive;
mod outbox;
mod outgoing;
mod output;
mod packet_id;
mod publish;
mod save;
pub mod saved;
mod skip;
mod subscribe;
mod subscription;
mod subscriptions;
mod table;
mod terms;
#[cfg(test)]
mod tests;
#[cfg(feature = "v5")]
mod topic_aliases;
mod unsubscribes;

use heapless::Deque;

use crate::codec::{Ack, AckedQos, PacketId, Version};
use crate::limits::ACK_QUEUE;
use crate::time::Instant;

pub use error::Error;
pub use incoming::{MessageFlags, Receipt, StoredId};
pub use input::{NextEvent, SessionEvent};
pub use outbox::{NoOutbox, NoTracker, Outbox, Queued, QueuedPacket, Tracker};
pub use outgoing::{HandshakeStatus, Redelivery, Ticket};
pub use save::Restored;
pub use saved::{SavedError, SavedFilter, SavedItem, SavedMessage, SavedSession};
pub use subscribe::{Before, Subscribing};
pub use subscription::{Attempt, Registration, SubscribeStatus, Subscription};
pub use table::{NoRoom, Table};
#[cfg(feature = "v5")]
pub use terms::NotAllowed;
pub use terms::Terms;

use incoming::Incoming;
use input::Body;
use keep_alive::KeepAlive;
use outbox::Waiting;
use outgoing::Outgoing;
use packet_id::PacketIds;
use subscriptions::Subscriptions;
#[cfg(feature = "v5")]
use topic_aliases::TopicAliases;
use unsubscribes::Unsubscribes;

/// The types that an application brings along.
pub trait Application {
    /// An outgoing message, which the session keeps until the broker has acknowledged it.
    type Message: Clone;
    /// The record of a message that no caller waits for.
    type Tracker: Tracker;
    /// The queue of outgoing messages that wait for a place in the window.
    type Outbox: Outbox<Self::Message, Self::Tracker>;
    /// A topic filter that [`TopicFilter`](crate::codec::TopicFilter) has accepted.
    type Filter: AsRef<str> + Clone;
    /// The function that a message is given to.
    type Handler: Clone;
    /// The table of subscriptions.
    type Table: Table<Subscription<Self::Filter, Self::Handler>>;
    /// The table of the packet identifiers of incoming QoS 2 messages.
    type Incoming: Table<StoredId>;

    /// The memory that a message in the outbox takes, in bytes.
    fn memory_of(message: &Self::Message) -> usize;

    /// Calls `visit` with the message as a session of `version` saves it.
    fn with_saved(message: &Self::Message, version: Version, visit: impl FnOnce(SavedMessage<'_>));

    /// The filter as a session of `version` saves it.
    fn saved_filter(filter: &Self::Filter, version: Version) -> SavedFilter<'_>;

    /// Whether two filters, of the same text, ask for the same, but for the QoS: their options and properties
    /// are alike.
    fn ask_alike(one: &Self::Filter, other: &Self::Filter) -> bool;

    /// Whether the texts of two filters are the same.
    fn have_same_text(one: &Self::Filter, other: &Self::Filter) -> bool {
        one.as_ref() == other.as_ref()
    }
}

/// Why the session cannot carry out a command now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// There is no connection.
    NotConnected,
    /// A table is full; there is room again when the broker has acknowledged something.
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionState {
    Down,
    /// CONNECT is on its way, CONNACK has not come.
    Connecting,
    Up,
}

/// The state of one client: of its session, and of its connection while there is one.
///
/// The order of the fields is deliberate: shorter instructions reach those near the front.
#[repr(C)]
pub struct Session<A: Application> {
    clean: bool,
    state: ConnectionState,
    session_present: bool,
    /// An authentication is under way.
    #[cfg(feature = "v5")]
    authenticating: bool,
    /// Something that outlives a connection has changed since the session was saved.
    unsaved: bool,
    version: Version,
    ids: PacketIds,
    /// Counts connections; wraps.
    connection: u32,
    body: Body,
    keep_alive: KeepAlive,
    subscriptions: Subscriptions<A>,
    incoming: Incoming<A::Incoming>,
    unsubscribes: Unsubscribes,
    outbox: Waiting<A::Outbox>,
    acks: Deque<Ack, ACK_QUEUE>,
    terms: Terms,
    #[cfg(feature = "v5")]
    topic_aliases: TopicAliases<A::Filter>,
    /// The largest alias that the broker may use.
    #[cfg(feature = "v5")]
    topic_alias_maximum: u16,
    outgoing: Outgoing<A::Message, A::Tracker>,
}

impl<A: Application> Session<A> {
    /// Whether there is neither a connection nor one being made.
    pub fn is_down(&self) -> bool {
        self.state == ConnectionState::Down
    }

    /// The session of a client without a connection. `clean`: no state outlives a connection
    /// (section 3.1.2.4).
    pub fn new(clean: bool, table: A::Table, incoming: A::Incoming) -> Self {
        Self {
            clean,
            state: ConnectionState::Down,
            session_present: false,
            #[cfg(feature = "v5")]
            authenticating: false,
            unsaved: false,
            version: Version::V3_1_1,
            terms: Terms::NONE,
            #[cfg(feature = "v5")]
            topic_aliases: TopicAliases::new(),
            #[cfg(feature = "v5")]
            topic_alias_maximum: 0,
            connection: 0,
            keep_alive: KeepAlive::new(0, Instant::from_ms(0)),
            ids: PacketIds::new(),
            outbox: Waiting::new(),
            outgoing: Outgoing::new(),
            incoming: Incoming::new(incoming),
            body: Body::None,
            acks: Deque::new(),
            unsubscribes: Unsubscribes::new(),
            subscriptions: Subscriptions::new(table),
        }
    }

    /// The version of the protocol.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Sets the version of the protocol, from the next connection on. There is none at present.
    pub fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    /// The terms of the broker on the present connection.
    #[cfg(feature = "v5")]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whether the session is clean.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// Whether the broker had a session of this client, as the last CONNACK said; false before the
    /// first.
    pub fn session_present(&self) -> bool {
        self.session_present
    }

    /// Whether the broker has accepted the connection and it has not ended since.
    pub fn is_up(&self) -> bool {
        self.state == ConnectionState::Up
    }

    /// The number of the present connection, or of the last one. Wraps.
    pub fn connection(&self) -> u32 {
        self.connection
    }

    /// Begins a connection: the caller is about to send CONNECT on a new network connection.
    ///
    /// `keep_alive` is in seconds; 0 switches it off.
    pub fn connect(&mut self, keep_alive: u16, now: Instant) {
        self.connection_lost();
        self.connection = self.connection.wrapping_add(1);
        self.keep_alive = KeepAlive::new(keep_alive, now);
        self.terms = Terms::NONE;
        #[cfg(feature = "v5")]
        self.topic_aliases.clear();
        self.state = ConnectionState::Connecting;
    }

    /// Ends the connection: the network connection has ended, at whichever side.
    pub fn connection_lost(&mut self) {
        // Messages that came while there was no connection wait for the first one that comes about.
        self.outbox_connection_lost(self.clean && self.is_up());
        self.state = ConnectionState::Down;
        #[cfg(feature = "v5")]
        self.end_authentication();
        self.body = Body::None;
        self.acks.clear();
        self.outgoing.connection_lost(!self.clean);
        self.unsubscribes.connection_lost();
        self.subscriptions.connection_lost();
        if self.clean {
            // The broker forgets the subscriptions, too.
            self.subscriptions.start_over();
        }
    }

    /// The broker has accepted the connection.
    fn accepted(&mut self, session_present: bool) {
        self.state = ConnectionState::Up;
        #[cfg(feature = "v5")]
        self.end_authentication();
        if session_present {
            self.outgoing.resume();
        } else {
            // [MQTT-3.1.2-6] the new session begins with nothing of the old one.
            self.incoming.start_over(self.connection);
            self.outgoing.start_over();
            self.subscriptions.start_over();
            self.unsaved = true;
        }
    }

    // [MQTT-2.3.1-2] SUBSCRIBE, UNSUBSCRIBE and PUBLISH share the identifiers.
    fn allocate_id(&mut self) -> Option<PacketId> {
        let (outgoing, subscriptions, unsubscribes) =
            (&self.outgoing, &self.subscriptions, &self.unsubscribes);
        self.ids
            .allocate(|id| outgoing.uses(id) || subscriptions.uses(id) || unsubscribes.uses(id))
    }
}
