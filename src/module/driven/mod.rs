//! The loop as the program's own event loop drives it, for `mqtt_aio`: steps that never wait.
//!
//! | file | its one subject |
//! |---|---|
//! | `attempt` | an attempt to connect, in steps |
//! | `step` | the steps of a connection, and when the next one is due |
//! | `state` | the state of such a client between two steps |
//! | `left_out` | a build without all this (`MQTT_AIO=0`) |

#[cfg(feature = "aio")]
mod attempt;
#[cfg(not(feature = "aio"))]
mod left_out;
#[cfg(feature = "aio")]
mod state;
#[cfg(feature = "aio")]
mod step;

#[cfg(feature = "aio")]
pub use state::Driven;
#[cfg(feature = "aio")]
pub use step::{step, suback, unsuback};
