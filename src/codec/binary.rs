use super::{FieldError, Output, prefixed};

/// At most 65535 bytes of anything: a password, a Will message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binary<'a>(&'a [u8]);

impl<'a> Binary<'a> {
    /// Largest number of bytes.
    pub const MAX_LEN: usize = prefixed::MAX_LEN;

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
        prefixed::encoded_len(self.0)
    }

    pub(super) fn encode<O: Output>(self, out: &mut O) -> Result<(), O::Error> {
        prefixed::encode(self.0, out)
    }
}
