//! Sockets with the built-in TLS on top.

use embedded_nal::nb;

use crate::micropython::{
    Buffer, Exception, ExceptionKind, GcMutex, HeapBytes, Obj, StreamError, errno, guarded, import,
    new_str, qstr, stack_left, unix_time,
};
use crate::time::Deadline;
use crate::transport::tls::{
    Buffers, Connection, Context, Established, HANDSHAKE_STACK, Handshake, Link, LinkError,
    MAX_NAMES, Names, Platform, TlsError,
};
use crate::transport::{Interest, Wait as _};

use super::socket::{Blocked, Layer};
use super::{MicroPythonStack, Socket, described};

/// A connection and the memory that it works in.
pub struct TlsSession {
    connection: Connection<'static>,
    /// The memory that `connection` uses, where the collector sees it.
    _memory: [HeapBytes; 2],
    #[cfg(feature = "panic-test")]
    panics: bool,
}

/// The error of every use of the connection after a panic in it.
pub(super) const BROKEN: TlsError = TlsError::Internal;

impl Socket {
    /// Puts the built-in TLS on top of it, with `context`, for the server `host`. The whole handshake
    /// takes place at once, by `deadline`.
    ///
    /// # Errors
    ///
    /// `MemoryError`, ENOMEM when the stack is too small, the errors of the handshake, and those of
    /// the network.
    pub fn secure(
        &mut self,
        stack: &mut MicroPythonStack<'_>,
        context: &Context<'_>,
        host: &str,
        deadline: Deadline,
    ) -> Result<(), StreamError> {
        let [record, out] = memory_for(context)?;
        let mut port = Port { exception: None };
        let mut names = Names::new();
        let mut socket = *self;
        let opened = guarded(|| {
            #[cfg(feature = "panic-test")]
            assert!(context.hostname() != Some("open.panic.test"), "as told");
            let handshake = Handshake {
                context: *context,
                host,
                deadline,
                names: &mut names,
            };
            let mut link = Link {
                stack,
                socket: &mut socket,
            };
            handshake.run(&mut link, record.claim(), out.claim(), &mut port)
        });
        let opened = opened.unwrap_or(Err(LinkError::Tls(BROKEN)));
        self.secured(context, [record, out], port, opened, &names)
    }

    /// Puts the connection on top that a handshake has made.
    #[cfg_attr(not(feature = "panic-test"), allow(unused_variables))]
    pub(super) fn secured(
        &mut self,
        context: &Context<'_>,
        memory: [HeapBytes; 2],
        port: Port,
        opened: Result<Established, LinkError<StreamError>>,
        names: &Names,
    ) -> Result<(), StreamError> {
        if let Some(exception) = port.exception {
            return Err(StreamError::exception(exception));
        }
        let established = match opened {
            Ok(established) => established,
            Err(LinkError::Stack(error)) => return Err(error),
            Err(LinkError::Tls(TlsError::NameMismatch)) => return Err(mismatch(names)),
            Err(LinkError::Tls(error)) => return Err(tls_failed(error)),
        };
        let session = TlsSession::new(
            &established,
            memory,
            #[cfg(feature = "panic-test")]
            (context.hostname() == Some("use.panic.test")),
        );
        self.layer = Some(Layer::BuiltInTls(session.ok_or_else(no_memory)?));
        Ok(())
    }
}

/// The buffers of a connection.
pub(super) fn memory_for(context: &Context<'_>) -> Result<[HeapBytes; 2], StreamError> {
    if stack_left() < HANDSHAKE_STACK {
        return Err(small_stack());
    }
    let sizes = Buffers::of(context);
    let record = HeapBytes::new(sizes.record).ok_or_else(no_memory)?;
    let out = HeapBytes::new(sizes.out).ok_or_else(no_memory)?;
    Ok([record, out])
}

pub(super) fn no_memory() -> Exception {
    Exception::with_text(ExceptionKind::MemoryError, "no memory for the TLS buffers")
}

impl TlsSession {
    // A function of its own: the value that is made here must not lie on the stack below a handshake.
    #[inline(never)]
    fn new(
        established: &Established,
        memory: [HeapBytes; 2],
        #[cfg(feature = "panic-test")] panics: bool,
    ) -> Option<GcMutex<Self>> {
        let [record, out] = &memory;
        GcMutex::new(Self {
            connection: Connection::new(established, record.claim(), out.claim()),
            _memory: memory,
            #[cfg(feature = "panic-test")]
            panics,
        })
    }
}

/// The port as the handshake sees it, and an exception that the port has raised meanwhile.
pub(super) struct Port {
    pub(super) exception: Option<Exception>,
}

impl Port {
    fn keep<T>(&mut self, result: Result<T, Exception>) -> Option<T> {
        result
            .map_err(|exception| self.exception = Some(exception))
            .ok()
    }
}

impl Platform for Port {
    fn random(&mut self, bytes: &mut [u8]) -> bool {
        self.keep(random(bytes)).unwrap_or(false)
    }

    fn unix_time(&mut self) -> Option<u64> {
        self.keep(unix_time()).flatten()
    }
}

/// Fills `bytes` from `os.urandom()`. False: the port does not have it.
fn random(bytes: &mut [u8]) -> Result<bool, Exception> {
    let Ok(len) = u16::try_from(bytes.len()) else {
        return Ok(false);
    };
    let made = import(qstr::os)?.call_method(qstr::urandom, &[Obj::from_u16(len)]);
    let made = match made {
        Err(exception) if exception.is_ordinary() && !exception.is_memory_error() => {
            return Ok(false);
        }
        made => made?,
    };
    let made = Buffer::of(made)?;
    let source = made.as_ref().map_or(&[][..], Buffer::as_bytes);
    let fits = source.len() == bytes.len();
    if fits {
        bytes.copy_from_slice(source);
    }
    Ok(fits)
}

