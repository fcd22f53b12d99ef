//! MQTT 3.1.1 client for MicroPython.
//!
//! # The map of the code
//!
//! | folder | its task | may name |
//! |---|---|---|
//! | [`codec`] | turns bytes into packets of MQTT, and packets into bytes. Pure functions. | |
//! | [`session`] | the client's side of the MQTT state machine. Bytes and time in, bytes and events out. | `codec`, `time`, `limits` |
//! | [`transport`] | a byte pipe to the broker over any `embedded_nal::TcpClientStack` | `time` |
//! | `transport::tls` | TLS 1.3 as such a pipe (feature `tls`) | `transport`, `time`, `limits` |
//! | `transport::sockets` | MicroPython's sockets as such a stack | `transport`, `transport::tls`, `micropython`, `time` |
//! | [`sync`] | waiting, waking and roles, over any VM that runs the contexts | `time` |
//! | `micropython` | the MicroPython VM, made safe for Rust. No MQTT. | `sync`, `time` |
//! | `module` | the Python-visible `mqtt` module: `Client`, its read loop, errors as exceptions | every other folder |
//! | [`time`] | milliseconds on a clock that wraps | |
//! | [`limits`] | the size of everything that is bounded at build time | |
//!
//! `tests/layers.rs` checks the last column, and that only `micropython` and the edge of
//! `module` to C contain `unsafe`.
//!
//! `micropython` and `module` need the headers of a MicroPython port. The feature `micropython`,
//! which a firmware build switches on, brings them in. The rest compiles and is tested on the host
//! with plain `cargo test`, without any VM.
//!
//! A firmware build links the crate as a static library, through `port/micropython.mk` or
//! `port/micropython.cmake` (`USER_C_MODULES`).
//!
//! # Where to start reading
//!
//! - The protocol: the examples of [`codec`] and [`session`], then [`session::Session::next_event`],
//!   which every received packet passes.
//! - A command: `module/publish.rs`, from Python's arguments down to the written packet.
//! - The border to C: `port/modmqtt.c` has the tables of the module, `module/entry.rs` the functions
//!   that they name.
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
// The harness in tests/, which the unit tests share, calls the crate by its name.
#[cfg(test)]
extern crate self as mqtt;

pub mod codec;
pub mod limits;
pub mod session;
pub mod sync;
pub mod time;
pub mod transport;

#[cfg(feature = "micropython")]
pub mod micropython;
#[cfg(feature = "micropython")]
pub mod module;
