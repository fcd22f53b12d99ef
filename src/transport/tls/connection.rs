//! A TLS connection: plaintext in both directions, never waiting.

use embedded_nal::{TcpClientStack, nb};

use crate::limits::{TLS_READ, TLS_WRITE};

use super::Link;
use super::alert;
use super::context::Context;
use super::error::{LinkError, TlsError};
use super::handshake::Established;
use super::keys::Keys;
use super::reader::Reader;
use super::writer::Writer;

/// The sizes of a connection's buffers, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// For a record from the server.
    pub record: usize,
    /// For a record to the server.
    pub out: usize,
}

/// The most bytes that a Certificate message has besides the certificate: record, message header,
/// request context, lengths, extensions.
const CERTIFICATE_OVERHEAD: usize = 300;

/// The most bytes of a ClientHello, without its names.
const HELLO: usize = 259 + 6;
/// The longest DNS name, in bytes (RFC 1035, section 2.3.4).
const LONGEST_NAME: usize = 253;
/// The most bytes of a record that a client without a certificate protects in the handshake: Finished.
const SHORT: usize = 64;

impl Buffers {
    /// The sizes for connections with this context.
    pub fn of(context: &Context<'_>) -> Self {
        let [plain, protected] = Self::parts(context, LONGEST_NAME);
        Self {
            record: TLS_READ,
            out: TLS_WRITE.max(plain.saturating_add(protected)),
        }
    }

    /// The bytes of `out` that a handshake with a name of this length needs for records in the clear, and for
    /// records that it protects.
    pub(super) fn parts(context: &Context<'_>, name: usize) -> [usize; 2] {
        let certificate = context.client_certificate();
        let protected =
            certificate.map_or(SHORT, |it| it.len().saturating_add(CERTIFICATE_OVERHEAD));
        let names = context.alpn().len().saturating_add(name);
        [names.saturating_add(HELLO).max(protected), protected]
    }
}

/// A connection whose handshake is complete.
///
/// It is plain data: it may move, and it need not be dropped.
pub struct Connection<'b> {
    reader: Reader<'b>,
    writer: Writer<'b>,
    /// The server has asked for a client certificate, and has not said anything since.
    certificate_pending: bool,
}

impl<'b> Connection<'b> {
    /// Makes a connection after a handshake, in the buffers of the handshake.
    pub fn new(established: &Established, record: &'b mut [u8], out: &'b mut [u8]) -> Self {
        let keys = |secret| Keys::new(established.algorithm, secret);
        Self {
            reader: Reader::new(keys(&established.reading), record),
            writer: Writer::new(keys(&established.writing), out, established.max_content),
            certificate_pending: established.was_asked,
        }
    }

    /// Receives plaintext into `bytes`, which is not empty, and returns the number of bytes; 0 means
    /// that the server has ended the connection in order (close_notify).
    ///
    /// # Errors
    ///
    /// `WouldBlock` when nothing has come yet; the stack's own; an error of TLS, which every later call
    /// returns too.
    pub fn receive<S: TcpClientStack>(
        &mut self,
        mut link: Link<'_, S>,
        bytes: &mut [u8],
    ) -> nb::Result<usize, LinkError<S::Error>> {
        let result = self.reader.receive(&mut link, bytes);
        if self.reader.take_request() {
            self.writer.update_keys();
        }
        self.writer.send_update(&mut link);
        match result {
            Ok(n) => {
                self.certificate_pending &= n == 0;
                Ok(n)
            }
            // RFC 8446, section 4.4.2.4: the alert comes with the first bytes of the server.
            Err(nb::Error::Other(LinkError::Tls(TlsError::Alert(code))))
                if self.certificate_pending && alert::may_be_refusal(code) =>
            {
                Err(nb::Error::Other(TlsError::ClientCertificate(code).into()))
            }
            Err(nb::Error::Other(LinkError::Tls(error))) => {
                if let Some(alert) = error.alert() {
                    self.writer.finish(&mut link, alert);
                }
                Err(nb::Error::Other(error.into()))
            }
            Err(error) => Err(error),
        }
    }

    /// Sends at most one record of `parts`, one behind the other; returns how many of their bytes the network has
    /// taken.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when the network has no room: the caller calls again with the same bytes. The
    /// stack's own, and those of TLS.
    pub fn send<S: TcpClientStack>(
        &mut self,
        mut link: Link<'_, S>,
        parts: [&[u8]; 2],
    ) -> nb::Result<usize, LinkError<S::Error>> {
        self.writer.send(&mut link, parts)
    }

    /// Whether [`Self::receive`] has something to do before more comes from the network.
    pub fn pending(&self) -> bool {
        self.reader.pending()
    }

    /// Tells the server that nothing more will be sent (close_notify), if the network takes that at
    /// once. The client can still receive.
    pub fn finish<S: TcpClientStack>(&mut self, mut link: Link<'_, S>) {
        self.writer.finish(&mut link, alert::CLOSE_NOTIFY);
    }

    /// Sends close_notify as [`Self::finish`] does, once, and wipes the keys. The socket stays open.
    pub fn close<S: TcpClientStack>(&mut self, link: Link<'_, S>) {
        self.finish(link);
        self.reader.close();
    }
}
