//! Making a socket and connecting it.

use core::net::SocketAddr;

use embedded_nal::nb;

use crate::micropython::{
    Exception, Obj, Stream, StreamCause, StreamError, StreamFlags, StreamState, connect_once,
    errno, qstr, sockets_call,
};
use crate::transport::Resolve as _;

use super::resolve::find;
use super::{MicroPythonStack, Socket};

impl Socket {
    /// Begins to connect, or looks how far the attempt has come.
    pub(super) fn connect(
        &mut self,
        stack: &mut MicroPythonStack<'_>,
        remote: SocketAddr,
    ) -> nb::Result<(), StreamError> {
        let result = self.attempt(stack, remote);
        if result.is_ok() {
            // The collector may free it.
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
            let module = stack.module().map_err(StreamError::from)?;
            // An address that the resolver has not given.
            let unknown = nb::Error::Other(MicroPythonStack::no_address());
            let answer = stack.answer.ok_or(unknown)?;
            let entry = find(module, answer, &mut |address| address == remote.ip());
            let entry = entry.map_err(StreamError::from)?.ok_or(unknown)?;
            self.open(module, entry).map_err(StreamError::from)?;
        } else if connect_once() {
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
        if connect_once() || self.descriptor.is_there() {
            return Err(reason);
        }
        outcome_by_state(stream, reason)
    }

    /// Makes the socket, for the address of this entry of the resolver's answer, and makes it never
    /// block.
    fn open(&mut self, module: Obj, entry: Obj) -> Result<(), Exception> {
        self.remote = Some(entry.item(4)?);
        let object = module.call_method(qstr::socket, &[entry.item(0)?])?;
        object.call_method(qstr::setblocking, &[Obj::from_bool(false)])?;
        // lwIP has places for a few packets only, and a write of one more stops the whole program
        // for seconds: there small packets leave together.
        if !self.made(object) || sockets_call() {
            return Ok(());
        }
        // A small packet must not wait for the acknowledgement of the one before.
        if self.descriptor.is_there() {
            self.set_nodelay(true);
            return Ok(());
        }
        // A port that cannot switch Nagle's algorithm off sends late, but it sends.
        match set_nodelay(module, object) {
            Err(exception) if !exception.is_ordinary() => Err(exception),
            _ => Ok(()),
        }
    }

    /// The outcome of an attempt to connect, where `connect` does not report it.
    ///
    /// A socket that failed is ready for everything. A socket that has connected has room to send, and
    /// nothing can have come yet, because no broker speaks first. The port does not keep the reason
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

/// The outcome of an attempt to connect a socket without a descriptor. `reason` is the error that
/// the attempt raised.
///
/// A second `connect` of MicroPython's lwIP sockets says `EBADF` after every failure, `EALREADY`
/// for ever once the peer has closed, and at first a number that is no errno (extmod/modlwip.c).
/// The state of the socket tells.
fn outcome_by_state(stream: Stream, reason: nb::Error<StreamError>) -> nb::Result<(), StreamError> {
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
fn set_nodelay(module: Obj, socket: Obj) -> Result<(), Exception> {
    let level = module.attribute(qstr::IPPROTO_TCP)?;
    let option = module.attribute(qstr::TCP_NODELAY)?;
    let args = [level, option, Obj::from_u16(1)];
    socket.call_method(qstr::setsockopt, &args)?;
    Ok(())
}
