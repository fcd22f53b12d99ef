//! MQTT 3.1.1 client for MicroPython.
//!
//! | module | what it knows |
//! |---|---|
//! | [`codec`] | bytes <-> MQTT packets. Pure. |
//! | [`session`] | the MQTT state machine. Bytes and time in, bytes and events out. |
//! | [`transport`] | a byte pipe to the broker over any `embedded_nal::TcpClientStack`. |
//! | `micropython` | the MicroPython VM made safe for Rust. Knows nothing of MQTT. |
//! | `module` | the Python-visible `mqtt` module. |
//! | [`time`], [`limits`] | milliseconds; the named sizes. |
//!
//! `micropython` and `module` need the headers of a MicroPython port: they are there with
//! the feature `micropython`, which a firmware build switches on. The rest is tested on
//! the host with `cargo test`.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

#[cfg(test)]
extern crate std;
// What the tests share with those in tests/ calls the crate by its name.
#[cfg(test)]
extern crate self as mqtt;

pub mod codec;
pub mod limits;
pub mod session;
pub mod time;
pub mod transport;

#[cfg(feature = "micropython")]
pub mod micropython;
#[cfg(feature = "micropython")]
pub mod module;
