//! A client, a network that delays and breaks, and a broker. The promises of MQTT hold in any order
//! of events.

mod action;
mod identifiers_in_use;
mod model_broker;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::vec::Vec;

use mqtt::codec::{QoS, Version};
use mqtt::limits::{ACK_QUEUE, IN_FLIGHT};
use mqtt::session::{Attempt, Before, Error, HandshakeStatus, Ticket};
use mqtt::time::Instant;

use super::application::{Numbers, Record};
use super::client::Client;
use super::client_packet::ClientPacket;
use identifiers_in_use::IdentifiersInUse;
use model_broker::{ModelBroker, message_of};

pub use action::Action;

const FILTERS: [&str; 5] = ["in", "#", "in/+", "refused", "refused/too"];

/// In seconds.
const KEEP_ALIVE: u16 = 30;

/// Longest time between two looks at the clock, in ms.
const TURN: u32 = 500;

/// A message of the application.
struct Message {
    number: u32,
    qos: QoS,
    /// How often the broker had lost its session by then.
    losses: u32,
}

pub struct Simulation {
    client: Client,
    broker: ModelBroker,
    /// Packets on their way.
    to_broker: VecDeque<ClientPacket>,
    identifiers: IdentifiersInUse,
    accepted: Vec<Message>,
    waiting: Vec<(Ticket, u32)>,
    /// The records of the messages that went through the outbox.
    records: Vec<(Record, u32)>,
    attempts: Vec<(Attempt, Before<Numbers>)>,
    /// How often the application had each message.
    delivered: BTreeMap<u32, u32>,
    /// The QoS of each message of the broker.
    sent_to_client: BTreeMap<u32, QoS>,
    /// In the order of their first delivery.
    order: Vec<u32>,
    losses: u32,
    /// Messages that were lost with the broker's session.
    gone: BTreeSet<u32>,
    /// The broker keeps to the standard.
    conforming: bool,
    /// When the client sent its last packet.
    last_sent: Instant,
    /// The session as it was saved last.
    saved: Option<Vec<u8>>,
}

/// Runs `actions`, then lets everything come to rest, and checks the promises of MQTT.
///
/// A broker of MQTT 5 allows at most `receive_maximum` messages in flight.
pub fn run(version: Version, receive_maximum: u16, clean_session: bool, actions: &[Action]) {
    let mut simulation = Simulation::new(version, receive_maximum, clean_session);
    simulation.connect();
    for action in actions {
        simulation.act(*action);
        simulation.check();
    }
    simulation.come_to_rest();
}

impl Simulation {
    fn new(version: Version, receive_maximum: u16, clean_session: bool) -> Self {
        // MQTT 3.1.1 has no such limit.
        let limit = if version.is_5() {
            receive_maximum
        } else {
            u16::MAX
        };
        let client = Client::of_version(version, clean_session);
        Self {
            last_sent: client.now,
            client,
            broker: ModelBroker::new(version, receive_maximum),
            to_broker: VecDeque::new(),
            identifiers: IdentifiersInUse::new(version, limit),
            accepted: Vec::new(),
            waiting: Vec::new(),
            records: Vec::new(),
            attempts: Vec::new(),
            delivered: BTreeMap::new(),
            sent_to_client: BTreeMap::new(),
            order: Vec::new(),
            losses: 0,
            gone: BTreeSet::new(),
            conforming: true,
            saved: None,
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Publish(qos) => self.publish(qos),
            Action::PublishLater(qos) => self.publish_later(qos),
            Action::Disconnect => {
                self.before_cut();
                self.client.disconnect();
                self.after_cut();
            }
            Action::Narrow(narrow) => {
                self.client.narrow = narrow.into();
                self.client.flush_unless_lazy();
            }
            Action::Forget(index) => {
                if let Some(index) = index_in(index, self.waiting.len()) {
                    let (ticket, _) = self.waiting.remove(index);
                    self.client.session.forget_handshake(ticket);
                    self.client.flush_unless_lazy();
                }
            }
            Action::Ask => {
                self.ask();
                // The window may have room for messages of the outbox now.
                self.client.flush_unless_lazy();
            }
            Action::Subscribe(filter) => self.subscribe(filter),
            Action::GiveUp(index) => {
                if let Some(index) = index_in(index, self.attempts.len()) {
                    let (attempt, before) = self.attempts.remove(index);
                    self.client.session.undo_subscribe(attempt, before);
                }
            }
            Action::Unsubscribe(argument) => {
                let filter = FILTERS[usize::from(argument) % FILTERS.len()];
                if let Ok(id) = self.client.unsubscribe(filter)
                    && argument >= 128
                {
                    self.client.session.forget_unsubscribe(id);
                }
            }
            Action::Deliver => self.deliver(),
            Action::Lazy(lazy) => self.lazy(lazy),
            Action::ToBroker(packets) => self.carry_to_broker(packets.into()),
            Action::ToClient(bytes) => self.carry_to_client(bytes.into()),
            Action::BrokerPublish(qos) => {
                if let Some(message) = self.broker.publish(qos) {
                    self.sent_to_client.insert(message, qos);
                }
            }
            Action::Cut { late } => self.cut(late),
            Action::PowerLoss { saved } => self.lose_power(saved),
            Action::LoseSession => self.lose_session(),
            Action::Connect => self.connect(),
            Action::Authenticate(challenges) => {
                if self.client.authenticate() {
                    self.broker.authenticate(challenges);
                }
            }
            Action::Wait(tenths) => self.wait(u32::from(tenths) * 100),
            Action::InboxRoom(0) => self.client.inbox_room = usize::MAX,
            Action::InboxRoom(room) => self.client.inbox_room = room.into(),
            Action::Garbage(byte) => {
                self.conforming = false;
                self.feed(&[byte]);
            }
            Action::Stray(kind, id) => {
                self.conforming = false;
                let first_byte = [0x40, 0x50, 0x62, 0x70, 0xB0][usize::from(kind) % 5];
                self.feed(&[first_byte, 2, 0, id + 1]);
            }
        }
        self.collect();
    }

