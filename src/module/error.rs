//! Every kind of failure, and the one place that makes Python exceptions of them.

use crate::micropython::{ExceptionKind, Obj, Raised, errno};
use crate::session;
use crate::transport::{DialError, PipeError, StackError};

use super::args::{Fault, Parameter};

/// A text for people. Thin, so that a [`Result`] fits into two registers.
pub type Words = &'static &'static str;

/// Why a method of the module fails.
#[derive(Clone, Copy, Debug)]
pub enum Error {
    /// Python raised it.
    Raised(Raised),
    /// What is wrong with which argument.
    Argument(Parameter, Fault),
    /// Network trouble: an errno, and what failed in words.
    Os(u16, Words),
    /// The broker refused something: a code of the standard, and what it means.
    Refused(u8, Words),
    /// The broker broke the protocol.
    Protocol(session::Error),
    /// The connection is lost, for the broker broke the protocol.
    Broken(session::Error),
    /// Not built in.
    NotImplemented(Words),
}

pub type Result<T> = core::result::Result<T, Error>;

// Two registers of a 32-bit processor.
const _: () = assert!(size_of::<Result<()>>() <= 2 * size_of::<usize>());

impl Error {
    pub const NOT_CONNECTED: Self = Self::Os(errno::ENOTCONN, &"not connected to a broker");
    pub const CONNECTION_LOST: Self = Self::Os(errno::ECONNRESET, &"the connection was lost");

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
            Self::NotImplemented(text) => {
                return Raised::with_text(ExceptionKind::NotImplementedError, text);
            }
            Self::Os(errno, text) => (ExceptionKind::OSError, errno, *text),
            Self::Broken(error) => (ExceptionKind::OSError, errno::ECONNRESET, error.describe()),
            Self::Refused(code, text) => (ExceptionKind::MQTTException, code.into(), *text),
            Self::Protocol(error) => (ExceptionKind::MQTTException, EPROTO, error.describe()),
        };
        Raised::with_code(kind, code, text)
    }

    /// Whether it says something of the connection, and not only of the call.
    pub fn ends_connection(&self) -> bool {
        matches!(self, Self::Os(..) | Self::Protocol(_))
    }
}

/// Protocol error, as Linux numbers it; MicroPython has no name for it.
const EPROTO: u16 = 71;

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

fn from_stack(error: StackError, text: Words) -> Error {
    match error {
        StackError::Errno(errno) => Error::Os(errno, text),
        StackError::Raised(raised) => Error::Raised(raised),
    }
}
