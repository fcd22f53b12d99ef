//! Waiting for sockets.

use crate::micropython::{StreamError, StreamFlags, now};
use crate::time::Instant;
use crate::transport::{Interest, Wait};

use super::socket::Blocked;
#[cfg(any(feature = "port-tls", feature = "tls"))]
use super::socket::Layer;
use super::{MicroPythonStack, Socket};

impl Wait for MicroPythonStack<'_> {
    fn now(&mut self) -> Instant {
        now()
    }

    fn wait(
        &mut self,
        socket: &Socket,
        interest: Interest,
        timeout_ms: u32,
    ) -> Result<bool, StreamError> {
        #[cfg(feature = "tls")]
        if let (Some(Layer::BuiltInTls(session)), Interest::Receive) = (socket.layer, interest)
            && super::built_in_tls::is_pending(session)
        {
            return Ok(true);
        }
        let flags = match (socket.blocked, interest) {
            #[cfg(any(feature = "port-tls", feature = "tls"))]
            (Blocked::Locked(seen), _) => {
                match socket.layer {
                    #[cfg(feature = "port-tls")]
                    Some(Layer::PortTls(_, borrowed)) => borrowed.wait(seen, timeout_ms)?,
                    #[cfg(feature = "tls")]
                    Some(Layer::BuiltInTls(session)) => session.wait(seen, timeout_ms)?,
                    None => {}
                }
                self.serve_pending()?;
                return Ok(true);
            }
            #[cfg(feature = "port-tls")]
            (Blocked::Socket(flags), _) => flags,
            (Blocked::No, Interest::Receive) => StreamFlags::Readable,
            (Blocked::No, Interest::Send) => StreamFlags::Writable,
        };
        let (stream, bare) = match socket.layer {
            #[cfg(feature = "port-tls")]
            Some(Layer::PortTls(stream, _)) => (stream, false),
            _ => (socket.stream()?, true),
        };
        let ready = stream.wait(socket.descriptor, bare, flags, timeout_ms)?;
        self.serve_pending()?;
        Ok(ready)
    }

    fn idle(&mut self, _timeout_ms: u32) -> Result<(), StreamError> {
        // The resolver of every port blocks: there is nothing to wait for between two calls.
        self.serve_pending()
    }
}
