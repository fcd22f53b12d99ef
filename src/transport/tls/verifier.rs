//! The verification of the server.
//!
//! `rustls-webpki` validates the certificate path (RFC 5280). This file checks that the server has the
//! key of its certificate, and that `embedded-tls` has asked for the proof at all.

use core::time::Duration;

use embedded_tls::{CertificateEntryRef, CertificateRef};
use embedded_tls::{CertificateVerifyRef, TlsError as HandshakeError, TlsVerifier};
use heapless::Vec;
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use sha2::Digest;
use webpki::{EndEntityCert, Error, KeyUsage, RawPublicKeyEntity};

use crate::limits::TLS_INTERMEDIATES;

use super::algorithms;
use super::context::{self, Context};
use super::der;
use super::error::TlsError;
use super::names::{self, Names};
use super::suite::Suite;
use super::transcript::{Choice, Transcript, mark};

/// The longest subjectPublicKeyInfo, in bytes: an RSA key of 4096 bits, or a point on P-384.
const MAX_KEY: usize = if cfg!(feature = "tls-rsa") { 560 } else { 128 };

/// The proof of identity that the server has given so far. There is one, on the stack: without an
/// allocator it cannot be boxed.
#[allow(clippy::large_enum_variant)]
enum Shown {
    Nothing,
    /// A valid certificate: its key, and the transcript up to it.
    Certificate {
        key: Vec<u8, MAX_KEY>,
        transcript: [u8; 32],
    },
    /// A valid certificate, and the proof that its key is the server's own.
    Proof,
}

/// The verifier of one handshake.
pub struct Verifier<'v> {
    context: Context<'v>,
    host: Option<ServerName<'v>>,
    time: u64,
    names: &'v mut Names,
    shown: Shown,
    failure: Option<TlsError>,
    /// The server has made no choice among the application protocols that was not its to make.
    chose_well: bool,
}

impl<'v> Verifier<'v> {
    /// Makes a verifier for `host` at `time`, in seconds since 1970. `names` gets the names of a
    /// certificate for another host.
    pub fn new(
        context: Context<'v>,
        host: Option<ServerName<'v>>,
        time: u64,
        names: &'v mut Names,
    ) -> Self {
        Self {
            context,
            host,
            time,
            names,
            shown: Shown::Nothing,
            failure: None,
            chose_well: false,
        }
    }

    /// The error that this verifier has found, if there is one.
    pub fn failure(&self) -> Option<TlsError> {
        self.failure
    }

    /// Checks that the server has proved its identity, as far as the context demands it.
    ///
    /// A handshake completes without any proof, too: `embedded-tls` calls the verifier for the messages
    /// that come, and for none that is missing.
    pub fn is_satisfied(&self) -> Result<(), TlsError> {
        match self.shown {
            // There was no certificate, at which the choice is looked at.
            _ if !self.chose_well && !self.context.alpn().is_empty() => {
                Err(TlsError::NoCertificate)
            }
            _ if !self.context.verifies() => Ok(()),
            Shown::Proof => Ok(()),
            Shown::Certificate { .. } => Err(TlsError::NoProof),
            Shown::Nothing => Err(TlsError::NoCertificate),
        }
    }

    fn see_certificate(
        &mut self,
        transcript: &Transcript,
        message: &CertificateRef<'_>,
    ) -> Result<(), TlsError> {
        self.check_choice(transcript.choice())?;
        if !self.context.verifies() {
            return Ok(());
        }
        let Shown::Nothing = self.shown else {
            return Err(TlsError::Unexpected);
        };
        let mut shown = message.entries.iter().map(|entry| match entry {
            CertificateEntryRef::X509(der) | CertificateEntryRef::RawPublicKey(der) => {
                CertificateDer::from(*der)
            }
        });
        let leaf = shown.next().ok_or(TlsError::NoCertificate)?;
        let mut others = Vec::<CertificateDer<'_>, TLS_INTERMEDIATES>::new();
        for other in shown {
            let fits = others.push(other);
            fits.map_err(|_| TlsError::TooManyCertificates)?;
        }
        self.check_path(&leaf, &others)?;
        self.check_name(&leaf)?;
        self.shown = Shown::Certificate {
            key: public_key(&leaf)?,
            transcript: transcript.clone().finalize().into(),
        };
        Ok(())
    }

    /// Checks that the server has chosen one of the application protocols that were offered, or none
    /// (RFC 7301, section 3.1).
    fn check_choice(&mut self, choice: Choice) -> Result<(), TlsError> {
        self.chose_well = match choice {
            Choice::Nothing => true,
            Choice::Name(chosen) => {
                context::protocols(self.context.alpn()).any(|name| mark(name) == chosen)
            }
            Choice::Malformed => false,
        };
        if self.chose_well {
            Ok(())
        } else {
            Err(TlsError::WrongProtocol)
        }
    }

