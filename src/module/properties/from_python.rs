//! From Python's objects to a block of properties. Everything is checked before a byte is sent.

use heapless::Vec;

use crate::codec::{
    Binary, DecodeError, Output, Place, Properties, Property, PropertyId, Utf8String, Value,
    ValueKind,
};
use crate::micropython::{Buffer, Dict, Exception, ExceptionKind, Obj, Text, UnfilledBytes};
use crate::module::args::{Fault, Parameter, parameter};
use crate::module::error::{Error, Result};

use super::built_in::Block;
use super::names::{name_of, property_of};

/// Most properties that a packet to the broker can have: those of a CONNECT, each once.
const MOST: usize = 9;

/// Letters of an unknown name that the text of the error shows.
const SHOWN: usize = 32;

/// A property and its value, which was not checked.
pub type Given = (PropertyId, Obj);

/// Takes a dict of properties, or `None`.
///
/// # Errors
///
/// `TypeError` or `ValueError` for a name or a value; `MemoryError`.
pub fn of_dict(obj: Obj, place: Place) -> Result<Block> {
    if obj.is_none() {
        return Ok(Block::EMPTY);
    }
    let dict = Dict::of(obj).ok_or_else(|| parameter!(properties).refuse(Fault::NotDict))?;
    let mut given = Vec::<Given, MOST>::new();
    for [key, value] in dict.entries() {
        // Aliases are the client's own affair.
        let id =
            property_of(key).filter(|id| id.may_stand_in(place) && *id != PropertyId::TOPIC_ALIAS);
        let id = id.ok_or_else(|| refuse_name(key))?;
        // A packet has no more properties than there is room for.
        let _ = given.push((id, value));
    }
    of_values(&given, place)
}

/// Takes properties, each of which may stand in `place`.
///
/// # Errors
///
/// `TypeError` or `ValueError` for a value; `MemoryError`.
pub fn of_values(given: &[Given], place: Place) -> Result<Block> {
    if given.is_empty() {
        return Ok(Block::EMPTY);
    }
    loop {
        let mut len = Length(0);
        put_all(given, place, &mut |property| property.encode(&mut len))?;
        let mut bytes = Bytes(UnfilledBytes::new(len.0)?);
        put_all(given, place, &mut |property| property.encode(&mut bytes))?;
        // Another thread may have changed a bytearray meanwhile.
        if bytes.0.unfilled() == 0 {
            let bytes = bytes.0.finish();
            return match Properties::new(bytes.as_bytes(), place) {
                Ok(_) => Ok(Block::of_bytes(bytes)),
                Err(DecodeError::NoAuthenticationMethod) => {
                    Err(parameter!(authentication_data).refuse(Fault::NeedsMethod))
                }
                Err(_) => Err(parameter!(properties).refuse(Fault::OutOfRange)),
            };
        }
    }
}

/// Counts bytes.
struct Length(usize);

impl Output for Length {
    type Error = TooLong;

    fn put(&mut self, bytes: &[u8]) -> core::result::Result<(), TooLong> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(())
    }
}

/// Puts bytes into an object.
struct Bytes(UnfilledBytes);

impl Output for Bytes {
    type Error = TooLong;

    fn put(&mut self, bytes: &[u8]) -> core::result::Result<(), TooLong> {
        if self.0.fill(bytes) < bytes.len() {
            return Err(TooLong);
        }
        Ok(())
    }
}

/// There is no room for a property: its value has changed since its bytes were counted.
struct TooLong;

type Put<'a> = &'a mut dyn FnMut(Property<'_>) -> core::result::Result<(), TooLong>;

/// Puts all properties, as far as there is room.
fn put_all(given: &[Given], place: Place, put: Put<'_>) -> Result<()> {
    for (id, value) in given {
        let parameter = Parameter::named(name_of(*id));
        put_values(parameter, *id, *value, &mut |value| {
            let property = Property { id: *id, value };
            property.check(place).map_err(|error| {
                parameter.refuse(match error {
                    DecodeError::PropertyText(error) => error.into(),
                    _ => Fault::OutOfRange,
                })
            })?;
            let _ = put(property);
            Ok(())
        })?;
    }
    Ok(())
}

/// Calls `put` with the value, or with each pair of a sequence.
fn put_values(
    parameter: Parameter,
    id: PropertyId,
    obj: Obj,
    put: &mut dyn FnMut(Value<'_>) -> Result<()>,
) -> Result<()> {
    match id.value_kind() {
        None => Ok(()),
        Some(ValueKind::Text | ValueKind::Topic) => {
            let text = parameter.utf8_string(obj)?;
            put(Value::Text(Utf8String::new_unchecked(text.as_str())))
        }
        Some(ValueKind::Binary) => {
            let bytes = parameter.binary(obj)?;
            put(Value::Binary(Binary::new_unchecked(bytes.as_bytes())))
        }
        Some(ValueKind::Pair) => put_pairs(parameter, obj, put),
        Some(kind) => {
            let refuse = |fault| parameter.refuse(fault);
            if obj.as_int()?.is_none() {
                return Err(refuse(Fault::NotInt));
            }
            let number = obj.as_u32()?.ok_or_else(|| refuse(Fault::OutOfRange))?;
            put(match (kind, number) {
                (ValueKind::Flag, 0 | 1) => Value::Flag(number == 1),
                (ValueKind::TwoBytes, 0..=0xffff) => Value::TwoBytes(number as u16),
                (ValueKind::FourBytes, _) => Value::FourBytes(number),
                (ValueKind::Variable, _) => Value::Variable(number),
                _ => return Err(refuse(Fault::OutOfRange)),
            })
        }
    }
}

/// Calls `put` with each pair of a sequence.
fn put_pairs(
    parameter: Parameter,
    pairs: Obj,
    put: &mut dyn FnMut(Value<'_>) -> Result<()>,
) -> Result<()> {
    // A str is a sequence, too, but not one of pairs. MicroPython takes the length of an int for 0.
    let has_no_pairs = Buffer::of(pairs)?.is_some() || pairs.as_int()?.is_some();
    let refuse = || parameter.refuse(Fault::NotPairs);
    let count = |obj: Obj| obj.item_count().map_err(|_| refuse());
    if has_no_pairs {
        return Err(refuse());
    }
    for i in 0..count(pairs)? {
        let pair = pairs.item(i).map_err(|_| refuse())?;
        if Buffer::of(pair)?.is_some() || count(pair)? != 2 {
            return Err(refuse());
        }
        let name = parameter.utf8_string(pair.item(0)?)?;
        let value = parameter.utf8_string(pair.item(1)?)?;
        put(Value::Pair(
            Utf8String::new_unchecked(name.as_str()),
            Utf8String::new_unchecked(value.as_str()),
        ))?;
    }
    Ok(())
}

/// The error for a property of CONNECT that only MQTT 5 has.
pub fn needs_version_5(id: PropertyId) -> Error {
    Parameter::named(name_of(id)).refuse(Fault::NeedsVersion5)
}

/// The error for a key that names no property of the packet.
#[cold]
fn refuse_name(key: Obj) -> Error {
    let Some(name) = Text::of_str(key) else {
        return parameter!(properties).refuse(Fault::NotNamed);
    };
    let mut text = heapless::String::<{ 4 * SHOWN + 24 }>::new();
    for letter in name.as_str().chars().take(SHOWN) {
        let _ = text.push(letter);
    }
    let _ = text.push_str(" is no property here");
    Exception::with_text(ExceptionKind::ValueError, &text).into()
}
