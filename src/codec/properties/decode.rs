//! Blocks of properties and their values, checked as far as they are there.

use super::built_in::{Properties, PropertyId, Value};
use super::rules::{Place, Rule, ValueKind};
use crate::codec::fixed_header::Length;
use crate::codec::strings::PREFIX_LEN;
use crate::codec::variable_byte_integer::VariableByteInteger;
use crate::codec::{Binary, DecodeError, TopicName, Utf8String};

/// A block of properties with its length before it, at the front of some bytes.
pub(in crate::codec) enum Block<'a> {
    /// The properties, and how many bytes they and their length take.
    Whole(Properties<'a>, usize),
    /// So many bytes must be there first.
    Incomplete(usize),
}

/// Decodes the properties at the front of `body`, which is the front of the last `room` bytes of a packet.
/// `behind` says how many bytes of the packet may come after them.
pub(in crate::codec) fn decode_properties(
    body: &[u8],
    room: usize,
    behind: Length,
    place: Place,
) -> Result<Block<'_>, DecodeError> {
    let incomplete = Block::Incomplete(body.len().saturating_add(1));
    let Some(seen) = VariableByteInteger::decode(body) else {
        return Ok(incomplete);
    };
    let len = shortest(seen)?;
    // The low bits of a length may show that it is too long for the packet.
    let end = seen.least_span();
    let Some(rest) = room.checked_sub(end) else {
        return Err(DecodeError::PropertyLength);
    };
    let Some(len) = len else {
        return Ok(incomplete);
    };
    let fits = match behind {
        Length::Exactly(exactly) => rest == exactly,
        Length::AtLeast(least) => rest >= least,
    };
    if !fits {
        return Err(DecodeError::Length);
    }
    let present = body.get(..end).unwrap_or(body);
    let block = present.get(seen.len..).unwrap_or_default();
    Ok(if check(block, len, place)? {
        Block::Whole(Properties::new_unchecked(block), end)
    } else {
        Block::Incomplete(end)
    })
}

/// Checks the block of `len` bytes that begins with `present`. Whether all of it is there.
pub(super) fn check(present: &[u8], len: usize, place: Place) -> Result<bool, DecodeError> {
    let mut seen: u64 = 0;
    let mut rest = present;
    let mut left = len;
    while left > 0 {
        let Some((&id, after_id)) = rest.split_first() else {
            return Ok(false);
        };
        let rule = Rule::of(id);
        if !rule.allows(place) {
            return Err(DecodeError::Property);
        }
        let bit = 1u64.wrapping_shl(u32::from(id));
        if seen & bit != 0 && !PropertyId::of(id).repeats(place) {
            return Err(DecodeError::PropertyTwice);
        }
        seen |= bit;
        left = left.saturating_sub(1);
        let Some((_, value_len)) = decode_value(rule, after_id, left)? else {
            return Ok(false);
        };
        left = left.saturating_sub(value_len);
        rest = after_id.get(value_len..).unwrap_or_default();
    }
    // Sections 3.1.2.11.10 and 3.15.2.2.2.
    let has = |id: PropertyId| seen & 1u64.wrapping_shl(u32::from(id.get())) != 0;
    let needs_method = has(PropertyId::AUTHENTICATION_DATA) || (place == Place::Auth && len > 0);
    if needs_method && !has(PropertyId::AUTHENTICATION_METHOD) {
        return Err(DecodeError::NoAuthenticationMethod);
    }
    Ok(true)
}

