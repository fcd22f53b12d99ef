use super::{PacketId, first_byte};

/// An acknowledgement, as it is sent: sections 3.4 to 3.7.
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
