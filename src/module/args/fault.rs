//! The faults of arguments, and their texts.

use crate::codec::FieldError;
use crate::micropython::{Exception, ExceptionKind};

use super::Parameter;

/// The fault of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    // Wrong types.
    NotText,
    NotPayload,
    NotInt,
    NotIntOrNone,
    NotBool,
    NotContext,
    #[cfg(feature = "into")]
    NotBytearray,
    NotCallable,
    #[cfg(feature = "v5")]
    NotDict,
    #[cfg(feature = "v5")]
    NotPairs,
    #[cfg(feature = "v5")]
    NotNamed,
    #[cfg(feature = "tls")]
    NotNames,
    // Wrong values.
    Empty,
    EmptyWithSession,
    TooLong,
    TooLongForPacket,
    NotUtf8,
    NullCharacter,
    Wildcard,
    SharedSubscription,
    NotQos,
    NotKeepalive,
    NotHost,
    NotPort,
    NotMilliseconds,
    NotPositive,
    #[cfg(feature = "v5")]
    OutOfRange,
    #[cfg(feature = "v5")]
    NeedsMethod,
    #[cfg(feature = "v5")]
    NeedsAuthentication,
    #[cfg(feature = "v5")]
    OtherMethod,
    #[cfg(feature = "v5")]
    NeedsVersion5,
    #[cfg(feature = "v5")]
    NotVersion,
    #[cfg(feature = "v5")]
    NotReason,
    #[cfg(feature = "v5")]
    Shared,
    #[cfg(feature = "v5")]
    NotAsked,
    #[cfg(feature = "v5")]
    OfRequest,
    #[cfg(feature = "store")]
    NotFalse,
    #[cfg(feature = "store")]
    Damaged,
    #[cfg(feature = "store")]
    OtherVersion,
    #[cfg(feature = "store")]
    OtherClient,
    #[cfg(feature = "store")]
    NotNew,
    #[cfg(feature = "store")]
    TooMuch,
    #[cfg(feature = "tls")]
    UnknownOptions,
    #[cfg(feature = "tls")]
    ContradictingOptions,
    #[cfg(feature = "tls")]
    BadNames,
}

/// The longest text of an error, a parameter's name and a fault, in bytes.
const TEXT: usize = 64;

impl Fault {
    /// The requirement, to go after the parameter's name.
    const fn describe(self) -> &'static str {
        match self {
            Self::NotText => " must be str or bytes-like",
            Self::NotPayload => " must be str, bytes-like or None",
            Self::NotInt => " must be an int",
            Self::NotIntOrNone => " must be an int or None",
            Self::NotBool => " must be a bool",
            Self::NotContext => " must be an SSL context or None",
            #[cfg(feature = "into")]
            Self::NotBytearray => " must be a bytearray or None",
            Self::NotCallable => " must be callable",
            #[cfg(feature = "v5")]
            Self::NotDict => " must be a dict or None",
            #[cfg(feature = "v5")]
            Self::NotPairs => " must be a sequence of pairs of str",
            #[cfg(feature = "v5")]
            Self::NotNamed => " must have keys of str",
            Self::Empty => " must not be empty",
            Self::EmptyWithSession => " must not be empty without clean_session",
            Self::TooLong => " is longer than 65535 bytes",
            Self::TooLongForPacket => " is too long for a packet (256 MB)",
            Self::NotUtf8 => " is not UTF-8",
            Self::NullCharacter => " must not contain U+0000",
            Self::Wildcard => " has a wildcard where none can be",
            Self::SharedSubscription => " must be $share/name/filter",
            Self::NotQos => " must be 0, 1 or 2",
            Self::NotKeepalive => " must be 0 to 65535",
            Self::NotHost => " must be a name or an address; the port is an argument",
            Self::NotPort => " must be 1 to 65535",
            // The upper bound is `MAX_MS`.
            Self::NotMilliseconds => " must be 0 to 1073741823, in ms",
            Self::NotPositive => " must be 1 to 1073741823, in ms",
            #[cfg(feature = "v5")]
            Self::OutOfRange => " is out of range",
            #[cfg(feature = "v5")]
            Self::NeedsMethod => " needs authentication_method",
            #[cfg(feature = "v5")]
            Self::NeedsAuthentication => " needs set_authentication()",
            #[cfg(feature = "v5")]
            Self::OtherMethod => " is not that of set_authentication()",
            #[cfg(feature = "v5")]
            Self::NeedsVersion5 => " needs set_version(5)",
            #[cfg(feature = "v5")]
            Self::NotVersion => " must be 4 or 5",
            #[cfg(feature = "v5")]
            Self::NotReason => " is no reason code for a client",
            #[cfg(feature = "v5")]
            Self::NotAsked => " is not in the message",
            #[cfg(feature = "v5")]
            Self::OfRequest => " is what request() sets itself",
            // [MQTT5-3.8.3-4]
            #[cfg(feature = "v5")]
            Self::Shared => " cannot be for a shared subscription",
            #[cfg(feature = "store")]
            Self::NotFalse => " must be False: a clean session is not kept",
            #[cfg(feature = "store")]
            Self::Damaged => " is damaged",
            #[cfg(feature = "store")]
            Self::OtherVersion => " is from another version of the module",
            #[cfg(feature = "store")]
            Self::OtherClient => " is from a client with another identifier",
            #[cfg(feature = "store")]
            Self::NotNew => " comes before connect() and publish()",
            #[cfg(feature = "store")]
            Self::TooMuch => " has more messages than there is room for",
            #[cfg(feature = "tls")]
            Self::UnknownOptions => " must be made of CERT_... and ..._AUTH",
            #[cfg(feature = "tls")]
            Self::ContradictingOptions => " contradict each other or a client",
            #[cfg(feature = "tls")]
            Self::NotNames => " must be a sequence of str or bytes-like names",
            // The bounds are `MAX_PROTOCOLS` and `MAX_PROTOCOL_BYTES`.
            #[cfg(feature = "tls")]
            Self::BadNames => " must be 1 to 8 names of 1 to 255 bytes, 256 in all",
        }
    }

    /// The Python exception.
    pub fn exception(self, parameter: Parameter) -> Exception {
        let kind = if self < Self::Empty {
            ExceptionKind::TypeError
        } else {
            ExceptionKind::ValueError
        };
        let mut text = heapless::String::<TEXT>::new();
        // Both fit: the longest name and the longest description are shorter than TEXT.
        let _ = text.push_str(parameter.name().as_str());
        if !cfg!(feature = "terse") {
            let _ = text.push_str(self.describe());
        }
        Exception::with_text(kind, &text)
    }
}

impl From<FieldError> for Fault {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::Empty => Self::Empty,
            FieldError::TooLong => Self::TooLong,
            FieldError::NotUtf8 => Self::NotUtf8,
            FieldError::NullCharacter => Self::NullCharacter,
            FieldError::Wildcard => Self::Wildcard,
            FieldError::SharedSubscription => Self::SharedSubscription,
        }
    }
}
