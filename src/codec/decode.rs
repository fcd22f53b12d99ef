//! From the bytes of the server to packets.

use super::ack::decode_ack;
use super::connect::decode_connack;
use super::fixed_header::{FixedHeader, Inbound};
use super::publish::decode_publish;
use super::subscribe::{decode_suback, decode_unsuback};
use super::{
    DecodeError, Halt, PacketId, Properties, PublishHeader, PublishShape, Reason, ReturnCode,
    TopicName, Version,
};
#[cfg(feature = "v5")]
use super::{
    disconnect::decode_auth,
    properties::Place,
    reason::{decode_reason, packets},
};

/// Bytes of the shortest packet.
const LEAST_PACKET_LEN: usize = 2;

/// The result of [`decode()`]: a packet at the front of the input, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// The front of a packet without fault so far.
    Incomplete {
        /// Bytes that must be there before the decoder can say more, counted from the front of the
        /// input and more than it has. Never more than the packet has.
        needed: usize,
        /// For a PUBLISH, as soon as the length of its topic name is known. Then `needed` is the
        /// length of everything before the payload, as far as that is known.
        publish: Option<PublishShape>,
    },
    /// A whole packet, other than a PUBLISH.
    Packet {
        /// The packet.
        packet: Packet<'a>,
        /// Bytes of it. The next packet begins after them.
        len: usize,
    },
    /// A PUBLISH up to its payload. The payload follows in the stream, and need not be there yet.
    Publish {
        /// The packet without its payload.
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
        /// The properties of MQTT 5; `None` in MQTT 3.1.1.
        properties: Option<Properties<'a>>,
    },
    /// Answers a QoS 1 PUBLISH, section 3.4.
    PubAck(PacketId, Reason<'a>),
    /// Answers a QoS 2 PUBLISH, section 3.5.
    PubRec(PacketId, Reason<'a>),
    /// Answers a PUBREC, section 3.6.
    PubRel(PacketId, Reason<'a>),
    /// Answers a PUBREL, section 3.7.
    PubComp(PacketId, Reason<'a>),
    /// Answers SUBSCRIBE, section 3.9.
    SubAck {
        /// That of the SUBSCRIBE.
        id: PacketId,
        /// For each filter of the SUBSCRIBE the granted QoS (0, 1 or 2), or 0x80 or more for a refusal.
        /// At least one.
        codes: &'a [u8],
        /// The properties of MQTT 5; `None` in MQTT 3.1.1.
        properties: Option<Properties<'a>>,
    },
    /// Answers UNSUBSCRIBE, section 3.11.
    UnsubAck {
        /// That of the UNSUBSCRIBE.
        id: PacketId,
        /// For each filter of the UNSUBSCRIBE a reason code. None in MQTT 3.1.1.
        codes: &'a [u8],
        /// The properties of MQTT 5; `None` in MQTT 3.1.1.
        properties: Option<Properties<'a>>,
    },
    /// Answers PINGREQ, section 3.13.
    PingResp,
    /// Ends the connection, section 3.14 of the standard of MQTT 5.
    #[cfg(feature = "v5")]
    Disconnect(Reason<'a>),
    /// A step of enhanced authentication, section 3.15 of the standard of MQTT 5.
    #[cfg(feature = "v5")]
    Auth(Reason<'a>),
}

/// Looks at the front of `input`, which begins with a packet of MQTT 3.1.1 from the server.
///
/// The caller keeps the bytes, and gives those that were not used up again at the next call.
/// However a stream is cut into inputs, the same packets or the same error
/// come out of it.
///
/// # Errors
///
/// No well-formed packet begins with `input`. The error comes as soon as that is certain: no byte
/// is awaited that could not change it. The stream is then of no more use [MQTT-4.8.0-1].
pub fn decode(input: &[u8]) -> Result<Decoded<'_>, DecodeError> {
    decode_next(Version::V3_1_1, input, None)
}

/// Does the same as [`decode`] for packets of `version`, after a PUBLISH with the topic name `last_topic`, which
/// most messages share with the message before. The same bytes are not checked again, and `last_topic`
/// itself is the topic name.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_next<'a>(
    version: Version,
    input: &'a [u8],
    last_topic: Option<TopicName<'a>>,
) -> Result<Decoded<'a>, DecodeError> {
    let fixed_header = match FixedHeader::decode(version, input) {
        Ok(fixed_header) => fixed_header,
        Err(Halt::Missing) => {
            return Ok(Decoded::Incomplete {
                needed: input.len().wrapping_add(1).max(LEAST_PACKET_LEN),
                publish: None,
            });
        }
        Err(Halt::Fault(error)) => return Err(error),
    };
    let body = fixed_header.body(input);
    let body_len = fixed_header.remaining_length;
    let packet = match fixed_header.inbound {
        Inbound::ConnAck => decode_connack(version, body, body_len),
        Inbound::Publish(flags) => {
            return decode_publish(version, flags, &fixed_header, body, last_topic);
        }
        Inbound::PubAck | Inbound::PubRec | Inbound::PubRel | Inbound::PubComp => {
            decode_ack(version, fixed_header.inbound, body, body_len)
        }
        Inbound::SubAck => decode_suback(version, body, body_len),
        Inbound::UnsubAck => decode_unsuback(version, body, body_len),
        Inbound::PingResp => Ok(Packet::PingResp),
        #[cfg(feature = "v5")]
        Inbound::Disconnect => {
            decode_reason(body, body_len, packets::GOODBYE, Place::Goodbye).map(Packet::Disconnect)
        }
        #[cfg(feature = "v5")]
        Inbound::Auth => decode_auth(body, body_len).map(Packet::Auth),
    };
    let len = fixed_header.packet_len();
    match packet {
        Ok(packet) => Ok(Decoded::Packet { packet, len }),
        Err(Halt::Missing) => Ok(Decoded::Incomplete {
            needed: len,
            publish: None,
        }),
        Err(Halt::Fault(error)) => Err(error),
    }
}
