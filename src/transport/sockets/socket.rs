//! A socket, with the TLS on top of it.

#[cfg(feature = "port-tls")]
use crate::micropython::{BorrowedSocket, StreamFlags};
use crate::micropython::{
    Descriptor, Exception, Obj, Stream, StreamError, errno, qstr, sockets_call,
};
#[cfg(any(feature = "port-tls", feature = "tls"))]
use crate::micropython::{GcMutex, Seen};
use crate::time::Deadline;

use super::MicroPythonStack;
#[cfg(feature = "tls")]
use super::built_in_tls::{self, TlsSession};

/// A socket in any state. A copy refers to the same socket.
#[derive(Clone, Copy, Debug)]
pub struct Socket {
    pub(super) stream: Option<Stream>,
    pub(super) descriptor: Descriptor,
    /// The address in the form that the port's `connect` takes, while the socket connects.
    pub(super) remote: Option<Obj>,
    /// TLS.
    pub(super) layer: Option<Layer>,
    /// The reason why the last read or write through `layer` could not be done.
    pub(super) blocked: Blocked,
}

/// The TLS on top of a socket.
///
/// Reading and writing share its state, and other threads run while the socket is read or written:
/// one context uses it at a time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layer {
    /// The port's: the stream that wraps the socket, and the socket as that stream sees it.
    #[cfg(feature = "port-tls")]
    PortTls(Stream, GcMutex<BorrowedSocket>),
    #[cfg(feature = "tls")]
    BuiltInTls(GcMutex<TlsSession>),
}

/// The reason why a read or write through a layer could not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// There was none, or the socket itself tells.
    No,
    /// Another thread was using the layer.
    #[cfg(any(feature = "port-tls", feature = "tls"))]
    Locked(Seen),
    /// The layer waits for this readiness of the socket, for a read as for a write.
    #[cfg(feature = "port-tls")]
    Socket(StreamFlags),
}

impl Socket {
    /// A socket before the port has made it.
    pub(super) const fn new() -> Self {
        Self {
            stream: None,
            descriptor: Descriptor::NONE,
            remote: None,
            layer: None,
            blocked: Blocked::No,
        }
    }

    /// Whether the port has made it.
    pub(super) const fn is_made(&self) -> bool {
        self.stream.is_some()
    }

    /// Takes the socket that the port has made. False: it is no stream.
    pub(super) fn made(&mut self, socket: Obj) -> bool {
        self.stream = Stream::of(socket);
        if let Some(stream) = self.stream {
            self.descriptor = Descriptor::of(stream);
        }
        self.is_made()
    }

    /// The socket itself, without the layer on top of it.
    pub(super) fn stream(&self) -> Result<Stream, StreamError> {
        self.stream.ok_or(StreamError::errno(errno::ENOTCONN))
    }

    /// Whether there is TLS on top of it.
    #[cfg(feature = "tls")]
    pub fn is_secured(&self) -> bool {
        self.layer.is_some()
    }

    /// Whether the built-in TLS is on top of it.
    #[cfg(feature = "tls")]
    pub fn has_records(&self) -> bool {
        matches!(self.layer, Some(Layer::BuiltInTls(_)))
    }

    /// The port's socket, once there is one.
    pub fn obj(&self) -> Option<Obj> {
        self.stream.map(Stream::obj)
    }

    /// Whether the layer on top of it, which could not write, waits for bytes to read.
    #[cfg(feature = "aio")]
    pub fn reads_first(&self) -> bool {
        match self.blocked {
            #[cfg(feature = "port-tls")]
            Blocked::Socket(flags) => flags == StreamFlags::Readable,
            _ => false,
        }
    }

    /// Wakes the threads that wait for it. It stays open.
    pub fn shutdown(&self) {
        self.descriptor.shutdown();
    }

    /// Sets TCP_NODELAY: each small packet leaves at once while it is true. Otherwise Nagle's
    /// algorithm sends several together, when TCP's acknowledgement of those before has come. It does
    /// nothing where sockets have no descriptors.
    pub fn set_nodelay(&self, nodelay: bool) {
        self.descriptor.set_nodelay(nodelay);
    }

    /// Tells the peer that nothing more will be sent, where the layer on top of the socket can: the
    /// built-in TLS sends close_notify (RFC 8446, section 6.1). The port's own TLS cannot. Nothing can
    /// be sent afterwards; the socket stays open, and can be read. It does not wait for room.
    ///
    /// # Errors
    ///
    /// ETIMEDOUT when another thread has used the connection up to `deadline`, and the layer's own.
    #[cfg_attr(not(feature = "tls"), allow(unused_variables))]
    pub fn finish(
        &mut self,
        stack: &mut MicroPythonStack<'_>,
        deadline: Deadline,
    ) -> Result<(), StreamError> {
        match self.layer {
            #[cfg(feature = "tls")]
            Some(Layer::BuiltInTls(session)) => {
                built_in_tls::finish(session, stack, self, deadline)
            }
            _ => Ok(()),
        }
    }

    /// Makes the port call `function` when data comes. False: the port cannot.
    ///
    /// # Errors
    ///
    /// An exception of Python's, but for those of a port that cannot.
    pub fn call_on_data(
        &self,
        stack: &mut MicroPythonStack<'_>,
        function: Obj,
    ) -> Result<bool, Exception> {
        let Some(stream) = self.stream.filter(|_| sockets_call()) else {
            return Ok(false);
        };
        let told = stack
            .module()?
            .attribute(qstr::SOL_SOCKET)
            .and_then(|level| {
                let args = [level, Obj::from_u16(LWIP_CALLBACK), function];
                stream.obj().call_method(qstr::setsockopt, &args)
            });
        match told {
            Ok(_) => Ok(true),
            Err(exception) if exception.is_ordinary() => Ok(false),
            Err(exception) => Err(exception),
        }
    }

    /// Closes it from a finaliser. A stream that wraps it has a finaliser of its own.
    pub fn close_now(&self) {
        if let Some(stream) = self.stream {
            stream.close_now(self.descriptor);
        }
    }
}

/// The option of MicroPython's lwIP sockets that sets a function which is called on received data
/// and at the end of the connection (extmod/modlwip.c).
const LWIP_CALLBACK: u16 = 20;
