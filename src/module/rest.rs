//! Bytes of packets that the network has not taken yet, of a client that never waits.

use crate::micropython::{Immutable, UnfilledBytes};

use super::error::Result;

/// Such bytes, in one object. A copy refers to the same object.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    bytes: Option<Immutable>,
    /// The number of bytes at the front that have left since.
    sent: usize,
}

impl Rest {
    /// No bytes.
    pub const NONE: Self = Self {
        bytes: None,
        sent: 0,
    };

    /// Whether all have left.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// The bytes that have not left.
    pub fn as_bytes(&self) -> &[u8] {
        let all = self.bytes.as_ref().map_or(&[][..], Immutable::as_bytes);
        all.get(self.sent..).unwrap_or(&[])
    }

    /// Appends `more`.
    ///
    /// # Errors
    ///
    /// `MemoryError`: nothing has been appended.
    pub fn add(&mut self, more: &[u8]) -> Result<()> {
        let here = self.as_bytes();
        let mut joined = UnfilledBytes::new(here.len().saturating_add(more.len()))?;
        joined.fill(here);
        joined.fill(more);
        self.bytes = Some(joined.finish());
        self.sent = 0;
        Ok(())
    }

    /// Notes that `n` more bytes have left.
    pub fn advance(&mut self, n: usize) {
        self.sent = self.sent.saturating_add(n);
        if self.is_empty() {
            *self = Self::NONE;
        }
    }
}
