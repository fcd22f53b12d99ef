//! An application around the session, which writes, reads and delivers without a network.

use std::collections::VecDeque;
#[cfg(feature = "v5")]
use std::collections::{HashMap, hash_map::Entry};
use std::string::{String, ToString};
use std::vec::Vec;

use mqtt::codec::{
    Ack, Connect, Delivery, Output, PacketId, Properties, Publish, QoS, ReasonCode, ReturnCode,
    Subscribe, TopicFilter, TopicName, Unsubscribe, Utf8String, Version,
};
use mqtt::session::saved::seal;
use mqtt::session::{
    Attempt, CommandError, Error, HandshakeStatus, Queued, Receipt, Redelivery, Restored,
    SavedError, SavedItem, SavedMessage, SavedSession, Session, SessionEvent, Subscribing, Table,
    Ticket, Tracker,
};
use mqtt::time::Instant;

use super::application::{Filter, Growing, NO_HANDLER, Numbers, OUT, Record, properties_of};
use super::client_packet::{self, ClientPacket};

/// How long messages may delay a PINGRESP, in ms.
pub const PATIENCE: u32 = 60_000;

const CLIENT_ID: &str = "client";

/// A message that arrived and waits for its handlers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    pub topic: String,
    pub payload: Vec<u8>,
    pub receipt: Receipt,
}

/// The message whose payload is being read.
struct Partial {
    /// `None`: to be thrown away.
    topic: Option<String>,
    payload: Vec<u8>,
    /// Payload bytes that have not been taken.
    left: usize,
    receipt: Receipt,
    duplicate: bool,
}

/// One call of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub handler: u32,
    pub topic: String,
    pub payload: Vec<u8>,
}

pub struct Client {
    pub session: Session<Numbers>,
    pub now: Instant,
    /// Written, not taken by the network yet.
    pub wire: Vec<u8>,
    /// Received, not taken in yet.
    input: Vec<u8>,
    last_topic: Option<String>,
    partial: Option<Partial>,
    pub inbox: VecDeque<Arrived>,
    /// The CONNACK of the last connection: return code, session present.
    pub connack: Option<(ReturnCode, bool)>,
    /// The topic names that the broker has given an alias.
    #[cfg(feature = "v5")]
    aliases: HashMap<u16, String>,
    /// The reason of the broker's DISCONNECT.
    pub goodbye: Option<ReasonCode>,
    /// Number of acknowledgements that a caller may be waiting for.
    pub answers: usize,
    /// Longest topic name, in bytes, that there is memory for.
    pub topic_memory: usize,
    /// Whether it writes the output of the session only when it must.
    pub lazy: bool,
    /// Whether bytes wait in the network that it does not read.
    pub behind: bool,
    /// Number of messages in the inbox at which it reads no more.
    pub inbox_room: usize,
    /// Bytes of packets of the outbox that the network takes at once; 0: all of them.
    pub narrow: usize,
    /// The packet of the outbox of which only a part has gone out, and the length of that part.
    cut: Option<(Vec<u8>, usize)>,
}

impl Client {
    pub fn new(clean_session: bool) -> Self {
        Self::of_version(Version::V3_1_1, clean_session)
    }

    pub fn of_version(version: Version, clean_session: bool) -> Self {
        let mut session = Session::new(clean_session, Growing::new(usize::MAX), Growing::new(0));
        session.set_version(version);
        Self {
            session,
            // The clock wraps soon.
            now: Instant::from_ms(u32::MAX - 700),
            wire: Vec::new(),
            input: Vec::new(),
            last_topic: None,
            partial: None,
            inbox: VecDeque::new(),
            connack: None,
            goodbye: None,
            #[cfg(feature = "v5")]
            aliases: HashMap::new(),
            answers: 0,
            topic_memory: usize::MAX,
            lazy: false,
            behind: false,
            inbox_room: usize::MAX,
            narrow: 0,
            cut: None,
        }
    }

    // ---- the power

    /// The session as bytes.
    pub fn save(&mut self) -> Vec<u8> {
        let mut state = std::vec![0; self.session.saved_len(CLIENT_ID)];
        assert!(self.session.save(CLIENT_ID, &mut state));
        seal(&mut state);
        self.session.take_unsaved();
        assert!(!self.session.is_unsaved());
        state
    }

