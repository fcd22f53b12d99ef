//! A TLS server that keeps to the standard: rustls.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, SupportedCipherSuite, SupportedProtocolVersion,
};

use super::certificates::Holder;
use super::link::Peer;

pub struct Standard {
    pub connection: ServerConnection,
    /// Bytes that the client has sent.
    pub heard: Vec<u8>,
    /// The end of the connection, without close_notify.
    pub cut: bool,
}

/// What kind of server.
pub struct Setup<'a> {
    pub holder: &'a Holder,
    pub intermediates: &'a [&'a Holder],
    /// Certificates of clients are from here, and necessary.
    pub clients: Option<&'a Holder>,
    pub fragment: Option<usize>,
    /// The one cipher suite that it knows, or all of them.
    pub suite: Option<SupportedCipherSuite>,
    pub version: &'static SupportedProtocolVersion,
    /// The application protocols that it knows; it ignores ALPN if there are none.
    pub alpn: &'a [&'a [u8]],
}

impl<'a> Setup<'a> {
    pub fn new(holder: &'a Holder) -> Self {
        Self {
            holder,
            intermediates: &[],
            clients: None,
            fragment: None,
            suite: None,
            version: &rustls::version::TLS13,
            alpn: &[],
        }
    }

    pub fn start(&self) -> Standard {
        let mut provider = ring::default_provider();
        if let Some(suite) = self.suite {
            provider.cipher_suites = vec![suite];
        }
        let provider = Arc::new(provider);
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[self.version])
            .unwrap();
        let builder = match self.clients {
            None => builder.with_no_client_auth(),
            Some(root) => {
                let mut roots = RootCertStore::empty();
                roots.add(root.certificate.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let mut chain = vec![CertificateDer::from(self.holder.der())];
        chain.extend(
            self.intermediates
                .iter()
                .map(|it| CertificateDer::from(it.der())),
        );
        let key = PrivatePkcs8KeyDer::from(self.holder.key.serialize_der());
        let mut config = builder
            .with_single_cert(chain, PrivateKeyDer::Pkcs8(key))
            .unwrap();
        config.max_fragment_size = self.fragment;
        config.alpn_protocols = self.alpn.iter().map(|name| name.to_vec()).collect();
        config.time_provider = Arc::new(Time);
        Standard {
            connection: ServerConnection::new(Arc::new(config)).unwrap(),
            heard: Vec::new(),
            cut: false,
        }
    }
}

/// The time of the tests.
#[derive(Debug)]
struct Time;

impl rustls::time_provider::TimeProvider for Time {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        let now = core::time::Duration::from_secs(super::link::NOW);
        Some(rustls::pki_types::UnixTime::since_unix_epoch(now))
    }
}

impl Standard {
    pub fn say(&mut self, bytes: &[u8]) {
        self.connection.set_buffer_limit(None);
        self.connection.writer().write_all(bytes).unwrap();
    }
}

impl Peer for Standard {
    fn receive(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.connection.read_tls(&mut bytes).unwrap();
            // The connection answers an error with an alert.
            let _ = self.connection.process_new_packets();
            let mut heard = [0; 4096];
            while let Ok(n @ 1..) = self.connection.reader().read(&mut heard) {
                self.heard.extend(&heard[..n]);
            }
        }
    }

    fn send(&mut self, _: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut bytes).unwrap();
        }
        bytes
    }

    fn is_closed(&self) -> bool {
        self.cut
    }
}
