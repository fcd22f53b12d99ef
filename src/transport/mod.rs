//! A byte pipe to the broker.
//!
//! The seam to the network is `embedded_nal::TcpClientStack`. That has no way to wait with a
//! deadline; the trait [`Wait`] beside it has. Everything but the adapters
//! (`sockets`, and `std_stack` for tests) works on any such stack, and knows neither
//! Python nor MQTT.
#![forbid(unsafe_code)]

#[cfg(any(feature = "micropython", feature = "tls"))]
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

use embedded_nal::TcpClientStack;

use crate::time::Instant;

pub use connect::{ConnectError, connect};
#[cfg(feature = "micropython")]
pub use nagle::Nagle;
pub use pipe::{PipeError, receive, send_all, send_some};
#[cfg(feature = "micropython")]
pub use sockets::{MicroPythonStack, Socket, can_wrap};

/// The readiness of a socket that a caller waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes to receive, or the end of the stream.
    Receive,
    /// Room to send, or the end of a connection attempt.
    Send,
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
