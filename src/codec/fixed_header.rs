//! The fixed header of every packet, section 2.2: packet type, flags and remaining length.

use super::ack::ID_LEN;
use super::delivery::PublishFlags;
use super::strings::PREFIX_LEN;
use super::variable_byte_integer::{self, MAX_LEN, VariableByteInteger};
use super::{DecodeError, Halt, Output, Partial, Version};

/// The largest remaining length, in bytes: four times seven bits.
pub const MAX_REMAINING_LENGTH: usize = variable_byte_integer::MAX;

/// PINGREQ, which asks the server for a PINGRESP: section 3.12. The whole packet.
pub const PINGREQ: [u8; 2] = [first_byte::PINGREQ, 0];

/// DISCONNECT, which ends the connection in order: section 3.14. The whole packet.
pub const DISCONNECT: [u8; 2] = [first_byte::DISCONNECT, 0];

/// The first byte of each packet: type in bits 7-4, reserved flags in bits 3-0.
///
/// Tables 2.1 and 2.2 of the standard. Every packet type but PUBLISH has exactly one legal first
/// byte, so a comparison of whole bytes checks type and flags [MQTT-2.2.2-1].
pub(crate) mod first_byte {
    pub const CONNECT: u8 = 0x10;
    pub const CONNACK: u8 = 0x20;
    /// PUBLISH with all flags clear; [`PublishFlags`](super::PublishFlags) has the rest.
    pub const PUBLISH: u8 = 0x30;
    pub const PUBACK: u8 = 0x40;
    pub const PUBREC: u8 = 0x50;
    pub const PUBREL: u8 = 0x62; // [MQTT-3.6.1-1]
    pub const PUBCOMP: u8 = 0x70;
    pub const SUBSCRIBE: u8 = 0x82; // [MQTT-3.8.1-1]
    pub const SUBACK: u8 = 0x90;
    pub const UNSUBSCRIBE: u8 = 0xA2; // [MQTT-3.10.1-1]
    pub const UNSUBACK: u8 = 0xB0;
    pub const PINGREQ: u8 = 0xC0;
    pub const PINGRESP: u8 = 0xD0;
    pub const DISCONNECT: u8 = 0xE0;
    #[cfg(feature = "v5")]
    pub const AUTH: u8 = 0xF0;
}

/// Whether there is a PINGRESP (section 3.13) among the whole packets at the front of `input`.
pub fn has_ping_response(version: Version, mut input: &[u8]) -> bool {
    while let Ok(header) = FixedHeader::decode(version, input) {
        if matches!(header.inbound, Inbound::PingResp) {
            return true;
        }
        let end = header.len.wrapping_add(header.remaining_length);
        input = input.get(end..).unwrap_or(&[]);
    }
    false
}

/// The packet types that a server sends, table 2.1. The last two are those of MQTT 5.
#[derive(Clone, Copy)]
pub(super) enum Inbound {
    ConnAck,
    Publish(PublishFlags),
    PubAck,
    PubRec,
    PubRel,
    PubComp,
    SubAck,
    UnsubAck,
    PingResp,
    #[cfg(feature = "v5")]
    Disconnect,
    #[cfg(feature = "v5")]
    Auth,
}

/// The lengths that something can have, in bytes.
#[derive(Clone, Copy)]
pub(super) enum Length {
    Exactly(usize),
    AtLeast(usize),
}

impl Inbound {
    /// Type and flags.
    #[cfg_attr(not(feature = "v5"), allow(unused_variables))]
    fn from_first_byte(version: Version, byte: u8) -> Result<Self, DecodeError> {
        #[cfg(feature = "v5")]
        if version.is_5() {
            match byte {
                first_byte::DISCONNECT => return Ok(Self::Disconnect),
                first_byte::AUTH => return Ok(Self::Auth),
                // [MQTT5-2.1.3-1] [MQTT5-3.14.1-1] [MQTT5-3.15.1-1]
                0xE1..=0xEF | 0xF1..=0xFF => return Err(DecodeError::Flags),
                _ => {}
            }
        }
        Ok(match byte {
            0x30..=0x3F => Self::Publish(PublishFlags::from_first_byte(byte)?),
            first_byte::CONNACK => Self::ConnAck,
            first_byte::PUBACK => Self::PubAck,
            first_byte::PUBREC => Self::PubRec,
            first_byte::PUBREL => Self::PubRel, // [MQTT-3.6.1-1]
            first_byte::PUBCOMP => Self::PubComp,
            first_byte::SUBACK => Self::SubAck,
            first_byte::UNSUBACK => Self::UnsubAck,
            first_byte::PINGRESP => Self::PingResp,
            // Only the flags are wrong [MQTT-2.2.2-2].
            0x20..=0x2F | 0x40..=0x7F | 0x90..=0x9F | 0xB0..=0xBF | 0xD0..=0xDF => {
                return Err(DecodeError::Flags);
            }
            // Reserved, or only ever sent by a client.
            0x00..=0x1F | 0x80..=0x8F | 0xA0..=0xAF | 0xC0..=0xCF | 0xE0..=0xFF => {
                return Err(DecodeError::PacketType);
            }
        })
    }

