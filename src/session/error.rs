//! Why a connection has to end.

use crate::codec::DecodeError;

/// What the broker did, or did not do, that ends the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Bytes that are no packet of MQTT 3.1.1.
    Malformed(DecodeError),
    /// A packet before the CONNACK.
    BeforeConnAck,
    /// A second CONNACK.
    SecondConnAck,
    /// A CONNACK that claims a stored session for a client that asked for a clean one.
    SessionPresent,
    /// A packet that is longer than its kind can be.
    TooLong,
    /// A PINGREQ was not answered in time.
    PingTimeout,
    /// More QoS 2 messages at once than [`crate::limits::INCOMING_QOS2`].
    TooManyIncoming,
    /// The connection ended in the middle of a message.
    CutOff,
}

impl Error {
    /// The reason in words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Malformed(error) => error.describe(),
            Self::BeforeConnAck => "a packet before CONNACK",
            Self::SecondConnAck => "a second CONNACK",
            Self::SessionPresent => "CONNACK with a session for a clean session",
            Self::TooLong => "a packet that is too long",
            Self::PingTimeout => "no answer to PINGREQ",
            Self::TooManyIncoming => "too many QoS 2 messages at once",
            Self::CutOff => "a message cut off by the end of the connection",
        }
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}
