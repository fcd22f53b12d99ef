//! From Python's objects to a block of properties. Everything is checked before a byte is sent.

use core::convert::Infallible;

use crate::codec::{
    Binary, DecodeError, Output, Place, Properties, Property, PropertyId, Utf8String, Value,
    ValueKind,
};
use crate::micropython::{
    Buffer, Dict, Exception, ExceptionKind, Obj, Text, UnfilledBytes, front_of,
};
use crate::module::args::{Fault, Parameter, parameter};
use crate::module::error::{Error, Result};

use super::built_in::Block;
use super::names::{name_of, property_of};

/// Bytes of an unknown name that the text of the error shows.
const SHOWN: usize = 32;

/// Takes a dict of properties.
///
/// # Errors
///
/// `TypeError` or `ValueError` for a name or a value; `MemoryError`.
pub fn of_dict(obj: Obj, place: Place) -> Result<Block> {
    let dict = Dict::of(obj).ok_or_else(|| parameter!(properties).refuse(Fault::NotDict))?;
    let mut draft = Draft::new(Block::EMPTY, place);
    for [key, value] in dict.entries() {
        // Aliases are the client's own affair.
        let id =
            property_of(key).filter(|id| id.may_stand_in(place) && *id != PropertyId::TOPIC_ALIAS);
        draft.add(id.ok_or_else(|| refuse_name(key))?, value);
    }
    draft.finish()
}

/// A block of properties that is being put together for a packet of the kind `place`.
pub struct Draft {
    block: Block,
    place: Place,
    /// The first error. Nothing is added behind it.
    result: Result<()>,
}

/// Gives each piece of a property to a function.
struct Pieces<'a>(&'a mut dyn FnMut(&[u8]));

impl Output for Pieces<'_> {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> core::result::Result<(), Infallible> {
        (self.0)(bytes);
        Ok(())
    }
}

impl Draft {
    /// Begins with the properties of `block`, which may stand in the packet.
    pub fn new(block: Block, place: Place) -> Self {
        Self {
            block,
            place,
            result: Ok(()),
        }
    }

    /// Adds a property with a value that is right.
    pub fn put(&mut self, id: PropertyId, value: Value<'_>) {
        if self.result.is_ok() {
            self.result = self.try_put(Property { id, value });
        }
    }

    #[inline(never)]
    fn try_put(&mut self, property: Property<'_>) -> Result<()> {
        let properties = self.block.properties();
        let mut len = properties.as_bytes().len();
        let Ok(()) = property.encode(&mut Pieces(&mut |piece| {
            len = len.saturating_add(piece.len())
        }));
        let mut bytes = UnfilledBytes::new(len)?;
        bytes.fill(properties.as_bytes());
        let Ok(()) = property.encode(&mut Pieces(&mut |piece| {
            bytes.fill(piece);
        }));
        self.block = Block::of_bytes(bytes.finish());
        Ok(())
    }

    /// Adds a property that may stand in the packet, or one for each pair of a sequence.
    pub fn add(&mut self, id: PropertyId, obj: Obj) {
        if self.result.is_ok() {
            self.result = self.try_add(id, obj);
        }
    }

    #[inline(never)]
    fn try_add(&mut self, id: PropertyId, obj: Obj) -> Result<()> {
        let parameter = Parameter::named(name_of(id));
        match id.value_kind() {
            Some(ValueKind::Pair) => {
                for i in 0..count(parameter, obj)? {
                    let pair = obj.item(i).map_err(|_| not_pairs(parameter))?;
                    if count(parameter, pair)? != 2 {
                        return Err(not_pairs(parameter));
                    }
                    let name = parameter.utf8_string(pair.item(0)?)?;
                    let text = parameter.utf8_string(pair.item(1)?)?;
                    let name = Utf8String::new_unchecked(name.as_str());
                    self.put(
                        id,
                        Value::Pair(name, Utf8String::new_unchecked(text.as_str())),
                    );
                }
            }
            // A text has the same form. The check of the block looks at its characters.
            Some(ValueKind::Text | ValueKind::Topic | ValueKind::Binary) => {
                let bytes = parameter.binary(obj)?;
                self.put(id, Value::Binary(Binary::new_unchecked(bytes.as_bytes())));
            }
            kind => {
                if obj.as_int()?.is_none() {
                    return Err(parameter.refuse(Fault::NotInt));
                }
                let most = kind.map_or(0, ValueKind::largest);
                let number = obj.as_u32()?.filter(|number| *number <= most);
                let number = number.ok_or_else(|| parameter.refuse(Fault::OutOfRange))?;
                self.put(id, Value::Number(number));
            }
        }
        self.result?;
        // With those before it: the Authentication Method comes before its data.
        Properties::new(self.block.properties().as_bytes(), self.place).map_err(|error| {
            parameter.refuse(match error {
                DecodeError::PropertyText(error) => error.into(),
                DecodeError::NoAuthenticationMethod => Fault::NeedsMethod,
                _ => Fault::OutOfRange,
            })
        })?;
        Ok(())
    }

    /// The block.
    ///
    /// # Errors
    ///
    /// `TypeError` or `ValueError` for the first value that was not right; `MemoryError`.
    pub fn finish(self) -> Result<Block> {
        self.result.map(|()| self.block)
    }
}

/// The length of a sequence of pairs, or of a pair.
fn count(parameter: Parameter, obj: Obj) -> Result<i16> {
    // A str is a sequence, too, but not one of pairs. MicroPython takes the length of an int for 0.
    if Buffer::of(obj)?.is_some() || obj.as_int()?.is_some() {
        return Err(not_pairs(parameter));
    }
    obj.item_count().map_err(|_| not_pairs(parameter))
}

fn not_pairs(parameter: Parameter) -> Error {
    parameter.refuse(Fault::NotPairs)
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
