//! `std::net` as a `TcpClientStack`, for tests on the host.

use core::net::{IpAddr, SocketAddr};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use embedded_nal::{AddrType, Dns, TcpClientStack, TcpError, TcpErrorKind, nb};

use crate::time::Instant;

use super::{Interest, Wait};

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
    pub connect_timeout: Duration,
}

impl StdStack {
    pub fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
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
        let stream = socket.as_ref().unwrap();
        let timeout = Duration::from_millis(timeout_ms.max(1).into());
        if interest == Interest::Send {
            // std cannot wait for room; the caller tries again.
            std::thread::sleep(timeout.min(Duration::from_millis(1)));
            return Ok(false);
        }
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

impl Dns for StdStack {
    type Error = StdError;

    fn get_host_by_name(
        &mut self,
        hostname: &str,
        addr_type: AddrType,
    ) -> nb::Result<IpAddr, StdError> {
        let found = outcome((hostname, 0).to_socket_addrs())?;
        found
            .map(|address| address.ip())
            .find(|ip| match addr_type {
                AddrType::IPv4 => ip.is_ipv4(),
                AddrType::IPv6 => ip.is_ipv6(),
                AddrType::Either => true,
            })
            .ok_or(nb::Error::Other(StdError(ErrorKind::NotFound)))
    }

    fn get_host_by_address(&mut self, _: IpAddr, _: &mut [u8]) -> nb::Result<usize, StdError> {
        Err(nb::Error::Other(StdError(ErrorKind::Unsupported)))
    }
}
