//! A byte pipe to the broker.
//!
//! The seam to the network is `embedded_nal::TcpClientStack`. That has no way to wait with a
//! deadline; the trait [`Wait`] beside it has. Everything but the adapters
//! (`sockets`, and `std_stack` for tests) works on any such stack, and knows neither
//! Python nor MQTT.
#![forbid(unsafe_code)]

#[cfg(feature = "tls")]
mod address_text;
mod connect;
// Only where sockets have descriptors can Nagle's algorithm be switched in a write's time.
#[cfg(any(feature = "micropython", test))]
mod nagle;
mod pipe;
#[cfg(test)]
mod tests;

#[cfg(feature = "micropython")]
mod sockets;
#[cfg(test)]
mod std_stack;

#[cfg(feature = "tls")]
pub mod tls;

use core::net::IpAddr;

use embedded_nal::{TcpClientStack, nb};

use crate::time::Instant;

#[cfg(feature = "aio")]
pub use connect::Connector;
pub use connect::{ConnectError, connect};
#[cfg(feature = "micropython")]
pub use nagle::Nagle;
#[cfg(all(feature = "micropython", feature = "tls"))]
pub use pipe::moved;
pub use pipe::{PipeError, receive, send_all, send_some};
#[cfg(all(feature = "micropython", feature = "aio", feature = "tls"))]
pub use sockets::Securing;
#[cfg(all(feature = "micropython", feature = "port-tls"))]
pub use sockets::can_wrap;
#[cfg(feature = "micropython")]
pub use sockets::{MicroPythonStack, Socket};

/// The readiness of a socket that a caller waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes to receive, or the end of the stream.
    Receive,
    /// Room to send, or the end of a connection attempt.
    Send,
}

/// The addresses of a host, at most [`MAX_ADDRESSES`] of them.
pub type Addresses = heapless::Vec<IpAddr, MAX_ADDRESSES>;

/// The most addresses of a host that are tried.
pub const MAX_ADDRESSES: usize = 8;

/// Names and their addresses. `embedded_nal::Dns` gives one address of a name.
pub trait Resolve: TcpClientStack {
    /// Adds the addresses of `host`, a name or an address in text, each of them once. There may be
    /// none. `WouldBlock`: the resolver has no answer yet. A connection to `port` of one of them may
    /// follow.
    ///
    /// # Errors
    ///
    /// The stack's own.
    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        addresses: &mut Addresses,
    ) -> nb::Result<(), Self::Error>;

    /// The error of a host without an address.
    fn no_address() -> Self::Error;

    /// Whether this error, of an attempt to connect, is no matter of the address: the program itself
    /// has ended the attempt.
    fn is_final(error: &Self::Error) -> bool;
}

/// Waiting with a deadline, which `embedded_nal` leaves to its users.
pub trait Wait: TcpClientStack {
    /// The present time.
    fn now(&mut self) -> Instant;

    /// Waits until `socket` is ready, for at most `timeout_ms`. True means that the next operation is
    /// worth a try and reports a failure. May return early, with false.
    ///
    /// # Errors
    ///
    /// The stack's own.
    fn wait(
        &mut self,
        socket: &Self::TcpSocket,
        interest: Interest,
        timeout_ms: u32,
    ) -> Result<bool, Self::Error>;

    /// Waits for something that no socket reports (the resolver's answer), for at most
    /// `timeout_ms`.
    ///
    /// # Errors
    ///
    /// The stack's own.
    fn idle(&mut self, timeout_ms: u32) -> Result<(), Self::Error>;
}
