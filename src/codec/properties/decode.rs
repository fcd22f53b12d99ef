//! Blocks of properties and their values, checked as far as they are there.

use super::built_in::{Properties, PropertyId, Value};
use super::rules::{Place, Rule, ValueKind};
use crate::codec::fixed_header::Length;
use crate::codec::strings::PREFIX_LEN;
use crate::codec::variable_byte_integer::VariableByteInteger;
use crate::codec::{Binary, DecodeError, Halt, Partial, Utf8String};

/// Decodes the properties at the front of `body`, which is the front of the last `room` bytes of a packet, and how
/// many bytes they and their length take. `behind` says how many bytes of the packet may come after them.
pub(in crate::codec) fn decode_properties(
    body: &[u8],
    room: usize,
    behind: Length,
    place: Place,
) -> Partial<(Properties<'_>, usize)> {
    let (start, end) = extent(body, room)?;
    let rest = room.wrapping_sub(end);
    let fits = match behind {
        Length::Exactly(exactly) => rest == exactly,
        Length::AtLeast(least) => rest >= least,
    };
    if !fits {
        return Err(DecodeError::Length.into());
    }
    let present = body.get(..end).unwrap_or(body);
    let block = present.get(start..).unwrap_or_default();
    check(block, end.wrapping_sub(start), place)?;
    Ok((Properties::new_unchecked(block), end))
}

/// The number of bytes that must be there before [`decode_properties`] can say more than that bytes are missing.
pub(in crate::codec) fn needed_properties(body: &[u8]) -> usize {
    match extent(body, usize::MAX) {
        Ok((_, end)) => end,
        Err(_) => body.len().wrapping_add(1),
    }
}

/// The first byte and the end of the properties behind their length at the front of `body`, which is the front of
/// `room` bytes.
fn extent(body: &[u8], room: usize) -> Partial<(usize, usize)> {
    let seen = VariableByteInteger::decode(body)?;
    // The low bits of a length may show that it is too long for the packet.
    let end = seen.least_span();
    if end > room {
        return Err(DecodeError::PropertyLength.into());
    }
    shortest(seen)?;
    Ok((seen.len, end))
}

/// Checks the block of `len` bytes that begins with `present`.
pub(super) fn check(present: &[u8], len: usize, place: Place) -> Partial<()> {
    let mut seen: u64 = 0;
    let mut rest = present;
    let mut left = len;
    while left > 0 {
        let (&id, after_id) = rest.split_first().ok_or(Halt::Missing)?;
        let rule = Rule::of(id);
        if !rule.allows(place) {
            return Err(DecodeError::Property.into());
        }
        let bit = 1u64.wrapping_shl(u32::from(id));
        if seen & bit != 0 && !PropertyId::of(id).repeats(place) {
            return Err(DecodeError::PropertyTwice.into());
        }
        seen |= bit;
        left = left.saturating_sub(1);
        let (_, value_len) = decode_value(rule, after_id, left)?;
        left = left.saturating_sub(value_len);
        rest = after_id.get(value_len..).unwrap_or_default();
    }
    // Sections 3.1.2.11.10 and 3.15.2.2.2.
    let has = |id: PropertyId| seen & 1u64.wrapping_shl(u32::from(id.get())) != 0;
    let needs_method = has(PropertyId::AUTHENTICATION_DATA) || (place == Place::Auth && len > 0);
    if needs_method && !has(PropertyId::AUTHENTICATION_METHOD) {
        return Err(DecodeError::NoAuthenticationMethod.into());
    }
    Ok(())
}