    /// Checks that a trusted authority has issued the leaf, for a server.
    fn check_path(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
    ) -> Result<(), TlsError> {
        let end_entity = EndEntityCert::try_from(leaf).map_err(reason)?;
        let time = UnixTime::since_unix_epoch(Duration::from_secs(self.time));
        let mut result = match end_entity.issuer() == end_entity.subject() {
            true => TlsError::SelfSigned,
            false => TlsError::UnknownIssuer,
        };
        // One authority at a time: their number is unknown. An authority that has issued none of
        // these certificates costs little.
        for anchor in self.context.anchors() {
            let anchor = CertificateDer::from(anchor);
            let Ok(anchor) = webpki::anchor_from_trusted_cert(&anchor) else {
                continue;
            };
            let path = end_entity.verify_for_usage(
                algorithms::CERTIFICATE,
                core::slice::from_ref(&anchor),
                others,
                time,
                KeyUsage::server_auth(),
                None,
                None,
            );
            match path.map(|_| ()) {
                Ok(()) => return Ok(()),
                Err(Error::UnknownIssuer) => {}
                Err(error) => result = reason(error),
            }
        }
        Err(result)
    }

    /// Checks that the leaf has the name of the host in its subjectAltName: no other field counts (RFC
    /// 9525, section 6).
    fn check_name(&mut self, leaf: &CertificateDer<'_>) -> Result<(), TlsError> {
        let end_entity = EndEntityCert::try_from(leaf).map_err(reason)?;
        let host = self.host.as_ref().ok_or(TlsError::BadHost)?;
        match end_entity.verify_is_valid_for_subject_name(host) {
            Ok(()) => Ok(()),
            Err(Error::CertNotValidForName(_)) => {
                names::collect(leaf, self.names);
                Err(TlsError::NameMismatch)
            }
            Err(error) => Err(reason(error)),
        }
    }

    fn see_proof(&mut self, proof: &CertificateVerifyRef<'_>) -> Result<(), TlsError> {
        if !self.context.verifies() {
            return Ok(());
        }
        let (key, transcript) = match &self.shown {
            Shown::Certificate { key, transcript } => (key, transcript),
            Shown::Nothing => return Err(TlsError::NoCertificate),
            Shown::Proof => return Err(TlsError::Unexpected),
        };
        let algorithm = algorithms::of_scheme(proof.signature_scheme).ok_or(TlsError::BadProof)?;
        // RFC 8446, section 4.4.3.
        let mut signed = Vec::<u8, 130>::new();
        let parts: [&[u8]; 3] = [
            &[0x20; 64],
            b"TLS 1.3, server CertificateVerify\0",
            transcript,
        ];
        for part in parts {
            let fits = signed.extend_from_slice(part);
            fits.map_err(|_| TlsError::Internal)?;
        }
        let key = SubjectPublicKeyInfoDer::from(key.as_slice());
        RawPublicKeyEntity::try_from(&key)
            .and_then(|key| key.verify_signature(algorithm, &signed, proof.signature))
            .map_err(|_| TlsError::BadProof)?;
        self.shown = Shown::Proof;
        Ok(())
    }

    fn note(&mut self, result: Result<(), TlsError>) -> Result<(), HandshakeError> {
        result.map_err(|error| {
            self.failure.get_or_insert(error);
            HandshakeError::InvalidCertificate
        })
    }
}

impl TlsVerifier<Suite> for Verifier<'_> {
    /// Ignores this name: [`Verifier::new`] got the name to check, which may be an address, and an
    /// address is no server name in TLS.
    fn set_hostname_verification(&mut self, _: &str) -> Result<(), HandshakeError> {
        Ok(())
    }

    fn verify_certificate(
        &mut self,
        transcript: &Transcript,
        certificate: CertificateRef<'_>,
    ) -> Result<(), HandshakeError> {
        let result = self.see_certificate(transcript, &certificate);
        self.note(result)
    }

    fn verify_signature(&mut self, verify: CertificateVerifyRef<'_>) -> Result<(), HandshakeError> {
        let result = self.see_proof(&verify);
        self.note(result)
    }
}

/// The subjectPublicKeyInfo of a certificate, in DER.
fn public_key(certificate: &CertificateDer<'_>) -> Result<Vec<u8, MAX_KEY>, TlsError> {
    let parts = webpki::anchor_from_trusted_cert(certificate).map_err(reason)?;
    let mut key = Vec::new();
    // First a buffer for the longest key, then one of the right size.
    let _ = key.resize_default(MAX_KEY);
    let length = der::write_sequence(&parts.subject_public_key_info, &mut key);
    key.truncate(length.ok_or(TlsError::UnsupportedCertificate)?);
    Ok(key)
}

/// Translates an error of `rustls-webpki`.
fn reason(error: Error) -> TlsError {
    match error {
        Error::CertExpired { .. } => TlsError::Expired,
        Error::CertNotValidYet { .. } => TlsError::NotYetValid,
        Error::UnknownIssuer => TlsError::UnknownIssuer,
        Error::CertNotValidForName(_) => TlsError::NameMismatch,
        Error::RequiredEkuNotFoundContext(_) => TlsError::NotForServers,
        Error::CaUsedAsEndEntity => TlsError::AuthorityAsServer,
        Error::EndEntityUsedAsCa | Error::PathLenConstraintViolated => {
            TlsError::IssuerIsNoAuthority
        }
        Error::InvalidSignatureForPublicKey => TlsError::BadCertificateSignature,
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            TlsError::UnsupportedCertificate
        }
        _ => TlsError::BadCertificate,
    }
}
