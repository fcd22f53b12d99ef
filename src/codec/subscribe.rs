//! SUBSCRIBE, the SUBACK that answers it, and UNSUBSCRIBE. (UNSUBACK is a packet identifier alone.)

use super::ack::{ID_LEN, decode_id};
use super::fixed_header::{first_byte, packet_len, put_fixed_header};
use super::{DecodeError, Output, Packet, PacketId, QoS, TopicFilter};

/// Return code of a SUBACK: the server refuses the subscription.
const FAILURE: u8 = 0x80;

/// SUBSCRIBE, which asks for messages: section 3.8. One filter a packet [MQTT-3.8.3-3].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribe<'a> {
    /// Packet identifier, that of the SUBACK that answers.
    pub id: PacketId,
    /// Filter that the topic names of the messages match.
    pub filter: TopicFilter<'a>,
    /// Highest QoS that the server may deliver them with.
    pub qos: QoS,
}

impl Subscribe<'_> {
    /// Bytes of the packet.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        packet_len(self.remaining_length())
    }

    /// Puts the packet into `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        put_fixed_header(first_byte::SUBSCRIBE, self.remaining_length(), out)?;
        out.put(&self.id.get().to_be_bytes())?;
        self.filter.encode(out)?;
        // The six bits above the QoS are reserved, and clear [MQTT-3.8.3-4].
        out.put(&[self.qos.bits()])
    }

    /// Identifier, filter, requested QoS.
    const fn remaining_length(&self) -> usize {
        self.filter.encoded_len().saturating_add(ID_LEN + 1)
    }
}

/// UNSUBSCRIBE, which asks for no more messages: section 3.10. One filter a packet
/// [MQTT-3.10.3-2].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribe<'a> {
    /// Packet identifier, that of the UNSUBACK that answers.
    pub id: PacketId,
    /// The filter, character for character as it was subscribed.
    pub filter: TopicFilter<'a>,
}

impl Unsubscribe<'_> {
    /// Bytes of the packet.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        packet_len(self.remaining_length())
    }

    /// Puts the packet into `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        put_fixed_header(first_byte::UNSUBSCRIBE, self.remaining_length(), out)?;
        out.put(&self.id.get().to_be_bytes())?;
        self.filter.encode(out)
    }

    /// Identifier, filter.
    const fn remaining_length(&self) -> usize {
        self.filter.encoded_len().saturating_add(ID_LEN)
    }
}

/// Decodes the SUBACK, section 3.9, whose variable header and payload take `len` bytes and begin
/// with `body`; `None` while bytes are missing.
pub(super) fn decode_suback(body: &[u8], len: usize) -> Result<Option<Packet<'_>>, DecodeError> {
    let Some(id) = decode_id(body)? else {
        return Ok(None);
    };
    let codes = body.get(ID_LEN..).unwrap_or_default();
    // [MQTT-3.9.3-2]
    if codes.iter().any(|code| !matches!(code, 0..=2 | &FAILURE)) {
        return Err(DecodeError::SubAckCode);
    }
    Ok((body.len() == len).then_some(Packet::SubAck { id, codes }))
}
