//! The derivation of keys from a traffic secret (RFC 8446, sections 7.1 to 7.3).

use sha2::{Digest, Sha256};

/// Bytes of a traffic secret: the length of SHA-256.
pub const SECRET: usize = 32;

/// Bytes that SHA-256 takes at once.
pub const BLOCK: usize = 64;
/// The bytes that HMAC combines with its key (RFC 2104, section 2).
pub const INNER_PAD: u8 = 0x36;
pub const OUTER_PAD: u8 = 0x5c;

/// Fills `out`, of at most 32 bytes, with HKDF-Expand-Label of `secret`, this label, and no context.
///
/// One block of HKDF-Expand is an HMAC of the information and the number 1 (RFC 5869, section 2.3).
pub fn expand(secret: &[u8; SECRET], label: &[u8], out: &mut [u8]) {
    const PREFIX: &[u8] = b"tls13 ";
    let length = out.len().min(SECRET) as u8;
    let label_length = PREFIX.len().saturating_add(label.len()) as u8;
    let inner = keyed(secret, INNER_PAD)
        .chain_update([0, length, label_length])
        .chain_update(PREFIX)
        .chain_update(label)
        .chain_update([0, 1])
        .finalize();
    let block = keyed(secret, OUTER_PAD).chain_update(inner).finalize();
    for (to, from) in out.iter_mut().zip(block) {
        *to = from;
    }
}

/// SHA-256 of the block that the key of an HMAC makes with a pad.
fn keyed(secret: &[u8; SECRET], pad: u8) -> Sha256 {
    let mut block = [pad; BLOCK];
    for (byte, key) in block.iter_mut().zip(secret) {
        *byte ^= key;
    }
    Sha256::new_with_prefix(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The server's keys in the simple handshake of RFC 8448, section 3.
    #[test]
    fn the_keys_of_the_standards_example() {
        let secret = [
            0xa1, 0x1a, 0xf9, 0xf0, 0x55, 0x31, 0xf8, 0x56, 0xad, 0x47, 0x11, 0x6b, 0x45, 0xa9,
            0x50, 0x32, 0x82, 0x04, 0xb4, 0xf4, 0x4b, 0xfb, 0x6b, 0x3a, 0x4b, 0x4f, 0x1f, 0x3f,
            0xcb, 0x63, 0x16, 0x43,
        ];
        let (mut key, mut iv) = ([0; 16], [0; 12]);
        expand(&secret, b"key", &mut key);
        expand(&secret, b"iv", &mut iv);
        let key_of_the_example = [
            0x9f, 0x02, 0x28, 0x3b, 0x6c, 0x9c, 0x07, 0xef, 0xc2, 0x6b, 0xb9, 0xf2, 0xac, 0x92,
            0xe3, 0x56,
        ];
        assert_eq!(key, key_of_the_example);
        let iv_of_the_example = [
            0xcf, 0x78, 0x2b, 0x88, 0xdd, 0x83, 0x54, 0x9a, 0xad, 0xf1, 0xe9, 0x84,
        ];
        assert_eq!(iv, iv_of_the_example);
    }
}
