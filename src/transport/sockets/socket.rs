//! What a socket holds.

use crate::micropython::{
    BorrowedSocket, Descriptor, Exception, GcMutex, Obj, SOCKETS_CALL, Seen, Stream, StreamError,
    StreamFlags, errno, qstr,
};
use crate::time::Deadline;

use super::MicroPythonStack;
#[cfg(feature = "tls")]
use super::built_in_tls::{self, TlsSession};

/// A socket, as far as it has got. A copy refers to the same socket.
#[derive(Clone, Copy, Debug)]
pub struct Socket {
    pub(super) stream: Option<Stream>,
    pub(super) descriptor: Descriptor,
    /// While it connects: the address in the form that the port's `connect` takes.
    pub(super) remote: Option<Obj>,
    /// TLS.
    pub(super) layer: Option<Layer>,
    /// What stopped the last try to read or write through `layer`.
    pub(super) blocked: Blocked,
}

/// What speaks TLS on top of a socket.
///
/// Reading and writing share its state, and while the socket is read or written, other
/// threads run: one context uses it at a time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layer {
    /// The stream that the socket is wrapped in, and the socket as that knows it.
    PortTls(Stream, GcMutex<BorrowedSocket>),
    #[cfg(feature = "tls")]
    BuiltInTls(GcMutex<TlsSession>),
}

/// What stopped a read or write of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// Nothing that is worth a note.
    No,
    /// Another thread was using the layer.
    Locked(Seen),
    /// The layer waits for this of the socket, whatever was to be done.
    Socket(StreamFlags),
}

impl Socket {
    /// A socket that has not been made.
    pub(super) const fn new() -> Self {
        Self {
            stream: None,
            descriptor: Descriptor::NONE,
            remote: None,
            layer: None,
            blocked: Blocked::No,
        }
    }

    /// Whether it has been made.
    pub(super) const fn is_made(&self) -> bool {
        self.stream.is_some()
    }

    /// It has been made. Whether it is a stream.
    pub(super) fn made(&mut self, socket: Obj) -> bool {
        self.stream = Stream::of(socket);
        if let Some(stream) = self.stream {
            self.descriptor = Descriptor::of(stream);
        }
        self.is_made()
    }

    /// The socket itself, without what is on top of it.
    pub(super) fn stream(&self) -> Result<Stream, StreamError> {
        self.stream.ok_or(StreamError::errno(errno::ENOTCONN))
    }

    /// Wakes whoever waits for it, in whatever thread; it stays open.
    pub fn shutdown(&self) {
        self.descriptor.shutdown();
    }

    /// Sets TCP_NODELAY: each small packet leaves at once while it is true. Otherwise Nagle's
    /// algorithm sends several together, when TCP's acknowledgement of those before has come.
    /// Nothing happens where sockets have no descriptors.
    pub fn set_nodelay(&self, nodelay: bool) {
        self.descriptor.set_nodelay(nodelay);
    }

    /// Tells the peer that nothing more is sent, where the layer on top of the socket can: the
    /// built-in TLS sends close_notify (RFC 8446, section 6.1). The port's own has no means
    /// to. Nothing can be sent afterwards; the socket stays open, and can be read.
    ///
    /// Fails when another thread has used the connection up to `deadline`; a network without
    /// room for it is not waited for.
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

    /// Has the port call `function` when data comes. False: it has no means to.
    pub fn call_on_data(
        &self,
        stack: &mut MicroPythonStack<'_>,
        function: Obj,
    ) -> Result<bool, Exception> {
        let Some(stream) = self.stream.filter(|_| SOCKETS_CALL) else {
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

    /// Closes it from a finaliser. What it is wrapped in has its own.
    pub fn close_now(&self) {
        if let Some(stream) = self.stream {
            stream.close_now(self.descriptor);
        }
    }
}

/// The socket option of MicroPython's lwIP sockets that sets a function to be called on
/// received data and on the end of the connection (extmod/modlwip.c).
const LWIP_CALLBACK: u16 = 20;
