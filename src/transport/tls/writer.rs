//! The sending half of the record layer, after the handshake.

use embedded_nal::{TcpClientStack, nb};

use super::Link;
use super::alert;
use super::error::{LinkError, TlsError};
use super::keys::{self, HEADER, Keys, OVERHEAD};

/// Turns plaintext into bytes for the network.
///
/// It never waits: a record that the network has no room for stays in the buffer.
pub struct Writer<'b> {
    keys: Keys,
    buffer: &'b mut [u8],
    /// The longest content of a record that the client has announced.
    max_content: usize,
    /// Bytes of the record in the buffer that have not been sent.
    start: usize,
    end: usize,
    /// Bytes of plaintext in that record.
    content: usize,
    /// Nothing more can be sent.
    over: Option<TlsError>,
}

impl<'b> Writer<'b> {
    pub fn new(keys: Keys, buffer: &'b mut [u8], max_content: usize) -> Self {
        Self {
            keys,
            buffer,
            max_content,
            start: 0,
            end: 0,
            content: 0,
            over: None,
        }
    }

    /// Sends one record of `bytes`; returns how many of them the network has taken.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when the network has no room: the caller calls again with the same bytes. The
    /// stack's own, and those of TLS.
    pub fn send<S: TcpClientStack>(
        &mut self,
        link: &mut Link<'_, S>,
        bytes: &[u8],
    ) -> nb::Result<usize, LinkError<S::Error>> {
        if let Some(error) = self.over {
            return Err(nb::Error::Other(error.into()));
        }
        if bytes.is_empty() {
            return Ok(0);
        }
        if self.start == self.end {
            self.content = self.seal(keys::APPLICATION_DATA, bytes).map_err(|error| {
                self.over = Some(error);
                nb::Error::Other(error.into())
            })?;
        }
        self.drain(link)?;
        Ok(self.content.min(bytes.len()))
    }

    /// Sends `alert`, if the network has room for it at once. Nothing more is sent afterwards.
    pub fn finish<S: TcpClientStack>(&mut self, link: &mut Link<'_, S>, alert: u8) {
        /// Levels of alerts (RFC 8446, section 6).
        const WARNING: u8 = 1;
        const FATAL: u8 = 2;
        let level = match alert {
            alert::CLOSE_NOTIFY => WARNING,
            _ => FATAL,
        };
        if self.over.is_none() {
            let room = match self.start == self.end {
                true => Ok(()),
                false => self.drain(link),
            };
            if room.is_ok() && self.seal(keys::ALERT, &[level, alert]).is_ok() {
                // Best effort.
                let _ = self.drain(link);
            }
        }
        self.keys.wipe();
        self.over.get_or_insert(TlsError::Closed);
    }

    /// Makes a record of the front of `bytes`; returns how many bytes are in it.
    fn seal(&mut self, kind: u8, bytes: &[u8]) -> Result<usize, TlsError> {
        let room = self.buffer.len().saturating_sub(OVERHEAD);
        let n = bytes.len().min(room).min(self.max_content);
        if n == 0 {
            return Err(TlsError::SmallBuffer);
        }
        let places = self.buffer.iter_mut().skip(HEADER);
        for (to, from) in places.zip(bytes.iter().take(n)) {
            *to = *from;
        }
        self.start = 0;
        self.end = self.keys.seal(kind, n, self.buffer)?;
        Ok(n)
    }

    /// Sends the bytes in the buffer.
    fn drain<S: TcpClientStack>(
        &mut self,
        link: &mut Link<'_, S>,
    ) -> nb::Result<(), LinkError<S::Error>> {
        while self.start < self.end {
            let rest = self.buffer.get(self.start..self.end).unwrap_or(&[]);
            match link.stack.send(link.socket, rest) {
                Ok(0) => {
                    self.over = Some(TlsError::Truncated);
                    return Err(nb::Error::Other(TlsError::Truncated.into()));
                }
                Ok(n) => self.start = self.start.saturating_add(n).min(self.end),
                Err(error) => return Err(error.map(LinkError::Stack)),
            }
        }
        Ok(())
    }
}
