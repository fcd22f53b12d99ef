use super::{FieldError, Output, prefixed};

/// A UTF-8 encoded string, section 1.5.3: at most 65535 bytes, without U+0000. It may be empty.
///
/// U+FEFF is a character like any other, at the front too [MQTT-1.5.3-3].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utf8String<'a>(&'a str);

impl<'a> Utf8String<'a> {
    /// Largest number of bytes (not characters).
    pub const MAX_LEN: usize = prefixed::MAX_LEN;

    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// [`FieldError::TooLong`], [`FieldError::NullCharacter`].
    pub fn new(text: &'a str) -> Result<Self, FieldError> {
        if text.len() > Self::MAX_LEN {
            return Err(FieldError::TooLong);
        }
        // [MQTT-1.5.3-2]; no other character has a zero byte in its encoding.
        if text.as_bytes().contains(&0) {
            return Err(FieldError::NullCharacter);
        }
        Ok(Self(text))
    }

    /// The text that [`new`](Self::new) has accepted before.
    #[must_use]
    pub const fn new_unchecked(text: &'a str) -> Self {
        Self(text)
    }

    /// Checks `bytes`, the text's UTF-8 encoding.
    ///
    /// # Errors
    ///
    /// [`FieldError::NotUtf8`], and those of [`new`](Self::new).
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, FieldError> {
        // Before the walk over bytes that cannot be a string anyway.
        if bytes.len() > Self::MAX_LEN {
            return Err(FieldError::TooLong);
        }
        // [MQTT-1.5.3-1]
        match core::str::from_utf8(bytes) {
            Ok(text) => Self::new(text),
            Err(_) => Err(FieldError::NotUtf8),
        }
    }

    /// The text.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Bytes it takes in a packet.
    pub(super) const fn encoded_len(self) -> usize {
        prefixed::encoded_len(self.0.as_bytes())
    }

    pub(super) fn encode<O: Output>(self, out: &mut O) -> Result<(), O::Error> {
        prefixed::encode(self.0.as_bytes(), out)
    }
}

/// The well-formed text at the front of `present`, which is what has been seen so far of a string
/// of `len` bytes.
///
/// The flag says whether the whole string can still become well-formed: false when a byte follows
/// the text that no well-formed string has there, or a character begins that cannot end within
/// `len`. At the end of the string (`present.len() == len`) true means that the text is all of it.
pub(super) fn well_formed_front(present: &[u8], len: usize) -> (&str, bool) {
    let error = match core::str::from_utf8(present) {
        Ok(text) => return (text, true),
        Err(error) => error,
    };
    let (text, broken) = present
        .split_at_checked(error.valid_up_to())
        .unwrap_or_default();
    // Without a length the error is the end of `present` in the middle of a character.
    let cut_off = error.error_len().is_none();
    let width = broken.first().map_or(0, |lead| encoded_width(*lead));
    let fits = text.len().saturating_add(width) <= len;
    (
        core::str::from_utf8(text).unwrap_or_default(),
        cut_off && fits,
    )
}

/// Bytes of a character of which `lead` is the first and not the only one.
const fn encoded_width(lead: u8) -> usize {
    match lead {
        0xF0..=0xFF => 4,
        0xE0..=0xEF => 3,
        _ => 2,
    }
}
