use super::{FieldError, Output, TopicName, Utf8String, topic_matches};

/// What a subscription asks for: a [`Utf8String`] of at least one character [MQTT-4.7.3-1], in
/// which wildcards take whole levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicFilter<'a>(Utf8String<'a>);

impl<'a> TopicFilter<'a> {
    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// Any [`FieldError`] but [`NotUtf8`](FieldError::NotUtf8).
    pub fn new(text: &'a str) -> Result<Self, FieldError> {
        Self::from_string(Utf8String::new(text)?)
    }

    /// The filter that [`new`](Self::new) has accepted before.
    #[must_use]
    pub const fn new_unchecked(text: &'a str) -> Self {
        Self(Utf8String::new_unchecked(text))
    }

    /// Checks `bytes`, the filter's UTF-8 encoding.
    ///
    /// # Errors
    ///
    /// Any [`FieldError`].
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, FieldError> {
        Self::from_string(Utf8String::from_bytes(bytes)?)
    }

    fn from_string(string: Utf8String<'a>) -> Result<Self, FieldError> {
        if string.as_str().is_empty() {
            return Err(FieldError::Empty);
        }
        let mut levels = string.as_str().as_bytes().split(|&byte| byte == b'/');
        while let Some(level) = levels.next() {
            let well_placed = match level {
                b"#" => levels.next().is_none(), // [MQTT-4.7.1-2]
                b"+" => true,
                // [MQTT-4.7.1-2] [MQTT-4.7.1-3]
                _ => !level.iter().any(|byte| matches!(byte, b'+' | b'#')),
            };
            if !well_placed {
                return Err(FieldError::Wildcard);
            }
        }
        Ok(Self(string))
    }

    /// The filter.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0.as_str()
    }

    /// Whether messages published under `topic` are asked for; see [`topic_matches`].
    #[must_use]
    pub fn matches(self, topic: TopicName<'_>) -> bool {
        topic_matches(self.as_str(), topic.as_str())
    }

    /// Bytes it takes in a packet.
    pub(super) const fn encoded_len(self) -> usize {
        self.0.encoded_len()
    }

    pub(super) fn encode<O: Output>(self, out: &mut O) -> Result<(), O::Error> {
        self.0.encode(out)
    }
}
