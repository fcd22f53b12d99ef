//! The sending half of the record layer, after the handshake.

use embedded_nal::{TcpClientStack, nb};

use super::Link;
use super::alert;
use super::error::{LinkError, TlsError};
use super::keys::{self, HEADER, Keys, OVERHEAD};
use super::messages::KEY_UPDATE;

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
    /// Bytes of plaintext in that record; none in one of the protocol itself.
    content: usize,
    /// A KeyUpdate is to be sent before the next plaintext.
    update: bool,
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
            update: false,
            over: None,
        }
    }

    /// Changes the keys before the next plaintext (RFC 8446, section 4.6.3).
    pub fn update_keys(&mut self) {
        self.update = true;
    }

    /// Sends the KeyUpdate that is due, if there is one, as far as the network takes it at once.
    pub fn send_update<S: TcpClientStack>(&mut self, link: &mut Link<'_, S>) {
        let is_in_buffer = self.start < self.end && self.content == 0;
        if self.over.is_none() && (self.update || is_in_buffer) {
            // Best effort: `send` goes on with it, and reports an error.
            let _ = self.make_room(link);
        }
    }

    /// Empties the buffer, also of a KeyUpdate that is due, unless it has plaintext in it.
    fn make_room<S: TcpClientStack>(
        &mut self,
        link: &mut Link<'_, S>,
    ) -> nb::Result<(), LinkError<S::Error>> {
        while self.content == 0 {
            self.drain(link)?;
            if !self.update {
                break;
            }
            let sealed = self.seal(keys::HANDSHAKE, [&[KEY_UPDATE, 0, 0, 1, 0], &[]]);
            sealed.map_err(|error| self.give_up(error))?;
            self.keys.update();
            self.update = false;
        }
        Ok(())
    }

    /// Notes that nothing more can be sent.
    fn give_up<E>(&mut self, error: TlsError) -> nb::Error<LinkError<E>> {
        self.over = Some(error);
        nb::Error::Other(error.into())
    }

    /// Sends one record of `parts`, one behind the other; returns how many of their bytes the network has taken.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when the network has no room: the caller calls again with the same bytes. The
    /// stack's own, and those of TLS.
    pub fn send<S: TcpClientStack>(
        &mut self,
        link: &mut Link<'_, S>,
        parts: [&[u8]; 2],
    ) -> nb::Result<usize, LinkError<S::Error>> {
        if let Some(error) = self.over {
            return Err(nb::Error::Other(error.into()));
        }
        let [front, rest] = parts.map(<[u8]>::len);
        let length = front.saturating_add(rest);
        if length == 0 {
            return Ok(0);
        }
        if self.content == 0 {
            self.update |= self.keys.are_worn();
            self.make_room(link)?;
            let sealed = self.seal(keys::APPLICATION_DATA, parts);
            self.content = sealed.map_err(|error| self.give_up(error))?;
        }
        self.drain(link)?;
        let sent = core::mem::take(&mut self.content);
        Ok(sent.min(length))
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
            if room.is_ok() && self.seal(keys::ALERT, [&[level, alert], &[]]).is_ok() {
                // Best effort.
                let _ = self.drain(link);
            }
        }
        self.keys.wipe();
        self.over.get_or_insert(TlsError::Closed);
    }

    /// Makes a record of the front of `parts`; returns how many bytes are in it.
    fn seal(&mut self, kind: u8, parts: [&[u8]; 2]) -> Result<usize, TlsError> {
        let room = self.buffer.len().saturating_sub(OVERHEAD);
        let end = HEADER.saturating_add(room.min(self.max_content));
        let mut places = self.buffer.get_mut(HEADER..end).unwrap_or(&mut []);
        let mut n = 0_usize;
        for part in parts {
            let length = places.len().min(part.len());
            let (into, behind) = places.split_at_mut_checked(length).unwrap_or_default();
            for (to, from) in into.iter_mut().zip(part) {
                *to = *from;
            }
            n = n.saturating_add(length);
            places = behind;
        }
        if n == 0 {
            return Err(TlsError::SmallBuffer);
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
                Ok(0) => return Err(self.give_up(TlsError::Truncated)),
                Ok(n) => self.start = self.start.saturating_add(n).min(self.end),
                Err(error) => return Err(error.map(LinkError::Stack)),
            }
        }
        Ok(())
    }
}
