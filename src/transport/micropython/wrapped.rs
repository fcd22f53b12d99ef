//! Sockets that a Python object has wrapped: the port's own TLS.

use crate::micropython::{ExceptionKind, Io, Obj, Raised, Shared, Stream, errno, qstr};
use embedded_nal::nb;

use super::{Layer, Socket, StackError, described, outcome};

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
    pub fn wrap(&mut self, context: Obj, host: Obj) -> Result<(), StackError> {
        let turn = Shared::new(())
            .ok_or_else(|| Raised::with_text(ExceptionKind::MemoryError, "no memory for TLS"))?;
        let wrapped = self.stream_mut()?.wrap(|socket| {
            let named = [
                [Obj::from_qstr(qstr::SERVER_HOSTNAME), host],
                [
                    Obj::from_qstr(qstr::DO_HANDSHAKE_ON_CONNECT),
                    Obj::from_bool(false),
                ],
            ];
            let wrap = context.attribute(qstr::WRAP_SOCKET)?;
            wrap.call_with_names(socket, named).map_err(failed)
        })?;
        if !wrapped {
            return Err(StackError::raised(Raised::with_text(
                ExceptionKind::TypeError,
                "ssl_ctx.wrap_socket() must return a stream",
            )));
        }
        self.layer = Some(Layer::Wrapped(turn));
        Ok(())
    }
}

/// Reads or writes, unless another thread is doing so.
pub fn in_turn(
    turn: Shared<()>,
    socket: &mut Socket,
    operation: impl FnOnce(&mut Stream) -> Result<Io, Raised>,
) -> nb::Result<usize, StackError> {
    let held = turn.try_lock();
    socket.was_taken = held.is_none();
    if socket.was_taken {
        return Err(nb::Error::WouldBlock);
    }
    match operation(socket.stream_mut()?) {
        Ok(Io::Broken(CONN_EOF)) => Err(nb::Error::Other(StackError::errno(errno::ECONNRESET))),
        Ok(io) => outcome(io),
        Err(raised) => Err(nb::Error::Other(failed(raised))),
    }
}

/// MBEDTLS_ERR_SSL_CONN_EOF: the connection ended without a word.
const CONN_EOF: u16 = 0x7280;

/// What an exception says that TLS has raised. MicroPython's raises ValueError for
/// certificates, and OSError with a negative number and a text for everything else.
fn failed(raised: Raised) -> StackError {
    if !raised.is_ordinary() || raised.is_memory_error() {
        return StackError::raised(raised);
    }
    if let Some(errno @ 1..) = raised.errno() {
        return StackError::errno(errno);
    }
    let Ok(args) = raised.exception().attribute(qstr::ARGS) else {
        return StackError::raised(raised);
    };
    let (first, second) = (args.item(0), args.item(1));
    match (raised.is_os_error(), first, second) {
        (true, _, Ok(text)) if text.is_str() => described(errno::EPROTO, text),
        (true, Ok(number), _) => match number.as_int() {
            Ok(Some(number)) => {
                StackError::broken(number.unsigned_abs().try_into().unwrap_or(u16::MAX))
            }
            _ => StackError::raised(raised),
        },
        (false, Ok(text), _) if text.is_str() && raised.is_value_error() => {
            described(errno::EACCES, text)
        }
        _ => StackError::raised(raised),
    }
}