/// Decodes the value at the front of `present`, and its length. The block has `room` bytes for it.
pub(super) fn decode_value(rule: Rule, present: &[u8], room: usize) -> Partial<(Value<'_>, usize)> {
    let Some(kind) = rule.kind() else {
        return Err(DecodeError::Property.into());
    };
    Ok(match kind {
        ValueKind::Flag | ValueKind::TwoBytes | ValueKind::Variable | ValueKind::FourBytes => {
            let (number, len) = decode_number(kind, present, room)?;
            if number > kind.largest() || number == 0 && !rule.may_be_zero() {
                return Err(DecodeError::PropertyValue.into());
            }
            (Value::Number(number), len)
        }
        ValueKind::Text | ValueKind::Topic => {
            let text = text(present, room, kind == ValueKind::Topic)?;
            (Value::Text(text), text.encoded_len())
        }
        ValueKind::Binary => {
            let (bytes, len) = prefixed(present, room)?;
            if bytes.len() < len {
                return Err(Halt::Missing);
            }
            let data = Binary::new_unchecked(bytes);
            (Value::Binary(data), data.encoded_len())
        }
        ValueKind::Pair => {
            // The prefix of the value must fit behind the name.
            let name = text(present, room.saturating_sub(PREFIX_LEN), false)?;
            let name_len = name.encoded_len();
            let behind = present.get(name_len..).unwrap_or_default();
            let value = text(behind, room.saturating_sub(name_len), false)?;
            let len = name_len.wrapping_add(value.encoded_len());
            (Value::Pair(name, value), len)
        }
    })
}

/// The number at the front of `present`, and its length. It may take `room` bytes.
fn decode_number(kind: ValueKind, present: &[u8], room: usize) -> Partial<(u32, usize)> {
    if kind == ValueKind::Variable {
        let decoded = decode_variable(present);
        // Another byte than the last one that there is room for must follow.
        let len = decoded.map_or(present.len().wrapping_add(1), |(_, len)| len);
        return match decoded {
            Ok((number, _)) if len <= room => Ok((number as u32, len)),
            Err(Halt::Missing) if len <= room => Err(Halt::Missing),
            _ => Err(DecodeError::PropertyLength.into()),
        };
    }
    let width = kind as usize;
    if room < width {
        return Err(DecodeError::PropertyLength.into());
    }
    let bytes = present.get(..width).ok_or(Halt::Missing)?;
    let number = bytes
        .iter()
        .fold(0, |high, byte| high << 8 | u32::from(*byte));
    Ok((number, width))
}

/// The text at the front of `present`, a topic name if `is_topic` says so. It may take `room` bytes.
fn text(present: &[u8], room: usize, is_topic: bool) -> Partial<Utf8String<'_>> {
    let (bytes, len) = prefixed(present, room)?;
    let text = Utf8String::from_front(bytes, len, is_topic).map_err(DecodeError::PropertyText)?;
    text.ok_or(Halt::Missing)
}

/// The bytes behind the prefix at the front of `present`, as far as they are there, and the length that
/// the prefix says.
fn prefixed(present: &[u8], room: usize) -> Partial<(&[u8], usize)> {
    let Some(room) = room.checked_sub(PREFIX_LEN) else {
        return Err(DecodeError::PropertyLength.into());
    };
    // The high byte may show that it is too long.
    let (len, known) = match *present {
        [] => return Err(Halt::Missing),
        [high] => (u16::from_be_bytes([high, 0]), false),
        [high, low, ..] => (u16::from_be_bytes([high, low]), true),
    };
    let len = usize::from(len);
    if len > room {
        return Err(DecodeError::PropertyLength.into());
    }
    if !known {
        return Err(Halt::Missing);
    }
    let bytes = present.get(PREFIX_LEN..).unwrap_or_default();
    Ok((bytes.get(..len).unwrap_or(bytes), len))
}

/// Whether the length of the properties at the front of `body` is there, which is the front of the last `room` bytes
/// of a packet. For a caller that throws them away.
///
/// # Errors
///
/// [`DecodeError::PropertyLength`].
pub fn has_property_length(body: &[u8], room: usize) -> Result<bool, DecodeError> {
    match extent(body, room) {
        Ok(_) => Ok(true),
        Err(Halt::Missing) => Ok(false),
        Err(Halt::Fault(error)) => Err(error),
    }
}

/// The Variable Byte Integer at the front of `bytes` and its length.
fn decode_variable(bytes: &[u8]) -> Partial<(usize, usize)> {
    let seen = VariableByteInteger::decode(bytes)?;
    Ok((shortest(seen)?, seen.len))
}

fn shortest(seen: VariableByteInteger) -> Partial<usize> {
    seen.shortest_value(DecodeError::PropertyLength)
}
