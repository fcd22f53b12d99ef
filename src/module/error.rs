//! Every kind of failure, and the one place that makes Python exceptions of them.

use crate::micropython::{ExceptionKind, Obj, Raised, errno};
use crate::session;
#[cfg(feature = "tls")]
use crate::transport::tls::TlsError;
use crate::transport::{DialError, PipeError, StackError};

use super::args::{Fault, Parameter};

/// A text for people. Thin, so that a [`Result`] is small.
pub type Words = &'static &'static str;

/// Why a method of the module fails.
///
/// Its tag is a word, as that of every enum with an object in it or beside it has to be: the
/// compiler copies what follows the tag as plain bytes, and behind a smaller tag to any
/// address. MicroPython's collector sees no object whose address lies across two words of the
/// stack: the value of a `Result<Text, Error>` would be collected while it is used.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub enum Error {
    /// Python raised it.
    Raised(Raised),
    /// What is wrong with which argument.
    Argument(Parameter, Fault),
    /// Network trouble: an errno, and what failed in words.
    Os(u16, Words),
    /// Network trouble: an errno, and a `str` that says what failed.
    Described(u16, Obj),
    /// The port's own TLS failed, with a number of its own.
    TlsNumber(u16),
    /// The built-in TLS failed.
    #[cfg(feature = "tls")]
    Tls(TlsError),
    /// The broker refused something: a code of the standard, and what it means.
    Refused(u8, Words),
    /// The broker broke the protocol.
    Protocol(session::Error),
    /// The connection is lost, for the broker broke the protocol.
    Broken(session::Error),
    /// Not built in.
    #[cfg(not(feature = "tls"))]
    NotImplemented(Words),
}

pub type Result<T> = core::result::Result<T, Error>;

const _: () = assert!(size_of::<Result<()>>() <= 3 * size_of::<usize>());

impl Error {
    pub const NOT_CONNECTED: Self = Self::Os(errno::ENOTCONN, &"not connected to a broker");
    pub const CONNECTION_LOST: Self = Self::Os(errno::ECONNRESET, &"the connection was lost");

    /// Without threads: a timer's function, for example, was called in the middle of a method.
    pub const INTERRUPTS: Self = Self::Os(
        errno::EAGAIN,
        &"called in the middle of another call that uses the connection",
    );

    /// The broker did not answer in time; the text says what.
    pub const fn timed_out(text: Words) -> Self {
        Self::Os(errno::ETIMEDOUT, text)
    }

    /// `MemoryError`.
    #[cold]
    pub fn no_memory() -> Self {
        Self::Raised(Raised::with_text(
            ExceptionKind::MemoryError,
            "no memory for the client's tables",
        ))
    }

    /// The Python exception object.
    pub fn into_exception(self) -> Obj {
        self.into_raised().exception()
    }

    /// The Python exception.
    #[cold]
    pub fn into_raised(self) -> Raised {
        let (kind, code, text) = match self {
            Self::Raised(raised) => return raised,
            Self::Argument(parameter, fault) => return fault.raised(parameter),
            #[cfg(not(feature = "tls"))]
            Self::NotImplemented(text) => {
                return Raised::with_text(ExceptionKind::NotImplementedError, text);
            }
            Self::Described(errno, text) => {
                return Raised::with_code_and_object(ExceptionKind::OSError, errno, text);
            }
            Self::TlsNumber(number) => {
                return Raised::with_code(ExceptionKind::OSError, errno::EPROTO, &numbered(number));
            }
            #[cfg(feature = "tls")]
            Self::Tls(error) => (
                ExceptionKind::OSError,
                tls_errno(error),
                error.describe().to_str().unwrap_or_default(),
            ),
            Self::Os(errno, text) => (ExceptionKind::OSError, errno, *text),
            Self::Broken(error) => (ExceptionKind::OSError, errno::ECONNRESET, error.describe()),
            Self::Refused(code, text) => (ExceptionKind::MQTTException, code.into(), *text),
            Self::Protocol(error) => (
                ExceptionKind::MQTTException,
                errno::EPROTO,
                error.describe(),
            ),
        };
        Raised::with_code(kind, code, text)
    }

