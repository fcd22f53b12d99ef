//! The keys of one direction, and records under them (RFC 8446, sections 5.2 and 5.3).

use zeroize::Zeroize;

use super::aead::{Algorithm, Cipher};
use super::error::TlsError;
use super::schedule::{self, SECRET};

/// Bytes of a record's header: type, version, length.
pub const HEADER: usize = 5;
/// The version in the header of every record (RFC 8446, section 5.1).
pub const VERSION: [u8; 2] = [3, 3];
/// Bytes of the authentication tag.
pub const TAG: usize = 16;
/// Bytes that a record has besides its content: header, content type, tag.
pub const OVERHEAD: usize = HEADER + 1 + TAG;
/// The longest content of a record (RFC 8446, section 5.1).
pub const MAX_CONTENT: usize = 1 << 14;
/// The longest protected record, without its header (RFC 8446, section 5.2).
pub const MAX_PROTECTED: usize = MAX_CONTENT + 256;

/// Content types (RFC 8446, section 5.1).
pub const CHANGE_CIPHER_SPEC: u8 = 20;
pub const ALERT: u8 = 21;
pub const HANDSHAKE: u8 = 22;
pub const APPLICATION_DATA: u8 = 23;

/// Bytes of the initialisation vector.
pub const IV: usize = 12;

/// Blocks of 16 bytes under one key of AES: 2^24.5 full records of them, rounded down (RFC 8446,
/// section 5.5). ChaCha20 has no such limit.
const MAX_BLOCKS: u64 = 1 << 34;
/// Blocks after which a key is to be replaced: long before it must not be used any more.
const WORN_BLOCKS: u64 = MAX_BLOCKS / 2;

/// Key, initialisation vector and sequence number of one direction.
pub struct Keys {
    /// The traffic secret, which the next one follows from.
    secret: [u8; SECRET],
    algorithm: Algorithm,
    cipher: Option<Cipher>,
    iv: [u8; IV],
    sequence: u64,
    blocks: u64,
}

impl Keys {
    /// Makes the keys for the first record.
    pub fn new(algorithm: Algorithm, secret: &[u8; SECRET]) -> Self {
        let mut keys = Self {
            secret: *secret,
            algorithm,
            cipher: None,
            iv: [0; IV],
            sequence: 0,
            blocks: 0,
        };
        keys.expand();
        keys
    }

    /// Goes on to the record that has this number.
    pub fn skip_to(&mut self, sequence: u64) {
        self.sequence = sequence;
    }

    /// Goes on to the next keys of this direction (RFC 8446, section 7.2). It is rare, and its frame
    /// does not lie below every record.
    #[inline(never)]
    pub fn update(&mut self) {
        let mut next = [0; SECRET];
        schedule::expand(&self.secret, b"traffic upd", &mut next);
        self.secret = next;
        next.zeroize();
        self.sequence = 0;
        self.blocks = 0;
        self.expand();
    }

    /// Makes key and initialisation vector of the secret.
    fn expand(&mut self) {
        schedule::expand(&self.secret, b"iv", &mut self.iv);
        self.cipher = Some(Cipher::new(self.algorithm, &self.secret));
    }

    /// Whether so much has been encrypted that the keys should be updated.
    pub fn are_worn(&self) -> bool {
        self.blocks > WORN_BLOCKS
    }

    /// Wipes the keys.
    pub fn wipe(&mut self) {
        self.cipher = None;
        self.secret.zeroize();
        self.iv.zeroize();
    }

    /// Makes a record in `buffer` of the content that stands behind the place of the header; returns
    /// the length of the record.
    pub fn seal(&mut self, kind: u8, content: usize, buffer: &mut [u8]) -> Result<usize, TlsError> {
        let length = content.saturating_add(1).saturating_add(TAG);
        let on_wire = u16::try_from(length).map_err(|_| TlsError::Internal)?;
        let (header, rest) = buffer
            .split_first_chunk_mut::<HEADER>()
            .ok_or(TlsError::Internal)?;
        let rest = rest.get_mut(..length).ok_or(TlsError::Internal)?;
        let (inner, tag) = rest.split_last_chunk_mut().ok_or(TlsError::Internal)?;
        *inner.last_mut().ok_or(TlsError::Internal)? = kind;
        let [high, low] = on_wire.to_be_bytes();
        *header = [APPLICATION_DATA, VERSION[0], VERSION[1], high, low];
        let nonce = self.next_nonce(length)?;
        let cipher = self.cipher.as_ref().ok_or(TlsError::Internal)?;
        let sealed = cipher.seal(&nonce, header, inner);
        *tag = sealed.ok_or(TlsError::Internal)?;
        Ok(length.saturating_add(HEADER))
    }

