use super::fixed_header::FixedHeader;
use super::inbound::Inbound;
use super::{
    DecodeError, Decoded, Packet, PacketId, TopicName, connack, packet_id, publish_header, suback,
};

/// Bytes of the shortest packet.
const LEAST_PACKET_LEN: usize = 2;

/// Looks at the front of `input`, which begins with a packet from the server.
///
/// The caller keeps the bytes: those not used up are to stand at the front again at the next call.
/// Where a stream is cut into inputs makes no difference to the packets, or to the error, that
/// come out of it.
///
/// # Errors
///
/// When no well-formed packet begins with `input`. As soon as that is certain: no byte is waited
/// for that could not change it. The stream is then of no more use [MQTT-4.8.0-1].
pub fn decode(input: &[u8]) -> Result<Decoded<'_>, DecodeError> {
    decode_next(input, None)
}

/// As [`decode`], after a PUBLISH with the topic name `last_topic`: most messages have that of the one
/// before. The same bytes are not checked again, and `last_topic` itself is the topic name.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_next<'a>(
    input: &'a [u8],
    last_topic: Option<TopicName<'a>>,
) -> Result<Decoded<'a>, DecodeError> {
    let Some(fixed_header) = FixedHeader::decode(input)? else {
        return Ok(Decoded::Incomplete {
            needed: input.len().saturating_add(1).max(LEAST_PACKET_LEN),
            publish: None,
        });
    };
    let body = fixed_header.body(input);
    let packet = match fixed_header.inbound {
        Inbound::ConnAck => connack::decode(body)?,
        Inbound::Publish(flags) => {
            return publish_header::decode(flags, &fixed_header, body, last_topic);
        }
        Inbound::PubAck => identified(body, Packet::PubAck)?,
        Inbound::PubRec => identified(body, Packet::PubRec)?,
        Inbound::PubRel => identified(body, Packet::PubRel)?,
        Inbound::PubComp => identified(body, Packet::PubComp)?,
        Inbound::SubAck => suback::decode(body, fixed_header.remaining_length)?,
        Inbound::UnsubAck => identified(body, Packet::UnsubAck)?,
        Inbound::PingResp => Some(Packet::PingResp),
    };
    let len = fixed_header.packet_len();
    Ok(match packet {
        Some(packet) => Decoded::Packet { packet, len },
        None => Decoded::Incomplete {
            needed: len,
            publish: None,
        },
    })
}

/// A packet of nothing but a packet identifier.
fn identified<'a>(
    body: &[u8],
    packet: fn(PacketId) -> Packet<'a>,
) -> Result<Option<Packet<'a>>, DecodeError> {
    Ok(packet_id::decode(body)?.map(packet))
}
