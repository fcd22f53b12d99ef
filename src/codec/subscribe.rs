//! SUBSCRIBE and UNSUBSCRIBE, and the packets that answer them. (UNSUBACK is a packet identifier alone in MQTT
//! 3.1.1.)

use super::ack::{ID_LEN, decode_id};
use super::fixed_header::{first_byte, packet_len, put_fixed_header};
use super::properties::{properties_len, put_properties};
use super::reason::packets;
use super::{
    DecodeError, Halt, Output, Packet, PacketId, Partial, Properties, QoS, TopicFilter, Version,
};
#[cfg(feature = "v5")]
use super::{
    ReasonCode,
    fixed_header::Length,
    properties::{Place, decode_properties},
    without_share_name,
};

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
    /// The other options, which only MQTT 5 has.
    pub options: SubscriptionOptions,
    /// The properties of MQTT 5, and of no other version.
    pub properties: Option<Properties<'a>>,
}

/// The subscription options of MQTT 5 besides the QoS: section 3.8.3.1 of its standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionOptions {
    #[cfg(feature = "v5")]
    bits: u8,
}

/// When the server sends retained messages because of a subscription.
#[cfg(feature = "v5")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RetainHandling {
    /// At every SUBSCRIBE.
    Send = 0,
    /// At a SUBSCRIBE with a filter that was not subscribed.
    SendIfNew = 1,
    /// Never.
    DoNotSend = 2,
}

impl SubscriptionOptions {
    /// Makes the options. `no_local`: the server sends no messages of this client, which shared
    /// subscriptions must not ask for [MQTT5-3.8.3-4]. `retain_as_published`: messages keep the RETAIN
    /// flag that they were published with.
    #[cfg(feature = "v5")]
    #[must_use]
    pub const fn new(
        no_local: bool,
        retain_as_published: bool,
        retain_handling: RetainHandling,
    ) -> Self {
        // The two bits above are reserved, and clear [MQTT5-3.8.3-5].
        let bits =
            (no_local as u8) << 2 | (retain_as_published as u8) << 3 | (retain_handling as u8) << 4;
        Self { bits }
    }

    /// The options that [`bits`](Self::bits) has given; `None` if a SUBSCRIBE with `filter` cannot have them.
    #[cfg(feature = "v5")]
    #[must_use]
    pub fn from_bits(bits: u8, filter: TopicFilter<'_>) -> Option<Self> {
        let text = filter.as_str();
        let is_shared = without_share_name(text.as_bytes()).len() < text.len();
        let (no_local, handling) = (bits & 1 << 2 != 0, bits >> 4);
        // The lowest bits are those of the QoS. [MQTT5-3.8.3-4] [MQTT5-3.8.3-5]
        let known = bits & 0b11 == 0 && handling <= RetainHandling::DoNotSend as u8;
        let allowed = !(is_shared && no_local);
        (known && allowed).then_some(Self { bits })
    }

    /// The bits besides those of the QoS. All clear in MQTT 3.1.1, where they are reserved
    /// [MQTT-3.8.3-4].
    #[must_use]
    pub const fn bits(self) -> u8 {
        #[cfg(feature = "v5")]
        return self.bits;
        #[cfg(not(feature = "v5"))]
        0
    }
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
        put_properties(self.properties, out)?;
        self.filter.encode(out)?;
        out.put(&[self.qos.bits() | self.options.bits()])
    }

    /// Identifier, properties, filter, options.
    const fn remaining_length(&self) -> usize {
        let properties = properties_len(self.properties);
        let filter = self.filter.encoded_len();
        filter.wrapping_add(properties).wrapping_add(ID_LEN + 1)
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
    /// The properties of MQTT 5, and of no other version.
    pub properties: Option<Properties<'a>>,
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
        put_properties(self.properties, out)?;
        self.filter.encode(out)
    }

    /// Identifier, properties, filter.
    const fn remaining_length(&self) -> usize {
        let properties = properties_len(self.properties);
        let filter = self.filter.encoded_len();
        filter.wrapping_add(properties).wrapping_add(ID_LEN)
    }
}

/// Decodes the SUBACK, section 3.9, whose variable header and payload take `len` bytes and begin
/// with `body`.
pub(super) fn decode_suback(version: Version, body: &[u8], len: usize) -> Partial<Packet<'_>> {
    let Answer {
        id,
        codes,
        properties,
    } = decode_answer(version, body, len, packets::SUBACK)?;
    // [MQTT-3.9.3-2] Those of MQTT 5 have been checked.
    if !version.is_5() && codes.iter().any(|code| !matches!(code, 0..=2 | &FAILURE)) {
        return Err(DecodeError::SubAckCode.into());
    }
    if body.len() < len {
        return Err(Halt::Missing);
    }
    Ok(Packet::SubAck {
        id,
        codes,
        properties,
    })
}

/// Decodes the UNSUBACK, section 3.11, in the same way.
pub(super) fn decode_unsuback(version: Version, body: &[u8], len: usize) -> Partial<Packet<'_>> {
    let Answer {
        id,
        codes,
        properties,
    } = decode_answer(version, body, len, packets::UNSUBACK)?;
    if body.len() < len {
        return Err(Halt::Missing);
    }
    Ok(Packet::UnsubAck {
        id,
        codes,
        properties,
    })
}

/// The fields of a SUBACK or UNSUBACK.
struct Answer<'a> {
    id: PacketId,
    /// The bytes behind, as far as they are there.
    codes: &'a [u8],
    properties: Option<Properties<'a>>,
}

/// The fields of a SUBACK or UNSUBACK of `len` bytes behind its fixed header, which begins with `body`. In MQTT 5
/// the codes are checked: they are those of `packets`.
#[cfg_attr(not(feature = "v5"), allow(unused_variables))]
fn decode_answer(version: Version, body: &[u8], len: usize, packets: u8) -> Partial<Answer<'_>> {
    let id = decode_id(body)?;
    let rest = body.get(ID_LEN..).unwrap_or_default();
    let (codes, properties) = match version {
        Version::V3_1_1 => (rest, None),
        #[cfg(feature = "v5")]
        Version::V5 => {
            let room = len.saturating_sub(ID_LEN);
            let behind = Length::AtLeast(1);
            let (properties, end) = decode_properties(rest, room, behind, Place::Ack)?;
            let codes = rest.get(end..).unwrap_or_default();
            for code in codes.chunks(1) {
                ReasonCode::decode(code, packets)?;
            }
            (codes, Some(properties))
        }
    };
    Ok(Answer {
        id,
        codes,
        properties,
    })
}
