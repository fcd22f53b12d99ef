//! The delivery of a message: its QoS with the packet identifier and DUP flag, and these as the flags of a PUBLISH.

use super::ack::{ID_LEN, decode_id};
use super::fixed_header::first_byte;
use super::{DecodeError, PacketId, Partial, QoS};

const DUP: u8 = 1 << 3;
const QOS_SHIFT: u8 = 1;
const RETAIN: u8 = 1;

/// The QoS of a message, with the packet identifier and DUP flag that belong to it.
///
/// QoS 0 has neither a packet identifier [MQTT-2.3.1-5] nor a DUP flag [MQTT-3.3.1-2].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// QoS 0.
    AtMostOnce,
    /// QoS 1.
    AtLeastOnce {
        /// Packet identifier, that of the PUBACK that answers.
        id: PacketId,
        /// Whether an earlier packet may have delivered this message before [MQTT-3.3.1-1].
        dup: bool,
    },
    /// QoS 2.
    ExactlyOnce {
        /// Packet identifier, that of PUBREC, PUBREL and PUBCOMP.
        id: PacketId,
        /// Whether an earlier packet may have delivered this message before [MQTT-3.3.1-1].
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

/// Bits 3-0 of the first byte of a PUBLISH, section 3.3.1. Never DUP with QoS 0.
#[derive(Clone, Copy)]
pub(super) struct PublishFlags {
    pub(super) dup: bool,
    pub(super) qos: QoS,
    pub(super) retain: bool,
}

impl PublishFlags {
    pub(super) const fn new(delivery: Delivery, retain: bool) -> Self {
        Self {
            dup: delivery.dup(),
            qos: delivery.qos(),
            retain,
        }
    }

    /// Takes the flags from the first byte of a PUBLISH.
    pub(super) fn from_first_byte(byte: u8) -> Result<Self, DecodeError> {
        let dup = byte & DUP != 0;
        let retain = byte & RETAIN != 0;
        // [MQTT-3.3.1-4]
        let qos = QoS::from_bits((byte >> QOS_SHIFT) & 0b11).ok_or(DecodeError::QoS)?;
        // [MQTT-3.3.1-2]
        if dup && qos == QoS::AtMostOnce {
            return Err(DecodeError::Dup);
        }
        Ok(Self { dup, qos, retain })
    }

    pub(super) const fn first_byte(self) -> u8 {
        let mut byte = first_byte::PUBLISH | (self.qos.bits() << QOS_SHIFT);
        if self.dup {
            byte |= DUP;
        }
        if self.retain {
            byte |= RETAIN;
        }
        byte
    }

    /// Bytes of the packet identifier: none with QoS 0 [MQTT-2.3.1-5].
    pub(super) const fn id_len(self) -> usize {
        match self.qos {
            QoS::AtMostOnce => 0,
            QoS::AtLeastOnce | QoS::ExactlyOnce => ID_LEN,
        }
    }

    /// The delivery with the packet identifier at the front of `bytes`.
    pub(super) fn delivery(self, bytes: &[u8]) -> Partial<Delivery> {
        Ok(match self.qos.acked() {
            None => Delivery::AtMostOnce,
            Some(qos) => qos.delivery(decode_id(bytes)?, self.dup),
        })
    }
}
