//! TLS 1.3 over any [`TcpClientStack`].
//!
//! | file | |
//! |---|---|
//! | [`context`](self) | the arguments of `create_ssl_context`, checked and kept as DER |
//! | `connection` | the handshake's result: plaintext in both directions, never waiting |
//! | `reader`, `writer`, `keys` | the record layer (RFC 8446, section 5) |
//! | `messages` | the messages of the server after the handshake |
//! | `aead`, `aes` | the two ciphers; one is in a crate of its own (`crates/chacha`) |
//! | `schedule` | the keys that follow from a traffic secret |
//! | `handshake` | the handshake, by `embedded-tls`, up to a deadline |
//! | `wire`, `client_hello`, `server_hello` | the part of the network that `embedded-tls` sees |
//! | `transcript` | the hash of the messages, the application protocol that passes in it, and the traffic secrets |
//! | `suite` | the cipher suite, and how the keys leave `embedded-tls` |
//! | `verifier`, `algorithms`, `names` | the server's certificate (RFC 5280, RFC 9525) |
//! | `ecdsa_der` | ECDSA signatures in DER |
//! | `error`, `context_error`, `alert`, `text` | the errors and their texts |
//! | `client_key`, `provider`, `random` | the key of the client's certificate, and randomness |
//!
//! `embedded-tls` does the handshake and nothing else. It cannot say "nothing yet" in the
//! middle of a record without losing its place, hides alerts, and panics on some messages;
//! so it sees only the bytes that `wire` lets through, and when the handshake is complete its keys
//! are taken over by a record layer that is plain data.
//!
//! The features `tls-ed25519`, `tls-rsa` and `tls-p384` add algorithms. Without `tls-rsa` nothing here
//! allocates.
#![forbid(unsafe_code)]

mod aead;
mod aes;
mod alert;
mod algorithms;
mod client_hello;
mod client_key;
mod connection;
mod context;
mod context_error;
mod der;
mod ecdsa_der;
mod error;
mod handshake;
mod keys;
mod messages;
mod names;
mod pem;
mod provider;
mod random;
mod reader;
mod schedule;
mod server_hello;
mod store;
mod suite;
mod text;
mod transcript;
mod verifier;
mod wire;
mod writer;

use embedded_nal::TcpClientStack;

use crate::limits::TLS_INTERMEDIATES;

pub use connection::{Buffers, Connection};
pub use context::{Context, MAX_PROTOCOL_BYTES, MAX_PROTOCOLS, Sources};
pub use context_error::{Argument, ContextError, Reason};
pub use error::{LinkError, TlsError};
pub use handshake::{Established, Handshake};
pub use names::{MAX_NAMES, Names};
pub use text::Text;

/// The stack that [`Handshake::run`] needs, in bytes.
///
/// The frames on thumbv7m add up to 18.3 kB (with Ed25519, the deepest; 20.6 kB with
/// `tls-rsa`) and 1.5 kB for each issuer in a chain. On x86-64 a chain of one took less than
/// 32 kB and one of six less than 48 kB.
pub const HANDSHAKE_STACK: usize = {
    // More are not followed.
    let issuers = if TLS_INTERMEDIATES < 6 {
        TLS_INTERMEDIATES
    } else {
        6
    };
    if cfg!(target_pointer_width = "32") {
        22 * 1024 + issuers * 1792
    } else {
        34 * 1024 + issuers * 3584
    }
};

/// The port, as far as the handshake needs it.
pub trait Platform {
    /// Fills `bytes` from the port's source of entropy. False: there is none.
    fn random(&mut self, bytes: &mut [u8]) -> bool;

    /// Seconds since 1970-01-01 00:00 UTC; `None` without a clock.
    fn unix_time(&mut self) -> Option<u64>;
}

/// A connected socket and its stack, for the time of a call.
pub struct Link<'s, S: TcpClientStack> {
    /// The stack.
    pub stack: &'s mut S,
    /// The socket.
    pub socket: &'s mut S::TcpSocket,
}
