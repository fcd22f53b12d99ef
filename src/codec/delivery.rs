use super::{PacketId, QoS};

/// How a message travels: its QoS, and what goes with it.
///
/// QoS 0 has neither a packet identifier [MQTT-2.3.1-5] nor a DUP flag [MQTT-3.3.1-2].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// QoS 0.
    AtMostOnce,
    /// QoS 1.
    AtLeastOnce {
        /// Named by the PUBACK that answers.
        id: PacketId,
        /// Whether this may be a delivery of an earlier packet once more [MQTT-3.3.1-1].
        dup: bool,
    },
    /// QoS 2.
    ExactlyOnce {
        /// Named by PUBREC, PUBREL and PUBCOMP.
        id: PacketId,
        /// Whether this may be a delivery of an earlier packet once more [MQTT-3.3.1-1].
        dup: bool,
    },
}

impl Delivery {
    /// The quality of service.
    #[must_use]
    pub const fn qos(self) -> QoS {
        match self {
            Self::AtMostOnce => QoS::AtMostOnce,
            Self::AtLeastOnce { .. } => QoS::AtLeastOnce,
            Self::ExactlyOnce { .. } => QoS::ExactlyOnce,
        }
    }

    /// The packet identifier; `None` with QoS 0.
    #[must_use]
    pub const fn id(self) -> Option<PacketId> {
        match self {
            Self::AtMostOnce => None,
            Self::AtLeastOnce { id, .. } | Self::ExactlyOnce { id, .. } => Some(id),
        }
    }

    /// The DUP flag; false with QoS 0.
    #[must_use]
    pub const fn dup(self) -> bool {
        match self {
            Self::AtMostOnce => false,
            Self::AtLeastOnce { dup, .. } | Self::ExactlyOnce { dup, .. } => dup,
        }
    }
}
