//! The properties of MQTT 5: section 2.2.2 of its standard.
//!
//! Both directions have them in one form, the bytes of the packet: [`Properties`] is a block of such bytes
//! that was checked as a whole. A received packet lends its block without a copy; a block that is to be sent
//! can be kept, and sent again as it is.

#[cfg(feature = "v5")]
mod built_in;
#[cfg(feature = "v5")]
mod decode;
#[cfg(not(feature = "v5"))]
mod left_out;
#[cfg(feature = "v5")]
mod rules;

#[cfg(feature = "v5")]
pub use built_in::{Iter, Properties, Property, PropertyId, Value};
#[cfg(feature = "v5")]
pub use decode::has_property_length;
#[cfg(feature = "v5")]
pub(super) use decode::{decode_properties, needed_properties};
#[cfg(not(feature = "v5"))]
pub use left_out::Properties;
#[cfg(feature = "v5")]
pub use rules::{Place, ValueKind};

use super::Output;

/// Bytes of the block and of its length; none in a packet of MQTT 3.1.1.
pub(crate) const fn properties_len(properties: Option<Properties<'_>>) -> usize {
    match properties {
        None => 0,
        Some(properties) => properties.encoded_len(),
    }
}

/// Puts the block behind its length; nothing in a packet of MQTT 3.1.1.
pub(super) fn put_properties<O: Output>(
    properties: Option<Properties<'_>>,
    out: &mut O,
) -> Result<(), O::Error> {
    match properties {
        None => Ok(()),
        Some(properties) => properties.encode(out),
    }
}
