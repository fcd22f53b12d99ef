//! Integers of one to four bytes: the remaining length of every packet (section 2.2.3), and in MQTT 5 also the
//! length of a property block and some values (section 1.5.5 of its standard).
//!
//! Seven bits of the integer stand in each byte, least significant first; bit 7 is set when another
//! byte follows.

use super::{DecodeError, Halt, Partial};

/// The largest value: four times seven bits.
pub(super) const MAX: usize = 268_435_455;

/// Most bytes that the integer takes.
pub(super) const MAX_LEN: usize = 4;

const MORE: u8 = 0x80;

/// The bytes of an integer that have come so far: at least one.
#[derive(Clone, Copy)]
pub(super) struct VariableByteInteger {
    /// The value, or its low bits if `more` bytes follow. Those add multiples of 128 only.
    pub(super) bits: usize,
    /// Whether another byte follows.
    pub(super) more: bool,
    /// Bytes seen.
    pub(super) len: usize,
}

impl VariableByteInteger {
    /// Looks at the front of `bytes`. Without any byte [`Halt::Missing`].
    pub(super) fn decode(bytes: &[u8]) -> Partial<Self> {
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
        if seen.len == 0 {
            return Err(Halt::Missing);
        }
        Ok(seen)
    }

    /// The value; `fault` if it takes more than four bytes.
    ///
    /// Encodings longer than needed (`80 00`) pass: version 3.1.1 does not forbid them.
    pub(super) const fn value(self, fault: DecodeError) -> Partial<usize> {
        if !self.more {
            Ok(self.bits)
        } else if self.len < MAX_LEN {
            Err(Halt::Missing)
        } else {
            Err(Halt::Fault(fault))
        }
    }

    /// The value; `fault`, too, if it takes more bytes than it needs, which version 5 forbids [MQTT5-1.5.5-1].
    #[cfg(feature = "v5")]
    pub(super) const fn shortest_value(self, fault: DecodeError) -> Partial<usize> {
        if !self.more && self.len > encoded_len(self.bits) {
            return Err(Halt::Fault(fault));
        }
        self.value(fault)
    }

    /// The least number of bytes that the integer takes together with as many bytes as its value says, in the
    /// shortest form.
    #[cfg(feature = "v5")]
    pub(super) const fn least_span(self) -> usize {
        if !self.more {
            return self.len.wrapping_add(self.bits);
        }
        // The next byte is not 0, or the form is not the shortest.
        let next = 1_usize.wrapping_shl((self.len as u32).wrapping_mul(7));
        self.len
            .wrapping_add(1)
            .wrapping_add(self.bits)
            .wrapping_add(next)
    }
}

/// Writes `value`, which is at most [`MAX`], to as many `places` as [`encoded_len`] says.
pub(super) fn encode<'a>(value: usize, places: impl Iterator<Item = &'a mut u8>) {
    let mut rest = value;
    for place in places {
        // The cast keeps the low eight bits on purpose.
        *place = rest as u8 | MORE;
        rest >>= 7;
        if rest == 0 {
            *place &= !MORE;
        }
    }
}

/// Bytes that `value` takes.
#[inline(never)]
pub(super) const fn encoded_len(value: usize) -> usize {
    match value {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        _ => 4,
    }
}
