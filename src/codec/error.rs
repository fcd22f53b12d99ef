//! Why a value cannot be a field of a packet, and why bytes are no packet.

/// The reason why a value cannot be a field of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// A topic name or filter of no characters [MQTT-4.7.3-1].
    Empty,
    /// More than 65535 bytes (section 1.5.3, [MQTT-4.7.3-3]), or a PUBLISH whose remaining length
    /// would exceed [`MAX_REMAINING_LENGTH`](super::MAX_REMAINING_LENGTH).
    TooLong,
    /// Ill-formed UTF-8, encoded surrogates included [MQTT-1.5.3-1].
    NotUtf8,
    /// A string with U+0000 in it [MQTT-1.5.3-2] [MQTT-4.7.3-2].
    NullCharacter,
    /// A wildcard in a topic name [MQTT-4.7.1-1], or a misplaced one in a topic filter
    /// [MQTT-4.7.1-2] [MQTT-4.7.1-3].
    Wildcard,
    /// A topic filter that begins with `$share/` and does not go on with a share name, without
    /// wildcards, and a filter.
    SharedSubscription,
}

impl FieldError {
    /// The reason in words, to go after the name of the field.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::TooLong => "is too long",
            Self::NotUtf8 => "is not well-formed UTF-8",
            Self::NullCharacter => "contains U+0000",
            Self::Wildcard => "has a wildcard in a wrong place",
            Self::SharedSubscription => "is not $share/name/filter",
        }
    }
}

/// The reason why bytes are no packet that a server may send to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// A packet type that is reserved, or that only clients send (table 2.1).
    PacketType,
    /// Reserved flags of the fixed header that differ from table 2.2 [MQTT-2.2.2-2].
    Flags,
    /// PUBLISH with QoS 3 [MQTT-3.3.1-4].
    QoS,
    /// PUBLISH with QoS 0 and the DUP flag [MQTT-3.3.1-2].
    Dup,
    /// A remaining length of more than four bytes (section 2.2.3).
    RemainingLength,
    /// A remaining length that this packet type cannot have.
    Length,
    /// A reserved bit in the acknowledge flags of a CONNACK (section 3.2.2.1).
    ConnAckFlags,
    /// A CONNACK return code above 5 (section 3.2.2.3).
    ReturnCode,
    /// A CONNACK that refuses the connection, yet says that there is a session [MQTT-3.2.2-4].
    SessionPresent,
    /// Packet identifier 0 [MQTT-2.3.1-1].
    PacketId,
    /// A SUBACK return code other than 0, 1, 2 and 0x80 [MQTT-3.9.3-2].
    SubAckCode,
    /// PUBLISH with a topic name that goes past the end of the packet.
    TopicLength,
    /// PUBLISH with a topic name that is not one.
    TopicName(FieldError),
    /// A property that the packet cannot have, or an unknown one (MQTT 5, section 2.2.2.2).
    #[cfg(feature = "v5")]
    Property,
    /// A property that stands twice in its packet, and may not.
    #[cfg(feature = "v5")]
    PropertyTwice,
    /// A property, or all of them, that go past the end, or whose length takes more bytes than it needs
    /// [MQTT5-1.5.5-1].
    #[cfg(feature = "v5")]
    PropertyLength,
    /// A value that the property cannot have.
    #[cfg(feature = "v5")]
    PropertyValue,
    /// A text in a property that is not one.
    #[cfg(feature = "v5")]
    PropertyText(FieldError),
    /// Authentication Data or AUTH without an Authentication Method (MQTT 5, sections 3.1.2.11.10 and
    /// 3.15.2.2.2).
    #[cfg(feature = "v5")]
    NoAuthenticationMethod,
    /// A reason code that the packet cannot have.
    #[cfg(feature = "v5")]
    ReasonCode,
    /// PUBLISH without a topic name and without a topic alias (MQTT 5, section 3.3.2.1).
    #[cfg(feature = "v5")]
    NoTopic,
}

/// The reason why the decoder stops before the end of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// More bytes must be there first.
    Missing,
    /// No packet has these bytes.
    Fault(DecodeError),
}

impl From<DecodeError> for Halt {
    fn from(error: DecodeError) -> Self {
        Self::Fault(error)
    }
}

/// A part of a packet, as far as it can be decoded.
pub(super) type Partial<T> = Result<T, Halt>;

impl DecodeError {
    /// The fault in words: a noun phrase.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::PacketType => "packet of a type that servers do not send",
            Self::Flags => "packet with wrong reserved flags",
            Self::QoS => "PUBLISH with QoS 3",
            Self::Dup => "PUBLISH with QoS 0 and DUP",
            Self::RemainingLength => "packet with a remaining length of more than four bytes",
            Self::Length => "packet of a length that its type cannot have",
            Self::ConnAckFlags => "CONNACK with reserved flags set",
            Self::ReturnCode => "CONNACK with a reserved return code",
            Self::SessionPresent => "CONNACK that refuses the connection and has a session",
            Self::PacketId => "packet identifier 0",
            Self::SubAckCode => "SUBACK with a reserved return code",
            Self::TopicLength => "PUBLISH with a topic name longer than the packet",
            Self::TopicName(FieldError::Empty) => "PUBLISH with an empty topic name",
            Self::TopicName(FieldError::TooLong) => "PUBLISH with a topic name that is too long",
            Self::TopicName(FieldError::NotUtf8) => "PUBLISH with a topic name that is not UTF-8",
            Self::TopicName(FieldError::NullCharacter) => "PUBLISH with U+0000 in its topic name",
            Self::TopicName(FieldError::Wildcard) => "PUBLISH with a wildcard in its topic name",
            Self::TopicName(FieldError::SharedSubscription) => "PUBLISH with a shared topic name",
            #[cfg(feature = "v5")]
            Self::Property => "packet with a property that it cannot have",
            #[cfg(feature = "v5")]
            Self::PropertyTwice => "packet with the same property twice",
            #[cfg(feature = "v5")]
            Self::PropertyLength => "packet with a property longer than the packet",
            #[cfg(feature = "v5")]
            Self::PropertyValue => "property with a value that it cannot have",
            #[cfg(feature = "v5")]
            Self::PropertyText(FieldError::Empty) => "property with an empty text",
            #[cfg(feature = "v5")]
            Self::PropertyText(FieldError::TooLong) => "property with a text that is too long",
            #[cfg(feature = "v5")]
            Self::PropertyText(FieldError::NotUtf8) => "property with a text that is not UTF-8",
            #[cfg(feature = "v5")]
            Self::PropertyText(FieldError::NullCharacter) => "property with U+0000 in its text",
            #[cfg(feature = "v5")]
            Self::PropertyText(FieldError::Wildcard) => "property with a wildcard in a topic name",
            #[cfg(feature = "v5")]
            Self::PropertyText(FieldError::SharedSubscription) => {
                "property with a shared topic name"
            }
            #[cfg(feature = "v5")]
            Self::NoAuthenticationMethod => "authentication without a method",
            #[cfg(feature = "v5")]
            Self::ReasonCode => "packet with a reason code that it cannot have",
            #[cfg(feature = "v5")]
            Self::NoTopic => "PUBLISH without topic name and topic alias",
        }
    }
}
