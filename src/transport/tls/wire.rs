//! The network as `embedded-tls` sees it during the handshake.

use core::cell::Cell;
use core::future::poll_fn;
use core::task::Poll;

use embedded_io::{ErrorKind, ErrorType};
use embedded_io_async::{Read, Write};
use embedded_nal::{TcpError, TcpErrorKind, nb};

use crate::time::Deadline;

use super::aead::Algorithm;
use super::alert;
use super::client_hello::{self, SUITE};
use super::error::{LinkError, TlsError};
use super::keys::{self, HEADER, Keys};
use super::reader::check_protected;
use super::schedule::SECRET;
use super::server_hello;
use super::suite::{REQUEST, REQUEST_VERSION};
use super::{Link, keys::MAX_CONTENT};
use crate::transport::{Interest, PipeError, Wait, send_some};

/// The most change_cipher_spec records that a server may send (RFC 8446, appendix D.4, has one).
const MAX_CHANGES: u8 = 1;

/// The stage of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the ServerHello, which is in the clear.
    Hello,
    /// After it: everything is protected, with the server's choice.
    Protected(Algorithm),
    /// The handshake is over: the next write is the secret of the client's direction.
    WriteSecret([u8; SECRET]),
    /// The next read is the question for the secret of the server's direction.
    ReadSecret,
}

/// The network behind a filter that passes whole, well-formed records at the stages where they belong.
///
/// It waits for the network itself, or leaves that to the caller of [`poll`](Future::poll). Every wait ends
/// at the deadline. It keeps the reason of a failure, which `embedded-tls` drops.
pub struct Wire<'w, 's, S: Wait> {
    link: &'w mut Link<'s, S>,
    deadline: Deadline,
    /// The most bytes of a record, without its header.
    room: usize,
    /// The place of a record that this makes.
    place: &'w mut [u8],
    /// Protected records that have been made.
    sealed: u64,
    stage: &'w Cell<Stage>,
    /// Bytes of the present record that `embedded-tls` has not asked for yet.
    body: Option<usize>,
    changes: u8,
    failure: &'w Cell<Option<LinkError<S::Error>>>,
    /// A step calls it before it ends because the network is not ready.
    leaves: Option<Leave<'w>>,
}

/// A function that gets the readiness of the socket that the next step needs.
pub type Leave<'w> = &'w dyn Fn(Interest);

/// Why bytes could not be sent.
enum PipeOrTls<E> {
    Pipe(PipeError<E>),
    Link(LinkError<E>),
}

impl<E> From<PipeError<E>> for PipeOrTls<E> {
    fn from(error: PipeError<E>) -> Self {
        Self::Pipe(error)
    }
}

impl<E> From<TlsError> for PipeOrTls<E> {
    fn from(error: TlsError) -> Self {
        Self::Link(error.into())
    }
}

impl<E> From<LinkError<E>> for PipeOrTls<E> {
    fn from(error: LinkError<E>) -> Self {
        Self::Link(error)
    }
}

/// A failure. [`Wire`] keeps the reason.
#[derive(Debug)]
pub struct Failed;

impl core::fmt::Display for Failed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("failed")
    }
}

impl core::error::Error for Failed {}

impl embedded_io::Error for Failed {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl<'w, 's, S: Wait> Wire<'w, 's, S> {
    pub fn new(
        link: &'w mut Link<'s, S>,
        deadline: Deadline,
        room: usize,
        place: &'w mut [u8],
        stage: &'w Cell<Stage>,
        failure: &'w Cell<Option<LinkError<S::Error>>>,
        leaves: Option<Leave<'w>>,
    ) -> Self {
        Self {
            link,
            deadline,
            room,
            place,
            sealed: 0,
            stage,
            body: None,
            changes: 0,
            failure,
            leaves,
        }
    }

    /// Waits until the socket is ready.
    async fn wait(&mut self, interest: Interest) -> Result<(), LinkError<S::Error>> {
        let left = self
            .deadline
            .remaining(self.link.stack.now())
            .ok_or(TlsError::HandshakeTimedOut)?;
        let Some(leave) = self.leaves else {
            self.link
                .stack
                .wait(self.link.socket, interest, left)
                .map_err(LinkError::Stack)?;
            return Ok(());
        };
        leave(interest);
        let mut has_left = false;
        poll_fn(|_| {
            if has_left {
                return Poll::Ready(());
            }
            has_left = true;
            Poll::Pending
        })
        .await;
        Ok(())
    }

    /// Sends all of `bytes`.
    async fn send_all(&mut self, mut bytes: &[u8]) -> Result<(), PipeOrTls<S::Error>> {
        while !bytes.is_empty() {
            match send_some(self.link.stack, self.link.socket, bytes)? {
                0 => self.wait(Interest::Send).await?,
                n => bytes = bytes.get(n..).unwrap_or(&[]),
            }
        }
        Ok(())
    }

