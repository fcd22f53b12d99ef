use super::{DecodeError, Delivery, QoS, first_byte, packet_id};

const DUP: u8 = 1 << 3;
const QOS_SHIFT: u8 = 1;
const RETAIN: u8 = 1;

/// Bits 3-0 of a PUBLISH's first byte, section 3.3.1. Never DUP with QoS 0.
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
            QoS::AtLeastOnce | QoS::ExactlyOnce => 2,
        }
    }

    /// With the packet identifier at the front of `bytes`; `None` while it is not all there.
    pub(super) fn delivery(self, bytes: &[u8]) -> Result<Option<Delivery>, DecodeError> {
        let dup = self.dup;
        Ok(match self.qos {
            QoS::AtMostOnce => Some(Delivery::AtMostOnce),
            QoS::AtLeastOnce => {
                packet_id::decode(bytes)?.map(|id| Delivery::AtLeastOnce { id, dup })
            }
            QoS::ExactlyOnce => {
                packet_id::decode(bytes)?.map(|id| Delivery::ExactlyOnce { id, dup })
            }
        })
    }
}
