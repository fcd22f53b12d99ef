//! The client's side of the MQTT state machine.
//!
//! No I/O, no clock, no Python: [`Session::step`] takes the bytes that came in and yields
//! one [`Event`] at a time, commands are verbs, [`Session::poll_output`] yields what the
//! protocol itself has to say. The present time is an argument.
#![forbid(unsafe_code)]

mod error;
mod incoming;
mod input;
mod keep_alive;
mod literal;
mod ordered;
mod outgoing;
mod packet_id;
mod requests;
mod subscriptions;
#[cfg(test)]
mod tests;

use heapless::Deque;

use crate::codec::{Ack, PINGREQ, PacketId, QoS};
use crate::limits::ACK_QUEUE;
use crate::time::Instant;

pub use error::Error;
pub use incoming::{Receipt, Stored};
pub use input::{Event, Step};
pub use outgoing::{Handshake, Redelivery, Ticket};
pub use subscriptions::{Attempt, NoRoom, Registration, Standing, Subscription, Table};

use incoming::Incoming;
use input::Body;
use keep_alive::KeepAlive;
use outgoing::Outgoing;
use packet_id::PacketIds;
use requests::Unsubscribes;
use subscriptions::Subscriptions;

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
pub enum Refusal {
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
pub struct Session<A: Application> {
    clean: bool,
    link: Link,
    /// Counts connections; wraps.
    connection: u32,
    keep_alive: KeepAlive,
    ids: PacketIds,
    outgoing: Outgoing<A::Message>,
    incoming: Incoming<A::Incoming>,
    body: Body,
    /// The message that is being received.
    receiving: Option<Receipt>,
    acks: Deque<Ack, ACK_QUEUE>,
    unsubscribes: Unsubscribes,
    subscriptions: Subscriptions<A>,
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

    /// The next thing to send again after a connection was accepted. Comes before
    /// anything new is published.
    pub fn poll_redelivery(&mut self) -> Option<Redelivery<A::Message>> {
        self.outgoing.poll_redelivery()
    }

    // ---- publishing

    /// Takes a QoS 1 or QoS 2 message in; its PUBLISH is to be sent at once.
    pub fn publish(
        &mut self,
        qos: QoS,
        message: A::Message,
    ) -> Result<(Ticket, PacketId), Refusal> {
        if self.link != Link::Up {
            return Err(Refusal::NotConnected);
        }
        if self.outgoing.is_full() {
            return Err(Refusal::Full);
        }
        let id = self.allocate_id().ok_or(Refusal::Full)?;
        self.outgoing
            .insert(id, qos, message)
            .map(|ticket| (ticket, id))
            .map_err(|_| Refusal::Full)
    }

    /// How the handshake of a message stands. Once it is not pending, the ticket is used up.
    pub fn poll_handshake(&mut self, ticket: Ticket) -> Handshake {
        self.outgoing.poll(ticket)
    }

    /// Nobody waits for the handshake any longer.
    pub fn forget_handshake(&mut self, ticket: Ticket) {
        self.outgoing.forget(ticket);
    }

    /// Whether [`Self::publish`] has to wait for the broker.
    pub fn window_is_full(&self) -> bool {
        self.outgoing.is_full()
    }

    /// Whether [`Self::unsubscribe`] has to wait for the broker.
    pub fn unsubscribes_are_full(&self) -> bool {
        self.unsubscribes.is_full()
    }

    /// Messages whose handshake is not complete, those kept for the next connection
    /// included.
    pub fn unacknowledged(&self) -> usize {
        self.outgoing.unacknowledged()
    }

    // ---- subscribing

