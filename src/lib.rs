//! MQTT 3.1.1 client for MicroPython.
//!
//! | module | what it knows |
//! |---|---|
//! | [`codec`] | bytes <-> MQTT packets. Pure. |
//! | `session` | the MQTT state machine. Bytes and time in, bytes and events out. |
//! | `transport` | a byte pipe to the broker over any `embedded_nal::TcpClientStack`. |
//! | `micropython` | the MicroPython VM made safe for Rust. Knows nothing of MQTT. |
//! | `module` | the Python-visible `mqtt` module. |
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

pub mod codec;
