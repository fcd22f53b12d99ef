/// Why a value cannot be a field of a packet.
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
}

impl FieldError {
    /// A fragment of a sentence for people, to go after the name of the field.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::TooLong => "is too long",
            Self::NotUtf8 => "is not well-formed UTF-8",
            Self::NullCharacter => "contains U+0000",
            Self::Wildcard => "has a wildcard where none may be",
        }
    }
}
