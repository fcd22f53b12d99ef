//! MicroPython's `socket` module as a `TcpClientStack`.
//!
//! Sockets are made and connected through the Python-level module, which every port has;
//! bytes then go through the stream protocol, without any allocation.

#[cfg(feature = "tls")]
mod built_in_tls;
mod connect;
#[cfg(feature = "port-tls")]
mod port_tls;
mod resolve;
#[cfg(all(feature = "aio", feature = "tls"))]
mod securing;
mod socket;
mod wait;

use core::net::SocketAddr;

use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind, nb};
use portable_atomic::AtomicU32;

use crate::micropython::{
    Exception, ORDERING, Obj, StreamCause, StreamError, errno, handle_pending, has_threads, import,
    qstr,
};

#[cfg(feature = "port-tls")]
pub use port_tls::can_wrap;
#[cfg(all(feature = "aio", feature = "tls"))]
pub use securing::Securing;
pub use socket::Socket;

#[cfg(any(feature = "port-tls", feature = "tls"))]
use crate::micropython::ExceptionKind;
#[cfg(any(feature = "port-tls", feature = "tls"))]
use socket::Layer;

impl TcpError for StreamError {
    fn kind(&self) -> TcpErrorKind {
        match self.cause() {
            StreamCause::Errno(
                errno::ECONNRESET | errno::ENOTCONN | errno::ECONNABORTED | errno::EPIPE,
            )
            | StreamCause::Cancelled => TcpErrorKind::PipeClosed,
            _ => TcpErrorKind::Other,
        }
    }
}

/// The network of the port.
///
/// Waiting ends with [`StreamError::CANCELLED`] when the counter that it was given has moved on.
#[derive(Clone, Copy, Debug)]
pub struct MicroPythonStack<'a> {
    cancelled: &'a AtomicU32,
    /// The counter at the start.
    count: u32,
    /// The module, once it has been imported.
    module: Option<Obj>,
    /// The last answer of the port's resolver: it has the addresses in the form that sockets take.
    answer: Option<Obj>,
    /// Whether scheduled functions run while this waits.
    runs_functions: bool,
}

impl<'a> MicroPythonStack<'a> {
    /// Makes a handle whose waits end when `cancelled` changes.
    pub fn new(cancelled: &'a AtomicU32) -> Self {
        Self {
            cancelled,
            count: cancelled.load(ORDERING),
            module: None,
            answer: None,
            runs_functions: true,
        }
    }

    /// The same, but scheduled functions do not run while it waits: they could wait for the owner
    /// of this stack, which runs them later.
    pub fn without_functions(self) -> Self {
        Self {
            runs_functions: false,
            ..self
        }
    }

    /// The last answer of the port's resolver.
    #[cfg(feature = "aio")]
    pub fn answer(&self) -> Option<Obj> {
        self.answer
    }

    /// The same, but with an answer that the resolver has given before.
    #[cfg(feature = "aio")]
    pub fn with_answer(self, answer: Option<Obj>) -> Self {
        Self { answer, ..self }
    }

    /// Sends at most one record of `parts`, one behind the other, with the built-in TLS; returns how many of their
    /// bytes the network has taken. Its errors are those of [`send`](TcpClientStack::send).
    #[cfg(feature = "tls")]
    pub fn send_record(
        &mut self,
        socket: &mut Socket,
        parts: [&[u8]; 2],
    ) -> nb::Result<usize, StreamError> {
        let Some(Layer::BuiltInTls(session)) = socket.layer else {
            return Err(nb::Error::Other(StreamError::errno(errno::ENOTCONN)));
        };
        built_in_tls::with_session(session, self, socket, |connection, link| {
            built_in_tls::send(connection, link, parts)
        })
    }

    /// Serves the events of a wait: an exception (Ctrl-C), scheduled functions, a
    /// cancellation.
    fn serve_pending(&self) -> Result<(), StreamError> {
        // Without threads they have run during the wait, whatever this context holds.
        if has_threads() && self.runs_functions {
            handle_pending()?;
        }
        self.check_cancelled()
    }

    /// The `socket` module, which is imported once: the VM looks for a file of that name each time.
    fn module(&mut self) -> Result<Obj, Exception> {
        match self.module {
            Some(module) => Ok(module),
            None => Ok(*self.module.insert(import(qstr::socket)?)),
        }
    }

    fn check_cancelled(&self) -> Result<(), StreamError> {
        if self.cancelled.load(ORDERING) == self.count {
            Ok(())
        } else {
            Err(StreamError::CANCELLED)
        }
    }
}

impl TcpClientStack for MicroPythonStack<'_> {
    type TcpSocket = Socket;
    type Error = StreamError;

    /// Makes nothing yet: `connect`, which knows the address family, makes the socket.
    fn socket(&mut self) -> Result<Socket, StreamError> {
        Ok(Socket::new())
    }

    fn connect(&mut self, socket: &mut Socket, remote: SocketAddr) -> nb::Result<(), StreamError> {
        socket.connect(self, remote)
    }

    fn send(&mut self, socket: &mut Socket, buffer: &[u8]) -> nb::Result<usize, StreamError> {
        let layer = socket.layer;
        match layer {
            None => moved(socket.stream()?.write(buffer)),
            #[cfg(feature = "port-tls")]
            Some(Layer::PortTls(stream, borrowed)) => {
                port_tls::with_stream(borrowed, socket, &mut || stream.write(buffer))
            }
            #[cfg(feature = "tls")]
            Some(Layer::BuiltInTls(_)) => self.send_record(socket, [buffer, &[]]),
        }
    }

    fn receive(
        &mut self,
        socket: &mut Socket,
        buffer: &mut [u8],
    ) -> nb::Result<usize, StreamError> {
        let layer = socket.layer;
        match layer {
            None => moved(socket.stream()?.read(buffer)),
            #[cfg(feature = "port-tls")]
            Some(Layer::PortTls(stream, borrowed)) => {
                port_tls::with_stream(borrowed, socket, &mut || stream.read(buffer))
            }
            #[cfg(feature = "tls")]
            Some(Layer::BuiltInTls(session)) => {
                built_in_tls::with_session(session, self, socket, |connection, link| {
                    connection.receive(link, buffer)
                })
            }
        }
    }

    fn close(&mut self, #[allow(unused_mut)] mut socket: Socket) -> Result<(), StreamError> {
        match socket.layer {
            // This frees its memory. The socket below, which it cannot close, is closed next.
            #[cfg(feature = "port-tls")]
            Some(Layer::PortTls(stream, _)) => {
                let _ = stream.close();
            }
            #[cfg(feature = "tls")]
            Some(Layer::BuiltInTls(session)) => built_in_tls::close(session, self, &mut socket),
            None => {}
        }
        match socket.stream() {
            Ok(stream) => stream.close(),
            Err(_) => Ok(()),
        }
    }
}

/// The number of bytes that were read or written; `WouldBlock` for none yet.
fn moved(outcome: Result<Option<usize>, StreamError>) -> nb::Result<usize, StreamError> {
    match outcome {
        Ok(Some(n)) => Ok(n),
        Ok(None) => Err(nb::Error::WouldBlock),
        Err(error) => Err(nb::Error::Other(error)),
    }
}

/// An `OSError` of an errno and a description.
#[cfg(any(feature = "port-tls", feature = "tls"))]
fn described(errno: u16, text: Obj) -> StreamError {
    StreamError::exception(Exception::with_code_and_object(
        ExceptionKind::OSError,
        errno,
        text,
    ))
}
