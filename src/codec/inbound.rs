use super::publish_flags::PublishFlags;
use super::remaining_length::RemainingLength;
use super::{DecodeError, first_byte};

/// The packet types that a server sends, table 2.1.
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
}

impl Inbound {
    /// Type and flags.
    pub(super) fn from_first_byte(byte: u8) -> Result<Self, DecodeError> {
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

    /// Refuses remaining lengths that this packet type cannot have. Of a fixed one, all of which are
    /// below 128, the first byte tells.
    pub(super) fn check_length(self, length: RemainingLength) -> Result<(), DecodeError> {
        let possible = match self.length() {
            Length::Exactly(exactly) => length.bits == exactly,
            Length::AtLeast(least) => length.more || length.bits >= least,
        };
        if possible {
            Ok(())
        } else {
            Err(DecodeError::Length)
        }
    }

    const fn length(self) -> Length {
        match self {
            // Topic name of one character [MQTT-4.7.3-1] after its length, identifier.
            Self::Publish(flags) => Length::AtLeast(flags.id_len().saturating_add(2 + 1)),
            // Identifier, one return code.
            Self::SubAck => Length::AtLeast(2 + 1),
            // Acknowledge flags, return code.
            Self::ConnAck => Length::Exactly(2),
            // Identifier.
            Self::PubAck | Self::PubRec | Self::PubRel | Self::PubComp | Self::UnsubAck => {
                Length::Exactly(2)
            }
            Self::PingResp => Length::Exactly(0),
        }
    }
}

/// The remaining lengths that a packet type can have.
enum Length {
    Exactly(usize),
    AtLeast(usize),
}
