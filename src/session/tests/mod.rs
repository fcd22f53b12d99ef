//! The session against a scripted broker, in virtual time.

#[path = "../../../tests/harness/mod.rs"]
mod harness;

mod acknowledging;
mod at_least_once;
mod connecting;
mod dispatch;
mod exactly_once;
mod filter_hashes;
mod identifiers;
mod keep_alive;
mod outbox;
mod outcome;
mod receiving;
mod redelivery;
mod saving;
mod skipping;
mod subscribing;
mod support;
mod unsubscribing;
#[cfg(feature = "v5")]
mod v5;
mod violations;
mod window;
