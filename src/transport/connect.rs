//! From a host name to a connected socket.

use core::net::SocketAddr;

use embedded_nal::nb;

use crate::time::{Deadline, Instant};

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
/// A resolver that blocks keeps its own time.
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
    let mut connector = Connector::new(stack, host, port, deadline)?;
    loop {
        match connector.poll(stack) {
            Ok(socket) => return Ok(socket),
            Err(nb::Error::Other(error)) => return Err(error),
            Err(nb::Error::WouldBlock) => connector.wait(stack)?,
        }
    }
}

/// An attempt to connect to a host whose name has been resolved, in steps that do not wait.
///
/// It tries all addresses of the name in turn, those of IPv4 first. Each attempt may take an equal
/// share of the time that is left: an address that does not answer leaves some to the others. An address
/// in text goes to the resolver too: every resolver takes one.
pub struct Connector<T, E> {
    addresses: Addresses,
    port: u16,
    deadline: Deadline,
    /// The number of addresses that have been tried or are being tried.
    tried: usize,
    /// The address that is being tried.
    present: Option<Trial<T>>,
    first_error: Option<ConnectError<E>>,
}

/// An address that is being tried.
struct Trial<T> {
    socket: T,
    remote: SocketAddr,
    deadline: Deadline,
}

impl<T, E> Connector<T, E> {
    /// Resolves `host`.
    ///
    /// # Errors
    ///
    /// [`ConnectError::Resolve`], [`ConnectError::ResolveTimedOut`].
    pub fn new<S: Wait + Resolve<TcpSocket = T, Error = E>>(
        stack: &mut S,
        host: &str,
        port: u16,
        deadline: Deadline,
    ) -> Result<Self, ConnectError<E>> {
        Ok(Self {
            addresses: resolve(stack, host, port, deadline)?,
            port,
            deadline,
            tried: 0,
            present: None,
            first_error: None,
        })
    }

    /// Goes on as far as it can without waiting. `WouldBlock`: the next step comes when
    /// the socket that is connecting is ready to send, or when the time for its address is over.
    ///
    /// # Errors
    ///
    /// See [`ConnectError`]; where all addresses fail, the error of the first one.
    pub fn poll<S: Wait + Resolve<TcpSocket = T, Error = E>>(
        &mut self,
        stack: &mut S,
    ) -> nb::Result<T, ConnectError<E>> {
        loop {
            let mut trial = match self.present.take() {
                Some(trial) => trial,
                None => self.next_trial(stack)?,
            };
            let error = match stack.connect(&mut trial.socket, trial.remote) {
                Ok(()) => return Ok(trial.socket),
                Err(nb::Error::Other(error)) => ConnectError::Connect(error),
                Err(nb::Error::WouldBlock) if trial.deadline.remaining(stack.now()).is_none() => {
                    ConnectError::ConnectTimedOut
                }
                Err(nb::Error::WouldBlock) => {
                    self.present = Some(trial);
                    return Err(nb::Error::WouldBlock);
                }
            };
            self.has_failed(stack, trial.socket, error)?;
        }
    }

    /// The socket that is connecting.
    #[cfg(feature = "aio")]
    pub fn socket(&self) -> Option<&T> {
        self.present.as_ref().map(|trial| &trial.socket)
    }

    /// Milliseconds until the next address gets its turn, if the present one does not answer.
    pub fn remaining(&self, now: Instant) -> u32 {
        let deadline = self.present.as_ref().map(|trial| trial.deadline);
        deadline.and_then(|it| it.remaining(now)).unwrap_or(0)
    }

    /// Gives the attempt up.
    #[cfg(feature = "aio")]
    pub fn close<S: Wait + Resolve<TcpSocket = T, Error = E>>(&mut self, stack: &mut S) {
        if let Some(trial) = self.present.take() {
            let _ = stack.close(trial.socket);
        }
    }

    /// Waits until [`Self::poll`] can go on.
    fn wait<S: Wait + Resolve<TcpSocket = T, Error = E>>(
        &mut self,
        stack: &mut S,
    ) -> Result<(), ConnectError<E>> {
        loop {
            let now = stack.now();
            let left = self.remaining(now);
            let Some(trial) = self.present.as_ref().filter(|_| left > 0) else {
                return Ok(());
            };
            match stack.wait(&trial.socket, Interest::Send, left) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) => {
                    if let Some(trial) = self.present.take() {
                        self.has_failed(stack, trial.socket, ConnectError::Connect(error))?;
                    }
                    return Ok(());
                }
            }
        }
    }

    /// The next address, with its share of the time; the first error if there is none.
    fn next_trial<S: Wait + Resolve<TcpSocket = T, Error = E>>(
        &mut self,
        stack: &mut S,
    ) -> Result<Trial<T>, ConnectError<E>> {
        let of_family = |v4| self.addresses.iter().filter(move |it| it.is_ipv4() == v4);
        let Some(address) = of_family(true).chain(of_family(false)).nth(self.tried) else {
            let error = self.first_error.take();
            return Err(error.unwrap_or_else(|| ConnectError::Resolve(S::no_address())));
        };
        let remote = SocketAddr::new(*address, self.port);
        let left = self.addresses.len().saturating_sub(self.tried);
        self.tried = self.tried.saturating_add(1);
        let now = stack.now();
        let time = self.deadline.remaining(now).unwrap_or(0);
        let share = time.checked_div(left as u32).unwrap_or(time);
        Ok(Trial {
            socket: stack.socket().map_err(ConnectError::Connect)?,
            remote,
            deadline: Deadline::after(now, share),
        })
    }

    /// Closes the socket of an address that has failed, and keeps the first error.
    ///
    /// # Errors
    ///
    /// An error after which no other address is tried.
    fn has_failed<S: Wait + Resolve<TcpSocket = T, Error = E>>(
        &mut self,
        stack: &mut S,
        socket: T,
        error: ConnectError<E>,
    ) -> Result<(), ConnectError<E>> {
        // The error of the attempt to connect says more than that of closing.
        let _ = stack.close(socket);
        match error {
            ConnectError::Connect(reason) if S::is_final(&reason) => {
                Err(ConnectError::Connect(reason))
            }
            error => {
                let _ = self.first_error.get_or_insert(error);
                Ok(())
            }
        }
    }
}

fn resolve<S: Wait + Resolve>(
    stack: &mut S,
    host: &str,
    port: u16,
    deadline: Deadline,
) -> Result<Addresses, ConnectError<S::Error>> {
    let mut addresses = Addresses::new();
    loop {
        match stack.resolve(host, port, &mut addresses) {
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
