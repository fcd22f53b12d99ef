//! Quality of service, section 4.3.

use super::{Delivery, PacketId};

/// Quality of service of a message. Ordered from weakest to strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum QoS {
    /// The message is delivered once or not at all; nothing acknowledges it.
    AtMostOnce = 0,
    /// The message is delivered once or more; PUBACK acknowledges it.
    AtLeastOnce = 1,
    /// The message is delivered exactly once: PUBREC, PUBREL, PUBCOMP.
    ExactlyOnce = 2,
}

impl QoS {
    /// The QoS that a packet's QoS field, or a caller's number, stands for. 3 and above: `None`
    /// [MQTT-3.3.1-4].
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }

    /// The value of a QoS field: 0, 1 or 2. Never 3 [MQTT-3.1.2-14] [MQTT-3.3.1-4].
    #[must_use]
    pub const fn bits(self) -> u8 {
        self as u8
    }

    /// The same QoS as one that is acknowledged; `None` for QoS 0.
    #[must_use]
    pub const fn acked(self) -> Option<AckedQos> {
        match self {
            Self::AtMostOnce => None,
            Self::AtLeastOnce => Some(AckedQos::AtLeastOnce),
            Self::ExactlyOnce => Some(AckedQos::ExactlyOnce),
        }
    }
}

/// A quality of service whose messages are acknowledged, and so have a packet identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum AckedQos {
    /// [`QoS::AtLeastOnce`].
    AtLeastOnce = 1,
    /// [`QoS::ExactlyOnce`].
    ExactlyOnce = 2,
}

impl AckedQos {
    /// The delivery with this QoS, the packet identifier `id` and the DUP flag `dup`.
    #[must_use]
    pub const fn delivery(self, id: PacketId, dup: bool) -> Delivery {
        match self {
            Self::AtLeastOnce => Delivery::AtLeastOnce { id, dup },
            Self::ExactlyOnce => Delivery::ExactlyOnce { id, dup },
        }
    }
}
