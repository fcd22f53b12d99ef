//! The signature algorithms that are built in, for certificates and for CertificateVerify.

use embedded_tls::SignatureScheme;
use rustls_pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use sha2::{Digest, Sha256, Sha384};
use signature::hazmat::PrehashVerifier;

use super::ecdsa_der;

/// The algorithms that a certificate may be signed with.
pub const CERTIFICATE: &[&dyn SignatureVerificationAlgorithm] = &[
    &P256_SHA256,
    &P256_SHA384,
    #[cfg(feature = "tls-ed25519")]
    &ED25519,
    #[cfg(feature = "tls-p384")]
    &P384_SHA256,
    #[cfg(feature = "tls-p384")]
    &P384_SHA384,
    #[cfg(feature = "tls-rsa")]
    &rsa_keys::PKCS1_SHA256,
    #[cfg(feature = "tls-rsa")]
    &rsa_keys::PKCS1_SHA384,
    #[cfg(feature = "tls-rsa")]
    &rsa_keys::PKCS1_SHA512,
    #[cfg(feature = "tls-rsa")]
    &rsa_keys::PSS_SHA256,
    #[cfg(feature = "tls-rsa")]
    &rsa_keys::PSS_SHA384,
    #[cfg(feature = "tls-rsa")]
    &rsa_keys::PSS_SHA512,
];

/// The algorithm of a CertificateVerify message. There RSA is PSS, and each curve has one hash (RFC
/// 8446, section 4.2.3).
pub fn of_scheme(scheme: SignatureScheme) -> Option<&'static dyn SignatureVerificationAlgorithm> {
    match scheme {
        SignatureScheme::EcdsaSecp256r1Sha256 => Some(&P256_SHA256),
        #[cfg(feature = "tls-ed25519")]
        SignatureScheme::Ed25519 => Some(&ED25519),
        #[cfg(feature = "tls-p384")]
        SignatureScheme::EcdsaSecp384r1Sha384 => Some(&P384_SHA384),
        #[cfg(feature = "tls-rsa")]
        SignatureScheme::RsaPssRsaeSha256 => Some(&rsa_keys::PSS_SHA256),
        #[cfg(feature = "tls-rsa")]
        SignatureScheme::RsaPssRsaeSha384 => Some(&rsa_keys::PSS_SHA384),
        #[cfg(feature = "tls-rsa")]
        SignatureScheme::RsaPssRsaeSha512 => Some(&rsa_keys::PSS_SHA512),
        _ => None,
    }
}

/// A kind of key, a kind of signature, and the function that verifies the signature.
struct Algorithm {
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    verify: Verify,
}

/// Whether this key, for this message, has made this signature.
type Verify = fn(&[u8], &[u8], &[u8]) -> Option<()>;

impl core::fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Algorithm")
    }
}

