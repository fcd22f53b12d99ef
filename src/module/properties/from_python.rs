//! From Python's objects to a block of properties. Everything is checked before a byte is sent.

use heapless::Vec;

use crate::codec::{
    Binary, DecodeError, Output, Place, Properties, Property, PropertyId, Utf8String, Value,
    ValueKind,
};
use crate::micropython::{
    Buffer, Dict, Exception, ExceptionKind, Immutable, Obj, Text, UnfilledBytes, front_of,
};
use crate::module::args::{Fault, Parameter, parameter};
use crate::module::error::{Error, Result};

use super::built_in::Block;
use super::names::{name_of, property_of};

/// Most properties that a packet to the broker can have: those of a CONNECT, each once.
const MOST: usize = 9;

/// Bytes for which there is room at first: most blocks have fewer.
const FIRST: usize = 64;

/// Bytes of an unknown name that the text of the error shows.
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
    let mut block = Growing(UnfilledBytes::new(FIRST)?);
    for (id, value) in given {
        let parameter = Parameter::named(name_of(*id));
        put(&mut block, parameter, *id, *value)?;
        // With those before it: the Authentication Method comes before its data.
        Properties::new(block.0.filled(), place).map_err(|error| {
            parameter.refuse(match error {
                DecodeError::PropertyText(error) => error.into(),
                DecodeError::NoAuthenticationMethod => Fault::NeedsMethod,
                _ => Fault::OutOfRange,
            })
        })?;
    }
    Ok(Block::of_bytes(Immutable::copy(block.0.filled())?))
}

/// A block that becomes larger.
struct Growing(UnfilledBytes);

impl Output for Growing {
    type Error = Exception;

    fn put(&mut self, bytes: &[u8]) -> core::result::Result<(), Exception> {
        if self.0.unfilled() < bytes.len() {
            let filled = self.0.filled();
            let wanted = filled.len().saturating_add(bytes.len());
            let mut larger = UnfilledBytes::new(wanted.saturating_mul(2))?;
            larger.fill(filled);
            self.0 = larger;
        }
        self.0.fill(bytes);
        Ok(())
    }
}

/// Puts a property, or one for each pair of a sequence.
fn put(out: &mut Growing, parameter: Parameter, id: PropertyId, obj: Obj) -> Result<()> {
    let (text, bytes);
    let value = match id.value_kind() {
        None => return Ok(()),
        Some(ValueKind::Text | ValueKind::Topic) => {
            text = parameter.utf8_string(obj)?;
            Value::Text(Utf8String::new_unchecked(text.as_str()))
        }
        Some(ValueKind::Binary) => {
            bytes = parameter.binary(obj)?;
            Value::Binary(Binary::new_unchecked(bytes.as_bytes()))
        }
        Some(ValueKind::Pair) => return put_pairs(out, parameter, id, obj),
        Some(kind) => {
            if obj.as_int()?.is_none() {
                return Err(parameter.refuse(Fault::NotInt));
            }
            match obj.as_u32()? {
                Some(number) if number <= kind.largest() => Value::Number(number),
                _ => return Err(parameter.refuse(Fault::OutOfRange)),
            }
        }
    };
    Ok(Property { id, value }.encode(out)?)
}

/// Puts each pair of a sequence.
fn put_pairs(out: &mut Growing, parameter: Parameter, id: PropertyId, pairs: Obj) -> Result<()> {
    let refuse = |_| parameter.refuse(Fault::NotPairs);
    let count = |obj: Obj| {
        // A str is a sequence, too, but not one of pairs. MicroPython takes the length of an int for 0.
        if Buffer::of(obj)?.is_some() || obj.as_int()?.is_some() {
            return Err(parameter.refuse(Fault::NotPairs));
        }
        obj.item_count().map_err(refuse)
    };
    for i in 0..count(pairs)? {
        let pair = pairs.item(i).map_err(refuse)?;
        if count(pair)? != 2 {
            return Err(parameter.refuse(Fault::NotPairs));
        }
        let name = parameter.utf8_string(pair.item(0)?)?;
        let value = parameter.utf8_string(pair.item(1)?)?;
        let value = Value::Pair(
            Utf8String::new_unchecked(name.as_str()),
            Utf8String::new_unchecked(value.as_str()),
        );
        Property { id, value }.encode(out)?;
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
    match Text::joined(&[front_of(name.as_str(), SHOWN), " is no property here"]) {
        Ok(text) => Exception::new(ExceptionKind::ValueError, &[text.obj()]).into(),
        Err(exception) => exception.into(),
    }
}
