//! MicroPython's `socket` module as a `TcpClientStack`.
//!
//! Sockets are made and connected through the Python-level module, which every port has;
//! bytes then go through the stream protocol, without any allocation.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use embedded_nal::{AddrType, Dns, TcpClientStack, TcpError, TcpErrorKind, nb};
use portable_atomic::{AtomicU32, Ordering};

use crate::micropython::{
    Buffer, CONNECT_ONCE, Cause, ExceptionKind, Failure, Io, Obj, Raised, SOCKETS_CALL, Shared,
    Stream, StreamFlags, StreamState, errno, handle_pending, import, new_str, now, pause, qstr,
};
use crate::time::{Deadline, Instant};

use super::address_text::address_text;
use super::{Interest, Wait};

#[cfg(feature = "tls")]
mod builtin;
mod wrapped;

pub use wrapped::can_wrap;

/// A socket, as far as it has got. A copy refers to the same socket.
#[derive(Clone, Copy, Debug)]
pub struct Socket {
    stream: Option<Stream>,
    /// While it connects: the address in the form that the port's `connect` takes.
    remote: Obj,
    /// TLS.
    layer: Option<Layer>,
    /// Another thread was using `layer` at the last try.
    was_taken: bool,
}

/// What speaks TLS on top of a socket.
///
/// Reading and writing share its state, and while the socket is read or written, other
/// threads run: one context uses it at a time.
#[derive(Clone, Copy, Debug)]
enum Layer {
    /// The stream that the socket is wrapped in.
    Wrapped(Shared<()>),
    #[cfg(feature = "tls")]
    BuiltIn(Shared<builtin::Session>),
}

/// Why the network failed: a [`StackCause`] in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackError(Failure);

/// What a [`StackError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StackCause {
    /// The network's word.
    Errno(u16),
    /// What the socket is wrapped in failed, with its own number.
    Broken(u16),
    /// A Python exception that says more than an errno, or something else: Ctrl-C, no memory.
    Raised(Raised),
}

/// In the code of a [`StackError`], beside the number: it is not an errno.
const BROKEN: u32 = 1 << 16;

impl StackError {
    /// The network's word.
    pub const fn errno(errno: u16) -> Self {
        Self(Failure::from_code(errno as u32))
    }

    /// What the socket is wrapped in failed, with its own number.
    pub const fn broken(number: u16) -> Self {
        Self(Failure::from_code(number as u32 | BROKEN))
    }

    /// A Python exception, whatever it is.
    pub fn raised(raised: Raised) -> Self {
        Self(raised.into())
    }

    /// What it is.
    pub fn cause(self) -> StackCause {
        match self.0.cause() {
            Cause::Raised(raised) => StackCause::Raised(raised),
            Cause::Code(code) if code & BROKEN != 0 => StackCause::Broken(code as u16),
            Cause::Code(code) => StackCause::Errno(code as u16),
        }
    }
}

impl TcpError for StackError {
    fn kind(&self) -> TcpErrorKind {
        match self.cause() {
            StackCause::Errno(
                errno::ECONNRESET | errno::ENOTCONN | errno::ECONNABORTED | errno::EPIPE,
            ) => TcpErrorKind::PipeClosed,
            _ => TcpErrorKind::Other,
        }
    }
}

/// The network of the port.
///
/// Waiting ends with `ECONNABORTED` when the counter that it was given has moved on.
#[derive(Clone, Copy, Debug)]
pub struct MicroPythonStack<'a> {
    cancelled: &'a AtomicU32,
    /// What the counter showed at the start.
    count: u32,
}

impl<'a> MicroPythonStack<'a> {
    /// A handle whose waits end when `cancelled` changes.
    pub fn new(cancelled: &'a AtomicU32) -> Self {
        Self {
            cancelled,
            count: cancelled.load(Ordering::SeqCst),
        }
    }

    fn check_cancelled(&self) -> Result<(), StackError> {
        if self.cancelled.load(Ordering::SeqCst) == self.count {
            Ok(())
        } else {
            Err(StackError::errno(errno::ECONNABORTED))
        }
    }
}

impl Socket {
    /// Wakes whoever waits for it, in whatever thread; it stays open.
    pub fn shutdown(&self) {
        if let Some(stream) = &self.stream {
            stream.shutdown();
        }
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
    ) -> Result<(), StackError> {
        match self.layer {
            #[cfg(feature = "tls")]
            Some(Layer::BuiltIn(session)) => builtin::finish(session, stack, self, deadline),
            _ => Ok(()),
        }
    }

