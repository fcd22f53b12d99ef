//! The client's private key: read, matched with its certificate, and used.

use embedded_tls::SignatureScheme;
use rustls_pki_types::{CertificateDer, alg_id};
use signature::{self, Signer as _, SignerMut};

use super::context_error::Reason;
use super::der;
use super::ecdsa_der;
use super::random::Random;
use super::store::Kind;

/// Bytes of the longest signature: ECDSA in DER, or RSA of 4096 bits.
const MAX_SIGNATURE: usize = if cfg!(feature = "tls-rsa") { 512 } else { 72 };

/// INTEGER.
const INTEGER: u8 = 0x02;
/// `[0] EXPLICIT`: the curve, in an EC private key (RFC 5915).
const PARAMETERS: u8 = 0xa0;
/// The OBJECT IDENTIFIER of the curve P-256 (RFC 5480, section 2.1.1.1).
const P256_OID: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

/// A private key as a context keeps it: its kind, and its bytes within the DER.
pub type Kept<'a> = (Kind, &'a [u8]);

/// Finds the key in DER: PKCS#8 (RFC 5208), SEC 1 (RFC 5915) or PKCS#1 (RFC 8017).
/// [`ClientKey::new`] checks the key itself.
pub fn parse(key: &[u8]) -> Result<Kept<'_>, Reason> {
    let mut fields = der::only(key, der::SEQUENCE).ok_or(Reason::BadKey)?;
    let version = der::element(&mut fields).ok_or(Reason::BadKey)?;
    let rest = fields;
    match (version, der::element(&mut fields).ok_or(Reason::BadKey)?) {
        ((INTEGER, [0 | 1]), (der::SEQUENCE, algorithm)) => {
            let inner = der::element(&mut fields).ok_or(Reason::BadKey)?;
            let (der::OCTET_STRING, inner) = inner else {
                return Err(Reason::BadKey);
            };
            if algorithm == alg_id::ECDSA_P256.as_ref() {
                let fields = der::only(inner, der::SEQUENCE).ok_or(Reason::BadKey)?;
                p256_scalar(fields)
            } else if algorithm == alg_id::RSA_ENCRYPTION.as_ref() {
                rsa_key(inner)
            } else {
                Err(Reason::UnsupportedKey)
            }
        }
        // The encrypted form of PKCS#8 begins with an algorithm.
        ((der::SEQUENCE, _), (der::OCTET_STRING, _)) => Err(Reason::Encrypted),
        ((INTEGER, [1]), (der::OCTET_STRING, _)) => {
            let fields = der::only(key, der::SEQUENCE).ok_or(Reason::BadKey)?;
            p256_scalar(fields)
        }
        ((INTEGER, [0]), (INTEGER, _)) if !rest.is_empty() => rsa_key(key),
        _ => Err(Reason::BadKey),
    }
}

/// The scalar in the fields of an EC private key.
fn p256_scalar(mut fields: &[u8]) -> Result<Kept<'_>, Reason> {
    let version = der::element(&mut fields);
    let scalar = der::element(&mut fields);
    let (Some((INTEGER, [1])), Some((der::OCTET_STRING, scalar))) = (version, scalar) else {
        return Err(Reason::BadKey);
    };
    if let Some((PARAMETERS, curve)) = der::element(&mut fields)
        && curve != P256_OID
    {
        return Err(Reason::UnsupportedKey);
    }
    Ok((Kind::P256Key, scalar))
}

#[cfg(feature = "tls-rsa")]
fn rsa_key(der: &[u8]) -> Result<Kept<'_>, Reason> {
    use rsa::traits::PublicKeyParts;
    let key = rsa_keys::parse(der).ok_or(Reason::BadKey)?;
    let supported = (2048..=4096).contains(&key.n().bits());
    supported
        .then_some((Kind::RsaKey, der))
        .ok_or(Reason::UnsupportedKey)
}

#[cfg(not(feature = "tls-rsa"))]
fn rsa_key(_der: &[u8]) -> Result<Kept<'_>, Reason> {
    Err(Reason::UnsupportedKey)
}

/// A key that can sign. There is one at a time, on the stack: without an allocator it cannot be
/// boxed.
#[allow(clippy::large_enum_variant)]
pub enum ClientKey {
    P256(p256::ecdsa::SigningKey),
    #[cfg(feature = "tls-rsa")]
    Rsa(rsa::RsaPrivateKey),
}