    /// Whether it says something of the connection, and not only of the call.
    pub fn ends_connection(&self) -> bool {
        self.is_os_error() || matches!(self, Self::Protocol(_))
    }

    /// Whether it is an `OSError` of ours.
    pub fn is_os_error(&self) -> bool {
        match self {
            Self::Os(..) | Self::Described(..) | Self::TlsNumber(_) => true,
            #[cfg(feature = "tls")]
            Self::Tls(_) => true,
            _ => false,
        }
    }
}

/// Names an error of mbedTLS as its documentation does.
fn numbered(number: u16) -> heapless::String<NUMBERED> {
    let mut text = heapless::String::new();
    // There is room.
    let _ = text.push_str("TLS failed: mbedTLS error -0x");
    for shift in [12, 8, 4, 0] {
        let digit = u32::from(number >> shift & 15);
        let _ = text.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
    text
}

const NUMBERED: usize = 40;

/// Certificates that are refused are EACCES, ours by the server too; anything else that
/// ends a connection is a broken protocol.
#[cfg(feature = "tls")]
fn tls_errno(error: TlsError) -> u16 {
    match error {
        TlsError::HandshakeTimedOut => errno::ETIMEDOUT,
        TlsError::Truncated => errno::ECONNRESET,
        TlsError::Closed => errno::ENOTCONN,
        TlsError::Expired
        | TlsError::NotYetValid
        | TlsError::UnknownIssuer
        | TlsError::SelfSigned
        | TlsError::NameMismatch
        | TlsError::NotForServers
        | TlsError::AuthorityAsServer
        | TlsError::IssuerIsNoAuthority
        | TlsError::BadCertificateSignature
        | TlsError::UnsupportedCertificate
        | TlsError::BadCertificate
        | TlsError::NoCertificate
        | TlsError::NoProof
        | TlsError::BadProof
        | TlsError::ClientCertificate(_) => errno::EACCES,
        _ => errno::EPROTO,
    }
}

impl From<Raised> for Error {
    fn from(raised: Raised) -> Self {
        Self::Raised(raised)
    }
}

impl From<session::Error> for Error {
    fn from(error: session::Error) -> Self {
        match error {
            session::Error::CutOff => Self::CONNECTION_LOST,
            session::Error::PingTimeout => Self::timed_out(&"no answer to PINGREQ"),
            _ => Self::Protocol(error),
        }
    }
}

impl From<PipeError<StackError>> for Error {
    fn from(error: PipeError<StackError>) -> Self {
        match error {
            PipeError::Closed => Self::Os(errno::ECONNRESET, &"the broker closed the connection"),
            PipeError::TimedOut => {
                Self::timed_out(&"the broker took no data within command_timeout")
            }
            PipeError::Stack(error) => from_stack(error, &"the network failed while connected"),
        }
    }
}

impl From<DialError<StackError>> for Error {
    fn from(error: DialError<StackError>) -> Self {
        match error {
            DialError::Resolve(error) => from_stack(error, &"the host name was not found"),
            DialError::Connect(error) => from_stack(error, &"cannot connect to the broker"),
            DialError::ResolveTimedOut => {
                Self::timed_out(&"the host name was not found within command_timeout")
            }
            DialError::ConnectTimedOut => {
                Self::timed_out(&"no connection to the broker within command_timeout")
            }
        }
    }
}

impl From<StackError> for Error {
    fn from(error: StackError) -> Self {
        from_stack(error, &"TLS failed")
    }
}

fn from_stack(error: StackError, text: Words) -> Error {
    match error {
        StackError::Errno(errno) => Error::Os(errno, text),
        StackError::Described(errno, text) => Error::Described(errno, text),
        StackError::Broken(number) => Error::TlsNumber(number),
        #[cfg(feature = "tls")]
        StackError::Tls(error) => Error::Tls(error),
        StackError::Raised(raised) => Error::Raised(raised),
    }
}
