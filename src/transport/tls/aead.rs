//! The cipher suites (RFC 8446, appendix B.4), and their ciphers with their keys.

use mqtt_aead::Cipher;
use zeroize::Zeroizing;

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

/// The cipher with the key of this traffic secret.
pub fn cipher(algorithm: Algorithm, secret: &[u8; SECRET]) -> Cipher {
    match algorithm {
        Algorithm::Aes => Cipher::aes_128_gcm(&key(secret)),
        Algorithm::ChaCha => Cipher::chacha20_poly1305(&key(secret)),
    }
}

/// The key that follows from this traffic secret. It is wiped when this is dropped.
fn key<const N: usize>(secret: &[u8; SECRET]) -> Zeroizing<[u8; N]> {
    let mut key = Zeroizing::new([0; N]);
    schedule::expand(secret, b"key", key.as_mut_slice());
    key
}