    /// Has the port call `function` when data comes. False: it has no means to.
    pub fn call_on_data(&self, function: Obj) -> Result<bool, Raised> {
        let Some(stream) = self.stream.as_ref().filter(|_| SOCKETS_CALL) else {
            return Ok(false);
        };
        let module = import(qstr::SOCKET)?;
        let told = module.attribute(qstr::SOL_SOCKET).and_then(|level| {
            let args = [level, Obj::from_u16(LWIP_CALLBACK), function];
            stream.socket().call_method(qstr::SETSOCKOPT, &args)
        });
        match told {
            Ok(_) => Ok(true),
            Err(raised) if raised.is_ordinary() => Ok(false),
            Err(raised) => Err(raised),
        }
    }

    /// Closes it from a finaliser.
    pub fn close_now(&self) {
        if let Some(stream) = &self.stream {
            stream.close_now();
        }
    }

    fn stream(&self) -> Result<&Stream, StackError> {
        self.stream
            .as_ref()
            .ok_or(StackError::errno(errno::ENOTCONN))
    }

    fn stream_mut(&mut self) -> Result<&mut Stream, StackError> {
        self.stream
            .as_mut()
            .ok_or(StackError::errno(errno::ENOTCONN))
    }
}

impl From<Raised> for StackError {
    /// An `OSError` with an errno becomes that, anything else is passed on.
    fn from(raised: Raised) -> Self {
        match raised.errno() {
            Some(errno) if errno > 0 => Self::errno(errno),
            _ => Self::raised(raised),
        }
    }
}

/// An errno, and what has happened in words.
fn described(errno: u16, text: Obj) -> StackError {
    StackError::raised(Raised::with_code_and_object(
        ExceptionKind::OSError,
        errno,
        text,
    ))
}

fn outcome(io: Io) -> nb::Result<usize, StackError> {
    match io {
        Io::Done(n) => Ok(n),
        Io::WouldBlock => Err(nb::Error::WouldBlock),
        Io::Failed(errno) => Err(nb::Error::Other(StackError::errno(errno))),
        Io::Broken(number) => Err(nb::Error::Other(StackError::broken(number))),
    }
}

impl TcpClientStack for MicroPythonStack<'_> {
    type TcpSocket = Socket;
    type Error = StackError;

    /// The socket itself is made by `connect`, which knows the address family.
    fn socket(&mut self) -> Result<Socket, StackError> {
        Ok(Socket {
            stream: None,
            remote: Obj::none(),
            layer: None,
            was_taken: false,
        })
    }

    fn connect(&mut self, socket: &mut Socket, remote: SocketAddr) -> nb::Result<(), StackError> {
        let result = attempt(socket, remote);
        if result.is_ok() {
            // The collector may have it.
            socket.remote = Obj::none();
        }
        result
    }

    fn send(&mut self, socket: &mut Socket, buffer: &[u8]) -> nb::Result<usize, StackError> {
        match socket.layer {
            None => outcome(
                socket
                    .stream_mut()?
                    .write(buffer)
                    .map_err(StackError::from)?,
            ),
            Some(Layer::Wrapped(turn)) => {
                wrapped::in_turn(turn, socket, |stream| stream.write(buffer))
            }
            #[cfg(feature = "tls")]
            Some(Layer::BuiltIn(session)) => {
                builtin::with_session(session, self, socket, |connection, link| {
                    builtin::send(connection, link, buffer)
                })
            }
        }
    }

    fn receive(&mut self, socket: &mut Socket, buffer: &mut [u8]) -> nb::Result<usize, StackError> {
        match socket.layer {
            None => outcome(
                socket
                    .stream_mut()?
                    .read(buffer)
                    .map_err(StackError::from)?,
            ),
            Some(Layer::Wrapped(turn)) => {
                wrapped::in_turn(turn, socket, |stream| stream.read(buffer))
            }
            #[cfg(feature = "tls")]
            Some(Layer::BuiltIn(session)) => {
                builtin::with_session(session, self, socket, |connection, link| {
                    connection.receive(link, buffer)
                })
            }
        }
    }

    fn close(&mut self, #[allow(unused_mut)] mut socket: Socket) -> Result<(), StackError> {
        #[cfg(feature = "tls")]
        if let Some(Layer::BuiltIn(session)) = socket.layer {
            builtin::close(session, self, &mut socket);
        }
        match &socket.stream {
            Some(stream) => Ok(stream.close()?),
            None => Ok(()),
        }
    }
}

