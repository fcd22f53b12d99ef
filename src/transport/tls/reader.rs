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
    /// Bytes of the present record in the buffer.
    filled: usize,
    /// The place in the buffer of the plaintext that has not been passed on.
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
        self.start < self.end || self.more || self.over.is_some()
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
            self.read_record(link)?;
            if let Err(error) = self.open() {
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

    /// Reads one record into the buffer, over as many calls as it takes.
    fn read_record<S: TcpClientStack>(
        &mut self,
        link: &mut Link<'_, S>,
    ) -> nb::Result<(), LinkError<S::Error>> {
        loop {
            let wanted = match self.record_len() {
                Ok(wanted) => wanted,
                Err(error) => {
                    self.fail(error);
                    return Err(nb::Error::Other(error.into()));
                }
            };
            let Some(room) = self.buffer.get_mut(self.filled..wanted) else {
                return Err(nb::Error::Other(TlsError::Internal.into()));
            };
            if room.is_empty() {
                return Ok(());
            }
            match link.stack.receive(link.socket, room) {
                // RFC 8446, section 6.1: without close_notify an attacker may have cut it.
                Ok(0) => {
                    self.fail(TlsError::Truncated);
                    return Err(nb::Error::Other(TlsError::Truncated.into()));
                }
                Ok(n) => self.filled = self.filled.saturating_add(n).min(wanted),
                Err(error) => return Err(error.map(LinkError::Stack)),
            }
        }
    }

    /// The bytes of the present record that have to be there next: its header, then all of it.
    fn record_len(&self) -> Result<usize, TlsError> {
        let header = self.buffer.get(..self.filled).unwrap_or(&[]);
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

    /// Decrypts the record in the buffer and handles it by its content type.
    fn open(&mut self) -> Result<(), TlsError> {
        let record = self.buffer.get_mut(..self.filled);
        self.filled = 0;
        let (kind, length) = self.keys.open(record.ok_or(TlsError::Internal)?)?;
        let end = HEADER.saturating_add(length);
        let content = self.buffer.get(HEADER..end).ok_or(TlsError::Internal)?;
        // RFC 8446, section 5.1: nothing else stands between the pieces of a message.
        if kind != keys::HANDSHAKE && !self.messages.is_between() {
            return Err(TlsError::Unexpected);
        }
        match (kind, content) {
            (keys::APPLICATION_DATA, _) => {
                self.start = HEADER;
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