impl SignatureVerificationAlgorithm for Algorithm {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        (self.verify)(public_key, message, signature).ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

const P256_SHA256: Algorithm = Algorithm {
    key: alg_id::ECDSA_P256,
    signature: alg_id::ECDSA_SHA256,
    verify: |key, message, signature| p256_verify(key, &Sha256::digest(message), signature),
};

const P256_SHA384: Algorithm = Algorithm {
    key: alg_id::ECDSA_P256,
    signature: alg_id::ECDSA_SHA384,
    verify: |key, message, signature| p256_verify(key, &Sha384::digest(message), signature),
};

fn p256_verify(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let (r, s) = ecdsa_der::decode::<32>(signature)?;
    let signature = p256::ecdsa::Signature::from_scalars(r, s).ok()?;
    key.verify_prehash(hash, &signature).ok()
}

#[cfg(feature = "tls-ed25519")]
const ED25519: Algorithm = Algorithm {
    key: alg_id::ED25519,
    signature: alg_id::ED25519,
    verify: |key, message, signature| {
        let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
        // Strict: a signature of a key of small order fits any message.
        key.verify_strict(message, &signature).ok()
    },
};

#[cfg(feature = "tls-p384")]
const P384_SHA256: Algorithm = Algorithm {
    key: alg_id::ECDSA_P384,
    signature: alg_id::ECDSA_SHA256,
    verify: |key, message, signature| p384_verify(key, &Sha256::digest(message), signature),
};

#[cfg(feature = "tls-p384")]
const P384_SHA384: Algorithm = Algorithm {
    key: alg_id::ECDSA_P384,
    signature: alg_id::ECDSA_SHA384,
    verify: |key, message, signature| p384_verify(key, &Sha384::digest(message), signature),
};

#[cfg(feature = "tls-p384")]
fn p384_verify(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let (r, s) = ecdsa_der::decode::<48>(signature)?;
    let signature = p384::ecdsa::Signature::from_scalars(r, s).ok()?;
    key.verify_prehash(hash, &signature).ok()
}

/// RSA, with keys of 2048 to 4096 bits.
#[cfg(feature = "tls-rsa")]
mod rsa_keys {
    use rsa::pkcs1::DecodeRsaPublicKey;
    use rsa::traits::PublicKeyParts;
    use rsa::{Pkcs1v15Sign, Pss, RsaPublicKey};
    use rustls_pki_types::alg_id;
    use sha2::{Digest, Sha256, Sha384, Sha512};

    use super::Algorithm;

    pub const PKCS1_SHA256: Algorithm = Algorithm {
        key: alg_id::RSA_ENCRYPTION,
        signature: alg_id::RSA_PKCS1_SHA256,
        verify: |key, message, signature| {
            let scheme = Pkcs1v15Sign::new::<Sha256>();
            verify(key, scheme, &Sha256::digest(message), signature)
        },
    };

    pub const PKCS1_SHA384: Algorithm = Algorithm {
        key: alg_id::RSA_ENCRYPTION,
        signature: alg_id::RSA_PKCS1_SHA384,
        verify: |key, message, signature| {
            let scheme = Pkcs1v15Sign::new::<Sha384>();
            verify(key, scheme, &Sha384::digest(message), signature)
        },
    };

    pub const PKCS1_SHA512: Algorithm = Algorithm {
        key: alg_id::RSA_ENCRYPTION,
        signature: alg_id::RSA_PKCS1_SHA512,
        verify: |key, message, signature| {
            let scheme = Pkcs1v15Sign::new::<Sha512>();
            verify(key, scheme, &Sha512::digest(message), signature)
        },
    };

    pub const PSS_SHA256: Algorithm = Algorithm {
        key: alg_id::RSA_ENCRYPTION,
        signature: alg_id::RSA_PSS_SHA256,
        verify: |key, message, signature| {
            verify(
                key,
                Pss::new::<Sha256>(),
                &Sha256::digest(message),
                signature,
            )
        },
    };

    pub const PSS_SHA384: Algorithm = Algorithm {
        key: alg_id::RSA_ENCRYPTION,
        signature: alg_id::RSA_PSS_SHA384,
        verify: |key, message, signature| {
            verify(
                key,
                Pss::new::<Sha384>(),
                &Sha384::digest(message),
                signature,
            )
        },
    };

    pub const PSS_SHA512: Algorithm = Algorithm {
        key: alg_id::RSA_ENCRYPTION,
        signature: alg_id::RSA_PSS_SHA512,
        verify: |key, message, signature| {
            verify(
                key,
                Pss::new::<Sha512>(),
                &Sha512::digest(message),
                signature,
            )
        },
    };

    fn verify(
        key: &[u8],
        scheme: impl rsa::traits::SignatureScheme,
        hash: &[u8],
        signature: &[u8],
    ) -> Option<()> {
        // The crate's own limits are 4096 bits above, and none below.
        let key = RsaPublicKey::from_pkcs1_der(key).ok()?;
        if key.n().bits() < 2048 {
            return None;
        }
        key.verify(scheme, hash, signature).ok()
    }
}
