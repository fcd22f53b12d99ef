//! The terms of the broker: the limits of the connection that its CONNACK of MQTT 5 sets (section 3.2.2.3 of
//! the standard). MQTT 3.1.1 has none, so everything is allowed there.

#[cfg(feature = "v5")]
mod built_in;
#[cfg(not(feature = "v5"))]
mod left_out;

#[cfg(feature = "v5")]
pub use built_in::{NotAllowed, Terms};
#[cfg(not(feature = "v5"))]
pub use left_out::Terms;
