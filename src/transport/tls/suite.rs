//! The cipher suite for `embedded-tls`, which hands the traffic secrets over.

use aes_gcm::aead::consts::{U0, U12, U16, U32};
use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::aead::{self, AeadCore, AeadInPlace, Buffer, Key, KeyInit, KeySizeUser, Nonce, Tag};
use aes_gcm::{Aes128Gcm, aead::generic_array::typenum::U70};
use embedded_tls::TlsCipherSuite;
use zeroize::Zeroize;

use super::keys;
use super::schedule::{self, SECRET};
use super::transcript::Transcript;

/// Bytes of the protected record that asks for the secret: the secret, a content type, a tag.
pub const REQUEST: usize = SECRET + 1 + keys::TAG;
/// The version in the header of that record. [`Wire`](super::wire::Wire) gives every record of the
/// network another one.
pub const REQUEST_VERSION: [u8; 2] = [0, 0];

/// TLS_AES_128_GCM_SHA256 (RFC 8446, appendix B.4), for the handshake only.
///
/// `embedded-tls` has no way to export its keys, but it makes a cipher of them, and this is that
/// cipher. [`Transcript`] sees to it that it gets the traffic secret in place of the key. It does not
/// encrypt application data, which `embedded-tls` never gets from here: it writes the secret in place
/// of them. The question for the secret of the other direction is a record with a version of its own.
/// [`Wire`](super::wire::Wire) asks when the handshake is over, and keeps the answer.
///
/// This module wipes the secrets when they have been used. `embedded-tls` does not wipe its own copies:
/// they stay on the stack until something else is written there.
pub struct Suite;

impl TlsCipherSuite for Suite {
    const CODE_POINT: u16 = 0x1301;
    type Cipher = HandshakeCipher;
    type KeyLen = U32;
    type IvLen = U12;
    type Hash = Transcript;
    type LabelBufferSize = U70;
}

/// AES-128-GCM that hands its traffic secret over when [`Wire`](super::wire::Wire) asks.
pub struct HandshakeCipher {
    secret: [u8; SECRET],
    cipher: Aes128Gcm,
}

impl HandshakeCipher {
    /// Writes the secret into the front of `buffer`.
    fn hand_over(&self, buffer: &mut dyn Buffer) {
        for (place, byte) in buffer.as_mut().iter_mut().zip(self.secret) {
            *place = byte;
        }
    }
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
        let secret = (*secret).into();
        let mut key = Key::<Aes128Gcm>::default();
        schedule::expand(&secret, b"key", &mut key);
        let cipher = Aes128Gcm::new(&key);
        key.as_mut_slice().zeroize();
        Self { secret, cipher }
    }
}

impl AeadCore for HandshakeCipher {
    type NonceSize = U12;
    type TagSize = U16;
    type CiphertextOverhead = U0;
}

impl AeadInPlace for HandshakeCipher {
    fn encrypt_in_place(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut dyn Buffer,
    ) -> aead::Result<()> {
        if buffer.as_ref().last() == Some(&keys::APPLICATION_DATA) {
            self.hand_over(buffer);
            return buffer.extend_from_slice(&[0; keys::TAG]);
        }
        self.cipher.encrypt_in_place(nonce, associated_data, buffer)
    }

    fn decrypt_in_place(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut dyn Buffer,
    ) -> aead::Result<()> {
        if associated_data.get(1..3) == Some(&REQUEST_VERSION) {
            self.hand_over(buffer);
            if let Some(kind) = buffer.as_mut().get_mut(SECRET) {
                *kind = keys::APPLICATION_DATA;
            }
            buffer.truncate(SECRET.saturating_add(1));
            return Ok(());
        }
        self.cipher
            .decrypt_in_place(nonce, associated_data, buffer)?;
        check_content(buffer.as_ref())
    }

    fn encrypt_in_place_detached(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut [u8],
    ) -> aead::Result<Tag<Self>> {
        self.cipher
            .encrypt_in_place_detached(nonce, associated_data, buffer)
    }

    fn decrypt_in_place_detached(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut [u8],
        tag: &GenericArray<u8, U16>,
    ) -> aead::Result<()> {
        self.cipher
            .decrypt_in_place_detached(nonce, associated_data, buffer, tag)
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
