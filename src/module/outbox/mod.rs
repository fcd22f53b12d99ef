//! Messages that wait to be sent: `publish(wait=False)`, and the callers that come behind.

#[cfg(feature = "outbox")]
mod built_in;
#[cfg(feature = "outbox")]
mod delivery;
#[cfg(not(feature = "outbox"))]
mod left_out;

#[cfg(feature = "outbox")]
pub use built_in::{Line, OVERHEAD, Tracker, write_packet};
#[cfg(not(feature = "outbox"))]
pub use left_out::{Line, OVERHEAD, Tracker, write_packet};
