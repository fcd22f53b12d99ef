//! A build without MQTT 5: there are no properties.

use crate::codec::{Properties, Version};
#[cfg(feature = "store")]
use crate::micropython::Exception;

/// The properties of a packet, of which this build has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block;

impl Block {
    /// No properties.
    pub const EMPTY: Self = Self;

    /// A copy of properties: of none.
    ///
    /// # Errors
    ///
    /// None.
    #[cfg(feature = "store")]
    pub fn copy(_: Option<Properties<'_>>) -> Result<Self, Exception> {
        Ok(Self)
    }

    /// The properties of a packet of `version`: none.
    pub fn of_version(&self, version: Version) -> Option<Properties<'_>> {
        version.no_properties()
    }

    /// Bytes that the properties take: none.
    pub fn memory(&self) -> usize {
        0
    }
}