/// Runs `operation` on the connection, unless another thread uses that.
///
/// # Errors
///
/// `WouldBlock` when another thread uses it; the errors of `operation`; after a panic, that.
pub fn with_session<T>(
    shared: GcMutex<TlsSession>,
    stack: &mut MicroPythonStack<'_>,
    socket: &mut Socket,
    operation: impl FnOnce(
        &mut Connection<'static>,
        Link<'_, MicroPythonStack<'_>>,
    ) -> nb::Result<T, LinkError<StreamError>>,
) -> nb::Result<T, StreamError> {
    let mut session = shared.try_lock().map_err(|seen| {
        socket.blocked = Blocked::Locked(seen);
        nb::Error::WouldBlock
    })?;
    socket.blocked = Blocked::No;
    // The socket below, without the layer.
    let mut below = Socket {
        layer: None,
        ..*socket
    };
    let link = Link {
        stack,
        socket: &mut below,
    };
    let result = guarded(|| {
        #[cfg(feature = "panic-test")]
        assert!(!session.panics, "as told");
        operation(&mut session.connection, link)
    });
    result
        .unwrap_or(Err(nb::Error::Other(LinkError::Tls(BROKEN))))
        .map_err(|error| error.map(from_link))
}

/// Sends `parts`. A server that refuses the client's certificate says why and closes the connection:
/// when nothing can be sent any more, that answer is the error.
///
/// # Errors
///
/// Those of TLS and of the network.
pub fn send(
    connection: &mut Connection<'static>,
    link: Link<'_, MicroPythonStack<'_>>,
    parts: [&[u8]; 2],
) -> nb::Result<usize, LinkError<StreamError>> {
    let Link { stack, socket } = link;
    let result = connection.send(Link { stack, socket }, parts);
    if let Err(nb::Error::Other(LinkError::Stack(_))) = result {
        let mut last_words = [0; LAST_WORDS];
        loop {
            match connection.receive(Link { stack, socket }, &mut last_words) {
                Ok(1..) => {}
                Err(error @ nb::Error::Other(LinkError::Tls(TlsError::ClientCertificate(_)))) => {
                    return Err(error);
                }
                _ => break,
            }
        }
    }
    result
}

/// The number of bytes that are read at a time when the connection has failed already.
const LAST_WORDS: usize = 64;

/// Whether TLS has bytes to be received that the socket does not report.
pub fn is_pending(shared: GcMutex<TlsSession>) -> bool {
    shared
        .try_lock()
        .is_ok_and(|session| session.connection.pending())
}

/// Sends close_notify, when no other thread uses the connection any longer.
///
/// # Errors
///
/// ETIMEDOUT when another thread has used it up to `deadline`; those of TLS and of the network.
pub fn finish(
    shared: GcMutex<TlsSession>,
    stack: &mut MicroPythonStack<'_>,
    socket: &mut Socket,
    deadline: Deadline,
) -> Result<(), StreamError> {
    loop {
        let result = with_session(shared, stack, socket, |connection, link| {
            connection.finish(link);
            Ok(())
        });
        match result {
            Ok(()) => return Ok(()),
            Err(nb::Error::Other(error)) => return Err(error),
            Err(nb::Error::WouldBlock) => {
                let late = StreamError::errno(errno::ETIMEDOUT);
                let left = deadline.remaining(stack.now()).ok_or(late)?;
                stack.wait(socket, Interest::Send, left)?;
            }
        }
    }
}

/// Ends the connection of TLS. The socket stays open.
pub fn close(shared: GcMutex<TlsSession>, stack: &mut MicroPythonStack<'_>, socket: &mut Socket) {
    // The context that closes the connection is the only one that uses it.
    let _ = with_session(shared, stack, socket, |connection, link| {
        connection.close(link);
        Ok(())
    });
}

fn from_link(error: LinkError<StreamError>) -> StreamError {
    match error {
        LinkError::Tls(error) => tls_failed(error),
        LinkError::Stack(error) => error,
    }
}

/// The error for a certificate of another name. It lists the names that the certificate has.
fn mismatch(names: &Names) -> StreamError {
    let mut text = heapless::String::<MISMATCH>::new();
    // There is room.
    let _ = text.push_str(&TlsError::NameMismatch.describe());
    if !names.is_empty() {
        let _ = text.push_str(": ");
        let _ = text.push_str(names);
    }
    in_words(errno::EACCES, &text)
}

/// The longest description, names included, in bytes.
const MISMATCH: usize = 64 + MAX_NAMES;

/// The error for a stack that is too small. The remedy depends on the thread.
pub(super) fn small_stack() -> StreamError {
    in_words(errno::ENOMEM, SMALL_STACK)
}

const SMALL_STACK: &str = "TLS needs more stack than is left here: set that of the thread \
    (_thread.stack_size(), MQTT_LOOP_STACK) or of the port's main program";

fn in_words(errno: u16, text: &str) -> StreamError {
    match new_str(text) {
        Ok(text) => described(errno, text),
        Err(exception) => StreamError::exception(exception),
    }
}

pub(super) fn tls_failed(error: TlsError) -> StreamError {
    in_words(tls_errno(error), &error.describe())
}

/// The errno of an error of TLS: EACCES for a certificate that either side refuses; EPROTO for
/// anything else that breaks the protocol.
fn tls_errno(error: TlsError) -> u16 {
    match error {
        TlsError::HandshakeTimedOut => errno::ETIMEDOUT,
        TlsError::Truncated | TlsError::Closed => errno::ECONNRESET,
        _ if error.is_about_certificate() => errno::EACCES,
        _ => errno::EPROTO,
    }
}
