//! The loop as the program's own event loop drives it, for `mqtt_aio`: steps that never wait.
//!
//! | file | its one subject |
//! |---|---|
//! | `attempt` | an attempt to connect, in steps |
//! | `step` | the steps of a connection, and when the next one is due |
//! | `methods` | the methods that only `mqtt_aio` calls |
//! | `publish` | `publish` without waiting |
//! | `ticket` | the numbers of calls that do not wait |
//! | `answer` | the answers to these calls |
//! | `state` | the state of such a client between two steps |
//! | `left_out` | a build without all this (`MQTT_AIO=0`) |

#[cfg(feature = "aio")]
mod answer;
#[cfg(feature = "aio")]
mod attempt;
#[cfg(not(feature = "aio"))]
mod left_out;
#[cfg(feature = "aio")]
pub mod methods;
#[cfg(feature = "aio")]
mod publish;
#[cfg(feature = "aio")]
mod state;
#[cfg(feature = "aio")]
mod step;
mod ticket;

#[cfg(feature = "aio")]
pub use state::Driven;
pub use ticket::{Call, ticket};