    /// Receives all of `bytes`.
    async fn receive_all(&mut self, mut bytes: &mut [u8]) -> Result<(), LinkError<S::Error>> {
        while !bytes.is_empty() {
            match self.link.stack.receive(self.link.socket, bytes) {
                Ok(0) => return Err(TlsError::Truncated.into()),
                Ok(n) => bytes = bytes.get_mut(n..).unwrap_or(&mut []),
                Err(nb::Error::Other(error)) => return Err(LinkError::Stack(error)),
                Err(nb::Error::WouldBlock) => {}
            }
            // A server that sends byte by byte must not get past the deadline.
            if self.deadline.remaining(self.link.stack.now()).is_none() {
                return Err(TlsError::HandshakeTimedOut.into());
            }
            if !bytes.is_empty() {
                self.wait(Interest::Receive).await?;
            }
        }
        Ok(())
    }

    /// Reads the header of the next record that `embedded-tls` has to see.
    async fn next_header(&mut self) -> Result<[u8; HEADER], LinkError<S::Error>> {
        loop {
            let mut header = [0; HEADER];
            self.receive_all(&mut header).await?;
            let [kind, version @ .., high, low] = &mut header;
            let (kind, length) = (*kind, usize::from(u16::from_be_bytes([*high, *low])));
            // A receiver ignores it (RFC 8446, section 5.1), but `HandshakeCipher` does not.
            *version = match self.stage.get() {
                Stage::Protected(algorithm) => algorithm.code(),
                _ => keys::VERSION,
            };
            match (kind, self.stage.get()) {
                (keys::HANDSHAKE, Stage::Hello) => match length {
                    0 => return Err(TlsError::EmptyRecord.into()),
                    1..=MAX_CONTENT if length <= self.room => {}
                    1..=MAX_CONTENT => return Err(TlsError::FragmentTooLong.into()),
                    _ => return Err(TlsError::RecordOverflow.into()),
                },
                (keys::APPLICATION_DATA, Stage::Protected(_)) => {
                    check_protected(length, self.room)?
                }
                (keys::CHANGE_CIPHER_SPEC, _) => {
                    self.pass_change(length).await?;
                    continue;
                }
                // RFC 8446, section 6: the alert of a server that sends no ServerHello.
                (keys::ALERT, Stage::Hello) if length == 2 => {
                    let mut said = [0; 2];
                    self.receive_all(&mut said).await?;
                    return Err(match said {
                        [_, alert::PROTOCOL_VERSION] => TlsError::ProtocolVersion,
                        [_, alert::CLOSE_NOTIFY] => TlsError::Truncated,
                        [_, code] => TlsError::Alert(code),
                    }
                    .into());
                }
                _ => return Err(TlsError::Unexpected.into()),
            }
            self.body = Some(length);
            return Ok(header);
        }
    }

    /// Skips a change_cipher_spec, which means nothing in TLS 1.3 (RFC 8446, section 5).
    async fn pass_change(&mut self, length: usize) -> Result<(), LinkError<S::Error>> {
        let mut byte = [0];
        if length != byte.len() || self.changes >= MAX_CHANGES {
            return Err(TlsError::Unexpected.into());
        }
        self.changes = self.changes.saturating_add(1);
        self.receive_all(&mut byte).await?;
        match byte {
            [1] => Ok(()),
            _ => Err(TlsError::Unexpected.into()),
        }
    }

    async fn read_network(&mut self, bytes: &mut [u8]) -> Result<usize, LinkError<S::Error>> {
        match self.body.take() {
            None => {
                let header = self.next_header().await?;
                let place = bytes.first_chunk_mut().ok_or(TlsError::Internal)?;
                *place = header;
                Ok(HEADER)
            }
            Some(length) => {
                let body = bytes.get_mut(..length).ok_or(TlsError::Internal)?;
                self.receive_all(body).await?;
                if self.stage.get() == Stage::Hello {
                    let algorithm = server_hello::check(body)?;
                    self.stage.set(Stage::Protected(algorithm));
                }
                Ok(length)
            }
        }
    }

    /// Writes the record that asks for the server's secret.
    fn read_request(&mut self, bytes: &mut [u8]) -> usize {
        const LENGTH: [u8; 2] = (REQUEST as u16).to_be_bytes();
        const VERSION: [u8; 2] = REQUEST_VERSION;
        let header = [
            keys::APPLICATION_DATA,
            VERSION[0],
            VERSION[1],
            LENGTH[0],
            LENGTH[1],
        ];
        let record: &[u8] = match self.body.take() {
            None => {
                self.body = Some(REQUEST);
                &header
            }
            Some(_) => &[0; REQUEST],
        };
        for (place, byte) in bytes.iter_mut().zip(record) {
            *place = *byte;
        }
        bytes.len().min(record.len())
    }

