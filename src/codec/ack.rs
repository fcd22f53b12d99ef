//! Packet identifiers, and the acknowledgements that consist of one.

use super::DecodeError;
use super::fixed_header::first_byte;

/// Packet identifier, section 2.3.1. Never 0 [MQTT-2.3.1-1].
pub type PacketId = core::num::NonZeroU16;

/// Bytes of a packet identifier.
pub(super) const ID_LEN: usize = 2;

/// The packet identifier at the front of `bytes`, or `None` while not both of its bytes are there.
pub(super) fn decode_id(bytes: &[u8]) -> Result<Option<PacketId>, DecodeError> {
    let Some(&id) = bytes.first_chunk() else {
        return Ok(None);
    };
    match PacketId::new(u16::from_be_bytes(id)) {
        Some(id) => Ok(Some(id)),
        // [MQTT-2.3.1-1]
        None => Err(DecodeError::PacketId),
    }
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
    /// The whole packet.
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
