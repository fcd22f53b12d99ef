//! Randomness for a handshake: an HMAC_DRBG (NIST SP 800-90A) seeded by the port.

use rand_core::{CryptoRng, Error, RngCore};
use rfc6979::HmacDrbg;
use sha2::Sha256;
use zeroize::Zeroize;

use super::Platform;

/// Bytes of seed: entropy and nonce for a strength of 256 bits, and as much again for sources that
/// are weaker than they claim.
const SEED: usize = 64;

/// A generator for one handshake.
pub struct Random(HmacDrbg<Sha256>);

impl Random {
    /// Makes a freshly seeded generator; `None` without entropy.
    pub fn new(platform: &mut impl Platform) -> Option<Self> {
        let mut seed = [0; SEED];
        let seeded = platform.random(&mut seed);
        // A source that does not run may give zeros and no error.
        let dead = seed.iter().all(|byte| Some(byte) == seed.first());
        let random = (seeded && !dead).then(|| Self(HmacDrbg::new(&seed, &[], b"mqtt tls")));
        seed.zeroize();
        random
    }
}

impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Random {}
