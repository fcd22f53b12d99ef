//! Packet identifiers, and the acknowledgements that consist of one.

use super::fixed_header::{Inbound, first_byte};
use super::{DecodeError, Halt, Packet, Partial, Reason, Version};
#[cfg(feature = "v5")]
use super::{
    properties::Place,
    reason::{decode_reason, packets},
};

/// Packet identifier, section 2.3.1. Never 0 [MQTT-2.3.1-1].
pub type PacketId = core::num::NonZeroU16;

/// Bytes of a packet identifier.
pub(super) const ID_LEN: usize = 2;

/// The packet identifier at the front of `bytes`.
pub(super) fn decode_id(bytes: &[u8]) -> Partial<PacketId> {
    let &id = bytes.first_chunk().ok_or(Halt::Missing)?;
    // [MQTT-2.3.1-1]
    PacketId::new(u16::from_be_bytes(id)).ok_or(Halt::Fault(DecodeError::PacketId))
}

/// Decodes the acknowledgement `inbound` of `len` bytes behind the fixed header that begins with `body`.
/// In MQTT 5 a reason may follow the identifier.
#[cfg_attr(not(feature = "v5"), allow(unused_variables))]
pub(super) fn decode_ack(
    version: Version,
    inbound: Inbound,
    body: &[u8],
    len: usize,
) -> Partial<Packet<'_>> {
    let id = decode_id(body)?;
    let reason = match version {
        Version::V3_1_1 => Reason::success(version),
        #[cfg(feature = "v5")]
        Version::V5 => {
            let rest = body.get(ID_LEN..).unwrap_or_default();
            let packets = match inbound {
                Inbound::PubAck | Inbound::PubRec => packets::PUBACK,
                _ => packets::PUBREL,
            };
            let len = len.saturating_sub(ID_LEN);
            decode_reason(rest, len, packets, Place::Ack)?
        }
    };
    Ok(match inbound {
        Inbound::PubAck => Packet::PubAck(id, reason),
        Inbound::PubRec => Packet::PubRec(id, reason),
        Inbound::PubRel => Packet::PubRel(id, reason),
        _ => Packet::PubComp(id, reason),
    })
}

/// An acknowledgement that a client sends, sections 3.4 to 3.7.
///
/// Its identifier is that of the PUBLISH it belongs to [MQTT-2.3.1-6].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// Answers a QoS 1 PUBLISH.
    PubAck(PacketId),
    /// Answers a QoS 2 PUBLISH.
    PubRec(PacketId),
    /// Answers a PUBREC.
    PubRel(PacketId),
    /// Answers a PUBREL.
    PubComp(PacketId),
}

impl Ack {
    /// The whole packet. In MQTT 5 it means success, because it has no reason code.
    #[must_use]
    pub const fn encode(self) -> [u8; 4] {
        let (first_byte, id) = match self {
            Self::PubAck(id) => (first_byte::PUBACK, id),
            Self::PubRec(id) => (first_byte::PUBREC, id),
            Self::PubRel(id) => (first_byte::PUBREL, id),
            Self::PubComp(id) => (first_byte::PUBCOMP, id),
        };
        let [high, low] = id.get().to_be_bytes();
        [first_byte, 2, high, low]
    }
}
