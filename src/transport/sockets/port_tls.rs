//! Sockets with the port's own TLS on top: a Python object has wrapped them.

use crate::micropython::{
    BorrowedSocket, Exception, ExceptionKind, GcMutex, Obj, Stream, StreamCause, StreamError,
    errno, qstr,
};
use embedded_nal::nb;

use super::socket::{Blocked, Layer};
use super::{Socket, described, moved};

/// Whether `context` can wrap sockets.
///
/// # Errors
///
/// An exception of the search for `wrap_socket`, but for those of an object without it.
pub fn can_wrap(context: Obj) -> Result<bool, Exception> {
    match context.attribute(qstr::wrap_socket) {
        Ok(wrap) => Ok(wrap.is_callable()),
        Err(exception) if exception.is_ordinary() && !exception.is_memory_error() => Ok(false),
        Err(exception) => Err(exception),
    }
}

impl Socket {
    /// Puts the port's TLS on top of it with `context.wrap_socket()`, for the server `host`. The
    /// handshake takes place while the first bytes are sent.
    ///
    /// # Errors
    ///
    /// An exception of `wrap_socket()`; `TypeError` when it returns no stream; `MemoryError`.
    pub fn wrap(&mut self, context: Obj, host: Obj) -> Result<(), StreamError> {
        let borrowed = BorrowedSocket::new(self.stream()?).ok_or_else(no_memory)?;
        let shared = GcMutex::new(borrowed).ok_or_else(no_memory)?;
        let named = [
            [Obj::from_qstr(qstr::server_hostname), host],
            [
                Obj::from_qstr(qstr::do_handshake_on_connect),
                Obj::from_bool(false),
            ],
        ];
        let wrap = context.attribute(qstr::wrap_socket)?;
        let wrapped = wrap
            .call_with_names(borrowed.obj(), named)
            .map_err(failed)?;
        let stream = Stream::of(wrapped).ok_or_else(|| {
            StreamError::exception(Exception::with_text(
                ExceptionKind::TypeError,
                "ssl_ctx.wrap_socket() must return a stream",
            ))
        })?;
        self.layer = Some(Layer::PortTls(stream, shared));
        Ok(())
    }
}

fn no_memory() -> Exception {
    Exception::with_text(ExceptionKind::MemoryError, "no memory for TLS")
}

/// Runs `operation`, a read or write of the stream, unless another thread uses the stream.
///
/// # Errors
///
/// `WouldBlock` when another thread uses it, or nothing can be moved yet; an error of the stream.
pub fn with_stream(
    shared: GcMutex<BorrowedSocket>,
    socket: &mut Socket,
    operation: &mut dyn FnMut() -> Result<Option<usize>, StreamError>,
) -> nb::Result<usize, StreamError> {
    let borrowed = shared.try_lock().map_err(|seen| {
        socket.blocked = Blocked::Locked(seen);
        nb::Error::WouldBlock
    })?;
    let outcome = operation();
    let blocked = borrowed.take_blocked();
    socket.blocked = match (outcome, blocked) {
        (Ok(None), Some(flags)) => Blocked::Socket(flags),
        _ => Blocked::No,
    };
    moved(outcome.map_err(explained))
}

/// Gives an error of a read or write its meaning for the connection.
fn explained(error: StreamError) -> StreamError {
    match error.cause() {
        StreamCause::Broken(CONN_EOF) => StreamError::errno(errno::ECONNRESET),
        StreamCause::Exception(exception) => failed(exception),
        _ => error,
    }
}

/// MBEDTLS_ERR_SSL_CONN_EOF: the connection ended without close_notify.
const CONN_EOF: u16 = 0x7280;

/// Translates an exception that TLS has raised. MicroPython's TLS raises ValueError for certificates,
/// and OSError with a negative number and a text for everything else.
fn failed(exception: Exception) -> StreamError {
    if !exception.is_ordinary() || exception.is_memory_error() {
        return StreamError::exception(exception);
    }
    if let Some(errno @ 1..) = exception.errno() {
        return StreamError::errno(errno);
    }
    let Ok(args) = exception.as_obj().attribute(qstr::args) else {
        return StreamError::exception(exception);
    };
    let (first, second) = (args.item(0), args.item(1));
    match (exception.is_os_error(), first, second) {
        (true, _, Ok(text)) if text.is_str() => described(errno::EPROTO, text),
        (true, Ok(number), _) => match number.as_int() {
            Ok(Some(number)) => {
                StreamError::broken(number.unsigned_abs().try_into().unwrap_or(u16::MAX))
            }
            _ => StreamError::exception(exception),
        },
        (false, Ok(text), _) if text.is_str() && exception.is_value_error() => {
            described(errno::EACCES, text)
        }
        _ => StreamError::exception(exception),
    }
}
