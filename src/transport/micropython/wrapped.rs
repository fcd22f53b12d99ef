//! Sockets that a Python object has wrapped: the port's own TLS.

use crate::micropython::{
    ExceptionKind, Link, Obj, Raised, Shared, Stream, StreamCause, StreamError, errno, qstr,
};
use embedded_nal::nb;

use super::socket::{Blocked, Layer};
use super::{Socket, described, moved};

/// Whether `context` can wrap sockets.
pub fn can_wrap(context: Obj) -> Result<bool, Raised> {
    match context.attribute(qstr::WRAP_SOCKET) {
        Ok(wrap) => Ok(wrap.is_callable()),
        Err(raised) if raised.is_ordinary() && !raised.is_memory_error() => Ok(false),
        Err(raised) => Err(raised),
    }
}

impl Socket {
    /// Has `context.wrap_socket()` put TLS on top of it, for the server `host`. The handshake
    /// takes place while the first bytes are sent.
    pub fn wrap(&mut self, context: Obj, host: Obj) -> Result<(), StreamError> {
        let link = Link::new(self.stream()?).ok_or_else(no_memory)?;
        let turn = Shared::new(link).ok_or_else(no_memory)?;
        let named = [
            [Obj::from_qstr(qstr::SERVER_HOSTNAME), host],
            [
                Obj::from_qstr(qstr::DO_HANDSHAKE_ON_CONNECT),
                Obj::from_bool(false),
            ],
        ];
        let wrap = context.attribute(qstr::WRAP_SOCKET)?;
        let wrapped = wrap.call_with_names(link.obj(), named).map_err(failed)?;
        let stream = Stream::of(wrapped).ok_or_else(|| {
            StreamError::raised(Raised::with_text(
                ExceptionKind::TypeError,
                "ssl_ctx.wrap_socket() must return a stream",
            ))
        })?;
        self.layer = Some(Layer::Wrapped(stream, turn));
        Ok(())
    }
}

fn no_memory() -> Raised {
    Raised::with_text(ExceptionKind::MemoryError, "no memory for TLS")
}

/// Reads or writes, unless another thread is doing so.
pub fn in_turn(
    turn: Shared<Link>,
    socket: &mut Socket,
    operation: impl FnOnce() -> Result<Option<usize>, StreamError>,
) -> nb::Result<usize, StreamError> {
    let link = turn.try_lock().map_err(|seen| {
        socket.blocked = Blocked::Turn(seen);
        nb::Error::WouldBlock
    })?;
    let outcome = operation();
    let blocked = link.take_blocked();
    socket.blocked = match (outcome, blocked) {
        (Ok(None), Some(flags)) => Blocked::Socket(flags),
        _ => Blocked::No,
    };
    moved(outcome).map_err(|error| error.map(explained))
}

/// What an error of a read or write means.
fn explained(error: StreamError) -> StreamError {
    match error.cause() {
        StreamCause::Broken(CONN_EOF) => StreamError::errno(errno::ECONNRESET),
        StreamCause::Raised(raised) => failed(raised),
        _ => error,
    }
}

/// MBEDTLS_ERR_SSL_CONN_EOF: the connection ended without a word.
const CONN_EOF: u16 = 0x7280;

/// What an exception says that TLS has raised. MicroPython's raises ValueError for
/// certificates, and OSError with a negative number and a text for everything else.
fn failed(raised: Raised) -> StreamError {
    if !raised.is_ordinary() || raised.is_memory_error() {
        return StreamError::raised(raised);
    }
    if let Some(errno @ 1..) = raised.errno() {
        return StreamError::errno(errno);
    }
    let Ok(args) = raised.exception().attribute(qstr::ARGS) else {
        return StreamError::raised(raised);
    };
    let (first, second) = (args.item(0), args.item(1));
    match (raised.is_os_error(), first, second) {
        (true, _, Ok(text)) if text.is_str() => described(errno::EPROTO, text),
        (true, Ok(number), _) => match number.as_int() {
            Ok(Some(number)) => {
                StreamError::broken(number.unsigned_abs().try_into().unwrap_or(u16::MAX))
            }
            _ => StreamError::raised(raised),
        },
        (false, Ok(text), _) if text.is_str() && raised.is_value_error() => {
            described(errno::EACCES, text)
        }
        _ => StreamError::raised(raised),
    }
}