    /// Decrypts the record in `buffer`, header included; returns its content type and the length of
    /// the content, which then stands behind the header.
    pub fn open(&mut self, buffer: &mut [u8]) -> Result<(u8, usize), TlsError> {
        let (header, rest) = buffer
            .split_first_chunk_mut::<HEADER>()
            .ok_or(TlsError::Internal)?;
        let nonce = self.next_nonce(rest.len())?;
        let (inner, tag) = rest
            .split_last_chunk_mut::<TAG>()
            .ok_or(TlsError::BadRecord)?;
        let cipher = self.cipher.as_ref().ok_or(TlsError::Internal)?;
        let opened = cipher.open(&nonce, header, inner, tag);
        opened.ok_or(TlsError::BadMac)?;
        // RFC 8446, section 5.4: the padding is zeros; a record of zeros alone is an error.
        let last = inner.iter().rposition(|byte| *byte != 0);
        let content = last.ok_or(TlsError::EmptyRecord)?;
        if content > MAX_CONTENT {
            return Err(TlsError::RecordOverflow);
        }
        let kind = inner.get(content).ok_or(TlsError::Internal)?;
        Ok((*kind, content))
    }

    fn next_nonce(&mut self, bytes: usize) -> Result<[u8; IV], TlsError> {
        let blocks = u64::try_from(bytes.div_ceil(TAG)).unwrap_or(MAX_BLOCKS);
        self.blocks = self.blocks.saturating_add(blocks);
        if self.blocks > MAX_BLOCKS {
            return Err(TlsError::KeysUsedUp);
        }
        let mut nonce = self.iv;
        for (byte, sequence) in nonce.iter_mut().skip(4).zip(self.sequence.to_be_bytes()) {
            *byte ^= sequence;
        }
        self.sequence = self.sequence.checked_add(1).ok_or(TlsError::KeysUsedUp)?;
        Ok(nonce)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;

    fn record(keys: &mut Keys) -> Vec<u8> {
        let mut buffer = vec![0; OVERHEAD + 5];
        buffer[HEADER..HEADER + 5].copy_from_slice(b"hello");
        assert_eq!(
            keys.seal(APPLICATION_DATA, 5, &mut buffer),
            Ok(OVERHEAD + 5)
        );
        buffer
    }

    #[test]
    fn updated_keys_open_what_updated_keys_have_sealed() {
        let (mut sealing, mut opening) = (
            Keys::new(Algorithm::Aes, &[3; SECRET]),
            Keys::new(Algorithm::Aes, &[3; SECRET]),
        );
        let first = record(&mut sealing);
        sealing.update();
        let mut second = record(&mut sealing);
        assert_ne!(first, second);
        assert_eq!(opening.open(&mut second.clone()), Err(TlsError::BadMac));
        opening.update();
        assert_eq!(opening.open(&mut second), Ok((APPLICATION_DATA, 5)));
        assert_eq!(&second[HEADER..HEADER + 5], b"hello");
    }

    #[test]
    fn keys_wear_out_and_are_used_up() {
        let mut keys = Keys::new(Algorithm::Aes, &[3; SECRET]);
        // A record of five bytes takes two blocks.
        keys.blocks = WORN_BLOCKS - 2;
        record(&mut keys);
        assert!(!keys.are_worn());
        record(&mut keys);
        assert!(keys.are_worn());
        keys.blocks = MAX_BLOCKS - 1;
        let sealed = keys.seal(APPLICATION_DATA, 5, &mut [0; OVERHEAD + 5]);
        assert_eq!(sealed, Err(TlsError::KeysUsedUp));
        keys.update();
        assert!(!keys.are_worn());
        record(&mut keys);
    }
}
