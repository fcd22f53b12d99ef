//! Bytes after their length, the form that every string and binary field has in a packet.

use super::Output;

/// Largest number of bytes: as the two bytes of the prefix can tell it.
pub(super) const MAX_LEN: usize = u16::MAX as usize;

/// Bytes of the prefix.
pub(super) const PREFIX_LEN: usize = 2;

/// Bytes that `bytes` take with their prefix.
pub(super) const fn encoded_len(bytes: &[u8]) -> usize {
    bytes.len().saturating_add(PREFIX_LEN)
}

/// Puts prefix and `bytes`. That there are at most [`MAX_LEN`] of them is for the field types to see
/// to, where they are made.
pub(super) fn encode<O: Output>(bytes: &[u8], out: &mut O) -> Result<(), O::Error> {
    out.put(&(bytes.len() as u16).to_be_bytes())?;
    out.put(bytes)
}