    /// Registers `handler` for `filter`, or replaces handler and QoS of the same filter.
    ///
    /// With a connection the packet identifier of the SUBSCRIBE to be sent is given, and
    /// what the filter had before.
    pub fn subscribe(
        &mut self,
        filter: A::Filter,
        handler: A::Handler,
        qos: QoS,
    ) -> Result<Subscribing<A::Handler>, NoRoom> {
        let (number, before) = self.subscriptions.register(filter, handler, qos)?;
        let mut id = None;
        if self.link == Link::Up {
            id = self.allocate_id();
            if let Some(id) = id {
                self.subscriptions.request(number, id);
            }
        }
        Ok(Subscribing {
            attempt: Attempt::new(number, self.connection),
            id,
            before,
        })
    }

    /// What became of [`Self::subscribe`].
    pub fn standing(&self, attempt: Attempt) -> Standing {
        self.subscriptions.standing(attempt, self.connection)
    }

    /// Takes back an attempt that came to nothing; `before` is what it gave.
    pub fn restore(&mut self, attempt: Attempt, before: Option<(A::Handler, QoS)>) {
        self.subscriptions.restore(attempt, before);
    }

    /// The next SUBSCRIBE that is to be sent on this connection for a filter registered
    /// before it: packet identifier, filter, QoS.
    pub fn poll_subscribe(&mut self) -> Option<(PacketId, A::Filter, QoS)> {
        if !self.wants_subscribe() {
            return None;
        }
        let id = self.allocate_id()?;
        let (filter, qos) = self.subscriptions.request_next(id)?;
        Some((id, filter, qos))
    }

    /// Whether a SUBSCRIBE is to be sent for a filter registered before this connection.
    pub fn wants_subscribe(&self) -> bool {
        self.link == Link::Up && self.subscriptions.wants_request()
    }

    /// Whether a SUBACK is awaited.
    pub fn awaits_suback(&self) -> bool {
        self.subscriptions.awaits_answer()
    }

    /// Removes one subscription that the broker refused while nobody waited for it, and
    /// gives its filter.
    pub fn take_refused(&mut self) -> Option<A::Filter> {
        self.subscriptions.take_refused()
    }

    /// Where subscriptions are kept, to make room in it.
    pub fn table_mut(&mut self) -> &mut A::Table {
        self.subscriptions.table_mut()
    }

    /// Where the identifiers of incoming QoS 2 messages are kept, to make room in it.
    pub fn incoming_mut(&mut self) -> &mut A::Incoming {
        self.incoming.table_mut()
    }

    /// Registered filters.
    pub fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    /// Removes the registration of `filter`; whether there was one.
    ///
    /// Without a connection only what the broker does not know of can be undone: a filter
    /// of a session that it keeps stays.
    pub fn unregister(&mut self, filter: &str) -> bool {
        if self.link != Link::Up && self.subscriptions.is_granted(filter) {
            return false;
        }
        self.subscriptions.unregister(filter)
    }

    /// The packet identifier of the UNSUBSCRIBE to be sent.
    pub fn unsubscribe(&mut self) -> Result<PacketId, Refusal> {
        if self.link != Link::Up {
            return Err(Refusal::NotConnected);
        }
        if self.unsubscribes.is_full() {
            return Err(Refusal::Full);
        }
        let id = self.allocate_id().ok_or(Refusal::Full)?;
        if self.unsubscribes.insert(id) {
            Ok(id)
        } else {
            Err(Refusal::Full)
        }
    }

    /// How an UNSUBSCRIBE stands. Once it is not pending, it is forgotten.
    pub fn poll_unsubscribe(&mut self, id: PacketId) -> Handshake {
        self.unsubscribes.poll(id)
    }

    /// Nobody waits for the UNSUBACK any longer.
    pub fn forget_unsubscribe(&mut self, id: PacketId) {
        self.unsubscribes.forget(id);
    }

    // ---- delivering

    /// The last registration there is now: a message is for nobody who comes later.
    pub fn last_registration(&self) -> Option<Registration> {
        self.subscriptions.last()
    }

