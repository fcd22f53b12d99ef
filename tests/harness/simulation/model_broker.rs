//! A broker that keeps to the standard, and checks that the client does.

use std::collections::{BTreeMap, BTreeSet};
use std::vec::Vec;

use mqtt::codec::{QoS, Version};

use super::super::application::properties_of;
use super::super::broker;
use super::super::client::block;
use super::super::client_packet::ClientPacket;

/// Messages to the client that may be unacknowledged at once.
const IN_FLIGHT: usize = 10;

/// A message to the client.
struct Out {
    message: u32,
    id: u16,
    exactly_once: bool,
    /// PUBREC has come.
    received: bool,
}

#[derive(Default)]
pub struct ModelBroker {
    /// Its session of the client, if it has one.
    session: Option<BrokerSession>,
    connected: bool,
    /// Bytes of a CONNACK that tells of a new session, not taken yet.
    untold: usize,
    /// Bytes on their way to the client.
    to_client: Vec<u8>,
    /// How often each message of the client's arrived, duplicates not counted.
    pub arrived: BTreeMap<u32, u32>,
    /// QoS 1 and 2, in the order of their first arrival.
    pub order: Vec<u32>,
    next_message: u32,
    version: Version,
    /// Most messages that it allows in flight; MQTT 3.1.1 has no such limit.
    pub receive_maximum: u16,
}

#[derive(Default)]
struct BrokerSession {
    out: Vec<Out>,
    /// Identifiers of QoS 2 messages whose PUBREL has not come.
    received: BTreeSet<u16>,
    next_id: u16,
}

impl ModelBroker {
    pub fn new(version: Version, receive_maximum: u16) -> Self {
        Self {
            version,
            receive_maximum,
            ..Self::default()
        }
    }

    /// Publishes to the client: the number of the message, unless it goes nowhere.
    pub fn publish(&mut self, qos: QoS) -> Option<u32> {
        let message = self.next_message;
        let session = self.session.as_mut()?;
        if session.out.len() >= IN_FLIGHT || (qos == QoS::AtMostOnce && !self.connected) {
            return None;
        }
        self.next_message += 1;
        let id = session.free_id();
        if qos != QoS::AtMostOnce {
            session.out.push(Out {
                message,
                id,
                exactly_once: qos == QoS::ExactlyOnce,
                received: false,
            });
        }
        if self.connected {
            self.send(&in_message(self.version, message, qos, id, false));
        }
        Some(message)
    }

    /// Asks that many times for data of an authentication, and is content then.
    pub fn authenticate(&mut self, challenges: u8) {
        for _ in 0..challenges {
            self.send(b"\xF0\x06\x18\x04\x15\0\x01m");
        }
        self.send(b"\xF0\0");
    }

    /// Takes up to `n` bytes for the client.
    pub fn take(&mut self, n: usize) -> Vec<u8> {
        let n = n.min(self.to_client.len());
        self.untold = self.untold.saturating_sub(n);
        self.to_client.drain(..n).collect()
    }

    pub fn has_sent_everything(&self) -> bool {
        self.to_client.is_empty()
    }

    /// The connection has broken. Whether a session is lost with it.
    ///
    /// That is one the client was not told of. If it stayed, the next CONNACK would say that the
    /// session is present, and the client would take it for the one it knows: version 3.1.1 has
    /// no means against that.
    pub fn cut(&mut self) -> bool {
        self.connected = false;
        self.to_client.clear();
        let untold = core::mem::take(&mut self.untold) > 0;
        untold && self.lose_session()
    }

    /// Whether it had anything to lose.
    pub fn lose_session(&mut self) -> bool {
        self.session.take().is_some()
    }

    /// Messages that it would send again.
    pub fn unacknowledged(&self) -> usize {
        self.session.as_ref().map_or(0, |session| session.out.len())
    }

