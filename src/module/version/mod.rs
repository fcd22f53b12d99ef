//! The version of the protocol, and all that only a broker of MQTT 5 says to a client: its limits, its
//! reasons.
//!
//! | file | its one subject |
//! |---|---|
//! | `settings` | `set_version` |
//! | `methods` | the methods that only MQTT 5 has |
//! | `limits` | the limits of the broker: checks before a packet leaves, aliases for topics |
//! | `reasons` | reason codes and their texts, in both directions |
//! | `left_out` | a build without MQTT 5 |

#[cfg(not(feature = "v5"))]
mod left_out;
#[cfg(feature = "v5")]
mod limits;
#[cfg(feature = "v5")]
pub mod methods;
#[cfg(feature = "v5")]
mod reasons;
#[cfg(feature = "v5")]
mod settings;

#[cfg(not(feature = "v5"))]
pub use left_out::Goodbye;
#[cfg(all(feature = "v5", feature = "outbox"))]
pub use reasons::with_words;
#[cfg(feature = "v5")]
pub use reasons::{Goodbye, Told};
