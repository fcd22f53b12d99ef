//! Every kind of failure, and the one place that makes Python exceptions of them.

use core::ffi::CStr;

use crate::micropython::{ExceptionKind, Obj, Raised, errno};
use crate::session;
use crate::transport::{DialError, PipeError, StackError};

/// Why a method of the module fails.
#[derive(Clone, Copy, Debug)]
pub enum Error {
    /// Python raised it.
    Raised(Raised),
    /// An argument of the wrong type; the text names the parameter.
    Type(&'static CStr),
    /// An argument out of its range; the text names the parameter.
    Value(&'static CStr),
    /// Network trouble: an errno, and what failed in words.
    Os(u32, &'static CStr),
    /// The broker refused something: a code of the standard, and what it means.
    Refused(u8, &'static CStr),
    /// The broker broke the protocol.
    Protocol(session::Error),
    /// Not built in.
    NotImplemented(&'static CStr),
}

pub type Result<T> = core::result::Result<T, Error>;

impl Error {
    pub const NOT_CONNECTED: Self = Self::Os(errno::ENOTCONN, c"not connected to a broker");
    pub const CONNECTION_LOST: Self = Self::Os(errno::ECONNRESET, c"the connection was lost");

    /// The broker did not answer in time; the text says what.
    pub const fn timed_out(text: &'static CStr) -> Self {
        Self::Os(errno::ETIMEDOUT, text)
    }

    /// `MemoryError`.
    pub fn no_memory() -> Self {
        Self::Raised(Raised::with_text(
            ExceptionKind::MemoryError,
            c"no memory for the client's tables",
        ))
    }

    /// The Python exception object.
    pub fn into_exception(self) -> Obj {
        self.into_raised().exception()
    }

    /// The Python exception.
    pub fn into_raised(self) -> Raised {
        match self {
            Self::Raised(raised) => raised,
            Self::Type(text) => Raised::with_text(ExceptionKind::TypeError, text),
            Self::Value(text) => Raised::with_text(ExceptionKind::ValueError, text),
            Self::NotImplemented(text) => {
                Raised::with_text(ExceptionKind::NotImplementedError, text)
            }
            Self::Os(errno, text) => os_error(errno, text),
            Self::Refused(code, text) => {
                Raised::with_code(ExceptionKind::MQTTException, code.into(), text)
            }
            Self::Protocol(error) => {
                Raised::with_code(ExceptionKind::MQTTException, EPROTO, error.describe())
            }
        }
    }

    /// Whether it says something of the connection, and not only of the call.
    pub fn ends_connection(&self) -> bool {
        matches!(self, Self::Os(..) | Self::Protocol(_))
    }

    /// What failed, in words.
    pub fn describe(&self) -> &'static CStr {
        match self {
            Self::Raised(_) => c"interrupted",
            Self::Type(text)
            | Self::Value(text)
            | Self::Os(_, text)
            | Self::Refused(_, text)
            | Self::NotImplemented(text) => text,
            Self::Protocol(error) => error.describe(),
        }
    }
}

/// Protocol error, as Linux numbers it; MicroPython has no name for it.
const EPROTO: i16 = 71;

fn os_error(errno: u32, text: &CStr) -> Raised {
    Raised::with_code(
        ExceptionKind::OSError,
        i16::try_from(errno).unwrap_or(i16::MAX),
        text,
    )
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
            session::Error::PingTimeout => Self::Os(errno::ETIMEDOUT, error.describe()),
            _ => Self::Protocol(error),
        }
    }
}

impl From<PipeError<StackError>> for Error {
    fn from(error: PipeError<StackError>) -> Self {
        match error {
            PipeError::Closed => Self::Os(errno::ECONNRESET, c"the broker closed the connection"),
            PipeError::TimedOut => Self::Os(
                errno::ETIMEDOUT,
                c"the broker took no data within command_timeout",
            ),
            PipeError::Stack(error) => from_stack(error, c"the network failed while connected"),
        }
    }
}

impl From<DialError<StackError>> for Error {
    fn from(error: DialError<StackError>) -> Self {
        match error {
            DialError::Resolve(error) => from_stack(error, c"the host name was not found"),
            DialError::Connect(error) => from_stack(error, c"cannot connect to the broker"),
            DialError::ResolveTimedOut => Self::Os(
                errno::ETIMEDOUT,
                c"the host name was not found within command_timeout",
            ),
            DialError::ConnectTimedOut => Self::Os(
                errno::ETIMEDOUT,
                c"no connection to the broker within command_timeout",
            ),
        }
    }
}

fn from_stack(error: StackError, text: &'static CStr) -> Error {
    match error {
        StackError::Errno(errno) => Error::Os(u32::try_from(errno).unwrap_or(errno::EIO), text),
        StackError::Raised(raised) => Error::Raised(raised),
    }
}
