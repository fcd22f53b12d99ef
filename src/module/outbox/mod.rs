//! Messages that wait to be sent: `publish(wait=False)`, and the callers that come behind.

#[cfg(feature = "outbox")]
mod built_in;
#[cfg(feature = "outbox")]
mod delivery;
#[cfg(not(feature = "outbox"))]
mod left_out;

#[cfg(all(feature = "outbox", feature = "store"))]
pub use built_in::restored;
#[cfg(feature = "outbox")]
pub use built_in::{Line, OVERHEAD, Tracker, write_packet};
#[cfg(all(feature = "outbox", any(feature = "v5", feature = "aio")))]
pub use delivery::delivery_of;
#[cfg(all(not(feature = "outbox"), feature = "store"))]
pub use left_out::restored;
#[cfg(not(feature = "outbox"))]
pub use left_out::{Line, OVERHEAD, Tracker, write_packet};
