//! The remaining length of a fixed header, section 2.2.3: seven bits a byte, least significant
//! first, bit 7 set when another byte follows.

use super::prefixed::PREFIX_LEN;
use super::{DecodeError, Output};

/// The largest remaining length, in bytes: four times seven bits.
pub const MAX_REMAINING_LENGTH: usize = 268_435_455;

/// Bytes a remaining length takes at most.
const MAX_LEN: usize = 4;

const MORE: u8 = 0x80;

/// What has been seen of a remaining length: at least one byte.
#[derive(Clone, Copy)]
pub(super) struct RemainingLength {
    /// The value, or its low bits if `more` bytes follow. Those add multiples of 128 only.
    pub(super) bits: usize,
    /// Whether another byte follows.
    pub(super) more: bool,
    /// Bytes seen.
    pub(super) len: usize,
}

impl RemainingLength {
    /// Looks at the front of `bytes`; `None` if there are none.
    ///
    /// Encodings longer than needed (`80 00`) pass: version 3.1.1 does not forbid them.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut seen = Self {
            bits: 0,
            more: true,
            len: 0,
        };
        let mut shift = 0;
        for byte in bytes.iter().take(MAX_LEN) {
            seen.bits |= usize::from(byte & !MORE).wrapping_shl(shift);
            seen.more = byte & MORE != 0;
            seen.len = seen.len.wrapping_add(1);
            if !seen.more {
                break;
            }
            shift = shift.wrapping_add(7);
        }
        (seen.len > 0).then_some(seen)
    }

    /// The value; `None` while bytes are missing.
    pub(super) const fn value(self) -> Result<Option<usize>, DecodeError> {
        if !self.more {
            Ok(Some(self.bits))
        } else if self.len < MAX_LEN {
            Ok(None)
        } else {
            Err(DecodeError::RemainingLength)
        }
    }
}

/// Puts a fixed header in one piece. `remaining_length` is at most [`MAX_REMAINING_LENGTH`].
pub(super) fn put_fixed_header<O: Output>(
    first_byte: u8,
    remaining_length: usize,
    out: &mut O,
) -> Result<(), O::Error> {
    let (bytes, len) = fixed_header(first_byte, remaining_length);
    out.put(bytes.get(..len).unwrap_or_default())
}

/// Puts a fixed header and `length`, which comes next, in one piece.
pub(super) fn put_fixed_header_and_length<O: Output>(
    first_byte: u8,
    remaining_length: usize,
    length: u16,
    out: &mut O,
) -> Result<(), O::Error> {
    let (mut bytes, len) = fixed_header(first_byte, remaining_length);
    if let Some(place) = bytes.get_mut(len..).and_then(<[u8]>::first_chunk_mut) {
        *place = length.to_be_bytes();
    }
    out.put(
        bytes
            .get(..len.saturating_add(PREFIX_LEN))
            .unwrap_or_default(),
    )
}

/// A fixed header, with room behind it for a length of two bytes, and its own length.
fn fixed_header(
    first_byte: u8,
    remaining_length: usize,
) -> ([u8; 1 + MAX_LEN + PREFIX_LEN], usize) {
    let mut bytes = [first_byte, 0, 0, 0, 0, 0, 0];
    let len = fixed_header_len(remaining_length);
    let mut rest = remaining_length;
    for byte in bytes.iter_mut().take(len).skip(1) {
        // The cast keeps the low eight bits on purpose.
        *byte = rest as u8 | MORE;
        rest >>= 7;
        if rest == 0 {
            *byte &= !MORE;
        }
    }
    (bytes, len)
}

/// Bytes of a fixed header with that remaining length.
pub(super) const fn fixed_header_len(remaining_length: usize) -> usize {
    match remaining_length {
        0..0x80 => 2,
        0x80..0x4000 => 3,
        0x4000..0x20_0000 => 4,
        _ => 5,
    }
}

/// Bytes of a whole packet with that remaining length.
pub(super) const fn packet_len(remaining_length: usize) -> usize {
    remaining_length.saturating_add(fixed_header_len(remaining_length))
}
