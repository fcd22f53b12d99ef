/// Quality of service of a message, section 4.3. Ordered from weakest to strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum QoS {
    /// Delivered once or not at all; no acknowledgement.
    AtMostOnce = 0,
    /// Delivered once or more; answered with PUBACK.
    AtLeastOnce = 1,
    /// Delivered exactly once; PUBREC, PUBREL, PUBCOMP.
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
}
