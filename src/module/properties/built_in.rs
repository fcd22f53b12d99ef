//! A block of properties as the client keeps it.

use crate::codec::{Properties, PropertyId, Version};
use crate::micropython::{Buffer, Exception, Immutable, Obj};
use crate::module::error::Result;

use super::to_python::to_dict;

/// The properties of a packet, or of a message, as bytes: well-formed, and allowed there.
#[derive(Clone, Copy, Debug)]
pub struct Block(Option<Immutable>);

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        self.properties() == other.properties()
    }
}

impl Block {
    /// No properties.
    pub const EMPTY: Self = Self(None);

    /// The properties that these bytes are, which were checked.
    pub(super) fn of_bytes(bytes: Immutable) -> Self {
        Self(Some(bytes))
    }

    /// A copy of received properties, but for a Topic Alias: that is the connection's affair.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn copy(properties: Option<Properties<'_>>) -> core::result::Result<Self, Exception> {
        let is_shown = |properties: &Properties<'_>| {
            let mut shown = properties.iter();
            shown.any(|property| property.id != PropertyId::TOPIC_ALIAS)
        };
        match properties.filter(is_shown) {
            None => Ok(Self::EMPTY),
            Some(properties) => Immutable::copy(properties.as_bytes()).map(Self::of_bytes),
        }
    }

    /// The properties of a packet of `version`: none in MQTT 3.1.1.
    pub fn of_version(&self, version: Version) -> Option<Properties<'_>> {
        match version {
            Version::V3_1_1 => None,
            Version::V5 => Some(self.properties()),
        }
    }

    /// The properties.
    pub fn properties(&self) -> Properties<'_> {
        let bytes = self.0.as_ref().map(Immutable::as_bytes);
        Properties::new_unchecked(bytes.unwrap_or_default())
    }

    /// Bytes that the properties take.
    pub fn memory(&self) -> usize {
        self.properties().as_bytes().len()
    }

    /// The object that holds the bytes; `None` of an empty block.
    pub fn obj(&self) -> Option<Obj> {
        self.0.as_ref().map(Immutable::obj)
    }

    /// The dict of the properties that [`Self::obj`] has given.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn dict_of(obj: Option<Obj>) -> Result<Obj> {
        let buffer = obj.map(Buffer::of).transpose()?.flatten();
        to_dict(to_block(buffer.as_ref()))
    }
}

/// The properties in the memory of an object that [`Block::obj`] has given.
pub fn to_block(bytes: Option<&Buffer>) -> Properties<'_> {
    Properties::new_unchecked(bytes.map(Buffer::as_bytes).unwrap_or_default())
}
