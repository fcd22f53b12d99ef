//! The receiving half of the record layer, after the handshake.

use embedded_nal::{TcpClientStack, nb};

use super::alert;
use super::error::{LinkError, TlsError};
use super::keys::{self, HEADER, Keys};
use super::messages::{Messages, Update};
use super::{Link, keys::MAX_PROTECTED};

/// The most records without application data that one call reads.
const RECORDS_AT_ONCE: usize = 8;

/// Turns bytes from the network into plaintext.
///
/// It never waits, and goes on where the last call stopped.
pub struct Reader<'b> {
    keys: Keys,
    buffer: &'b mut [u8],
    /// The place in the buffer of the bytes that have come and have not been decrypted, from the front of a record
    /// on.
    next: usize,
    filled: usize,
    /// The place in the buffer of the plaintext that has not been passed on. It is in front of them.
    start: usize,
    end: usize,
    /// The network may have more, although the last call returned nothing.
    more: bool,
    /// The end of the connection, in order or not, once it has come.
    over: Option<Result<(), TlsError>>,
    messages: Messages,
    /// The server has asked for new keys of the client's direction.
    is_asked: bool,
}

impl<'b> Reader<'b> {
    pub fn new(keys: Keys, buffer: &'b mut [u8]) -> Self {
        Self {
            keys,
            buffer,
            next: 0,
            filled: 0,
            start: 0,
            end: 0,
            more: false,
            over: None,
            messages: Messages::default(),
            is_asked: false,
        }
    }

    /// Whether [`Self::receive`] has something to do before more comes from the network.
    pub fn pending(&self) -> bool {
        self.start < self.end || self.more || self.over.is_some() || self.has_record()
    }

    /// Receives plaintext into `bytes` and returns the number of bytes; 0 means that the server has
    /// ended the connection in order.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when nothing has come yet; the stack's own; an error of TLS, which every later call
    /// returns too.
    pub fn receive<S: TcpClientStack>(
        &mut self,
        link: &mut Link<'_, S>,
        bytes: &mut [u8],
    ) -> nb::Result<usize, LinkError<S::Error>> {
        self.more = false;
        for _ in 0..RECORDS_AT_ONCE {
            if self.start < self.end {
                return Ok(self.take_content(bytes));
            }
            match self.over {
                Some(Ok(())) => return Ok(0),
                Some(Err(error)) => return Err(nb::Error::Other(error.into())),
                None => {}
            }
            let length = self.read_record(link)?;
            if let Err(error) = self.open(length) {
                self.fail(error);
            }
        }
        self.more = true;
        Err(nb::Error::WouldBlock)
    }

    /// Takes the server's request for new keys of the client's direction, if it has made one.
    pub fn take_request(&mut self) -> bool {
        core::mem::take(&mut self.is_asked)
    }

    /// Wipes the keys: nothing more can be received.
    pub fn close(&mut self) {
        self.keys.wipe();
        self.start = self.end;
        self.fail(TlsError::Closed);
    }

    fn fail(&mut self, error: TlsError) {
        self.over.get_or_insert(Err(error));
    }

    fn take_content(&mut self, bytes: &mut [u8]) -> usize {
        let ready = self.buffer.get(self.start..self.end).unwrap_or(&[]);
        let n = ready.len().min(bytes.len());
        for (to, from) in bytes.iter_mut().zip(ready) {
            *to = *from;
        }
        self.start = self.start.saturating_add(n);
        n
    }

    /// Reads until a whole record is in the buffer, over as many calls as it takes, and returns its length. It
    /// reads as much as the buffer holds, so that header, record and short records take one read.
    fn read_record<S: TcpClientStack>(
        &mut self,
        link: &mut Link<'_, S>,
    ) -> nb::Result<usize, LinkError<S::Error>> {
        loop {
            let wanted = match self.record_len() {
                Ok(wanted) => wanted,
                Err(error) => {
                    self.fail(error);
                    return Err(nb::Error::Other(error.into()));
                }
            };
            if self.unopened().len() >= wanted {
                return Ok(wanted);
            }
            self.compact();
            // There is room: no record is longer than the buffer.
            let room = self.buffer.get_mut(self.filled..).unwrap_or(&mut []);
            match link.stack.receive(link.socket, room) {
                // RFC 8446, section 6.1: without close_notify an attacker may have cut it.
                Ok(0) => {
                    self.fail(TlsError::Truncated);
                    return Err(nb::Error::Other(TlsError::Truncated.into()));
                }
                Ok(n) => self.filled = self.filled.saturating_add(n).min(self.buffer.len()),
                Err(error) => return Err(error.map(LinkError::Stack)),
            }
        }
    }