impl ClientKey {
    /// Reads the key that a context has kept.
    pub fn new((kind, bytes): Kept<'_>) -> Option<Self> {
        match kind {
            Kind::P256Key => {
                let scalar = <[u8; 32]>::try_from(bytes).ok()?;
                let key = p256::ecdsa::SigningKey::from_bytes(&scalar.into());
                Some(Self::P256(key.ok()?))
            }
            #[cfg(feature = "tls-rsa")]
            Kind::RsaKey => Some(Self::Rsa(rsa_keys::parse(bytes)?)),
            _ => None,
        }
    }

    /// Whether it is the key of this certificate.
    pub fn belongs_to(&self, certificate: &[u8]) -> bool {
        let certificate = CertificateDer::from(certificate);
        let Ok(subject) = webpki::anchor_from_trusted_cert(&certificate) else {
            return false;
        };
        // The subjectPublicKeyInfo: algorithm and BIT STRING, whose first byte counts the
        // bits that are left over.
        let mut fields = subject.subject_public_key_info.as_ref();
        let algorithm = der::element(&mut fields);
        let (Some((der::SEQUENCE, algorithm)), Some((3, [0, key @ ..]))) =
            (algorithm, der::element(&mut fields))
        else {
            return false;
        };
        match self {
            Self::P256(own) => {
                let public = own.verifying_key();
                let shown = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok();
                algorithm == alg_id::ECDSA_P256.as_ref() && shown.as_ref() == Some(public)
            }
            #[cfg(feature = "tls-rsa")]
            Self::Rsa(own) => {
                use rsa::pkcs1::DecodeRsaPublicKey;
                let shown = rsa::RsaPublicKey::from_pkcs1_der(key).ok();
                algorithm == alg_id::RSA_ENCRYPTION.as_ref() && shown == Some(own.to_public_key())
            }
        }
    }

    /// The name of its signatures in TLS.
    pub fn scheme(&self) -> SignatureScheme {
        match self {
            Self::P256(_) => SignatureScheme::EcdsaSecp256r1Sha256,
            #[cfg(feature = "tls-rsa")]
            Self::Rsa(_) => SignatureScheme::RsaPssRsaeSha256,
        }
    }
}

/// A signature of any kind.
pub struct Signature {
    bytes: [u8; MAX_SIGNATURE],
    len: usize,
}

impl Signature {
    /// Makes one of the bytes that `write` puts into the front; `write` returns their number.
    fn written(write: impl FnOnce(&mut [u8]) -> Option<usize>) -> Option<Self> {
        let mut bytes = [0; MAX_SIGNATURE];
        let len = write(&mut bytes)?;
        Some(Self { bytes, len })
    }
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

/// A key, and the randomness that some signatures need.
pub struct Signer<'a> {
    pub key: &'a ClientKey,
    #[cfg_attr(not(feature = "tls-rsa"), allow(dead_code))]
    pub random: &'a mut Random,
}

impl SignerMut<Signature> for Signer<'_> {
    /// Signs. Where that fails, the signature is empty, which no server accepts: the trait has no way
    /// to report an error but a panic.
    fn sign(&mut self, message: &[u8]) -> Signature {
        self.try_sign(message).unwrap_or(Signature {
            bytes: [0; MAX_SIGNATURE],
            len: 0,
        })
    }

    fn try_sign(&mut self, message: &[u8]) -> Result<Signature, signature::Error> {
        let signature = match self.key {
            ClientKey::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message)?;
                let (r, s) = signature.split_bytes();
                Signature::written(|bytes| ecdsa_der::encode(&r, &s, bytes))
            }
            #[cfg(feature = "tls-rsa")]
            ClientKey::Rsa(key) => rsa_keys::sign(key, message, self.random),
        };
        signature.ok_or_else(signature::Error::new)
    }
}

#[cfg(feature = "tls-rsa")]
mod rsa_keys {
    use rsa::pkcs1::DecodeRsaPrivateKey;
    use rsa::{Pss, RsaPrivateKey};
    use sha2::{Digest, Sha256};

    use super::{Random, Signature};

    pub fn parse(der: &[u8]) -> Option<RsaPrivateKey> {
        let key = RsaPrivateKey::from_pkcs1_der(der).ok()?;
        key.validate().ok()?;
        Some(key)
    }

    /// RSASSA-PSS, blinded.
    pub fn sign(key: &RsaPrivateKey, message: &[u8], random: &mut Random) -> Option<Signature> {
        let scheme = Pss::new_blinded::<Sha256>();
        let signature = key.sign_with_rng(random, scheme, &Sha256::digest(message));
        let signature = signature.ok()?;
        Signature::written(|bytes| {
            bytes
                .get_mut(..signature.len())?
                .copy_from_slice(&signature);
            Some(signature.len())
        })
    }
}
