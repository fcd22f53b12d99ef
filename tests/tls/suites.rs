//! The two cipher suites.

use mqtt::transport::tls::TlsError;
use rustls::SupportedCipherSuite;
use rustls::crypto::ring::cipher_suite::*;

use super::certificates::{Holder, authority, broker, p256, params, root};
use super::good::talk;
use super::hostile::World;
use super::link::{Client, Received};
use super::scripted::*;
use super::standard::Setup;

pub const SUITES: [SupportedCipherSuite; 2] =
    [TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256];

#[test]
fn either_suite_and_a_client_certificate() {
    let root = root();
    let holder = broker(&root);
    let clients = Holder::root(authority("clients"), p256());
    let certified = clients.issue(params("client"), p256());
    let (certificate, key) = (certified.der(), certified.key.serialize_der());
    let der = root.der();
    for suite in SUITES {
        let mut client = Client::trusting(&der);
        let mut setup = Setup::new(&holder);
        setup.suite = Some(suite);
        talk(client, &setup);
        client.sources.clicert = &certificate;
        client.sources.pkey = &key;
        setup.clients = Some(&clients);
        talk(client, &setup);
    }
}

#[test]
fn a_suite_that_the_client_lacks() {
    let root = root();
    let holder = broker(&root);
    let der = root.der();
    let mut setup = Setup::new(&holder);
    setup.suite = Some(TLS13_AES_256_GCM_SHA384);
    // handshake_failure.
    let refused = Client::trusting(&der).refuse(setup.start());
    assert_eq!(refused, TlsError::Alert(40));
}

#[test]
fn the_server_chooses() {
    let world = World::new();
    for suite in [AES, CHACHA] {
        let server = Server::new(|flight: &mut Flight| {
            flight.suite = suite;
            world.honest(flight);
        });
        let mut session = world.client().connect(server).ok().unwrap();
        assert!(session.stack.peer.established);
        session.stack.peer.protected(APPLICATION_DATA, b"hello");
        assert_eq!(session.receive(9), Received::Bytes(b"hello".to_vec()));
        session.send_all(b"hello yourself");
        let heard = session.stack.peer.heard.last().unwrap();
        assert_eq!(heard, &(APPLICATION_DATA, b"hello yourself".to_vec()));
        // A record of the other suite.
        let mut tampered = record(APPLICATION_DATA, &[7; 40]);
        tampered[1..3].copy_from_slice(&[0x13, 0x01]);
        session.stack.peer.raw(&tampered);
        assert_eq!(session.receive(9), Received::Error(TlsError::BadMac));
    }
}

/// The server names one suite and encrypts with the other.
#[test]
fn a_server_that_keeps_to_another_suite_than_it_has_chosen() {
    let world = World::new();
    for (named, used) in [(AES, CHACHA), (CHACHA, AES)] {
        let error = world.refusal(|flight| {
            flight.suite = named;
            flight.server_hello();
            flight.suite = used;
            flight.make_keys();
            flight.encrypted_extensions();
        });
        assert_eq!(error, TlsError::BadMac);
    }
}
