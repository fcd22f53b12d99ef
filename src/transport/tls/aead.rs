//! The cipher suites (RFC 8446, appendix B.4), and their ciphers.

use mqtt_chacha::ChaCha;
use zeroize::Zeroizing;

use super::aes::Aes;
use super::keys::{IV, TAG};
use super::schedule::{self, SECRET};

/// A cipher suite. Both have SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// TLS_AES_128_GCM_SHA256.
    Aes,
    /// TLS_CHACHA20_POLY1305_SHA256.
    ChaCha,
}

impl Algorithm {
    /// The suites in the order of preference. A processor without instructions for AES takes half of the
    /// time for ChaCha20.
    pub const OFFERED: [Self; 2] = if cfg!(any(target_arch = "x86", target_arch = "x86_64")) {
        [Self::Aes, Self::ChaCha]
    } else {
        [Self::ChaCha, Self::Aes]
    };

    /// The number of the suite.
    pub const fn code(self) -> [u8; 2] {
        match self {
            Self::Aes => [0x13, 0x01],
            Self::ChaCha => [0x13, 0x03],
        }
    }

    /// The suite with this number.
    pub fn of(code: [u8; 2]) -> Option<Self> {
        Self::OFFERED.into_iter().find(|it| it.code() == code)
    }
}

/// A cipher with its key, which is wiped when this is dropped.
///
/// The key of AES is expanded once for all records: on a processor without instructions for AES that takes longer
/// than a short record. Without an allocator it cannot be boxed.
#[allow(clippy::large_enum_variant)]
pub enum Cipher {
    /// AES-128-GCM.
    Aes(Aes),
    /// ChaCha20-Poly1305.
    ChaCha(ChaCha),
}

impl Cipher {
    /// The cipher with the key of this traffic secret.
    pub fn new(algorithm: Algorithm, secret: &[u8; SECRET]) -> Self {
        match algorithm {
            Algorithm::Aes => Self::Aes(Aes::new(&key(secret))),
            Algorithm::ChaCha => Self::ChaCha(ChaCha::new(&key(secret))),
        }
    }

    /// Encrypts `inner`, and returns the tag.
    pub fn seal(&self, nonce: &[u8; IV], header: &[u8], inner: &mut [u8]) -> Option<[u8; TAG]> {
        match self {
            Self::Aes(cipher) => cipher.seal(nonce, header, inner),
            Self::ChaCha(cipher) => cipher.seal(nonce, header, inner),
        }
    }

    /// Decrypts `inner`, if the tag is right.
    pub fn open(
        &self,
        nonce: &[u8; IV],
        header: &[u8],
        inner: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        match self {
            Self::Aes(cipher) => cipher.open(nonce, header, inner, tag),
            Self::ChaCha(cipher) => cipher.open(nonce, header, inner, tag),
        }
    }
}

/// The key that follows from this traffic secret. It is wiped when this is dropped.
fn key<const N: usize>(secret: &[u8; SECRET]) -> Zeroizing<[u8; N]> {
    let mut key = Zeroizing::new([0; N]);
    schedule::expand(secret, b"key", key.as_mut_slice());
    key
}