    /// The bytes that have come and have not been decrypted.
    fn unopened(&self) -> &[u8] {
        self.buffer.get(self.next..self.filled).unwrap_or(&[])
    }

    /// Moves these bytes to the front of the buffer.
    fn compact(&mut self) {
        let (next, filled) = (self.next, self.filled);
        if 0 < next && next < filled && filled <= self.buffer.len() {
            self.buffer.copy_within(next..filled, 0);
        }
        self.next = 0;
        self.filled = filled.saturating_sub(next);
    }

    /// Whether a whole record, or a wrong one, is among these bytes.
    fn has_record(&self) -> bool {
        match self.record_len() {
            Ok(wanted) => self.unopened().len() >= wanted,
            Err(_) => true,
        }
    }

    /// The bytes of the next record that have to be there next: its header, then all of it.
    fn record_len(&self) -> Result<usize, TlsError> {
        let header = self.unopened();
        // A receiver ignores the version (RFC 8446, section 5.1).
        let Some(([kind, _, _, high, low], _)) = header.split_first_chunk::<HEADER>() else {
            return Ok(HEADER);
        };
        // RFC 8446, section 5: every record is protected now.
        if *kind != keys::APPLICATION_DATA {
            return Err(TlsError::Unexpected);
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        check_protected(length, self.buffer.len().saturating_sub(HEADER))?;
        Ok(length.saturating_add(HEADER))
    }

    /// Decrypts the next record, which has this length, and handles it by its content type.
    fn open(&mut self, length: usize) -> Result<(), TlsError> {
        let start = self.next.saturating_add(HEADER);
        let after = self.next.saturating_add(length);
        let record = self.buffer.get_mut(self.next..after);
        self.next = after;
        let (kind, length) = self.keys.open(record.ok_or(TlsError::Internal)?)?;
        let end = start.saturating_add(length);
        let content = self.buffer.get(start..end).ok_or(TlsError::Internal)?;
        // RFC 8446, section 5.1: nothing else stands between the pieces of a message.
        if kind != keys::HANDSHAKE && !self.messages.is_between() {
            return Err(TlsError::Unexpected);
        }
        match (kind, content) {
            (keys::APPLICATION_DATA, _) => {
                self.start = start;
                self.end = end;
                if length > 0 {
                    self.messages.data_came();
                }
                Ok(())
            }
            (keys::ALERT, [_, alert::CLOSE_NOTIFY]) => {
                self.over = Some(Ok(()));
                Ok(())
            }
            // It goes before a close_notify.
            (keys::ALERT, [_, alert::USER_CANCELED]) => Ok(()),
            (keys::ALERT, [_, code]) => Err(TlsError::Alert(*code)),
            (keys::ALERT, _) => Err(TlsError::BadRecord),
            (keys::HANDSHAKE, []) => Err(TlsError::EmptyRecord),
            (keys::HANDSHAKE, _) => {
                if let Some(update) = self.messages.pass(content)? {
                    self.keys.update();
                    self.is_asked |= update == Update::Requested;
                }
                Ok(())
            }
            _ => Err(TlsError::Unexpected),
        }
    }
}

/// Checks the length of a protected record, without its header.
pub fn check_protected(length: usize, room: usize) -> Result<(), TlsError> {
    if length > MAX_PROTECTED {
        Err(TlsError::RecordOverflow)
    } else if length <= keys::TAG {
        // RFC 8446, section 5.2: there is at least a content type.
        Err(TlsError::EmptyRecord)
    } else if length > room {
        Err(TlsError::FragmentTooLong)
    } else {
        Ok(())
    }
}
