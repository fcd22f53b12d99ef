//! AES-128-GCM (RFC 5116, section 5.1), of one of two versions of its crate. Cargo.toml says why.

#[cfg(not(target_pointer_width = "64"))]
use aes_gcm::{Aes128Gcm, aead::AeadInPlace as _, aead::KeyInit as _};
#[cfg(target_pointer_width = "64")]
use aes_gcm_wide::{AeadInOut as _, Aes128Gcm, KeyInit as _};

use super::keys::{IV, TAG};

/// Bytes of a key.
pub const KEY: usize = 16;

/// The cipher with its key, which is wiped when this is dropped.
pub struct Aes(Aes128Gcm);

impl Aes {
    /// The cipher with this key.
    pub fn new(key: &[u8; KEY]) -> Self {
        Self(Aes128Gcm::new(key.into()))
    }

    /// Encrypts `inner`, and returns the tag.
    pub fn seal(&self, nonce: &[u8; IV], header: &[u8], inner: &mut [u8]) -> Option<[u8; TAG]> {
        let nonce = nonce.into();
        #[cfg(target_pointer_width = "64")]
        let tag = self.0.encrypt_inout_detached(nonce, header, inner.into());
        #[cfg(not(target_pointer_width = "64"))]
        let tag = self.0.encrypt_in_place_detached(nonce, header, inner);
        tag.ok().map(Into::into)
    }

    /// Decrypts `inner`, if the tag is right.
    pub fn open(
        &self,
        nonce: &[u8; IV],
        header: &[u8],
        inner: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        let (nonce, tag) = (nonce.into(), tag.into());
        #[cfg(target_pointer_width = "64")]
        let inner = inner.into();
        #[cfg(target_pointer_width = "64")]
        let opened = self.0.decrypt_inout_detached(nonce, header, inner, tag);
        #[cfg(not(target_pointer_width = "64"))]
        let opened = self.0.decrypt_in_place_detached(nonce, header, inner, tag);
        opened.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use aes_gcm::{Aes128Gcm, aead::AeadInPlace as _, aead::KeyInit as _};

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.map(byte).collect()
    }

    /// Test case 4 of "The Galois/Counter Mode of Operation", appendix B.
    #[test]
    fn seals_and_opens_the_example_of_the_standard() {
        let key: [u8; KEY] = hex("feffe9928665731c6d6a8f9467308308").try_into().unwrap();
        let nonce: [u8; IV] = hex("cafebabefacedbaddecaf888").try_into().unwrap();
        let header = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let text = hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        let mut inner = text.clone();
        let aes = Aes::new(&key);
        let tag = aes.seal(&nonce, &header, &mut inner).unwrap();
        assert_eq!(tag.to_vec(), hex("5bc94fbc3221a5db94fae95ae7121a47"));
        let sealed = hex(
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
             21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
        );
        assert_eq!(inner, sealed);
        let mut wrong = tag;
        wrong[0] ^= 1;
        assert_eq!(aes.open(&nonce, &header, &mut inner, &wrong), None);
        assert_eq!(aes.open(&nonce, &header[1..], &mut inner, &tag), None);
        assert_eq!(inner, sealed);
        assert_eq!(aes.open(&nonce, &header, &mut inner, &tag), Some(()));
        assert_eq!(inner, text);
    }

    #[test]
    fn both_versions_of_the_crate_agree() {
        let (key, nonce, header) = ([7; KEY], [9; IV], [23, 3, 3, 64, 17]);
        let aes = Aes::new(&key);
        let other = Aes128Gcm::new(&key.into());
        for length in (0..=600).chain(16_370..=16_400) {
            let text: Vec<u8> = (0..length)
                .map(|place| ((place * 131) >> 3) as u8)
                .collect();
            let (mut ours, mut theirs) = (text.clone(), text.clone());
            let tag = aes.seal(&nonce, &header, &mut ours).unwrap();
            let expected = other.encrypt_in_place_detached(&nonce.into(), &header, &mut theirs);
            assert_eq!(tag, <[u8; TAG]>::from(expected.unwrap()), "{length}");
            assert!(ours == theirs, "{length}");
            let opened = aes.open(&nonce, &header, &mut ours, &tag);
            assert!(opened.is_some() && ours == text, "{length}");
        }
        let mut nothing = vec![];
        assert_eq!(aes.open(&nonce, &header, &mut nothing, &[0; TAG]), None);
    }
}
