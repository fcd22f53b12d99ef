//! From a host name to a connected socket.

use core::net::{IpAddr, SocketAddr};

use embedded_nal::{AddrType, Dns, TcpClientStack, nb};

use crate::time::Deadline;

use super::{Interest, Wait};

/// How long to wait between two looks at a resolver that is not ready, in ms.
const RESOLVER_PERIOD: u32 = 10;

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError<E> {
    /// The host name could not be resolved: the stack's error.
    Resolve(E),
    /// No address of the host could be connected to: the stack's error for the last one.
    Connect(E),
    /// Time was up before the host name was resolved.
    ResolveTimedOut,
    /// Time was up before the connection was there.
    ConnectTimedOut,
}

/// Connects to `host`, a name or an address in text, within `timeout_ms`.
///
/// It tries IPv4 first, then IPv6. An address in text goes to the resolver too: every resolver
/// takes one. A resolver that blocks keeps its own time.
///
/// # Errors
///
/// See [`ConnectError`]; where both families fail, the error of IPv4.
pub fn connect<S>(
    stack: &mut S,
    host: &str,
    port: u16,
    timeout_ms: u32,
) -> Result<S::TcpSocket, ConnectError<<S as TcpClientStack>::Error>>
where
    S: Wait + Dns<Error = <S as TcpClientStack>::Error>,
{
    let deadline = Deadline::after(stack.now(), timeout_ms);
    let first = resolve(stack, host, AddrType::IPv4, deadline)
        .and_then(|address| connect_to(stack, SocketAddr::new(address, port), deadline));
    let reason = match first {
        Err(reason @ (ConnectError::Resolve(_) | ConnectError::Connect(_))) => reason,
        done => return done,
    };
    match resolve(stack, host, AddrType::IPv6, deadline) {
        Ok(address) => connect_to(stack, SocketAddr::new(address, port), deadline),
        Err(_) => Err(reason),
    }
}

fn resolve<S>(
    stack: &mut S,
    host: &str,
    family: AddrType,
    deadline: Deadline,
) -> Result<IpAddr, ConnectError<<S as TcpClientStack>::Error>>
where
    S: Wait + Dns<Error = <S as TcpClientStack>::Error>,
{
    loop {
        match stack.get_host_by_name(host, family.clone()) {
            Ok(address) => return Ok(address),
            Err(nb::Error::Other(error)) => return Err(ConnectError::Resolve(error)),
            Err(nb::Error::WouldBlock) => {}
        }
        let left = deadline
            .remaining(stack.now())
            .ok_or(ConnectError::ResolveTimedOut)?;
        stack
            .idle(left.min(RESOLVER_PERIOD))
            .map_err(ConnectError::Resolve)?;
    }
}

fn connect_to<S: Wait>(
    stack: &mut S,
    remote: SocketAddr,
    deadline: Deadline,
) -> Result<S::TcpSocket, ConnectError<S::Error>> {
    let mut socket = stack.socket().map_err(ConnectError::Connect)?;
    match connect_socket(stack, &mut socket, remote, deadline) {
        Ok(()) => Ok(socket),
        Err(error) => {
            // The error of the attempt to connect says more than that of closing.
            let _ = stack.close(socket);
            Err(error)
        }
    }
}

fn connect_socket<S: Wait>(
    stack: &mut S,
    socket: &mut S::TcpSocket,
    remote: SocketAddr,
    deadline: Deadline,
) -> Result<(), ConnectError<S::Error>> {
    loop {
        match stack.connect(socket, remote) {
            Ok(()) => return Ok(()),
            Err(nb::Error::Other(error)) => return Err(ConnectError::Connect(error)),
            Err(nb::Error::WouldBlock) => {}
        }
        loop {
            let left = deadline
                .remaining(stack.now())
                .ok_or(ConnectError::ConnectTimedOut)?;
            if stack
                .wait(socket, Interest::Send, left)
                .map_err(ConnectError::Connect)?
            {
                break;
            }
        }
    }
}