    /// A packet of the client's has arrived. `delivered` are the messages that the application
    /// has had.
    pub fn receive(&mut self, packet: ClientPacket, delivered: &BTreeMap<u32, u32>) {
        if let ClientPacket::Connect(connect) = packet {
            return self.connect(connect.clean_session);
        }
        assert!(self.connected, "{packet:?} before CONNECT");
        let session = self.session.get_or_insert_default();
        match packet {
            ClientPacket::Connect(_) | ClientPacket::Disconnect => panic!("{packet:?}"),
            ClientPacket::Publish(publish) => {
                let text = core::str::from_utf8(&publish.payload).unwrap();
                let message = text.parse().unwrap();
                let properties = properties_of(self.version, message);
                assert_eq!(publish.properties, block(properties), "{message}");
                let known = publish.qos == 2 && !session.received.insert(publish.id);
                assert!(publish.dup || !known, "an identifier in use");
                if !known {
                    *self.arrived.entry(message).or_default() += 1;
                    if publish.qos > 0 && !self.order.contains(&message) {
                        self.order.push(message);
                    }
                }
                match publish.qos {
                    0 => {}
                    1 => self.send(&broker::puback(publish.id)),
                    _ => self.send(&broker::pubrec(publish.id)),
                }
            }
            ClientPacket::PubAck(id) => {
                let out = session.take(id);
                assert!(!out.exactly_once, "PUBACK for QoS 2");
                assert!(delivered.contains_key(&out.message), "not delivered");
            }
            ClientPacket::PubRec(id) => {
                let out = session.get(id);
                assert!(out.exactly_once, "PUBREC for QoS 1");
                assert!(delivered.contains_key(&out.message), "not delivered");
                out.received = true;
                self.send(&broker::pubrel(id));
            }
            ClientPacket::PubComp(id) => assert!(session.take(id).received, "PUBCOMP too early"),
            ClientPacket::PubRel(id) => {
                session.received.remove(&id);
                self.send(&broker::pubcomp(id));
            }
            ClientPacket::Subscribe { id, filter, qos } => {
                let refused = filter.starts_with("refused");
                let code = if refused { 0x80 } else { qos };
                self.send(&broker::suback_in(self.version, id, code));
            }
            ClientPacket::Unsubscribe { id, .. } => {
                self.send(&broker::unsuback_in(self.version, id));
            }
            ClientPacket::PingReq => self.send(&broker::PINGRESP),
        }
    }

    fn connect(&mut self, clean: bool) {
        assert!(!self.connected, "a second CONNECT");
        self.connected = true;
        if clean {
            self.session = None;
        }
        let connack =
            broker::connack_in(self.version, self.session.is_some(), self.receive_maximum);
        self.send(&connack);
        if self.session.is_none() {
            self.untold = connack.len();
        }
        let version = self.version;
        let session = self.session.get_or_insert_default();
        let again = session
            .out
            .iter()
            .flat_map(|out| {
                if out.received {
                    broker::pubrel(out.id).to_vec()
                } else if out.exactly_once {
                    in_message(version, out.message, QoS::ExactlyOnce, out.id, true)
                } else {
                    in_message(version, out.message, QoS::AtLeastOnce, out.id, true)
                }
            })
            .collect::<Vec<_>>();
        self.send(&again);
    }

    fn send(&mut self, bytes: &[u8]) {
        self.to_client.extend_from_slice(bytes);
    }
}

impl BrokerSession {
    /// A small space, so that identifiers come again soon.
    fn free_id(&mut self) -> u16 {
        loop {
            self.next_id = self.next_id % 13 + 1;
            if self.out.iter().all(|out| out.id != self.next_id) {
                return self.next_id;
            }
        }
    }

    fn position(&self, id: u16) -> usize {
        let found = self.out.iter().position(|out| out.id == id);
        found.unwrap_or_else(|| panic!("an acknowledgement of nothing: {id}"))
    }

    fn get(&mut self, id: u16) -> &mut Out {
        let index = self.position(id);
        &mut self.out[index]
    }

    fn take(&mut self, id: u16) -> Out {
        let index = self.position(id);
        self.out.remove(index)
    }
}

/// The payload is the number and some more, so that it can be cut.
fn in_message(version: Version, message: u32, qos: QoS, id: u16, dup: bool) -> Vec<u8> {
    let payload = std::format!("{message} and some more");
    broker::publish_in(
        version,
        "in",
        payload.as_bytes(),
        broker::delivery(qos, id, dup),
    )
}

/// The number in such a payload.
pub fn message_of(payload: &[u8]) -> u32 {
    let text = core::str::from_utf8(payload).unwrap();
    let number = text
        .strip_suffix(" and some more")
        .expect("a whole payload");
    number.parse().unwrap()
}
