//! A build without MQTT 5: there are no properties.

use crate::codec::{Properties, Version};

/// The properties of a packet, of which this build has none.
#[derive(Clone, Copy, Debug)]
pub struct Block;

impl Block {
    /// No properties.
    pub const EMPTY: Self = Self;

    /// The properties of a packet of `version`: none.
    pub fn of_version(&self, version: Version) -> Option<Properties<'_>> {
        version.no_properties()
    }

    /// Bytes that the properties take: none.
    pub fn memory(&self) -> usize {
        0
    }
}