impl Wait for MicroPythonStack<'_> {
    fn now(&mut self) -> Instant {
        now()
    }

    fn wait(
        &mut self,
        socket: &Socket,
        interest: Interest,
        timeout_ms: u32,
    ) -> Result<bool, StackError> {
        let flags = match interest {
            Interest::Receive => StreamFlags::Readable,
            Interest::Send => StreamFlags::Writable,
        };
        #[cfg(feature = "tls")]
        if let (Some(Layer::BuiltIn(session)), Interest::Receive) = (socket.layer, interest)
            && builtin::is_pending(session)
        {
            return Ok(true);
        }
        if socket.was_taken {
            // Whoever is using the connection is done in a moment.
            pause(1)?;
            self.check_cancelled()?;
            return Ok(true);
        }
        let ready = socket.stream()?.wait(flags, timeout_ms)?;
        self.check_cancelled()?;
        Ok(ready)
    }

    fn idle(&mut self, _timeout_ms: u32) -> Result<(), StackError> {
        // The ports' resolvers block: there is nothing to wait for between two calls.
        handle_pending()?;
        self.check_cancelled()
    }
}

/// Connects, or looks how far that is.
fn attempt(socket: &mut Socket, remote: SocketAddr) -> nb::Result<(), StackError> {
    if socket.stream.is_none() {
        open(socket, remote).map_err(StackError::from)?;
    } else if CONNECT_ONCE {
        return attempt_outcome(socket.stream()?);
    }
    let stream = socket.stream()?;
    let Err(raised) = stream.socket().call_method(qstr::CONNECT, &[socket.remote]) else {
        return Ok(());
    };
    let reason = match raised.errno() {
        Some(errno::EISCONN) => return Ok(()),
        Some(errno::EINPROGRESS | errno::EALREADY | errno::EAGAIN) => None,
        _ if !raised.is_os_error() => return Err(nb::Error::Other(raised.into())),
        _ => Some(StackError::from(raised)),
    };
    if CONNECT_ONCE || stream.has_descriptor() {
        return Err(reason.map_or(nb::Error::WouldBlock, nb::Error::Other));
    }
    how_it_went(*stream, reason)
}

/// How an attempt to connect went, where `connect` does not say.
///
/// A socket that failed is ready for everything. One that has connected has room to send; nothing
/// can have come yet, for no broker speaks first. The port does not keep the reason of a failure.
fn attempt_outcome(stream: &Stream) -> nb::Result<(), StackError> {
    let ready = |flags| stream.wait(flags, 0).map_err(StackError::from);
    if !ready(StreamFlags::Writable)? {
        Err(nb::Error::WouldBlock)
    } else if ready(StreamFlags::Readable)? {
        Err(nb::Error::Other(StackError::errno(errno::ECONNREFUSED)))
    } else {
        Ok(())
    }
}

/// What became of an attempt to connect a socket without a descriptor. `reason`: the error that
/// it raised, or `None` when it said that it is under way.
///
/// A second `connect` of MicroPython's lwIP sockets says `EBADF` after every failure, `EALREADY`
/// for ever once the peer has closed, and on the first one then a number that is no errno
/// (extmod/modlwip.c). Their state tells.
fn how_it_went(mut stream: Stream, reason: Option<StackError>) -> nb::Result<(), StackError> {
    match stream.state().map_err(StackError::from)? {
        StreamState::Usable => Ok(()),
        StreamState::Waiting => Err(reason.map_or(nb::Error::WouldBlock, nb::Error::Other)),
        StreamState::Failed => {
            let said = match stream.read(&mut [0]).map_err(StackError::from)? {
                Io::Failed(errno) => StackError::errno(errno),
                Io::Done(_) | Io::WouldBlock | Io::Broken(_) => {
                    reason.unwrap_or(StackError::errno(errno::ECONNRESET))
                }
            };
            // An RST in answer to SYN: nobody listens there.
            Err(nb::Error::Other(
                if said == StackError::errno(errno::ECONNRESET) {
                    StackError::errno(errno::ECONNREFUSED)
                } else {
                    said
                },
            ))
        }
    }
}

/// Makes the socket, for the family of `remote`, and has it never block.
fn open(socket: &mut Socket, remote: SocketAddr) -> Result<(), Raised> {
    let module = import(qstr::SOCKET)?;
    let text = address_text(remote.ip());
    let host = new_str(&text)?;
    let found = module.call_method(qstr::GETADDRINFO, &[host, Obj::from_u16(remote.port())])?;
    let first = found.item(0)?;
    socket.remote = first.item(4)?;
    let object = module.call_method(qstr::SOCKET, &[first.item(0)?])?;
    object.call_method(qstr::SETBLOCKING, &[Obj::from_bool(false)])?;
    let stream = Stream::new(object)?;
    // A small packet must not wait for the acknowledgement of the one before. Ports that
    // cannot switch that off send late, but they send.
    match send_at_once(module, &stream) {
        Err(raised) if !raised.is_ordinary() => return Err(raised),
        _ => {}
    }
    socket.stream = Some(stream);
    Ok(())
}

