//! Strings and binary data: fields of a packet with their length in two bytes before them.

use super::{FieldError, Output};

/// Largest number of bytes of a field, the largest that its prefix can tell.
const MAX_LEN: usize = u16::MAX as usize;

/// Bytes of the prefix, which holds the length.
pub(super) const PREFIX_LEN: usize = 2;

/// Bytes that a field of `bytes` takes, its prefix included.
const fn prefixed_len(bytes: &[u8]) -> usize {
    bytes.len().wrapping_add(PREFIX_LEN)
}

/// Puts the prefix and `bytes`, of which there are at most [`MAX_LEN`]: the types of fields check
/// that where they are made.
fn put_prefixed<O: Output>(bytes: &[u8], out: &mut O) -> Result<(), O::Error> {
    out.put(&(bytes.len() as u16).to_be_bytes())?;
    out.put(bytes)
}

/// Binary data, such as a password or the payload of a Will: at most 65535 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binary<'a>(&'a [u8]);

impl<'a> Binary<'a> {
    /// Largest number of bytes.
    pub const MAX_LEN: usize = MAX_LEN;

    /// Checks the length of `bytes`.
    ///
    /// # Errors
    ///
    /// [`FieldError::TooLong`].
    pub const fn new(bytes: &'a [u8]) -> Result<Self, FieldError> {
        if bytes.len() > Self::MAX_LEN {
            return Err(FieldError::TooLong);
        }
        Ok(Self(bytes))
    }

    /// The bytes that [`new`](Self::new) has accepted before.
    #[must_use]
    pub const fn new_unchecked(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Bytes it takes in a packet.
    pub(super) const fn encoded_len(self) -> usize {
        prefixed_len(self.0)
    }

    pub(super) fn encode<O: Output>(self, out: &mut O) -> Result<(), O::Error> {
        put_prefixed(self.0, out)
    }
}

/// A UTF-8 encoded string, section 1.5.3: at most 65535 bytes, without U+0000. It may be empty.
///
/// U+FEFF is a character like any other, at the front too [MQTT-1.5.3-3].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utf8String<'a>(&'a str);

impl<'a> Utf8String<'a> {
    /// Largest number of bytes (not characters).
    pub const MAX_LEN: usize = MAX_LEN;

    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// [`FieldError::TooLong`], [`FieldError::NullCharacter`].
    pub fn new(text: &'a str) -> Result<Self, FieldError> {
        check_len(text.as_bytes())?;
        check_characters(text, false)?;
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
        Self::new(text_of(bytes)?)
    }

    /// The text of `len` bytes that begins with `present`, or `None` while bytes are missing. With `is_topic` it is
    /// a topic name.
    ///
    /// # Errors
    ///
    /// The error of the first byte that proves one, however many bytes follow it.
    pub(super) fn from_front(
        present: &'a [u8],
        len: usize,
        is_topic: bool,
    ) -> Result<Option<Self>, FieldError> {
        let (text, well_formed) = well_formed_front(present, len);
        check_characters(text, is_topic)?;
        if !well_formed {
            return Err(FieldError::NotUtf8);
        }
        if present.len() < len {
            return Ok(None);
        }
        if is_topic && text.is_empty() {
            return Err(FieldError::Empty);
        }
        Ok(Some(Self(text)))
    }

    /// The text.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Bytes it takes in a packet.
    pub(super) const fn encoded_len(self) -> usize {
        prefixed_len(self.0.as_bytes())
    }

    pub(super) fn encode<O: Output>(self, out: &mut O) -> Result<(), O::Error> {
        put_prefixed(self.0.as_bytes(), out)
    }
}

/// Checks that the prefix can tell the length of `bytes`.
pub(super) const fn check_len(bytes: &[u8]) -> Result<(), FieldError> {
    if bytes.len() > MAX_LEN {
        return Err(FieldError::TooLong);
    }
    Ok(())
}

/// Checks that there is no U+0000 [MQTT-1.5.3-2] [MQTT-4.7.3-2]: no other character has a zero byte in its encoding.
/// A topic name has no wildcards, either [MQTT-3.3.2-2] [MQTT-4.7.1-1].
pub(super) fn check_characters(text: &str, is_topic: bool) -> Result<(), FieldError> {
    for byte in text.bytes() {
        match byte {
            0 => return Err(FieldError::NullCharacter),
            b'+' | b'#' if is_topic => return Err(FieldError::Wildcard),
            _ => {}
        }
    }
    Ok(())
}

/// The text of at most [`MAX_LEN`] bytes whose UTF-8 encoding `bytes` are [MQTT-1.5.3-1].
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, FieldError> {
    // First, because the other check reads every byte.
    check_len(bytes)?;
    core::str::from_utf8(bytes).map_err(|_| FieldError::NotUtf8)
}

/// The well-formed text at the front of `present`, which is the front of a string of `len` bytes.
///
/// The flag says whether the whole string can still become well-formed. It is false when the text
/// is followed by a byte that no well-formed string has there, or by a character that cannot end
/// within `len`. At the end of the string (`present.len() == len`) true means that the text is all
/// of it.
fn well_formed_front(present: &[u8], len: usize) -> (&str, bool) {
    let error = match core::str::from_utf8(present) {
        Ok(text) => return (text, true),
        Err(error) => error,
    };
    let (text, broken) = present
        .split_at_checked(error.valid_up_to())
        .unwrap_or_default();
    // An error without a length is a character that goes past the end of `present`.
    let cut_off = error.error_len().is_none();
    let width = broken.first().map_or(0, |lead| encoded_width(*lead));
    let fits = text.len().wrapping_add(width) <= len;
    (
        core::str::from_utf8(text).unwrap_or_default(),
        cut_off && fits,
    )
}

/// Bytes of a character that begins with `lead` and has more than one byte.
const fn encoded_width(lead: u8) -> usize {
    match lead {
        0xF0..=0xFF => 4,
        0xE0..=0xEF => 3,
        _ => 2,
    }
}
