//! `auto_reconnect`: the function for `loop_failure` that connects again until it succeeds.

#[cfg(feature = "auto-reconnect")]
mod built_in;
#[cfg(not(feature = "auto-reconnect"))]
mod left_out;

#[cfg(feature = "auto-reconnect")]
pub use built_in::{AutoReconnect, auto_reconnect_of, new};
#[cfg(not(feature = "auto-reconnect"))]
pub use left_out::auto_reconnect_of;
