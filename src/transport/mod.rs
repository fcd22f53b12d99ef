//! A byte pipe to the broker.
//!
//! The seam to the network is `embedded_nal::TcpClientStack`; what that lacks, waiting
//! with a deadline, is the trait [`Wait`] beside it. Everything but the adapters
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

/// What a socket is waited for.
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

    /// Waits until `socket` is ready, or for `timeout_ms`. True says that the next
    /// operation is worth a try, and that it will tell if something is wrong. May return
    /// false early.
    fn wait(
        &mut self,
        socket: &Self::TcpSocket,
        interest: Interest,
        timeout_ms: u32,
    ) -> Result<bool, Self::Error>;

    /// Waits for something that no socket tells of (a name being resolved), at most for
    /// `timeout_ms`.
    fn idle(&mut self, timeout_ms: u32) -> Result<(), Self::Error>;
}
