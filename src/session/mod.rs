//! The client's side of the MQTT state machine.
//!
//! No I/O, no clock, no Python: [`Session::step`] takes the bytes that came in and yields
//! one [`Event`] at a time, commands are verbs, [`Session::poll_output`] yields what the
//! protocol itself has to say. The present time is an argument.
#![forbid(unsafe_code)]

mod error;
mod filter_hash;
mod incoming;
mod input;
mod keep_alive;
mod ordered;
mod outgoing;
mod output;
mod packet_id;
mod publish;
mod subscribe;
mod subscription;
mod subscriptions;
mod table;
#[cfg(test)]
mod tests;
mod unsubscribes;

use heapless::Deque;

use crate::codec::{Ack, PacketId};
use crate::limits::ACK_QUEUE;
use crate::time::Instant;

pub use error::Error;
pub use incoming::{Receipt, Stored};
pub use input::{Event, Step};
pub use outgoing::{Handshake, Redelivery, Ticket};
pub use subscribe::Subscribing;
pub use subscription::{Attempt, Registration, Standing, Subscription};
pub use table::{NoRoom, Table};

use incoming::Incoming;
use input::Body;
use keep_alive::KeepAlive;
use outgoing::Outgoing;
use packet_id::PacketIds;
use subscriptions::Subscriptions;
use unsubscribes::Unsubscribes;

/// What an application brings along.
pub trait Application {
    /// An outgoing message as it is kept until it is acknowledged.
    type Message: Clone;
    /// A topic filter that was checked to be one.
    type Filter: AsRef<str> + Clone;
    /// What is to be done with a message.
    type Handler: Clone;
    /// Where subscriptions are kept.
    type Table: Table<Subscription<Self::Filter, Self::Handler>>;
    /// Where the identifiers of incoming QoS 2 messages are kept.
    type Incoming: Table<Stored>;
}

/// Why a command cannot be carried out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// There is no connection.
    NotConnected,
    /// A table is full; there will be room when the broker has acknowledged something.
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Down,
    /// CONNECT is on its way, CONNACK has not come.
    Connecting,
    Up,
}

/// The state of one client: of its session, and of its connection while there is one.
///
/// Its fields stand in this order: what is near the front is reached with shorter instructions.
#[repr(C)]
pub struct Session<A: Application> {
    clean: bool,
    link: Link,
    ids: PacketIds,
    /// Counts connections; wraps.
    connection: u32,
    /// The message that is being received.
    receiving: Option<Receipt>,
    body: Body,
    keep_alive: KeepAlive,
    subscriptions: Subscriptions<A>,
    incoming: Incoming<A::Incoming>,
    unsubscribes: Unsubscribes,
    acks: Deque<Ack, ACK_QUEUE>,
    outgoing: Outgoing<A::Message>,
}

impl<A: Application> Session<A> {
    /// Whether there is neither a connection nor one being made.
    pub fn is_down(&self) -> bool {
        self.link == Link::Down
    }

    /// A client without a connection. `clean`: no state outlives a connection
    /// (section 3.1.2.4).
    pub fn new(clean: bool, table: A::Table, incoming: A::Incoming) -> Self {
        Self {
            clean,
            link: Link::Down,
            connection: 0,
            keep_alive: KeepAlive::new(0, Instant::from_ms(0)),
            ids: PacketIds::new(),
            outgoing: Outgoing::new(),
            incoming: Incoming::new(incoming),
            body: Body::None,
            receiving: None,
            acks: Deque::new(),
            unsubscribes: Unsubscribes::new(),
            subscriptions: Subscriptions::new(table),
        }
    }

    /// Whether the session is clean.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// Whether the broker has accepted the connection and it has not ended since.
    pub fn is_up(&self) -> bool {
        self.link == Link::Up
    }

    /// The number of the present connection, or of the last one. Wraps.
    pub fn connection(&self) -> u32 {
        self.connection
    }

    /// A CONNECT is about to be sent on a new network connection.
    ///
    /// `keep_alive` is in seconds; 0 switches it off.
    pub fn connect(&mut self, keep_alive: u16, now: Instant) {
        self.connection_lost();
        self.connection = self.connection.wrapping_add(1);
        self.keep_alive = KeepAlive::new(keep_alive, now);
        self.link = Link::Connecting;
    }

    /// The network connection has ended, whoever ended it.
    pub fn connection_lost(&mut self) {
        self.link = Link::Down;
        self.body = Body::None;
        self.receiving = None;
        self.acks.clear();
        self.outgoing.connection_lost(!self.clean);
        self.unsubscribes.connection_lost();
        self.subscriptions.connection_lost();
        if self.clean {
            // The broker forgets them, too.
            self.subscriptions.start_over();
        }
    }

    /// The broker has accepted the connection.
    fn accepted(&mut self, session_present: bool) {
        self.link = Link::Up;
        if session_present {
            self.outgoing.resume();
        } else {
            // [MQTT-3.1.2-6] the new session begins with nothing of the old one.
            self.incoming.start_over(self.connection);
            self.outgoing.start_over();
            self.subscriptions.start_over();
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
