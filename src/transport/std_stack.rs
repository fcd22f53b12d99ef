//! `std::net` as a `TcpClientStack`, for tests on the host.

use core::net::{IpAddr, SocketAddr};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;
use std::vec::Vec;

use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind, nb};

use crate::time::Instant;

use super::{Addresses, Interest, Resolve, Wait};

#[derive(Debug)]
pub struct StdError(pub ErrorKind);

impl TcpError for StdError {
    fn kind(&self) -> TcpErrorKind {
        match self.0 {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => TcpErrorKind::PipeClosed,
            _ => TcpErrorKind::Other,
        }
    }
}

fn outcome<T>(result: io::Result<T>) -> nb::Result<T, StdError> {
    result.map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => nb::Error::WouldBlock,
        kind => nb::Error::Other(StdError(kind)),
    })
}

pub struct StdStack {
    start: std::time::Instant,
    /// The addresses of every host, if there are any.
    pub addresses: Vec<IpAddr>,
    /// The addresses that connections were tried to.
    pub tried: Vec<IpAddr>,
    /// The error of attempts to connect, by address: `None` for one that gets no answer.
    pub failures: Vec<(IpAddr, Option<ErrorKind>)>,
    pub connect_timeout: Duration,
}

impl StdStack {
    pub fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
            addresses: Vec::new(),
            tried: Vec::new(),
            failures: Vec::new(),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

impl TcpClientStack for StdStack {
    type TcpSocket = Option<TcpStream>;
    type Error = StdError;

    fn socket(&mut self) -> Result<Self::TcpSocket, StdError> {
        Ok(None)
    }

    fn connect(
        &mut self,
        socket: &mut Self::TcpSocket,
        remote: SocketAddr,
    ) -> nb::Result<(), StdError> {
        if self.tried.last() != Some(&remote.ip()) {
            self.tried.push(remote.ip());
        }
        match self.failures.iter().find(|(ip, _)| *ip == remote.ip()) {
            Some((_, Some(kind))) => return Err(nb::Error::Other(StdError(*kind))),
            Some((_, None)) => return Err(nb::Error::WouldBlock),
            None => {}
        }
        let stream = outcome(TcpStream::connect_timeout(&remote, self.connect_timeout))?;
        outcome(stream.set_nonblocking(true))?;
        *socket = Some(stream);
        Ok(())
    }

    fn send(&mut self, socket: &mut Self::TcpSocket, buffer: &[u8]) -> nb::Result<usize, StdError> {
        outcome(socket.as_mut().unwrap().write(buffer))
    }

    fn receive(
        &mut self,
        socket: &mut Self::TcpSocket,
        buffer: &mut [u8],
    ) -> nb::Result<usize, StdError> {
        outcome(socket.as_mut().unwrap().read(buffer))
    }

    fn close(&mut self, _socket: Self::TcpSocket) -> Result<(), StdError> {
        Ok(())
    }
}

impl Wait for StdStack {
    fn now(&mut self) -> Instant {
        Instant::from_ms(self.start.elapsed().as_millis() as u32)
    }

    fn wait(
        &mut self,
        socket: &Self::TcpSocket,
        interest: Interest,
        timeout_ms: u32,
    ) -> Result<bool, StdError> {
        let timeout = Duration::from_millis(timeout_ms.max(1).into());
        if interest == Interest::Send {
            // std cannot wait for room; the caller tries again.
            std::thread::sleep(timeout.min(Duration::from_millis(1)));
            return Ok(false);
        }
        let stream = socket.as_ref().unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(timeout)).unwrap();
        let ready = stream.peek(&mut [0]).is_ok();
        stream.set_nonblocking(true).unwrap();
        Ok(ready)
    }

    fn idle(&mut self, timeout_ms: u32) -> Result<(), StdError> {
        std::thread::sleep(Duration::from_millis(timeout_ms.into()));
        Ok(())
    }
}

impl Resolve for StdStack {
    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        addresses: &mut Addresses,
    ) -> nb::Result<(), StdError> {
        if self.addresses.is_empty() {
            for found in outcome((host, port).to_socket_addrs())? {
                if !addresses.contains(&found.ip()) {
                    let _ = addresses.push(found.ip());
                }
            }
        } else {
            addresses.extend_from_slice(&self.addresses).unwrap();
        }
        Ok(())
    }

    fn no_address() -> StdError {
        StdError(ErrorKind::NotFound)
    }

    fn is_final(error: &StdError) -> bool {
        error.0 == ErrorKind::Interrupted
    }
}