    // ---- the application

    fn publish(&mut self, qos: QoS) {
        let number = self.accepted.len() as u32;
        let taken = if qos == QoS::AtMostOnce {
            let up = self.client.session.is_up();
            up.then(|| self.client.publish_at_most_once(number))
        } else {
            let taken = self.client.publish(qos, number).ok();
            taken.map(|(ticket, _)| self.waiting.push((ticket, number)))
        };
        if taken.is_some() {
            self.accept(number, qos);
        }
    }

    fn publish_later(&mut self, qos: QoS) {
        let number = self.accepted.len() as u32;
        if let Ok(record) = self.client.publish_later(qos, number) {
            self.records.push((record, number));
            self.accept(number, qos);
        }
    }

    fn accept(&mut self, number: u32, qos: QoS) {
        let losses = self.losses;
        self.accepted.push(Message {
            number,
            qos,
            losses,
        });
    }

    fn ask(&mut self) {
        let (session, broker) = (&mut self.client.session, &self.broker);
        let conforming = self.conforming;
        self.waiting
            .retain(|(ticket, number)| match session.poll_handshake(*ticket) {
                HandshakeStatus::Pending => true,
                HandshakeStatus::Lost => false,
                HandshakeStatus::Complete => {
                    assert!(!conforming || broker.arrived.contains_key(number));
                    false
                }
                HandshakeStatus::Downgraded => {
                    assert!(!conforming, "the broker has QoS 2");
                    false
                }
                #[cfg(feature = "v5")]
                HandshakeStatus::Refused(code) => {
                    assert!(!conforming, "the broker refuses nothing: {code:?}");
                    false
                }
            });
    }

    fn subscribe(&mut self, filter: u8) {
        let filter = FILTERS[usize::from(filter) % FILTERS.len()];
        let handler = self.attempts.len() as u32;
        let subscribing = self.client.subscribe(filter, handler, QoS::ExactlyOnce);
        self.attempts
            .push((subscribing.attempt, subscribing.before));
    }

    fn deliver(&mut self) {
        let Some(message) = self.client.inbox.front() else {
            return;
        };
        if !self.conforming {
            self.client.deliver();
            return;
        }
        let number = message_of(&message.payload);
        let count = self.delivered.entry(number).or_default();
        *count += 1;
        match self.sent_to_client[&number] {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce if *count > 1 => {}
            qos => {
                assert_eq!(*count, 1, "{number} with {qos:?}");
                self.order.push(number);
            }
        }
        self.client.deliver();
    }

    fn lazy(&mut self, lazy: bool) {
        self.client.lazy = lazy;
        self.client.end_cut_packet();
        let mut out = [0; 8 * ACK_QUEUE];
        let filled = self.client.session.poll_output(self.client.now, &mut out);
        assert!(filled <= 4 * ACK_QUEUE + 2, "acknowledgements pile up");
        self.client.wire.extend_from_slice(&out[..filled]);
        self.client.flush_unless_lazy();
    }

