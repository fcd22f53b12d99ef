//! Why a connection has to end.

#[cfg(feature = "v5")]
use crate::codec::ReasonCode;
use crate::codec::{DecodeError, FieldError};

/// A fault of the broker, or of the connection, that ends the connection.
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
    ConnectionLost,
    /// A topic alias that the broker may not use, or that stands for no topic name.
    #[cfg(feature = "v5")]
    TopicAlias,
    /// AUTH without an authentication under way, or a packet with a method that is not the client's.
    #[cfg(feature = "v5")]
    Auth,
}

/// Makes the list of all errors. The compiler refuses a list in which a variant is missing: the
/// `match` must cover every error, those of [`DecodeError`] and [`FieldError`] included.
macro_rules! list_errors {
    ($($(#[$condition:meta])* $variant:ident $(($($cause:tt)+))?,)+) => {
        /// Every error, each at the place that its [`number`](Self::number) says.
        const ALL: &[Self] = &[$($(#[$condition])* Self::$variant $(($($cause)+))?),+];

        /// Does nothing at run time; see `list_errors`.
        const _COVERED: fn(Self) = |error| match error {
            $($(#[$condition])* Self::$variant $(($($cause)+))? => (),)+
        };
    };
}

use DecodeError as D;
use FieldError as F;

impl Error {
    list_errors! {
        Malformed(D::PacketType),
        Malformed(D::Flags),
        Malformed(D::QoS),
        Malformed(D::Dup),
        Malformed(D::RemainingLength),
        Malformed(D::Length),
        Malformed(D::ConnAckFlags),
        Malformed(D::ReturnCode),
        Malformed(D::SessionPresent),
        Malformed(D::PacketId),
        Malformed(D::SubAckCode),
        Malformed(D::TopicLength),
        Malformed(D::TopicName(F::Empty)),
        Malformed(D::TopicName(F::TooLong)),
        Malformed(D::TopicName(F::NotUtf8)),
        Malformed(D::TopicName(F::NullCharacter)),
        Malformed(D::TopicName(F::Wildcard)),
        Malformed(D::TopicName(F::SharedSubscription)),
        #[cfg(feature = "v5")]
        Malformed(D::Property),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyTwice),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyLength),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyValue),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyText(F::Empty)),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyText(F::TooLong)),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyText(F::NotUtf8)),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyText(F::NullCharacter)),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyText(F::Wildcard)),
        #[cfg(feature = "v5")]
        Malformed(D::PropertyText(F::SharedSubscription)),
        #[cfg(feature = "v5")]
        Malformed(D::NoAuthenticationMethod),
        #[cfg(feature = "v5")]
        Malformed(D::ReasonCode),
        #[cfg(feature = "v5")]
        Malformed(D::NoTopic),
        BeforeConnAck,
        SecondConnAck,
        SessionPresent,
        TooLong,
        PingTimeout,
        TooManyIncoming,
        ConnectionLost,
        #[cfg(feature = "v5")]
        TopicAlias,
        #[cfg(feature = "v5")]
        Auth,
    }

    /// A small number that stands for the error.
    pub fn number(self) -> u8 {
        let place = Self::ALL.iter().position(|error| *error == self);
        place
            .and_then(|place| place.try_into().ok())
            .unwrap_or(u8::MAX)
    }

    /// The error that `number` stands for.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

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
            Self::ConnectionLost => "a message cut off by the end of the connection",
            #[cfg(feature = "v5")]
            Self::TopicAlias => "a topic alias without a topic name",
            #[cfg(feature = "v5")]
            Self::Auth => "authentication that the client did not ask for",
        }
    }

    /// The reason code of the DISCONNECT that tells a broker of MQTT 5 the fault; `None` if there is no fault
    /// to tell (section 4.13.1 of its standard).
    #[cfg(feature = "v5")]
    #[must_use]
    pub fn reason_code(self) -> Option<ReasonCode> {
        ReasonCode::of_disconnect(match self {
            Self::Malformed(D::PropertyTwice | D::NoAuthenticationMethod | D::NoTopic)
            | Self::BeforeConnAck
            | Self::SecondConnAck
            | Self::Auth
            | Self::SessionPresent => 0x82,
            Self::Malformed(_) => 0x81,
            Self::TooManyIncoming => 0x93,
            Self::TopicAlias => 0x94,
            Self::TooLong => 0x95,
            Self::PingTimeout | Self::ConnectionLost => return None,
        })
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_found_again_by_its_number() {
        for error in Error::ALL {
            assert_eq!(Error::from_number(error.number()), Some(*error));
        }
        assert_eq!(Error::from_number(u8::MAX), None);
    }

    #[test]
    fn every_error_has_its_own_text() {
        for (index, error) in Error::ALL.iter().enumerate() {
            assert!(!error.describe().is_empty());
            for other in &Error::ALL[..index] {
                assert_ne!(error.describe(), other.describe());
            }
        }
    }
}
