//! The properties of MQTT 5, between Python's dicts and the bytes of the packets.
//!
//! A dict becomes a block of bytes when the program gives it, and the client keeps the block: it is
//! sent as it is, again if need be. A received block becomes a dict when the program asks for it.

#[cfg(feature = "v5")]
mod built_in;
#[cfg(feature = "v5")]
mod from_python;
#[cfg(not(feature = "v5"))]
mod left_out;
#[cfg(feature = "v5")]
mod names;
#[cfg(feature = "v5")]
mod to_python;

#[cfg(feature = "v5")]
pub use built_in::{Block, to_block};
#[cfg(feature = "v5")]
pub use from_python::{Draft, needs_version_5, of_dict};
#[cfg(not(feature = "v5"))]
pub use left_out::Block;
#[cfg(feature = "v5")]
pub use names::property_of;
