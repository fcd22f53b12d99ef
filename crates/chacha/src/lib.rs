//! ChaCha20-Poly1305 for TLS records (RFC 8446, appendix B.4).
//!
//! The cipher is generic code, which takes on the optimisation level of the crate that names its type. The module is
//! compiled for the smallest size (`z`), with which a short record takes 1.7 times as many instructions as with `s`. So
//! this crate names the type, and Cargo.toml gives it a level of its own.
#![no_std]
#![forbid(unsafe_code)]

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};

/// Bytes of a key.
pub const KEY: usize = 32;

/// Bytes of a nonce.
pub const NONCE: usize = 12;

/// Bytes of a tag.
pub const TAG: usize = 16;

/// ChaCha20-Poly1305 with its key, which is wiped when this is dropped.
pub struct ChaCha(ChaCha20Poly1305);

impl ChaCha {
    /// The cipher with this key.
    #[must_use]
    pub fn new(key: &[u8; KEY]) -> Self {
        Self(ChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts `text`, and returns the tag, which also covers `header`; `None` if the text is longer than the cipher
    /// allows: 256 GB.
    // Not a part of its caller, whose optimisation level is another one.
    #[inline(never)]
    pub fn seal(&self, nonce: &[u8; NONCE], header: &[u8], text: &mut [u8]) -> Option<[u8; TAG]> {
        let nonce = Nonce::from_slice(nonce);
        let tag = self.0.encrypt_in_place_detached(nonce, header, text);
        tag.ok().map(Into::into)
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
        let (nonce, tag) = (Nonce::from_slice(nonce), Tag::from_slice(tag));
        self.0
            .decrypt_in_place_detached(nonce, header, text, tag)
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{ChaCha, KEY, NONCE, TAG};

    #[test]
    fn a_sealed_text_opens() {
        let cipher = ChaCha::new(&[1; KEY]);
        let mut text = *b"a text of more than one block, which has 64 bytes in this cipher.";
        let tag = cipher.seal(&[2; NONCE], b"header", &mut text).unwrap();
        assert_ne!(&text[..6], b"a text");
        let opened = cipher.open(&[2; NONCE], b"header", &mut text, &tag);
        assert!(opened.is_some());
        assert_eq!(&text[..6], b"a text");
    }

    #[test]
    fn a_changed_byte_is_found_and_the_text_stays() {
        let cipher = ChaCha::new(&[1; KEY]);
        let mut text = *b"text";
        let tag = cipher.seal(&[2; NONCE], b"header", &mut text).unwrap();
        let sealed = text;
        let mut wrong = tag;
        wrong[TAG - 1] ^= 1;
        for (nonce, header, tag) in [
            ([2; NONCE], b"header", wrong),
            ([2; NONCE], b"Header", tag),
            ([3; NONCE], b"header", tag),
        ] {
            assert!(cipher.open(&nonce, header, &mut text, &tag).is_none());
        }
        assert_eq!(text, sealed);
        let opened = cipher.open(&[2; NONCE], b"header", &mut text, &tag);
        assert!(opened.is_some());
    }
}
