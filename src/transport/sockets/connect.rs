//! Making a socket and connecting it.

use core::net::SocketAddr;

use embedded_nal::nb;

use crate::micropython::{
    CONNECT_ONCE, Exception, Obj, SOCKETS_CALL, Stream, StreamCause, StreamError, StreamFlags,
    StreamState, errno, new_str, qstr,
};
use crate::transport::address_text::address_text;

use super::{MicroPythonStack, Socket};

impl Socket {
    /// Connects, or looks how far that is.
    pub(super) fn connect(
        &mut self,
        stack: &mut MicroPythonStack<'_>,
        remote: SocketAddr,
    ) -> nb::Result<(), StreamError> {
        let result = self.attempt(stack, remote);
        if result.is_ok() {
            // The collector may have it.
            self.remote = None;
        }
        result
    }

    fn attempt(
        &mut self,
        stack: &mut MicroPythonStack<'_>,
        remote: SocketAddr,
    ) -> nb::Result<(), StreamError> {
        if !self.is_made() {
            stack
                .module()
                .and_then(|module| self.open(module, remote))
                .map_err(StreamError::from)?;
        } else if CONNECT_ONCE {
            return self.attempt_outcome();
        }
        let stream = self.stream()?;
        let Err(exception) = stream
            .obj()
            .call_method(qstr::connect, self.remote.as_slice())
        else {
            return Ok(());
        };
        let reason = match exception.errno() {
            Some(errno::EISCONN) => return Ok(()),
            Some(errno::EINPROGRESS | errno::EALREADY | errno::EAGAIN) => nb::Error::WouldBlock,
            _ if !exception.is_os_error() => return Err(nb::Error::Other(exception.into())),
            _ => nb::Error::Other(exception.into()),
        };
        if CONNECT_ONCE || self.descriptor.is_there() {
            return Err(reason);
        }
        how_it_went(stream, reason)
    }

    /// Makes the socket, for the family of `remote`, and has it never block.
    fn open(&mut self, module: Obj, remote: SocketAddr) -> Result<(), Exception> {
        let text = address_text(remote.ip());
        let host = new_str(&text)?;
        let found = module.call_method(qstr::getaddrinfo, &[host, Obj::from_u16(remote.port())])?;
        let first = found.item(0)?;
        self.remote = Some(first.item(4)?);
        let object = module.call_method(qstr::socket, &[first.item(0)?])?;
        object.call_method(qstr::setblocking, &[Obj::from_bool(false)])?;
        // lwIP has places for a few packets only, and whoever writes one more waits for seconds,
        // with all of the program: there small packets leave together.
        if !self.made(object) || SOCKETS_CALL {
            return Ok(());
        }
        // A small packet must not wait for the acknowledgement of the one before.
        if self.descriptor.is_there() {
            self.set_nodelay(true);
            return Ok(());
        }
        // Ports that cannot switch that off send late, but they send.
        match send_at_once(module, object) {
            Err(exception) if !exception.is_ordinary() => Err(exception),
            _ => Ok(()),
        }
    }

    /// How an attempt to connect went, where `connect` does not say.
    ///
    /// A socket that failed is ready for everything. One that has connected has room to send;
    /// nothing can have come yet, for no broker speaks first. The port does not keep the reason
    /// of a failure.
    fn attempt_outcome(&self) -> nb::Result<(), StreamError> {
        let stream = self.stream()?;
        let ready = |flags| {
            stream
                .wait(self.descriptor, true, flags, 0)
                .map_err(StreamError::from)
        };
        if !ready(StreamFlags::Writable)? {
            Err(nb::Error::WouldBlock)
        } else if ready(StreamFlags::Readable)? {
            Err(nb::Error::Other(StreamError::errno(errno::ECONNREFUSED)))
        } else {
            Ok(())
        }
    }
}

/// What became of an attempt to connect a socket without a descriptor. `reason`: the error that
/// it raised.
///
/// A second `connect` of MicroPython's lwIP sockets says `EBADF` after every failure, `EALREADY`
/// for ever once the peer has closed, and on the first one then a number that is no errno
/// (extmod/modlwip.c). Their state tells.
fn how_it_went(stream: Stream, reason: nb::Error<StreamError>) -> nb::Result<(), StreamError> {
    const RESET: StreamError = StreamError::errno(errno::ECONNRESET);
    match stream.state()? {
        StreamState::Usable => Ok(()),
        StreamState::Waiting => Err(reason),
        StreamState::Failed => {
            let said = match (stream.read(&mut [0]), reason) {
                (Err(error), _) if !matches!(error.cause(), StreamCause::Broken(_)) => error,
                (_, nb::Error::Other(reason)) => reason,
                (_, nb::Error::WouldBlock) => RESET,
            };
            // An RST in answer to SYN: nobody listens there.
            Err(nb::Error::Other(if said == RESET {
                StreamError::errno(errno::ECONNREFUSED)
            } else {
                said
            }))
        }
    }
}

/// Switches Nagle's algorithm off.
fn send_at_once(module: Obj, socket: Obj) -> Result<(), Exception> {
    let level = module.attribute(qstr::IPPROTO_TCP)?;
    let option = module.attribute(qstr::TCP_NODELAY)?;
    let args = [level, option, Obj::from_u16(1)];
    socket.call_method(qstr::setsockopt, &args)?;
    Ok(())
}
