use super::{PacketId, PublishHeader, PublishShape, ReturnCode, first_byte};

/// Asks the server for a PINGRESP, section 3.12. The whole packet.
pub const PINGREQ: [u8; 2] = [first_byte::PINGREQ, 0];

/// Ends the connection in order, section 3.14. The whole packet.
pub const DISCONNECT: [u8; 2] = [first_byte::DISCONNECT, 0];

/// What [`decode`](super::decode()) finds at the front of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// The front of a packet without fault so far.
    Incomplete {
        /// Bytes that must be there before more can be said, counted from the front of the input
        /// and more than it has. Never more than the packet has.
        needed: usize,
        /// For a PUBLISH, as soon as the length of its topic name is known. Then `needed` is the
        /// length of everything before the payload.
        publish: Option<PublishShape>,
    },
    /// A whole packet, other than a PUBLISH.
    Packet {
        /// What it says.
        packet: Packet<'a>,
        /// Bytes of it. The next packet begins after them.
        len: usize,
    },
    /// A PUBLISH up to its payload. The payload follows in the stream, and need not be there yet.
    Publish {
        /// What it says.
        publish: PublishHeader<'a>,
        /// Bytes before the payload.
        header_len: usize,
        /// Bytes of the payload. The next packet begins after them.
        payload_len: usize,
    },
}

/// A packet from the server, other than a PUBLISH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Answers CONNECT, section 3.2.
    ConnAck {
        /// Whether the server kept a session of this client. Only ever with
        /// [`ReturnCode::Accepted`].
        session_present: bool,
        /// Whether the client is connected.
        return_code: ReturnCode,
    },
    /// Answers a QoS 1 PUBLISH, section 3.4.
    PubAck(PacketId),
    /// Answers a QoS 2 PUBLISH, section 3.5.
    PubRec(PacketId),
    /// Answers a PUBREC, section 3.6.
    PubRel(PacketId),
    /// Answers a PUBREL, section 3.7.
    PubComp(PacketId),
    /// Answers SUBSCRIBE, section 3.9.
    SubAck {
        /// That of the SUBSCRIBE.
        id: PacketId,
        /// For each filter of the SUBSCRIBE the granted QoS (0, 1 or 2), or 0x80 for a refusal.
        /// At least one.
        codes: &'a [u8],
    },
    /// Answers UNSUBSCRIBE, section 3.11.
    UnsubAck(PacketId),
    /// Answers PINGREQ, section 3.13.
    PingResp,
}
