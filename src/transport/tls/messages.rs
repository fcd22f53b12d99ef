//! The server's messages after the handshake: tickets and KeyUpdate (RFC 8446, section 4.6).

use super::error::TlsError;

/// Types of messages (RFC 8446, section 4).
const NEW_SESSION_TICKET: u8 = 4;
pub const KEY_UPDATE: u8 = 24;

/// The most KeyUpdates that a server may send without data between them. Each costs the client more
/// than the server.
const MAX_UPDATES: u8 = 32;

/// Whether a KeyUpdate asks for one in return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// It does not.
    NotRequested,
    /// It does.
    Requested,
}

/// The state of the messages, which need not end where records end. It skips tickets.
#[derive(Default)]
pub struct Messages {
    /// The header of the present message, and the body of a KeyUpdate.
    front: [u8; 5],
    /// Bytes of it that are there.
    have: usize,
    /// Bytes of the present message that are to come and are of no use.
    left: usize,
    /// KeyUpdates since the last data.
    updates: u8,
}

impl Messages {
    /// Whether every message that has begun has ended.
    pub fn is_between(&self) -> bool {
        self.have == 0 && self.left == 0
    }

    /// Notes that the server has sent data.
    pub fn data_came(&mut self) {
        self.updates = 0;
    }

    /// Reads the content of a record. A KeyUpdate changes the keys for the next record.
    pub fn pass(&mut self, mut bytes: &[u8]) -> Result<Option<Update>, TlsError> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let n = self.left.min(bytes.len());
                self.left = self.left.saturating_sub(n);
                bytes = bytes.get(n..).unwrap_or(&[]);
                continue;
            }
            if let Some(place) = self.front.get_mut(self.have) {
                *place = *first;
                self.have = self.have.saturating_add(1);
                bytes = rest;
            }
            match (self.have, self.front) {
                (4, [NEW_SESSION_TICKET, a, b, c, _]) => {
                    let length = u32::from_be_bytes([0, a, b, c]);
                    self.left = usize::try_from(length).unwrap_or(usize::MAX);
                    self.have = 0;
                }
                (4, [KEY_UPDATE, 0, 0, 1, _]) => {}
                (4, [KEY_UPDATE, ..]) => return Err(TlsError::BadHandshake),
                (4, _) => return Err(TlsError::Unexpected),
                (5, [.., request]) => {
                    self.have = 0;
                    return self.update(request, bytes).map(Some);
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Checks a KeyUpdate, which has `rest` behind it in its record.
    fn update(&mut self, request: u8, rest: &[u8]) -> Result<Update, TlsError> {
        // RFC 8446, section 5.1: no message stands behind it under the old keys.
        if !rest.is_empty() {
            return Err(TlsError::Unexpected);
        }
        self.updates = self.updates.saturating_add(1);
        match request {
            _ if self.updates > MAX_UPDATES => Err(TlsError::TooManyUpdates),
            0 => Ok(Update::NotRequested),
            1 => Ok(Update::Requested),
            _ => Err(TlsError::KeyUpdate),
        }
    }
}