/// Decodes the value at the front of `present`, and its length; `None` while bytes of it are missing. The
/// block has `room` bytes for it.
pub(super) fn decode_value(
    rule: Rule,
    present: &[u8],
    room: usize,
) -> Result<Option<(Value<'_>, usize)>, DecodeError> {
    let Some(kind) = rule.kind() else {
        return Err(DecodeError::Property);
    };
    Ok(match kind {
        ValueKind::Flag | ValueKind::TwoBytes | ValueKind::Variable | ValueKind::FourBytes => {
            let Some((number, len)) = decode_number(kind, present, room)? else {
                return Ok(None);
            };
            if number > kind.largest() || number == 0 && !rule.may_be_zero() {
                return Err(DecodeError::PropertyValue);
            }
            Some((Value::Number(number), len))
        }
        ValueKind::Text | ValueKind::Topic => {
            let Some((bytes, len)) = prefixed(present, room)? else {
                return Ok(None);
            };
            let text = if kind == ValueKind::Topic {
                let topic = TopicName::from_front(bytes, len);
                topic.map(|topic| topic.map(|topic| Utf8String::new_unchecked(topic.as_str())))
            } else {
                Utf8String::from_front(bytes, len)
            };
            let text = text.map_err(DecodeError::PropertyText)?;
            text.map(|text| (Value::Text(text), text.encoded_len()))
        }
        ValueKind::Binary => match prefixed(present, room)? {
            Some((bytes, len)) if bytes.len() == len => {
                let data = Binary::new_unchecked(bytes);
                Some((Value::Binary(data), data.encoded_len()))
            }
            _ => None,
        },
        ValueKind::Pair => {
            // The prefix of the value must fit behind the name.
            let Some(name) = text(present, room.saturating_sub(PREFIX_LEN))? else {
                return Ok(None);
            };
            let name_len = name.encoded_len();
            let behind = present.get(name_len..).unwrap_or_default();
            let left = room.saturating_sub(name_len);
            text(behind, left)?.map(|value| {
                let len = name_len.saturating_add(value.encoded_len());
                (Value::Pair(name, value), len)
            })
        }
    })
}

/// The integer at the front of `present`, and its length; `None` while bytes are missing.
fn decode_number(
    kind: ValueKind,
    present: &[u8],
    room: usize,
) -> Result<Option<(u32, usize)>, DecodeError> {
    if kind == ValueKind::Variable {
        let decoded = decode_variable(present)?;
        // Another byte than the last one that there is room for must follow.
        if decoded.map_or(present.len() >= room, |(_, len)| len > room) {
            return Err(DecodeError::PropertyLength);
        }
        return Ok(decoded.map(|(number, len)| (number as u32, len)));
    }
    let width = kind as usize;
    if room < width {
        return Err(DecodeError::PropertyLength);
    }
    Ok(present.get(..width).map(|bytes| {
        let number = bytes
            .iter()
            .fold(0, |high, byte| high << 8 | u32::from(*byte));
        (number, width)
    }))
}

/// The text at the front of `present`; `None` while bytes are missing. It may take `room` bytes.
fn text(present: &[u8], room: usize) -> Result<Option<Utf8String<'_>>, DecodeError> {
    let Some((bytes, len)) = prefixed(present, room)? else {
        return Ok(None);
    };
    Utf8String::from_front(bytes, len).map_err(DecodeError::PropertyText)
}

/// The bytes behind the prefix at the front of `present`, as far as they are there, and the length that
/// the prefix says. `None` while the prefix is missing.
fn prefixed(present: &[u8], room: usize) -> Result<Option<(&[u8], usize)>, DecodeError> {
    let Some(room) = room.checked_sub(PREFIX_LEN) else {
        return Err(DecodeError::PropertyLength);
    };
    // The high byte may show that it is too long.
    let (len, known) = match *present {
        [] => return Ok(None),
        [high] => (u16::from_be_bytes([high, 0]), false),
        [high, low, ..] => (u16::from_be_bytes([high, low]), true),
    };
    let len = usize::from(len);
    if len > room {
        return Err(DecodeError::PropertyLength);
    }
    let bytes = present.get(PREFIX_LEN..).unwrap_or_default();
    Ok(known.then(|| (bytes.get(..len).unwrap_or(bytes), len)))
}

/// The length of the properties at the front of `bytes`, and how many bytes it takes; `None` while bytes are
/// missing. For a caller that throws them away.
///
/// # Errors
///
/// [`DecodeError::PropertyLength`].
pub fn property_length(bytes: &[u8]) -> Result<Option<(usize, usize)>, DecodeError> {
    decode_variable(bytes)
}

/// The Variable Byte Integer at the front of `bytes` and its length; `None` while bytes are missing.
fn decode_variable(bytes: &[u8]) -> Result<Option<(usize, usize)>, DecodeError> {
    let Some(seen) = VariableByteInteger::decode(bytes) else {
        return Ok(None);
    };
    Ok(shortest(seen)?.map(|value| (value, seen.len)))
}

fn shortest(seen: VariableByteInteger) -> Result<Option<usize>, DecodeError> {
    seen.shortest_value()
        .map_err(|_| DecodeError::PropertyLength)
}