    /// Refuses remaining lengths that this packet type cannot have. The first byte of a remaining
    /// length is enough for a type of fixed length, because those lengths are all below 128.
    fn check_length(
        self,
        version: Version,
        length: VariableByteInteger,
    ) -> Result<(), DecodeError> {
        let possible = match self.length(version) {
            // In MQTT 5 a second byte makes it 128 or more [MQTT5-1.5.5-1].
            Length::Exactly(exactly) => {
                length.bits == exactly && !(version.is_5() && (length.more || length.len > 1))
            }
            Length::AtLeast(least) => length.more || length.bits >= least,
        };
        if possible {
            Ok(())
        } else {
            Err(DecodeError::Length)
        }
    }

    const fn length(self, version: Version) -> Length {
        // The length of the properties, which takes one byte.
        let properties = version.is_5() as usize;
        let least = match self {
            // Topic name of one character [MQTT-4.7.3-1] after its length, or in MQTT 5 a topic alias among the
            // properties; identifier.
            Self::Publish(flags) => {
                let least = flags.id_len().wrapping_add(PREFIX_LEN + 1);
                return Length::AtLeast(least.wrapping_add(properties));
            }
            // Identifier, one return code or reason code.
            Self::SubAck => return Length::AtLeast(properties.wrapping_add(ID_LEN + 1)),
            #[cfg(feature = "v5")]
            Self::UnsubAck if version.is_5() => return Length::AtLeast(ID_LEN + 2),
            // Acknowledge flags, return code or reason code. A server without MQTT 5 refuses in its own version.
            Self::ConnAck => 2,
            // Identifier.
            Self::PubAck | Self::PubRec | Self::PubRel | Self::PubComp | Self::UnsubAck => ID_LEN,
            Self::PingResp => return Length::Exactly(0),
            // A reason code may be left out. MQTT 3.1.1 has neither.
            #[cfg(feature = "v5")]
            Self::Disconnect | Self::Auth => 0,
        };
        // MQTT 5 may have a reason code and properties behind it.
        if version.is_5() {
            Length::AtLeast(least)
        } else {
            Length::Exactly(least)
        }
    }
}

/// The fixed header of a packet from the server, section 2.2, with a length that its type can have.
#[derive(Clone, Copy)]
pub(super) struct FixedHeader {
    pub(super) inbound: Inbound,
    /// Bytes of the fixed header itself.
    pub(super) len: usize,
    /// Bytes of the packet that follow it.
    pub(super) remaining_length: usize,
}

impl FixedHeader {
    /// The fixed header at the front of `input`.
    pub(super) fn decode(version: Version, input: &[u8]) -> Partial<Self> {
        let (&first_byte, rest) = input.split_first().ok_or(Halt::Missing)?;
        let inbound = Inbound::from_first_byte(version, first_byte)?;
        let length = VariableByteInteger::decode(rest)?;
        inbound.check_length(version, length)?;
        let fault = DecodeError::RemainingLength;
        let remaining_length = match version {
            Version::V3_1_1 => length.value(fault),
            #[cfg(feature = "v5")]
            Version::V5 => length.shortest_value(fault),
        }?;
        Ok(Self {
            inbound,
            len: length.len.wrapping_add(1),
            remaining_length,
        })
    }

    /// Bytes of the whole packet.
    pub(super) const fn packet_len(&self) -> usize {
        self.len.wrapping_add(self.remaining_length)
    }

    /// The received bytes of the packet after its fixed header, and none of the next packet.
    pub(super) fn body<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        let packet = input.get(..self.packet_len()).unwrap_or(input);
        packet.get(self.len..).unwrap_or_default()
    }
}

/// Puts a fixed header in one piece. `remaining_length` is at most [`MAX_REMAINING_LENGTH`].
pub(super) fn put_fixed_header<O: Output>(
    first_byte: u8,
    remaining_length: usize,
    out: &mut O,
) -> Result<(), O::Error> {
    let (bytes, len) = fixed_header(first_byte, remaining_length);
    out.begin(first_byte);
    out.put(bytes.get(..len).unwrap_or_default())
}

/// Puts a fixed header and `length`, which comes next, in one piece.
pub(super) fn put_fixed_header_and_length<O: Output>(
    first_byte: u8,
    remaining_length: usize,
    length: u16,
    out: &mut O,
) -> Result<(), O::Error> {
    let (mut bytes, len) = fixed_header(first_byte, remaining_length);
    if let Some(place) = bytes.get_mut(len..).and_then(<[u8]>::first_chunk_mut) {
        *place = length.to_be_bytes();
    }
    out.begin(first_byte);
    out.put(
        bytes
            .get(..len.wrapping_add(PREFIX_LEN))
            .unwrap_or_default(),
    )
}

/// A fixed header, with room behind it for a length of two bytes, and its own length.
fn fixed_header(
    first_byte: u8,
    remaining_length: usize,
) -> ([u8; 1 + MAX_LEN + PREFIX_LEN], usize) {
    let mut bytes = [first_byte, 0, 0, 0, 0, 0, 0];
    let len = fixed_header_len(remaining_length);
    variable_byte_integer::encode(remaining_length, bytes.iter_mut().take(len).skip(1));
    (bytes, len)
}

/// Bytes of a fixed header with that remaining length.
pub(super) const fn fixed_header_len(remaining_length: usize) -> usize {
    variable_byte_integer::encoded_len(remaining_length).wrapping_add(1)
}

/// Bytes of a whole packet with that remaining length.
pub(super) const fn packet_len(remaining_length: usize) -> usize {
    remaining_length.wrapping_add(fixed_header_len(remaining_length))
}
