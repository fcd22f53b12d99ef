//! Certificates of every kind, made for the tests.

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, SanType, SignatureAlgorithm, date_time_ymd,
};

use super::scripted::Flight;

/// A certificate and its key.
pub struct Holder {
    pub params: CertificateParams,
    pub certificate: Certificate,
    pub key: KeyPair,
}

pub fn p256() -> KeyPair {
    key(&rcgen::PKCS_ECDSA_P256_SHA256)
}

pub fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

/// An RSA key of 2048 bits, which takes too long to make each time.
pub fn rsa() -> KeyPair {
    KeyPair::from_pem(include_str!("keys/rsa-2048.pem")).unwrap()
}

/// The common parameters of all certificates.
pub fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2029, 1, 1);
    params.not_after = date_time_ymd(2031, 1, 1);
    params
}

/// An authority's.
pub fn authority(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A server's, for these names.
pub fn server(names: &[&str]) -> CertificateParams {
    let mut params = params("server");
    params.subject_alt_names = names.iter().map(|name| alt_name(name)).collect();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn alt_name(name: &str) -> SanType {
    match name.parse::<IpAddr>() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(name.try_into().unwrap()),
    }
}

impl Holder {
    pub fn root(params: CertificateParams, key: KeyPair) -> Self {
        let certificate = params.self_signed(&key).unwrap();
        Self {
            params,
            certificate,
            key,
        }
    }

    pub fn issue(&self, params: CertificateParams, key: KeyPair) -> Self {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        Self {
            params,
            certificate,
            key,
        }
    }

    pub fn der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Its key, for the scripted server.
    pub fn signing_key(&self) -> p256::ecdsa::SigningKey {
        use p256::pkcs8::DecodePrivateKey;
        p256::ecdsa::SigningKey::from_pkcs8_der(self.key.serialized_der()).unwrap()
    }
}

/// An authority with a P-256 key.
pub fn root() -> Holder {
    Holder::root(authority("root"), p256())
}

/// A server of `root` for `broker.example`.
pub fn broker(root: &Holder) -> Holder {
    root.issue(server(&["broker.example"]), p256())
}

impl Flight {
    /// Sends the messages up to the certificate of this holder.
    pub fn begin_as(&mut self, holder: &Holder) {
        self.begin();
        self.certificate(&[holder.der()]);
    }

    /// Sends the messages up to the holder's proof, CertificateVerify.
    pub fn prove_as(&mut self, holder: &Holder) {
        self.begin_as(holder);
        self.certificate_verify(&holder.signing_key());
    }
}
