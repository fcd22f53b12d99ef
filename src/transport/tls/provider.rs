//! The randomness, the verifier and the key that `embedded-tls` asks for in a handshake.

use embedded_tls::{
    Certificate, CryptoProvider, CryptoRngCore, SignatureScheme, TlsError as HandshakeError,
    TlsVerifier,
};
use signature::SignerMut;

use super::client_key::{ClientKey, Signature, Signer};
use super::random::Random;
use super::suite::Suite;
use super::verifier::Verifier;

/// Randomness, the verifier, the client's certificate and key.
pub struct Provider<'p> {
    pub random: Random,
    pub verifier: Verifier<'p>,
    pub certificate: Option<&'p [u8]>,
    pub key: Option<ClientKey>,
    /// The server has asked for a certificate.
    pub was_asked: bool,
}

impl CryptoProvider for Provider<'_> {
    type CipherSuite = Suite;
    type Signature = Signature;

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut self.random
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Suite>, HandshakeError> {
        // Never an error: `embedded-tls` would go on without verification.
        Ok(&mut self.verifier)
    }

    fn signer(&mut self) -> Result<(impl SignerMut<Signature>, SignatureScheme), HandshakeError> {
        let key = self.key.as_ref().ok_or(HandshakeError::InvalidPrivateKey)?;
        let random = &mut self.random;
        Ok((Signer { key, random }, key.scheme()))
    }

    fn client_cert(&mut self) -> Option<Certificate<impl AsRef<[u8]>>> {
        self.was_asked = true;
        // A server that has not proved its identity does not get to know the client's.
        let certificate = match self.verifier.is_satisfied() {
            Ok(()) => self.certificate,
            Err(_) => None,
        };
        certificate.map(Certificate::X509)
    }
}
