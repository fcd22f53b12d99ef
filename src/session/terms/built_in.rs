//! The terms as the properties of a CONNACK tell them.

use crate::codec::{
    Properties, PropertyId, QoS, ReasonCode, TopicFilter, Value, without_share_name,
};

/// The terms of the broker on the present connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// QoS 1 and QoS 2 messages that may be in flight at once, at least one.
    receive_maximum: u16,
    /// Largest topic alias; 0: none.
    topic_alias_maximum: u16,
    /// Bytes of the longest packet.
    maximum_packet_size: u32,
    keep_alive: Option<u16>,
    /// Highest QoS: 0, 1 or 2.
    maximum_qos: u8,
    /// A [bit](missing) for each property of CONNACK that says that the broker lacks something.
    missing: u8,
}

/// The bit of a property that says whether the broker has something: 0x25, 0x28, 0x29 or 0x2A. They differ in their
/// lowest three bits.
const fn missing(id: PropertyId) -> u8 {
    1_u8.wrapping_shl(id.get() as u32 & 7)
}

/// A term of the broker that a packet would break. Its number is the reason code of such a refusal (section 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// A PUBLISH above the broker's Maximum QoS [MQTT5-3.2.2-11].
    QoS = 0x9b,
    /// A PUBLISH with the RETAIN flag [MQTT5-3.2.2-14].
    Retain = 0x9a,
    /// A packet longer than the broker's Maximum Packet Size [MQTT5-3.2.2-15].
    PacketSize = 0x95,
    /// A filter with wildcards (section 3.2.2.3.11).
    Wildcard = 0xa2,
    /// A subscription identifier (section 3.2.2.3.12).
    SubscriptionIdentifier = 0xa1,
    /// A shared subscription (section 3.2.2.3.13).
    SharedSubscription = 0x9e,
}

impl NotAllowed {
    /// The reason in words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::QoS => "the broker does not take messages of this QoS",
            Self::Retain => "the broker does not keep retained messages",
            Self::PacketSize => "the broker does not take packets of this size",
            Self::Wildcard => "the broker does not take filters with wildcards",
            Self::SubscriptionIdentifier => "the broker does not take subscription identifiers",
            Self::SharedSubscription => "the broker does not have shared subscriptions",
        }
    }

    /// The reason code with which a broker refuses such a packet (section 2.4).
    pub(in crate::session) const fn reason_code(self) -> ReasonCode {
        ReasonCode::known(self as u8)
    }
}

impl Terms {
    /// The terms of a broker that has said nothing: the defaults of section 3.2.2.3.
    pub(in crate::session) const NONE: Self = Self {
        receive_maximum: u16::MAX,
        topic_alias_maximum: 0,
        maximum_packet_size: u32::MAX,
        keep_alive: None,
        maximum_qos: 2,
        missing: 0,
    };

    /// Takes in the terms that the properties of a CONNACK tell. Before it there are [none](Self::NONE).
    #[inline(never)]
    pub(in crate::session) fn take_in(&mut self, properties: Properties<'_>) {
        for property in properties {
            let Value::Number(number) = property.value else {
                continue;
            };
            // Values of two bytes and of one byte: no cast cuts anything off.
            match property.id {
                PropertyId::RECEIVE_MAXIMUM => self.receive_maximum = number as u16,
                PropertyId::TOPIC_ALIAS_MAXIMUM => self.topic_alias_maximum = number as u16,
                PropertyId::MAXIMUM_PACKET_SIZE => self.maximum_packet_size = number,
                PropertyId::SERVER_KEEP_ALIVE => self.keep_alive = Some(number as u16),
                PropertyId::MAXIMUM_QOS => self.maximum_qos = number as u8,
                PropertyId::RETAIN_AVAILABLE
                | PropertyId::WILDCARD_SUBSCRIPTION_AVAILABLE
                | PropertyId::SUBSCRIPTION_IDENTIFIERS_AVAILABLE
                | PropertyId::SHARED_SUBSCRIPTION_AVAILABLE
                    if number == 0 =>
                {
                    self.missing |= missing(property.id);
                }
                _ => {}
            }
        }
    }

    /// Whether the broker has said with the property `id` that it lacks something.
    const fn lacks(&self, id: PropertyId) -> bool {
        self.missing & missing(id) != 0
    }

    /// The keep alive of the broker's choice, in seconds.
    pub(in crate::session) const fn keep_alive(&self) -> Option<u16> {
        self.keep_alive
    }

    /// Whether one more message may be in flight beside so many.
    // [MQTT5-3.3.4-7] never more than the broker's Receive Maximum.
    pub(in crate::session) fn allow_another(&self, in_flight: impl FnOnce() -> usize) -> bool {
        in_flight() < usize::from(self.receive_maximum)
    }

    /// Largest topic alias that the client may use; 0: none [MQTT5-3.3.2-9].
    #[must_use]
    pub const fn topic_alias_maximum(&self) -> u16 {
        self.topic_alias_maximum
    }

    /// Checks a PUBLISH whose packet takes `len` bytes.
    ///
    /// # Errors
    ///
    /// The term that it would break.
    pub fn check_publish(&self, qos: QoS, retain: bool, len: usize) -> Result<(), NotAllowed> {
        if qos.bits() > self.maximum_qos {
            return Err(NotAllowed::QoS);
        }
        if retain && self.lacks(PropertyId::RETAIN_AVAILABLE) {
            return Err(NotAllowed::Retain);
        }
        self.check_len(len)
    }

    /// Checks a SUBSCRIBE whose packet takes `len` bytes. `identifier`: it has a Subscription Identifier.
    ///
    /// # Errors
    ///
    /// The term that it would break.
    pub fn check_subscribe(
        &self,
        filter: TopicFilter<'_>,
        identifier: bool,
        len: usize,
    ) -> Result<(), NotAllowed> {
        let text = filter.as_str().as_bytes();
        let own = without_share_name(text);
        if self.lacks(PropertyId::SHARED_SUBSCRIPTION_AVAILABLE) && own.len() < text.len() {
            return Err(NotAllowed::SharedSubscription);
        }
        if self.lacks(PropertyId::WILDCARD_SUBSCRIPTION_AVAILABLE)
            && own.iter().any(|byte| matches!(byte, b'+' | b'#'))
        {
            return Err(NotAllowed::Wildcard);
        }
        if identifier && self.lacks(PropertyId::SUBSCRIPTION_IDENTIFIERS_AVAILABLE) {
            return Err(NotAllowed::SubscriptionIdentifier);
        }
        self.check_len(len)
    }

    /// Checks the length of any packet, in bytes.
    ///
    /// # Errors
    ///
    /// [`NotAllowed::PacketSize`].
    pub const fn check_len(&self, len: usize) -> Result<(), NotAllowed> {
        // A packet has at most 268,435,460 bytes.
        if len > self.maximum_packet_size as usize {
            return Err(NotAllowed::PacketSize);
        }
        Ok(())
    }
}
