//! The cipher suite for `embedded-tls`, which hands the traffic secrets over.

use aes_gcm::aead::consts::{U0, U12, U32};
use aes_gcm::aead::generic_array::typenum::U70;
use aes_gcm::aead::{self, AeadCore, AeadInPlace, Buffer, Key, KeyInit, KeySizeUser, Nonce, Tag};
use embedded_tls::TlsCipherSuite;
use zeroize::Zeroize;

use super::aead::{Algorithm, Cipher};
use super::keys;
use super::schedule::SECRET;
use super::transcript::Transcript;

/// Bytes of the protected record that asks for the secret: the secret, a content type, a tag.
pub const REQUEST: usize = SECRET + 1 + keys::TAG;
/// The version in the header of that record. [`Wire`](super::wire::Wire) gives every record of the
/// network the number of the cipher suite there.
pub const REQUEST_VERSION: [u8; 2] = [0, 0];

/// Both cipher suites, for the handshake only.
///
/// `embedded-tls` has no way to export its keys, and knows one suite at a time. But it makes a cipher of its
/// keys, and this is that cipher. [`Transcript`] sees to it that it gets the traffic secret in place of the key.
/// It does not encrypt: it puts the secret behind the plaintext of each record, and
/// [`Wire`](super::wire::Wire) encrypts. It does decrypt: `Wire` puts the server's choice into the header of
/// the record. In a record with another version there it puts the secret in place of plaintext. `Wire` asks with
/// such a record when the handshake is over.
///
/// This module wipes the secrets when they have been used. `embedded-tls` does not wipe its own copies:
/// they stay on the stack until something else is written there.
pub struct Suite;

impl TlsCipherSuite for Suite {
    const CODE_POINT: u16 = u16::from_be_bytes(Algorithm::OFFERED[0].code());
    type Cipher = HandshakeCipher;
    type KeyLen = U32;
    type IvLen = U12;
    type Hash = Transcript;
    type LabelBufferSize = U70;
}

/// A traffic secret, which opens records.
pub struct HandshakeCipher {
    secret: [u8; SECRET],
}

impl Drop for HandshakeCipher {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl KeySizeUser for HandshakeCipher {
    type KeySize = U32;
}

impl KeyInit for HandshakeCipher {
    fn new(secret: &Key<Self>) -> Self {
        Self {
            secret: (*secret).into(),
        }
    }
}

impl AeadCore for HandshakeCipher {
    type NonceSize = U12;
    type TagSize = U32;
    type CiphertextOverhead = U0;
}

impl AeadInPlace for HandshakeCipher {
    fn encrypt_in_place(
        &self,
        _: &Nonce<Self>,
        _: &[u8],
        buffer: &mut dyn Buffer,
    ) -> aead::Result<()> {
        buffer.extend_from_slice(&self.secret)
    }

    fn decrypt_in_place(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut dyn Buffer,
    ) -> aead::Result<()> {
        let [kind, version @ .., high, low] = associated_data else {
            return Err(aead::Error);
        };
        let version = version.try_into().map_err(|_| aead::Error)?;
        let content = buffer.as_mut();
        if version == REQUEST_VERSION {
            let secret = self.secret.iter().chain(&[keys::APPLICATION_DATA]);
            for (place, byte) in content.iter_mut().zip(secret) {
                *place = *byte;
            }
            buffer.truncate(SECRET.saturating_add(1));
            return Ok(());
        }
        let algorithm = Algorithm::of(version).ok_or(aead::Error)?;
        let header = [*kind, keys::VERSION[0], keys::VERSION[1], *high, *low];
        let (inner, tag) = content.split_last_chunk_mut().ok_or(aead::Error)?;
        let length = inner.len();
        let nonce = (*nonce).into();
        let opened = Cipher::new(algorithm, &self.secret).open(&nonce, &header, inner, tag);
        opened.ok_or(aead::Error)?;
        buffer.truncate(length);
        check_content(buffer.as_ref())
    }

    /// Fails: `embedded-tls` does not call it.
    fn encrypt_in_place_detached(
        &self,
        _: &Nonce<Self>,
        _: &[u8],
        _: &mut [u8],
    ) -> aead::Result<Tag<Self>> {
        Err(aead::Error)
    }

    /// Fails: `embedded-tls` does not call it.
    fn decrypt_in_place_detached(
        &self,
        _: &Nonce<Self>,
        _: &[u8],
        _: &mut [u8],
        _: &Tag<Self>,
    ) -> aead::Result<()> {
        Err(aead::Error)
    }
}

/// Refuses records that `embedded-tls` would accept, or panic on: those without content (RFC 8446,
/// section 5.4), and those with a message behind a Finished (section 4.4.4).
fn check_content(inner: &[u8]) -> aead::Result<()> {
    const FINISHED: u8 = 20;
    let end = inner
        .iter()
        .rposition(|byte| *byte != 0)
        .ok_or(aead::Error)?;
    let (content, rest) = inner.split_at_checked(end).ok_or(aead::Error)?;
    if content.is_empty() {
        return Err(aead::Error);
    }
    if rest.first() != Some(&keys::HANDSHAKE) {
        return Ok(());
    }
    let mut messages = content;
    while let Some(([kind, a, b, c], body)) = messages.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).unwrap_or(usize::MAX);
        // `embedded-tls` cannot read a message that goes on in the next record, and reports it.
        let Some((_, after)) = body.split_at_checked(length) else {
            return Ok(());
        };
        if *kind == FINISHED && !after.is_empty() {
            return Err(aead::Error);
        }
        messages = after;
    }
    Ok(())
}