    /// Restores a saved session. After an error nothing is left of it.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), SavedError> {
        let saved = SavedSession::parse(state)?;
        assert_eq!(saved.client_id, CLIENT_ID);
        assert!(self.session.begin_restore(&saved));
        let restored = self.restore_items(saved);
        if restored.is_err() {
            self.session.abandon_restore();
        }
        restored
    }

    fn restore_items(&mut self, saved: SavedSession<'_>) -> Result<(), SavedError> {
        for item in saved.items() {
            let item = item?;
            let number = |message: SavedMessage<'_>| {
                assert!(message.topic == OUT && !message.retain);
                let text = core::str::from_utf8(message.payload).unwrap();
                let number = text.parse::<u32>().unwrap();
                let properties = properties_of(saved.version, number);
                assert_eq!(block(message.properties), block(properties));
                number
            };
            let item = match item {
                SavedItem::Published(id, qos, message) => {
                    Restored::Published(id, qos, number(message))
                }
                SavedItem::Released(id) => Restored::Released(id),
                SavedItem::Queued(qos, message) => Restored::Queued(Queued {
                    qos,
                    message: number(message),
                    tracker: Record::new(),
                }),
                SavedItem::Received(id) => {
                    self.session.incoming_mut().room += 1;
                    Restored::Received(id)
                }
                SavedItem::Filter(filter, qos) => {
                    let filter = Filter {
                        text: filter.text.to_string(),
                        options: filter.options,
                        properties: block(filter.properties).to_vec(),
                    };
                    Restored::Filter(filter, NO_HANDLER, qos)
                }
            };
            self.session.restore(item)?;
        }
        Ok(())
    }

    // ---- connections

    /// A new network connection; CONNECT goes out.
    pub fn connect(&mut self, keep_alive: u16) {
        self.forget_wire();
        self.connack = None;
        self.session.connect(keep_alive, self.now);
        let connect = Connect {
            version: self.session.version(),
            properties: self.session.version().no_properties(),
            client_id: Utf8String::new(CLIENT_ID).unwrap(),
            clean_session: self.session.is_clean(),
            keep_alive,
            will: None,
            credentials: None,
        };
        connect.encode(&mut Wire(&mut self.wire)).unwrap();
    }

    /// Authenticates again. False: there is no connection, or it does so already, or the version has no such thing.
    pub fn authenticate(&mut self) -> bool {
        #[cfg(feature = "v5")]
        if self.session.version().is_5() && self.session.is_up() {
            return self.session.begin_authentication();
        }
        false
    }

    /// The network connection has broken.
    pub fn lose(&mut self) {
        self.session.connection_lost();
        self.forget_wire();
    }

    fn forget_wire(&mut self) {
        self.wire.clear();
        self.cut = None;
        self.input.clear();
        self.partial = None;
        #[cfg(feature = "v5")]
        self.aliases.clear();
    }

    /// The packets that have gone out since the last call.
    pub fn sent(&mut self) -> Vec<ClientPacket> {
        let cut = self.cut.as_ref().map_or(0, |(_, sent)| *sent);
        let mut rest = self.wire.split_off(self.wire.len() - cut);
        let packets = client_packet::take_all(self.session.version(), &mut self.wire);
        self.wire.append(&mut rest);
        packets
    }

    /// The packet of which a part has gone out.
    pub fn cut_packet(&mut self) -> Option<ClientPacket> {
        let (bytes, _) = self.cut.as_ref()?;
        Some(client_packet::take_all(self.session.version(), &mut bytes.clone()).remove(0))
    }

    // ---- input

    /// Takes `bytes` in. Messages go to the inbox; the protocol's own output is written.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.input.extend_from_slice(bytes);
        if !bytes.is_empty() {
            self.session.received(self.now);
        }
        self.take_in()?;
        self.flush_unless_lazy();
        Ok(())
    }

    fn take_in(&mut self) -> Result<(), Error> {
        loop {
            if self.partial.is_some() && !self.take_payload()? {
                return Ok(());
            }
            let step = self
                .session
                .next_event(&self.input, self.last_topic.as_deref())?;
            let consumed = step.consumed;
            match step.event {
                SessionEvent::Incomplete { needed, publish } => {
                    assert!(needed > self.input.len());
                    match publish {
                        Some(shape) if shape.topic_len > self.topic_memory => {
                            let dropped = self.session.skip(shape);
                            self.input.drain(..dropped);
                        }
                        _ => return Ok(()),
                    }
                }
                SessionEvent::RoomFirst => {
                    assert_eq!(consumed, 0);
                    let table = self.session.incoming_mut();
                    assert!(!table.has_room());
                    table.room += 1;
                }
                SessionEvent::OutputFirst => {
                    assert!(self.session.must_write());
                    self.flush();
                }
                SessionEvent::ConnAck {
                    return_code,
                    session_present,
                    ..
                } => {
                    self.connack = Some((return_code, session_present));
                    if return_code == ReturnCode::Accepted {
                        self.redeliver();
                    }
                }
                SessionEvent::Message {
                    topic,
                    payload_len,
                    receipt,
                    duplicate,
                    #[cfg(feature = "v5")]
                    alias,
                    ..
                } => {
                    let topic = topic.map(ToString::to_string);
                    #[cfg(feature = "v5")]
                    let topic = match alias {
                        None => topic,
                        Some(alias) => {
                            let known = self.aliases.entry(alias.get());
                            Some(match topic {
                                Some(topic) => known.insert_entry(topic).get().clone(),
                                None => match known {
                                    Entry::Occupied(known) => known.get().clone(),
                                    Entry::Vacant(_) => return Err(Error::TopicAlias),
                                },
                            })
                        }
                    };
                    if topic.is_some() {
                        self.last_topic.clone_from(&topic);
                    }
                    self.partial = Some(Partial {
                        topic,
                        payload: Vec::new(),
                        left: payload_len,
                        receipt,
                        duplicate,
                    });
                }
                event if event.is_answer() => self.answers += 1,
                #[cfg(feature = "v5")]
                SessionEvent::Disconnect(reason) => self.goodbye = Some(reason.code),
                #[cfg(feature = "v5")]
                SessionEvent::Auth(reason) if reason.code == ReasonCode::SUCCESS => {
                    self.session.end_authentication();
                }
                _ => {}
            }
            self.input.drain(..consumed);
        }
    }

    /// Whether the message is complete.
    fn take_payload(&mut self) -> Result<bool, Error> {
        let Some(partial) = &mut self.partial else {
            return Ok(true);
        };
        let n = partial.left.min(self.input.len());
        partial.payload.extend(self.input.drain(..n));
        partial.left -= n;
        if partial.left > 0 {
            return Ok(false);
        }
        let Some(partial) = self.partial.take() else {
            return Ok(true);
        };
        self.session.arrived(partial.receipt)?;
        if partial.duplicate {
            return Ok(true);
        }
        match partial.topic {
            Some(topic) => self.inbox.push_back(Arrived {
                topic,
                payload: partial.payload,
                receipt: partial.receipt,
            }),
            None => self.acknowledge(partial.receipt),
        }
        Ok(true)
    }

    /// Whether it leaves the network unread until a message has been delivered.
    pub fn inbox_is_full(&self) -> bool {
        self.inbox.len() >= self.inbox_room
    }

    /// Whether the payload of a message is being read.
    pub fn is_inside_message(&self) -> bool {
        self.partial.is_some()
    }

    /// Says that the message being read is complete, as a reader does that has not noticed the end
    /// of the connection.
    pub fn finish_partial(&mut self) -> Result<bool, Error> {
        assert!(self.is_inside_message());
        if let Some(partial) = &mut self.partial {
            partial.left = 0;
        }
        self.take_payload()
    }

    // ---- output

    /// Writes the output of the session, as far as the network takes it.
    pub fn flush(&mut self) {
        let narrow = self.narrow;
        if !self.write_queued(narrow) {
            return;
        }
        let mut batch = [0xA5; 7];
        loop {
            let filled = self.session.poll_output(self.now, &mut batch);
            if filled == 0 {
                break;
            }
            self.wire.extend_from_slice(&batch[..filled]);
        }
        // The broker may allow more of the messages that are sent again now.
        if self.session.has_redelivery() {
            self.redeliver();
        }
        if self.write_queued(narrow) {
            assert!(!self.session.has_output());
        }
    }

    /// Writes packets of the outbox up to one of which the network takes only `narrow` bytes: false.
    fn write_queued(&mut self, narrow: usize) -> bool {
        while let Some(packet) = self.session.next_queued() {
            let bytes = encoded(self.session.version(), packet.message, packet.delivery);
            let cut = self.cut.take().map_or(0, |(_, sent)| sent);
            assert_eq!(packet.sent, cut);
            let rest = &bytes[cut..];
            if narrow > 0 && narrow < rest.len() {
                self.wire.extend_from_slice(&rest[..narrow]);
                self.session.queued_written(Some(cut + narrow));
                self.cut = Some((bytes, cut + narrow));
                return false;
            }
            self.wire.extend_from_slice(rest);
            self.session.queued_written(None);
            self.session.sent(self.now);
        }
        true
    }

    /// Ends the packet of the outbox of which a part has gone out: the next packet comes after it.
    pub fn end_cut_packet(&mut self) {
        if let Some((bytes, sent)) = self.cut.take() {
            self.wire.extend_from_slice(&bytes[sent..]);
            self.session.queued_written(None);
        }
    }

    pub fn flush_unless_lazy(&mut self) {
        if !self.lazy {
            self.flush();
        }
    }

    fn redeliver(&mut self) {
        while let Some(redelivery) = self.session.poll_redelivery() {
            match redelivery {
                Redelivery::Publish(delivery, message) => self.write_publish(message, delivery),
                Redelivery::Release(id) => self.write(&Ack::PubRel(id).encode()),
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.end_cut_packet();
        self.wire.extend_from_slice(bytes);
        self.session.sent(self.now);
    }

    fn write_publish(&mut self, message: u32, delivery: Delivery) {
        self.write(&encoded(self.session.version(), message, delivery));
    }

    // ---- commands

    pub fn publish_at_most_once(&mut self, message: u32) {
        self.write_publish(message, Delivery::AtMostOnce);
    }

    pub fn publish(&mut self, qos: QoS, message: u32) -> Result<(Ticket, PacketId), CommandError> {
        let qos = qos.acked().expect("QoS 1 or 2");
        let (ticket, id) = self.session.publish(qos, message)?;
        self.write_publish(message, qos.delivery(id, false));
        Ok((ticket, id))
    }

    /// Puts a message into the outbox, and writes all that the session lets through.
    pub fn publish_later(&mut self, qos: QoS, message: u32) -> Result<Record, CommandError> {
        let record = self.enqueue(qos, message, true)?;
        self.flush_unless_lazy();
        Ok(record)
    }

    /// Puts a message into the outbox.
    pub fn enqueue(
        &mut self,
        qos: QoS,
        message: u32,
        bounded: bool,
    ) -> Result<Record, CommandError> {
        let qos = qos.acked().expect("QoS 1 or 2");
        let record = Record::new();
        self.session
            .enqueue(qos, message, record.clone(), bounded)?;
        Ok(record)
    }

    /// The application ends the connection.
    pub fn disconnect(&mut self) {
        self.session
            .give_up(|record| record.settle(HandshakeStatus::Lost));
        self.lose();
    }

    pub fn subscribe(&mut self, filter: &str, handler: u32, qos: QoS) -> Subscribing<Numbers> {
        self.subscribe_with(&Filter::plain(filter), handler, qos)
    }

    pub fn subscribe_with(
        &mut self,
        filter: &Filter,
        handler: u32,
        qos: QoS,
    ) -> Subscribing<Numbers> {
        let subscribing = self
            .session
            .subscribe(filter.clone(), handler, qos)
            .unwrap();
        if let Some(id) = subscribing.id {
            self.write_subscribe(id, filter, qos);
        }
        subscribing
    }

    /// Subscribes, and lets the broker grant it.
    pub fn subscribe_granted(&mut self, filter: &str, handler: u32, qos: QoS) -> Attempt {
        self.subscribe_granted_with(&Filter::plain(filter), handler, qos)
    }

    pub fn subscribe_granted_with(&mut self, filter: &Filter, handler: u32, qos: QoS) -> Attempt {
        let subscribing = self.subscribe_with(filter, handler, qos);
        let id = subscribing.id.expect("a connection").get();
        self.receive(&super::broker::suback_in(
            self.session.version(),
            id,
            qos.bits(),
        ))
        .unwrap();
        subscribing.attempt
    }

    /// Sends SUBSCRIBE for the filters registered before this connection.
    pub fn subscribe_registered(&mut self) {
        while let Some((id, filter, qos)) = self.session.poll_subscribe() {
            self.write_subscribe(id, &filter, qos);
        }
    }

    fn write_subscribe(&mut self, id: PacketId, filter: &Filter, qos: QoS) {
        self.end_cut_packet();
        Subscribe {
            id,
            filter: TopicFilter::new(&filter.text).unwrap(),
            qos,
            options: filter.options_of(self.session.version()),
            properties: filter.properties_of(self.session.version()),
        }
        .encode(&mut Wire(&mut self.wire))
        .unwrap();
        self.session.sent(self.now);
    }

    pub fn unsubscribe(&mut self, filter: &str) -> Result<PacketId, CommandError> {
        self.session.unregister(filter);
        let id = self.session.unsubscribe()?;
        self.end_cut_packet();
        let filter = TopicFilter::new(filter).unwrap();
        Unsubscribe {
            id,
            filter,
            properties: self.session.version().no_properties(),
        }
        .encode(&mut Wire(&mut self.wire))
        .unwrap();
        self.session.sent(self.now);
        Ok(id)
    }

    // ---- delivering

    /// Calls the handlers of the first message in the inbox, then acknowledges it.
    pub fn deliver(&mut self) -> Vec<Call> {
        self.deliver_with(|_, _| {})
    }

    /// [`Self::deliver`]; `handle` runs in every call of a handler.
    pub fn deliver_with(&mut self, mut handle: impl FnMut(&mut Self, u32)) -> Vec<Call> {
        let message = self.inbox.pop_front().expect("a message in the inbox");
        let mut calls = Vec::new();
        let mut after = None;
        if let Some(last) = self.session.last_registration() {
            while let Some((registration, handler)) =
                self.session.next_match(&message.topic, after, last)
            {
                assert_ne!(handler, NO_HANDLER);
                after = Some(registration);
                calls.push(Call {
                    handler,
                    topic: message.topic.clone(),
                    payload: message.payload.clone(),
                });
                handle(self, handler);
            }
        }
        self.acknowledge(message.receipt);
        self.flush_unless_lazy();
        calls
    }

    fn acknowledge(&mut self, receipt: Receipt) {
        while !self.session.delivered(receipt) {
            assert!(self.session.must_write());
            self.flush();
        }
    }

    // ---- time

    /// Lets `ms` go by, then writes the packets that are due.
    pub fn wait(&mut self, ms: u32) -> Result<(), Error> {
        self.now = self.now + ms;
        if !self.behind && !self.inbox_is_full() {
            self.session.caught_up(self.now);
        }
        self.session.check_timers(self.now, PATIENCE)?;
        self.flush_unless_lazy();
        Ok(())
    }
}

/// The PUBLISH of an outgoing message.
fn encoded(version: Version, message: u32, delivery: Delivery) -> Vec<u8> {
    let payload = message.to_string();
    let topic = TopicName::new(OUT).unwrap();
    let mut bytes = Vec::new();
    Publish::new(
        topic,
        payload.as_bytes(),
        delivery,
        false,
        properties_of(version, message),
    )
    .unwrap()
    .encode(&mut Wire(&mut bytes))
    .unwrap();
    bytes
}

/// The bytes of properties.
pub fn block(properties: Option<Properties<'_>>) -> &[u8] {
    properties.map_or(&[], Properties::as_bytes)
}

/// Bytes that a packet is put into.
pub struct Wire<'a>(pub &'a mut Vec<u8>);

impl Output for Wire<'_> {
    type Error = core::convert::Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// The items of a saved session.
pub fn items_of(state: &[u8]) -> Result<Vec<SavedItem<'_>>, SavedError> {
    SavedSession::parse(state)?.items().collect()
}
