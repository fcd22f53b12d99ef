//! From a host name to a connected socket.

use core::net::SocketAddr;

use embedded_nal::nb;

use crate::time::Deadline;

use super::{Addresses, Interest, Resolve, Wait};

/// How long to wait between two looks at a resolver that is not ready, in ms.
const RESOLVER_PERIOD: u32 = 10;

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError<E> {
    /// The host name could not be resolved: the stack's error.
    Resolve(E),
    /// No address of the host could be connected to: the stack's error for the first one.
    Connect(E),
    /// Time was up before the host name was resolved.
    ResolveTimedOut,
    /// Time was up before the connection was there.
    ConnectTimedOut,
}

/// Connects to `host`, a name or an address in text, within `timeout_ms`.
///
/// It tries all addresses of the name in turn, those of IPv4 first. Each attempt may take an equal
/// share of the time that is left: an address that does not answer leaves some to the others. An address
/// in text goes to the resolver too: every resolver takes one. A resolver that blocks keeps its own
/// time.
///
/// # Errors
///
/// See [`ConnectError`]; where all addresses fail, the error of the first one.
pub fn connect<S: Wait + Resolve>(
    stack: &mut S,
    host: &str,
    port: u16,
    timeout_ms: u32,
) -> Result<S::TcpSocket, ConnectError<S::Error>> {
    let deadline = Deadline::after(stack.now(), timeout_ms);
    let addresses = resolve(stack, host, deadline)?;
    let mut left = addresses.len();
    let mut first = None;
    for v4 in [true, false] {
        for address in addresses.iter().filter(|address| address.is_ipv4() == v4) {
            let now = stack.now();
            let time = deadline.remaining(now).unwrap_or(0);
            let share = time.checked_div(left as u32).unwrap_or(time);
            left = left.saturating_sub(1);
            let remote = SocketAddr::new(*address, port);
            match connect_to(stack, remote, Deadline::after(now, share)) {
                Ok(socket) => return Ok(socket),
                Err(ConnectError::Connect(error)) if S::is_final(&error) => {
                    return Err(ConnectError::Connect(error));
                }
                Err(error) => {
                    let _ = first.get_or_insert(error);
                }
            }
        }
    }
    Err(first.unwrap_or_else(|| ConnectError::Resolve(S::no_address())))
}

fn resolve<S: Wait + Resolve>(
    stack: &mut S,
    host: &str,
    deadline: Deadline,
) -> Result<Addresses, ConnectError<S::Error>> {
    let mut addresses = Addresses::new();
    loop {
        match stack.resolve(host, &mut addresses) {
            Ok(()) => return Ok(addresses),
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