    /// Sends a record of `embedded-tls`: a ClientHello with both suites, and anything that is to be
    /// protected under the keys.
    async fn send_record(&mut self, record: &[u8]) -> Result<(), PipeOrTls<S::Error>> {
        let body = record.get(HEADER..).unwrap_or(&[]);
        match (record.first(), self.stage.get()) {
            (Some(&keys::HANDSHAKE), Stage::Hello) => {
                let (length, rest) = self.offer(body).ok_or(TlsError::Internal)?;
                self.send_place(length).await?;
                self.send_all(rest).await
            }
            (Some(&keys::APPLICATION_DATA), Stage::Protected(algorithm)) => {
                let length = self.protect(algorithm, body)?;
                self.send_place(length).await
            }
            _ => self.send_all(record).await,
        }
    }

    /// Sends the front of the place.
    async fn send_place(&mut self, length: usize) -> Result<(), PipeOrTls<S::Error>> {
        let place = core::mem::take(&mut self.place);
        let sent = self.send_all(place.get(..length).unwrap_or(&[])).await;
        self.place = place;
        sent
    }

    /// Makes a record of a ClientHello with both suites, and returns its length, and the rest that it has no room
    /// for: in one piece it is one segment.
    fn offer<'m>(&mut self, hello: &'m [u8]) -> Option<(usize, &'m [u8])> {
        let (front, rest) = client_hello::with_both(hello)?;
        let length = hello.len().saturating_add(SUITE) as u16;
        let [high, low] = length.to_be_bytes();
        let header = [keys::HANDSHAKE, keys::VERSION[0], 1, high, low];
        let start = HEADER.saturating_add(front.len());
        let room = self.place.len().checked_sub(start)?;
        let (fitting, left) = rest.split_at(room.min(rest.len()));
        let record = header.iter().chain(&front).chain(fitting);
        for (to, from) in self.place.iter_mut().zip(record) {
            *to = *from;
        }
        Some((start.saturating_add(fitting.len()), left))
    }

    /// Makes a protected record of a content, its type, and the traffic secret; returns its length.
    #[inline(never)]
    fn protect(&mut self, algorithm: Algorithm, body: &[u8]) -> Result<usize, TlsError> {
        let (inner, secret) = body.split_last_chunk().ok_or(TlsError::Internal)?;
        let (kind, content) = inner.split_last().ok_or(TlsError::Internal)?;
        let places = self.place.iter_mut().skip(HEADER);
        for (to, from) in places.zip(content) {
            *to = *from;
        }
        let mut keys = Keys::new(algorithm, secret);
        keys.skip_to(self.sealed);
        self.sealed = self.sealed.saturating_add(1);
        keys.seal(*kind, content.len(), self.place)
    }

    fn fail(&self, error: LinkError<S::Error>) -> Failed {
        self.failure.set(Some(error));
        Failed
    }
}

impl<S: Wait> ErrorType for Wire<'_, '_, S> {
    type Error = Failed;
}

impl<S: Wait> Read for Wire<'_, '_, S> {
    /// `embedded-tls` asks for a header, then for the whole body.
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Failed> {
        if self.stage.get() == Stage::ReadSecret {
            return Ok(self.read_request(bytes));
        }
        self.read_network(bytes)
            .await
            .map_err(|error| self.fail(error))
    }
}

impl<S: Wait> Write for Wire<'_, '_, S> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Failed> {
        if let Stage::WriteSecret(_) = self.stage.get() {
            let answer = bytes.last_chunk();
            let secret = answer.ok_or_else(|| self.fail(TlsError::Internal.into()))?;
            self.stage.set(Stage::WriteSecret(*secret));
            return Ok(bytes.len());
        }
        match (self.send_record(bytes).await, self.stage.get()) {
            (Ok(()), _) => {}
            // A server that refuses the client's certificate closes the connection while the rest of
            // the handshake is still being sent. Its alert can be read with the keys that come after
            // the handshake, so the handshake goes on.
            (Err(PipeOrTls::Pipe(PipeError::Closed)), Stage::Protected(_)) => {}
            (Err(PipeOrTls::Pipe(PipeError::Stack(error))), Stage::Protected(_))
                if error.kind() == TcpErrorKind::PipeClosed => {}
            (Err(error), _) => {
                return Err(self.fail(match error {
                    PipeOrTls::Pipe(PipeError::Closed) => TlsError::Truncated.into(),
                    PipeOrTls::Pipe(PipeError::TimedOut) => TlsError::HandshakeTimedOut.into(),
                    PipeOrTls::Pipe(PipeError::Stack(error)) => LinkError::Stack(error),
                    PipeOrTls::Link(error) => error,
                }));
            }
        }
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Failed> {
        Ok(())
    }
}