    /// The first registration after `after`, and up to `last`, that matches `topic`.
    pub fn next_match(
        &self,
        topic: &str,
        after: Option<Registration>,
        last: Registration,
    ) -> Option<(Registration, A::Handler)> {
        self.subscriptions.next_match(topic, after, last)
    }

    /// The application has had the message: its acknowledgement is queued.
    ///
    /// False when the queue is full: write [`Self::poll_output`], then say it again.
    #[must_use]
    pub fn delivered(&mut self, receipt: Receipt) -> bool {
        let Some(ack) = self.incoming.delivered(receipt, self.connection) else {
            return true;
        };
        let has_room = !self.must_write();
        if has_room && self.link == Link::Up {
            self.queue(ack);
        }
        has_room
    }

    // ---- output and time

    /// Fills `out` with what the protocol has to say (acknowledgements, PINGREQ): the
    /// number of bytes, 0 when there is nothing or `out` is shorter than four bytes.
    ///
    /// What was given counts as sent.
    pub fn poll_output(&mut self, now: Instant, out: &mut [u8]) -> usize {
        let mut filled: usize = 0;
        if self.link != Link::Up {
            return 0;
        }
        if let Some(place) = out.first_chunk_mut()
            && self.keep_alive.take_ping(now)
        {
            *place = PINGREQ;
            filled = PINGREQ.len();
        }
        while let Some(place) = out.get_mut(filled..).and_then(<[u8]>::first_chunk_mut)
            && let Some(ack) = self.acks.pop_front()
        {
            let packet = ack.encode();
            *place = packet;
            filled = filled.saturating_add(packet.len());
        }
        if filled > 0 {
            self.keep_alive.sent(now);
        }
        filled
    }

    /// Whether [`Self::poll_output`] has something to give.
    pub fn has_output(&self) -> bool {
        self.link == Link::Up && (!self.acks.is_empty() || self.keep_alive.ping_is_due())
    }

    /// Whether nothing more can be taken in before [`Self::poll_output`] was written.
    ///
    /// There is room for one acknowledgement even then: for that of a message which is
    /// being received, see [`Self::arrived`].
    pub fn must_write(&self) -> bool {
        self.acks.len().saturating_add(1) >= ACK_QUEUE
    }

    /// Bytes that did not come from [`Self::poll_output`] went out.
    pub fn sent(&mut self, now: Instant) {
        self.keep_alive.sent(now);
    }

    /// Milliseconds until [`Self::check_timers`] has something to do; `None`: never.
    pub fn next_check(&self, now: Instant) -> Option<u32> {
        match self.link {
            Link::Up => self.keep_alive.next_check(now),
            Link::Down | Link::Connecting => None,
        }
    }

    /// Looks at the clock. `patience` (ms) bounds the wait for a PINGRESP behind other
    /// traffic.
    pub fn check_timers(&mut self, now: Instant, patience: u32) -> Result<(), Error> {
        if self.link == Link::Up && !self.keep_alive.check(now, patience) {
            return Err(Error::PingTimeout);
        }
        Ok(())
    }

    fn queue(&mut self, ack: Ack) {
        // Every caller has seen that there is room.
        let _ = self.acks.push_back(ack);
    }

    // [MQTT-2.3.1-2] SUBSCRIBE, UNSUBSCRIBE and PUBLISH share the identifiers.
    fn allocate_id(&mut self) -> Option<PacketId> {
        let (outgoing, subscriptions, unsubscribes) =
            (&self.outgoing, &self.subscriptions, &self.unsubscribes);
        self.ids
            .allocate(|id| outgoing.uses(id) || subscriptions.uses(id) || unsubscribes.uses(id))
    }
}

/// What became of [`Session::subscribe`].
pub struct Subscribing<H> {
    /// Names this call.
    pub attempt: Attempt,
    /// The packet identifier of the SUBSCRIBE to be sent; `None` without a connection.
    pub id: Option<PacketId>,
    /// Handler and QoS that the same filter had.
    pub before: Option<(H, QoS)>,
}
