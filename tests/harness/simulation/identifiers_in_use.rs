//! The packet identifiers that the client uses, as the wire shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::vec::Vec;

use mqtt::codec::{Decoded, Packet, PacketId, Version, decode_next};

use super::super::client_packet::ClientPacket;

/// The packet that must come before an identifier is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    PubAck,
    PubRec,
    PubComp,
    SubAck,
    UnsubAck,
}

#[derive(Clone, Debug)]
struct Use {
    awaits: Awaits,
    payload: Vec<u8>,
}

#[derive(Default)]
pub struct IdentifiersInUse {
    uses: BTreeMap<u16, Use>,
    /// Received, and not a whole packet yet.
    input: Vec<u8>,
    version: Version,
    /// Most messages that the broker allows in flight.
    receive_maximum: u16,
    /// The messages that were sent on this connection and are not acknowledged.
    in_flight: BTreeSet<u16>,
}

impl IdentifiersInUse {
    pub fn new(version: Version, receive_maximum: u16) -> Self {
        Self {
            version,
            receive_maximum,
            ..Self::default()
        }
    }

    /// The client has sent `packet`.
    pub fn sent(&mut self, packet: &ClientPacket) {
        let (id, awaits, payload) = match packet {
            ClientPacket::Publish(publish) if publish.qos == 1 => {
                (publish.id, Awaits::PubAck, &publish.payload[..])
            }
            ClientPacket::Publish(publish) if publish.qos == 2 => {
                (publish.id, Awaits::PubRec, &publish.payload[..])
            }
            ClientPacket::Subscribe { id, .. } => (*id, Awaits::SubAck, &[][..]),
            ClientPacket::Unsubscribe { id, .. } => (*id, Awaits::UnsubAck, &[][..]),
            _ => return,
        };
        if matches!(awaits, Awaits::PubAck | Awaits::PubRec) {
            self.in_flight.insert(id);
        }
        let payload = payload.to_vec();
        let before = self.uses.insert(id, Use { awaits, payload });
        match packet {
            ClientPacket::Publish(publish) if publish.dup => {
                let before = before.expect("DUP on something new");
                assert_eq!(before.awaits, awaits, "{packet:?}");
                assert_eq!(before.payload, publish.payload, "{packet:?}");
            }
            _ => assert!(before.is_none(), "{packet:?}: in use by {before:?}"),
        }
    }

    /// The client has taken in `bytes`.
    pub fn received(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        loop {
            let used = match decode_next(self.version, &self.input, None) {
                Err(_) | Ok(Decoded::Incomplete { .. }) => return,
                Ok(Decoded::Packet { packet, len }) => {
                    match packet {
                        Packet::ConnAck {
                            session_present: false,
                            ..
                        } => self.uses.clear(),
                        Packet::ConnAck { .. } => self.uses.retain(|_, it| it.is_message()),
                        Packet::PubAck(id, _) => self.came(Awaits::PubAck, id),
                        Packet::PubRec(id, _) => self.came(Awaits::PubRec, id),
                        Packet::PubComp(id, _) => self.came(Awaits::PubComp, id),
                        Packet::SubAck { id, .. } => self.came(Awaits::SubAck, id),
                        Packet::UnsubAck { id, .. } => self.came(Awaits::UnsubAck, id),
                        _ => {}
                    }
                    len
                }
                Ok(Decoded::Publish {
                    header_len,
                    payload_len,
                    ..
                }) => {
                    if self.input.len() < header_len + payload_len {
                        return;
                    }
                    header_len + payload_len
                }
            };
            self.input.drain(..used);
        }
    }

    fn came(&mut self, answer: Awaits, id: PacketId) {
        let Some(found) = self.uses.get_mut(&id.get()) else {
            return;
        };
        if found.awaits == answer {
            if matches!(answer, Awaits::PubAck | Awaits::PubComp) {
                self.in_flight.remove(&id.get());
            }
            if answer == Awaits::PubRec {
                found.awaits = Awaits::PubComp;
            } else {
                self.uses.remove(&id.get());
            }
        }
    }

    /// Whether more messages are in flight than the broker allows.
    pub fn are_too_many_in_flight(&self) -> bool {
        self.in_flight.len() > self.receive_maximum.into()
    }

    /// The connection has ended.
    pub fn cut(&mut self) {
        self.input.clear();
        self.in_flight.clear();
    }
}

impl Use {
    fn is_message(&self) -> bool {
        !matches!(self.awaits, Awaits::SubAck | Awaits::UnsubAck)
    }
}
