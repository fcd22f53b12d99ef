//! The layout of a context in the caller's memory: parts one behind the other, each of a kind, a
//! length and its bytes.

use super::context_error::Reason;

/// The kind of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The certificate of an authority, DER.
    Anchor = 1,
    /// The client's certificate, DER.
    ClientCertificate = 2,
    /// The client's P-256 key: the scalar.
    P256Key = 3,
    /// The client's RSA key: PKCS#1, DER.
    RsaKey = 4,
    /// The name that the server must have.
    HostName = 5,
    /// The application protocols to offer, each behind a byte with its length.
    Protocols = 7,
    /// The server is not verified.
    Unverified = 6,
}

/// The length of a part's header, in bytes.
pub const HEADER: usize = 5;

/// Writes parts.
pub struct Writer<'m> {
    memory: &'m mut [u8],
    used: usize,
    /// The length of the last part, in bytes.
    last: usize,
}

impl<'m> Writer<'m> {
    pub fn new(memory: &'m mut [u8]) -> Self {
        Self {
            memory,
            used: 0,
            last: 0,
        }
    }

    /// The number of bytes written so far.
    pub fn used(&self) -> usize {
        self.used
    }

    /// The bytes of the last part.
    pub fn last(&self) -> &[u8] {
        let start = self.used.saturating_sub(self.last);
        self.memory.get(start..self.used).unwrap_or(&[])
    }

    /// The place of the next part's bytes: the rest of the memory.
    pub fn room(&mut self) -> &mut [u8] {
        let start = self.used.saturating_add(HEADER);
        self.memory.get_mut(start..).unwrap_or(&mut [])
    }

    /// Makes a part of the first `len` bytes in [`Self::room`].
    pub fn finish(&mut self, kind: Kind, len: usize) -> Result<(), Reason> {
        let size = u32::try_from(len).map_err(|_| Reason::NoMemory)?;
        let rest = self.memory.get_mut(self.used..).unwrap_or(&mut []);
        let ([kind_byte, size_bytes @ ..], body) = rest
            .split_first_chunk_mut::<HEADER>()
            .ok_or(Reason::NoMemory)?;
        if len > body.len() {
            return Err(Reason::NoMemory);
        }
        *kind_byte = kind as u8;
        *size_bytes = size.to_be_bytes();
        self.used = self.used.saturating_add(HEADER).saturating_add(len);
        self.last = len;
        Ok(())
    }

    /// Writes a whole part.
    pub fn put(&mut self, kind: Kind, bytes: &[u8]) -> Result<(), Reason> {
        self.room()
            .get_mut(..bytes.len())
            .ok_or(Reason::NoMemory)?
            .copy_from_slice(bytes);
        self.finish(kind, bytes.len())
    }
}

/// The parts in `memory` of this kind.
pub fn parts(memory: &[u8], kind: Kind) -> impl Iterator<Item = &[u8]> {
    let mut rest = memory;
    core::iter::from_fn(move || {
        let ([part, size @ ..], bytes) = rest.split_first_chunk::<HEADER>()?;
        let size = usize::try_from(u32::from_be_bytes(*size)).ok()?;
        let (bytes, after) = bytes.split_at_checked(size)?;
        rest = after;
        Some((*part, bytes))
    })
    .filter(move |(part, _)| *part == kind as u8)
    .map(|(_, bytes)| bytes)
}
