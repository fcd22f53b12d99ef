//! The two ciphers of TLS records (RFC 8446, appendix B.4).
//!
//! They are generic code, which takes on the optimisation level of the crate that names their types. The module is
//! compiled for the smallest size (`z`), with which a short record takes 1.5 times as many instructions as with `s`. So
//! this crate names them, and Cargo.toml gives it a level of its own.
#![no_std]
#![forbid(unsafe_code)]

pub use aes_gcm::aead;

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{AeadInPlace, KeyInit, Nonce, Tag};
use chacha20poly1305::ChaCha20Poly1305;

/// Bytes of a nonce.
pub const NONCE: usize = 12;

/// Bytes of a tag.
pub const TAG: usize = 16;

/// A cipher with its key, which is wiped when this is dropped.
///
/// The key of AES is expanded once for all records: on a processor without instructions for AES that takes longer
/// than a short record. Without an allocator it cannot be boxed.
#[allow(clippy::large_enum_variant)]
pub enum Cipher {
    /// AES-128-GCM.
    Aes(Aes128Gcm),
    /// ChaCha20-Poly1305.
    ChaCha(ChaCha20Poly1305),
}

impl Cipher {
    /// AES-128-GCM with this key.
    #[must_use]
    pub fn aes_128_gcm(key: &[u8; 16]) -> Self {
        Self::Aes(Aes128Gcm::new(key.into()))
    }

    /// ChaCha20-Poly1305 with this key.
    #[must_use]
    pub fn chacha20_poly1305(key: &[u8; 32]) -> Self {
        Self::ChaCha(ChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts `text`, and returns the tag, which also covers `header`; `None` if the text is longer than the cipher
    /// allows: 64 GB.
    // Not a part of its caller, whose optimisation level is another one.
    #[inline(never)]
    pub fn seal(&self, nonce: &[u8; NONCE], header: &[u8], text: &mut [u8]) -> Option<[u8; TAG]> {
        match self {
            Self::Aes(cipher) => seal(cipher, nonce, header, text),
            Self::ChaCha(cipher) => seal(cipher, nonce, header, text),
        }
    }

    /// Decrypts `text`, if the tag is right. Otherwise `None`, and the text is as it was.
    #[inline(never)]
    pub fn open(
        &self,
        nonce: &[u8; NONCE],
        header: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        match self {
            Self::Aes(cipher) => open(cipher, nonce, header, text, tag),
            Self::ChaCha(cipher) => open(cipher, nonce, header, text, tag),
        }
    }
}

fn seal<C: AeadInPlace<NonceSize = U12, TagSize = U16>>(
    cipher: &C,
    nonce: &[u8; NONCE],
    header: &[u8],
    text: &mut [u8],
) -> Option<[u8; TAG]> {
    let nonce = Nonce::<C>::from_slice(nonce);
    let tag = cipher.encrypt_in_place_detached(nonce, header, text);
    tag.ok().map(Into::into)
}

fn open<C: AeadInPlace<NonceSize = U12, TagSize = U16>>(
    cipher: &C,
    nonce: &[u8; NONCE],
    header: &[u8],
    text: &mut [u8],
    tag: &[u8; TAG],
) -> Option<()> {
    let (nonce, tag) = (Nonce::<C>::from_slice(nonce), Tag::<C>::from_slice(tag));
    cipher
        .decrypt_in_place_detached(nonce, header, text, tag)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{Cipher, NONCE, TAG};

    fn ciphers() -> [Cipher; 2] {
        [
            Cipher::aes_128_gcm(&[1; 16]),
            Cipher::chacha20_poly1305(&[1; 32]),
        ]
    }

    #[test]
    fn a_sealed_text_opens() {
        for cipher in ciphers() {
            let mut text = *b"a text of more than one block, which has 64 bytes in both cases.";
            let tag = cipher.seal(&[2; NONCE], b"header", &mut text).unwrap();
            assert_ne!(&text[..6], b"a text");
            assert!(
                cipher
                    .open(&[2; NONCE], b"header", &mut text, &tag)
                    .is_some()
            );
            assert_eq!(&text[..6], b"a text");
        }
    }

    #[test]
    fn a_changed_byte_is_found_and_the_text_stays() {
        for cipher in ciphers() {
            let mut text = *b"text";
            let tag = cipher.seal(&[2; NONCE], b"header", &mut text).unwrap();
            let sealed = text;
            let mut wrong = tag;
            wrong[TAG - 1] ^= 1;
            assert!(
                cipher
                    .open(&[2; NONCE], b"header", &mut text, &wrong)
                    .is_none()
            );
            assert!(
                cipher
                    .open(&[2; NONCE], b"Header", &mut text, &tag)
                    .is_none()
            );
            assert!(
                cipher
                    .open(&[3; NONCE], b"header", &mut text, &tag)
                    .is_none()
            );
            assert_eq!(text, sealed);
            assert!(
                cipher
                    .open(&[2; NONCE], b"header", &mut text, &tag)
                    .is_some()
            );
        }
    }
}
