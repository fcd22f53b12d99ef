//! Topic names, topic filters, and which of them match: section 4.7.

use super::strings::{check_characters, check_len, text_of};
use super::{FieldError, Output, Utf8String};

/// The functions that a topic name and a topic filter share: both are checked strings.
macro_rules! checked_string {
    ($Type:ident) => {
        impl<'a> $Type<'a> {
            /// Checks `text`.
            ///
            /// # Errors
            ///
            /// Any [`FieldError`] but [`NotUtf8`](FieldError::NotUtf8).
            pub fn new(text: &'a str) -> Result<Self, FieldError> {
                check_len(text.as_bytes())?;
                if text.is_empty() {
                    return Err(FieldError::Empty);
                }
                Self::check(text)?;
                Ok(Self::new_unchecked(text))
            }

            /// Takes a text that [`new`](Self::new) has accepted before.
            #[must_use]
            pub const fn new_unchecked(text: &'a str) -> Self {
                Self(Utf8String::new_unchecked(text))
            }

            /// Checks `bytes`, the UTF-8 encoding of the text.
            ///
            /// # Errors
            ///
            /// Any [`FieldError`].
            pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, FieldError> {
                Self::new(text_of(bytes)?)
            }

            /// The text.
            #[must_use]
            pub const fn as_str(self) -> &'a str {
                self.0.as_str()
            }

            /// Bytes it takes in a packet.
            pub(super) const fn encoded_len(self) -> usize {
                self.0.encoded_len()
            }

            pub(super) fn encode<O: Output>(self, out: &mut O) -> Result<(), O::Error> {
                self.0.encode(out)
            }
        }
    };
}

checked_string!(TopicName);
checked_string!(TopicFilter);

/// The name that a message is published under: a [`Utf8String`] of at least one character
/// [MQTT-4.7.3-1] and without wildcards [MQTT-3.3.2-2] [MQTT-4.7.1-1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicName<'a>(Utf8String<'a>);

impl<'a> TopicName<'a> {
    /// Checks the characters.
    fn check(text: &str) -> Result<(), FieldError> {
        check_characters(text, true)
    }

    /// The name of `len` bytes that begins with `present`, or `None` while bytes are missing.
    ///
    /// # Errors
    ///
    /// The error of the first byte that proves one, however many bytes follow it.
    pub(super) fn from_front(present: &'a [u8], len: usize) -> Result<Option<Self>, FieldError> {
        Ok(Utf8String::from_front(present, len, true)?.map(Self))
    }
}

/// The filter of a subscription: a [`Utf8String`] of at least one character [MQTT-4.7.3-1], in
/// which wildcards take whole levels.
///
/// A filter that begins with `$share/` is that of a shared subscription, which MQTT 5 defines and
/// many brokers have for MQTT 3.1.1, too. Its share name has at least one character and no
/// wildcard, and a filter follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicFilter<'a>(Utf8String<'a>);

impl<'a> TopicFilter<'a> {
    /// Checks the characters, and the places of the wildcards.
    fn check(text: &str) -> Result<(), FieldError> {
        check_characters(text, false)?;
        let text = text.as_bytes();
        if let Some(shared) = text.strip_prefix(SHARE) {
            // MQTT 5, section 4.8.2: a share name of at least one character without wildcards, and
            // a filter.
            match split_level(shared) {
                Some((name, filter)) if !name.is_empty() && !filter.is_empty() => {
                    if name.iter().any(is_wildcard) {
                        return Err(FieldError::Wildcard);
                    }
                }
                _ => return Err(FieldError::SharedSubscription),
            }
        }
        let mut levels = levels(text);
        while let Some(level) = levels.next() {
            let well_placed = match level {
                b"#" => levels.next().is_none(), // [MQTT-4.7.1-2]
                b"+" => true,
                // [MQTT-4.7.1-2] [MQTT-4.7.1-3]
                _ => !level.iter().any(is_wildcard),
            };
            if !well_placed {
                return Err(FieldError::Wildcard);
            }
        }
        Ok(())
    }

    /// Whether messages published under `topic` go to a subscription of this filter; see
    /// [`topic_matches`].
    #[must_use]
    pub fn matches(self, topic: TopicName<'_>) -> bool {
        topic_matches(self.as_str(), topic.as_str())
    }
}

/// The beginning of a shared subscription's filter.
const SHARE: &[u8] = b"$share/";

fn is_wildcard(byte: &u8) -> bool {
    matches!(byte, b'+' | b'#')
}

/// The first level, and the levels after it; `None` if there is one level only.
fn split_level(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let separator = text.iter().position(|&byte| byte == b'/')?;
    let (level, rest) = text.split_at_checked(separator)?;
    Some((level, rest.get(1..)?))
}

/// The filter that topic names are compared with: `filter` itself, or the part of a shared
/// subscription's filter behind `$share/` and the share name.
#[must_use]
pub fn without_share_name(filter: &[u8]) -> &[u8] {
    // Most filters begin with another byte.
    if filter.first() != SHARE.first() {
        return filter;
    }
    let shared = filter.strip_prefix(SHARE).and_then(split_level);
    shared.map_or(filter, |(_, filter)| filter)
}

/// The levels of a topic name or a filter.
pub fn levels(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'/')
}

/// Whether a message published under `topic` goes to a subscription of `filter`, section 4.7. Of a
/// shared subscription, the part of the filter [behind the share name](without_share_name) counts.
///
/// It compares bytes: letters of different case, or the same text encoded as different characters,
/// do not match. It takes any text: nothing matches a filter that [`TopicFilter`] refuses for its
/// wildcards, unless the topic has the same faults.
#[must_use]
pub fn topic_matches(filter: &str, topic: &str) -> bool {
    let (filter, topic) = (without_share_name(filter.as_bytes()), topic.as_bytes());
    // Most filters have no wildcards.
    if filter == topic {
        return true;
    }
    // [MQTT-4.7.2-1]
    if topic.first() == Some(&b'$') && matches!(filter.first(), Some(b'+' | b'#')) {
        return false;
    }
    let mut names = levels(topic);
    let mut levels = levels(filter);
    while let Some(level) = levels.next() {
        if level == b"#" {
            // Stands for the parent level too, so `names` may be used up (section 4.7.1.2).
            return levels.next().is_none();
        }
        match names.next() {
            Some(name) if level == b"+" || level == name => {}
            _ => return false,
        }
    }
    names.next().is_none()
}