    // ---- the network

    /// Puts the packets that the client has written on their way.
    fn collect(&mut self) {
        self.save();
        for packet in self.client.sent() {
            self.last_sent = self.client.now;
            self.identifiers.sent(&packet);
            // [MQTT5-3.3.4-7] A broker that acknowledges at random upsets the count.
            let too_many = self.identifiers.are_too_many_in_flight();
            assert!(!self.conforming || !too_many, "{packet:?}");
            self.to_broker.push_back(packet);
        }
    }

    /// Saves the session, if need be, before anything leaves.
    fn save(&mut self) {
        if !self.client.session.is_clean() && self.client.session.is_unsaved() {
            self.saved = Some(self.client.save());
        }
    }

    fn carry_to_broker(&mut self, packets: usize) {
        self.collect();
        for _ in 0..packets {
            let Some(packet) = self.to_broker.pop_front() else {
                return;
            };
            if self.conforming {
                self.broker.receive(packet, &self.delivered);
            }
        }
    }

    fn carry_to_client(&mut self, bytes: usize) {
        if self.client.inbox_room == usize::MAX {
            let bytes = self.broker.take(bytes);
            self.feed(&bytes);
            return;
        }
        // One byte at a time, so that no message too many is read.
        for _ in 0..bytes {
            if self.client.inbox_is_full() || self.broker.has_sent_everything() {
                return;
            }
            let byte = self.broker.take(1);
            self.feed(&byte);
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.client.session.is_down() {
            return;
        }
        self.collect();
        match self.client.receive(bytes) {
            Ok(()) => self.identifiers.received(bytes),
            Err(error) => {
                assert!(!self.conforming, "{error:?} although the broker was right");
                self.cut(false);
            }
        }
    }

    fn cut(&mut self, late: bool) {
        if late && self.client.is_inside_message() && !self.client.session.is_down() {
            self.client.session.connection_lost();
            assert_eq!(self.client.finish_partial(), Err(Error::ConnectionLost));
        }
        self.before_cut();
        self.client.lose();
        self.after_cut();
    }

    fn before_cut(&mut self) {
        self.collect();
        self.note_cut_packet();
    }

    fn note_cut_packet(&mut self) {
        if let Some(packet) = self.client.cut_packet() {
            // The broker does not get it, but the next time it comes again.
            self.identifiers.sent(&packet);
        }
    }

    fn after_cut(&mut self) {
        self.identifiers.cut();
        self.to_broker.clear();
        if self.broker.cut() {
            self.gone.extend(self.sent_to_client.keys());
        }
    }

    fn connect(&mut self) {
        if !self.client.session.is_down() {
            return;
        }
        self.cut(false);
        if self.client.session.is_clean() {
            self.lose_session();
        }
        self.client.connect(KEEP_ALIVE);
        if !self.conforming {
            self.feed(&super::broker::connack_in(
                self.client.session.version(),
                !self.client.session.is_clean(),
                self.broker.receive_maximum,
            ));
        }
    }

    /// The program starts again, with the session that was saved last.
    fn lose_power(&mut self, saved: bool) {
        if self.client.session.is_clean() {
            return;
        }
        if saved {
            self.save();
        }
        self.note_cut_packet();
        // Nothing of it leaves.
        self.client.lose();
        self.after_cut();
        let mut client = Client::of_version(self.client.session.version(), false);
        client.now = self.client.now;
        client.lazy = self.client.lazy;
        client.narrow = self.client.narrow;
        client.inbox_room = self.client.inbox_room;
        if let Some(state) = &self.saved {
            client.restore(state).unwrap();
            assert_eq!(&client.save(), state);
        }
        self.client = client;
        // The program does not know of them any longer.
        self.waiting.clear();
        self.records.clear();
        self.attempts.clear();
    }

    fn lose_session(&mut self) {
        // A broker that loses a session is one that has been away.
        self.cut(false);
        if self.broker.lose_session() {
            self.losses += 1;
            self.gone.extend(self.sent_to_client.keys());
        }
    }

    // ---- time

    /// Lets `ms` go by, while the client looks at the clock in each turn.
    fn wait(&mut self, mut ms: u32) {
        while ms > 0 {
            let turn = ms.min(TURN);
            ms -= turn;
            if let Err(error) = self.client.wait(turn) {
                assert_eq!(error, Error::PingTimeout);
                self.check_timeout();
                self.cut(false);
            }
            self.collect();
            self.check_silence();
        }
    }

    /// A connection on which every packet and every answer has arrived must not time out, nor one
    /// on which the client itself leaves the answer unread.
    fn check_timeout(&self) {
        let (session, lazy) = (&self.client.session, self.client.lazy);
        assert!(session.is_up());
        if self.conforming && !lazy && self.client.narrow == 0 {
            assert!(!self.to_broker.is_empty() || !self.broker.has_sent_everything());
            assert!(!self.client.inbox_is_full());
        }
    }

    /// The broker hears from the client in time, whatever the broker sends.
    fn check_silence(&self) {
        let client = &self.client;
        if client.session.is_up() && !client.lazy && client.narrow == 0 {
            let silence = client.now.duration_since(self.last_sent);
            assert!(silence < u32::from(KEEP_ALIVE) * 750 + TURN, "{silence} ms");
            assert_ne!(client.session.next_check(client.now), Some(0));
        }
    }

    // ---- the promises

    fn check(&mut self) {
        assert!(self.client.session.unacknowledged() <= IN_FLIGHT);
        assert!(self.client.lazy || self.client.narrow > 0 || !self.client.session.has_output());
        self.collect();
        if self.conforming {
            assert!(self.broker.order.is_sorted(), "{:?}", self.broker.order);
            assert!(self.order.is_sorted(), "{:?}", self.order);
        }
    }

    /// Everything that is on its way arrives, and every message is delivered.
    fn come_to_rest(&mut self) {
        if !self.conforming {
            return;
        }
        self.client.lazy = false;
        self.client.narrow = 0;
        self.client.inbox_room = usize::MAX;
        for _ in 0..2 {
            self.connect();
            self.ask();
            self.client.flush();
            self.collect();
            while !self.is_at_rest() {
                self.carry_to_broker(usize::MAX);
                self.carry_to_client(usize::MAX);
                while !self.client.inbox.is_empty() {
                    self.deliver();
                }
                // Every caller sees that its handshake is over.
                self.ask();
                self.client.flush();
                self.collect();
            }
            assert_eq!(self.client.session.unacknowledged(), 0);
            assert_eq!(self.broker.unacknowledged(), 0);
            self.act(Action::Authenticate(2));
            self.carry_to_client(usize::MAX);
            #[cfg(feature = "v5")]
            assert!(!self.client.session.is_authenticating());
            // Once more, over a connection on which there must be nothing left to send.
            self.cut(false);
        }
        self.ask();
        assert!(self.waiting.is_empty());
        assert!(self.client.session.outbox_is_empty());
        self.check_records();
        self.check_outgoing();
        self.check_incoming();
    }

    fn is_at_rest(&self) -> bool {
        self.to_broker.is_empty()
            && self.broker.has_sent_everything()
            && self.client.inbox.is_empty()
            && !self.client.session.has_output()
    }

    /// The end of every message is told, and the broker has those that are complete.
    fn check_records(&self) {
        for (record, number) in &self.records {
            match record.status() {
                HandshakeStatus::Pending => panic!("nothing was told of {number}"),
                HandshakeStatus::Complete => assert!(self.broker.arrived.contains_key(number)),
                HandshakeStatus::Lost => {}
                HandshakeStatus::Downgraded => panic!("{number} has no PUBACK"),
                #[cfg(feature = "v5")]
                HandshakeStatus::Refused(_) => panic!("{number} was refused"),
            }
        }
    }

    fn check_outgoing(&self) {
        for message in &self.accepted {
            let arrived = self.broker.arrived.get(&message.number).copied();
            let arrived = arrived.unwrap_or_default();
            let number = message.number;
            if message.qos != QoS::AtMostOnce && !self.client.session.is_clean() {
                assert!(arrived >= 1, "{number} was lost");
            }
            if message.qos == QoS::ExactlyOnce {
                let at_most = 1 + self.losses - message.losses;
                assert!(arrived <= at_most, "{number} arrived {arrived} times");
            }
        }
    }

    fn check_incoming(&self) {
        for (message, qos) in &self.sent_to_client {
            if *qos != QoS::AtMostOnce && !self.gone.contains(message) {
                assert!(self.delivered.contains_key(message), "{message} was lost");
            }
        }
    }
}

fn index_in(argument: u8, len: usize) -> Option<usize> {
    usize::from(argument).checked_rem(len)
}