/// Switches Nagle's algorithm off.
fn send_at_once(module: Obj, stream: &Stream) -> Result<(), Raised> {
    let level = module.attribute(qstr::IPPROTO_TCP);
    let option = module.attribute(qstr::TCP_NODELAY);
    let (level, option) = match (level, option) {
        (Ok(level), Ok(option)) => (level, option),
        // The unix port has no names for them, but passes them on to the system.
        _ if stream.has_descriptor() => (Obj::from_u16(IPPROTO_TCP), Obj::from_u16(TCP_NODELAY)),
        (Err(raised), _) | (_, Err(raised)) => return Err(raised),
    };
    let args = [level, option, Obj::from_u16(1)];
    stream.socket().call_method(qstr::SETSOCKOPT, &args)?;
    Ok(())
}

/// The socket option of MicroPython's lwIP sockets that sets a function to be called on
/// received data and on the end of the connection (extmod/modlwip.c).
const LWIP_CALLBACK: u16 = 20;

/// Of RFC 9293's protocol, as every system numbers it.
const IPPROTO_TCP: u16 = 6;
/// As Unix systems number it.
const TCP_NODELAY: u16 = 1;

impl Dns for MicroPythonStack<'_> {
    type Error = StackError;

    fn get_host_by_name(
        &mut self,
        hostname: &str,
        addr_type: AddrType,
    ) -> nb::Result<IpAddr, StackError> {
        match resolve(hostname, &addr_type) {
            Ok(Some(address)) => Ok(address),
            Ok(None) => Err(nb::Error::Other(StackError::errno(errno::EHOSTUNREACH))),
            // The ports have no common errno for a name that does not resolve.
            Err(raised) if raised.is_os_error() => {
                Err(nb::Error::Other(StackError::errno(errno::EHOSTUNREACH)))
            }
            Err(raised) => Err(nb::Error::Other(StackError::raised(raised))),
        }
    }

    fn get_host_by_address(
        &mut self,
        _addr: IpAddr,
        _result: &mut [u8],
    ) -> nb::Result<usize, StackError> {
        // MicroPython has no such function.
        Err(nb::Error::Other(StackError::errno(errno::EOPNOTSUPP)))
    }
}

/// The first address of `hostname` that is of the wanted family.
fn resolve(hostname: &str, family: &AddrType) -> Result<Option<IpAddr>, Raised> {
    let module = import(qstr::SOCKET)?;
    let host = new_str(hostname)?;
    let found = module.call_method(qstr::GETADDRINFO, &[host, Obj::from_u16(0)])?;
    for index in 0..MAX_ADDRESSES {
        let Ok(entry) = found.item(index) else {
            break;
        };
        let address = parse_sockaddr(module, entry.item(4)?)?;
        let wanted = match (family, address) {
            (AddrType::IPv4, Some(IpAddr::V4(_)))
            | (AddrType::IPv6, Some(IpAddr::V6(_)))
            | (AddrType::Either, Some(_)) => true,
            (_, _) => false,
        };
        if wanted {
            return Ok(address);
        }
    }
    Ok(None)
}

/// Entries of the answer of `getaddrinfo` that are looked at.
const MAX_ADDRESSES: i16 = 32;

/// The unix port has the system's own structure, others a tuple that begins with the
/// address in text.
fn parse_sockaddr(module: Obj, sockaddr: Obj) -> Result<Option<IpAddr>, Raised> {
    if Buffer::of(sockaddr)?.is_none() {
        let text = Buffer::of(sockaddr.item(0)?)?;
        return Ok(text.and_then(|text| parse_ipv4(text.as_bytes()).map(IpAddr::V4)));
    }
    let parts = module.call_method(qstr::SOCKADDR, &[sockaddr])?;
    let Some(address) = Buffer::of(parts.item(1)?)? else {
        return Ok(None);
    };
    let bytes = address.as_bytes();
    Ok(
        match (<[u8; 4]>::try_from(bytes), <[u8; 16]>::try_from(bytes)) {
            (Ok(v4), _) => Some(IpAddr::V4(Ipv4Addr::from(v4))),
            (_, Ok(v6)) => Some(IpAddr::V6(Ipv6Addr::from(v6))),
            _ => None,
        },
    )
}

/// Four numbers with dots between. Ports whose addresses are text know IPv4 only; the
/// parser in `core` would bring its panics along.
fn parse_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() {
            return None;
        }
        for digit in part {
            let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
            *octet = u8::checked_mul(*octet, 10)?.checked_add(digit)?;
        }
    }
    parts.next().is_none().then_some(Ipv4Addr::from(octets))
}
