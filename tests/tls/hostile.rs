//! Servers, and attackers in the network, that violate the protocol.

use mqtt::transport::tls::TlsError;

use super::certificates::{Holder, broker, p256, params, root, server};
use super::link::{Client, MemoryStack, Received, Session};
use super::scripted::*;
use super::standard::Setup;

/// A root, a server of it, and the root's certificate.
pub struct World {
    holder: Holder,
    der: Vec<u8>,
}

impl World {
    pub fn new() -> Self {
        let root = root();
        Self {
            holder: broker(&root),
            der: root.der(),
        }
    }

    pub fn client(&self) -> Client<'_> {
        Client::trusting(&self.der)
    }

    /// The flight of a server that is as it should be.
    pub fn honest(&self, flight: &mut Flight) {
        flight.prove_as(&self.holder);
        flight.finished();
    }

    /// A connection to such a server.
    pub fn session(&self) -> Session<'static, Server<impl FnMut(&mut Flight)>> {
        let server = Server::new(|flight| self.honest(flight));
        let session = self.client().connect(server).ok().unwrap();
        assert!(session.stack.peer.established);
        session
    }

    /// The error of a client that gets this flight. The client has it before it sends anything but its
    /// ClientHello and an alert.
    pub fn refusal(&self, script: impl FnMut(&mut Flight)) -> TlsError {
        let stack = MemoryStack::new(Server::new(script));
        let refused = self.client().connect_over(stack);
        let (error, _, stack) = refused.err().unwrap();
        assert!(!stack.peer.established, "the client sent its Finished");
        error
    }
}

#[test]
fn an_honest_server_is_connected_to() {
    let world = World::new();
    let mut session = world.session();
    session.stack.peer.protected(APPLICATION_DATA, b"hello");
    assert_eq!(session.receive(9), Received::Bytes(b"hello".to_vec()));
    session.send_all(b"hello yourself");
    let heard = session.stack.peer.heard.last().unwrap();
    assert_eq!(heard, &(APPLICATION_DATA, b"hello yourself".to_vec()));
}

#[test]
fn no_certificate_and_no_proof() {
    let world = World::new();
    // The handshake is complete as far as embedded-tls can see: the client's Finished went out.
    let server = Server::new(|flight: &mut Flight| {
        flight.begin();
        flight.finished();
    });
    assert_eq!(world.client().refuse(server), TlsError::NoCertificate);
}

#[test]
fn a_server_without_proof_does_not_get_the_client_certificate() {
    let world = World::new();
    let own = Holder::root(params("a client"), p256());
    let (certificate, key) = (own.der(), own.key.serialized_der().to_vec());
    let mut client = world.client();
    client.sources.clicert = &certificate;
    client.sources.pkey = &key;
    let server = Server::new(|flight: &mut Flight| {
        flight.begin();
        flight.certificate_request();
        flight.finished();
    });
    let refused = client.connect_over(MemoryStack::new(server));
    let (error, _, stack) = refused.err().unwrap();
    assert_eq!(error, TlsError::NoCertificate);
    let name = b"a client";
    for (_, content) in &stack.peer.heard {
        assert!(!content.windows(name.len()).any(|it| it == name));
    }
    assert!(!stack.peer.heard.is_empty());
}

#[test]
fn no_proof() {
    let world = World::new();
    let server = Server::new(|flight: &mut Flight| {
        flight.begin_as(&world.holder);
        flight.finished();
    });
    assert_eq!(world.client().refuse(server), TlsError::NoProof);
}

#[test]
fn an_empty_list_of_certificates() {
    let world = World::new();
    let error = world.refusal(|flight| {
        flight.begin();
        flight.certificate(&[]);
        flight.certificate_verify(&world.holder.signing_key());
        flight.finished();
    });
    assert_eq!(error, TlsError::NoCertificate);
}

#[test]
fn proof_before_certificate() {
    let world = World::new();
    let error = world.refusal(|flight| {
        flight.begin();
        flight.certificate_verify(&world.holder.signing_key());
        flight.certificate(&[world.holder.der()]);
        flight.finished();
    });
    assert_eq!(error, TlsError::NoCertificate);
}

#[test]
fn proof_with_another_key() {
    let world = World::new();
    let other = Holder::root(server(&["broker.example"]), p256());
    let error = world.refusal(|flight| {
        flight.begin_as(&world.holder);
        flight.certificate_verify(&other.signing_key());
        flight.finished();
    });
    assert_eq!(error, TlsError::BadProof);
}

#[test]
fn another_certificate_after_the_proof() {
    let world = World::new();
    let other = Holder::root(server(&["broker.example"]), p256());
    let error = world.refusal(|flight| {
        flight.prove_as(&world.holder);
        flight.certificate(&[other.der()]);
        flight.finished();
    });
    assert_eq!(error, TlsError::Unexpected);
}

#[test]
fn two_proofs() {
    let world = World::new();
    let error = world.refusal(|flight| {
        flight.prove_as(&world.holder);
        flight.certificate_verify(&world.holder.signing_key());
        flight.finished();
    });
    assert_eq!(error, TlsError::Unexpected);
}

#[test]
fn proof_of_another_handshake() {
    let world = World::new();
    let error = world.refusal(|flight| {
        flight.begin_as(&world.holder);
        // Over one message more than there was.
        flight.transcript.push(0);
        let key = world.holder.signing_key();
        let signed = flight.to_be_signed();
        flight.transcript.pop();
        let signature: p256::ecdsa::DerSignature =
            p256::ecdsa::signature::Signer::sign(&key, &signed);
        let body = Flight::certificate_verify_body(P256_SHA256, signature.as_bytes());
        flight.message(CERTIFICATE_VERIFY, &body);
        flight.finished();
    });
    assert_eq!(error, TlsError::BadProof);
}

#[test]
fn proof_with_the_algorithm_of_another_key() {
    let world = World::new();
    // ecdsa_secp384r1_sha384, rsa_pkcs1_sha256, rsa_pss_rsae_sha256, ed25519.
    for scheme in [0x0503, 0x0401, 0x0804, 0x0807] {
        let error = world.refusal(|flight| {
            flight.begin_as(&world.holder);
            let key = world.holder.signing_key();
            let signature: p256::ecdsa::DerSignature =
                p256::ecdsa::signature::Signer::sign(&key, &flight.to_be_signed());
            let body = Flight::certificate_verify_body(scheme, signature.as_bytes());
            flight.message(CERTIFICATE_VERIFY, &body);
            flight.finished();
        });
        assert_eq!(error, TlsError::BadProof, "{scheme:#x}");
    }
}

#[test]
fn a_wrong_finished() {
    let world = World::new();
    let error = world.refusal(|flight| {
        flight.prove_as(&world.holder);
        let mut body = flight.finished_body();
        body[0] ^= 1;
        flight.message(FINISHED, &body);
    });
    assert_eq!(error, TlsError::BadMac);
}

#[test]
fn finished_before_the_certificate() {
    let world = World::new();
    let server = Server::new(|flight: &mut Flight| {
        flight.begin();
        flight.finished();
        flight.certificate(&[world.holder.der()]);
        flight.certificate_verify(&world.holder.signing_key());
    });
    assert_eq!(world.client().refuse(server), TlsError::NoCertificate);
}

#[test]
fn messages_after_finished_in_its_record() {
    let world = World::new();
    let error = world.refusal(|flight| {
        flight.begin();
        let mut all = message(FINISHED, &flight.finished_body());
        let certificate = message(
            CERTIFICATE,
            &Flight::certificate_body(&[world.holder.der()]),
        );
        flight.transcript.extend(&all);
        flight.transcript.extend(&certificate);
        all.extend(certificate);
        flight.protected(HANDSHAKE, &all);
    });
    assert_eq!(error, TlsError::BadMac);
}

#[test]
fn messages_in_the_clear_after_the_server_hello() {
    let world = World::new();
    for kind in [HANDSHAKE, ALERT] {
        let error = world.refusal(|flight| {
            flight.server_hello();
            let extensions = message(ENCRYPTED_EXTENSIONS, &[0, 0]);
            flight.out.extend(record(kind, &extensions));
        });
        assert_eq!(error, TlsError::Unexpected);
    }
}

#[test]
fn protected_records_before_the_server_hello() {
    let world = World::new();
    let error = world.refusal(|flight| flight.out.extend(record(APPLICATION_DATA, &[1; 40])));
    assert_eq!(error, TlsError::Unexpected);
}

#[test]
fn application_data_in_the_handshake() {
    let world = World::new();
    let error = world.refusal(|flight| {
        flight.server_hello();
        flight.protected(APPLICATION_DATA, b"hello");
    });
    assert_eq!(error, TlsError::Unexpected);
}

/// An attacker sends the record that the client itself uses to get the secrets out of `embedded-tls`.
#[test]
fn the_question_for_the_secrets() {
    let world = World::new();
    let mut question = record(APPLICATION_DATA, &[0; 49]);
    question[1..3].fill(0);
    let error = world.refusal(|flight| {
        flight.server_hello();
        flight.out.extend(&question);
    });
    assert_eq!(error, TlsError::BadMac);

    // After the server's Finished, in the same flight and later.
    let server = Server::new(|flight: &mut Flight| {
        world.honest(flight);
        flight.out.extend(&question);
    });
    let mut session = world.client().connect(server).ok().unwrap();
    assert_eq!(session.receive(100), Received::Error(TlsError::BadMac));
    let mut session = world.session();
    session.stack.peer.raw(&question);
    assert_eq!(session.receive(100), Received::Error(TlsError::BadMac));
}

#[test]
fn other_parameters() {
    let world = World::new();
    type Change = fn(&mut Flight) -> Vec<u8>;
    let hello_retry: [u8; 32] = {
        use sha2::Digest;
        sha2::Sha256::digest(b"HelloRetryRequest").into()
    };
    let cases: [(Change, TlsError); 7] = [
        // TLS 1.2, with extensions and without.
        (
            |flight| flight.hello_body([7; 32], 0xc02f, &[]),
            TlsError::ProtocolVersion,
        ),
        (
            |flight| flight.hello_body([7; 32], 0x1301, &[(51, flight.key_share())]),
            TlsError::ProtocolVersion,
        ),
        // A draft of TLS 1.3.
        (
            |flight| {
                flight.hello_body(
                    [7; 32],
                    0x1301,
                    &[(43, vec![0x7f, 28]), (51, flight.key_share())],
                )
            },
            TlsError::ProtocolVersion,
        ),
        // A cipher suite that was not offered.
        (
            |flight| {
                flight.hello_body(
                    [7; 32],
                    0x1302,
                    &[(43, vec![3, 4]), (51, flight.key_share())],
                )
            },
            TlsError::Parameters,
        ),
        // A key for another group.
        (
            |flight| {
                let mut share = vec![0, 29, 0, 32];
                share.extend([9; 32]);
                flight.hello_body([7; 32], 0x1301, &[(43, vec![3, 4]), (51, share)])
            },
            TlsError::Parameters,
        ),
        // A point that is not on the curve.
        (
            |flight| {
                let mut share = flight.key_share();
                share[20] ^= 1;
                flight.hello_body([7; 32], 0x1301, &[(43, vec![3, 4]), (51, share)])
            },
            TlsError::Parameters,
        ),
        // No key at all.
        (
            |flight| flight.hello_body([7; 32], 0x1301, &[(43, vec![3, 4])]),
            TlsError::BadHandshake,
        ),
    ];
    for (i, (body, expected)) in cases.into_iter().enumerate() {
        let error = world.refusal(|flight| {
            let body = body(flight);
            flight.plain_message(SERVER_HELLO, &body);
        });
        assert_eq!(error, expected, "case {i}");
    }
    let error = world.refusal(|flight| {
        let extensions = [(43, vec![3, 4]), (51, vec![0, 29])];
        let body = flight.hello_body(hello_retry, 0x1301, &extensions);
        flight.plain_message(SERVER_HELLO, &body);
    });
    assert_eq!(error, TlsError::Parameters);
}

#[test]
fn alerts_instead_of_a_handshake() {
    let world = World::new();
    for (code, expected) in [
        (70, TlsError::ProtocolVersion),
        (40, TlsError::Alert(40)),
        (112, TlsError::Alert(112)),
        (255, TlsError::Alert(255)),
        (0, TlsError::Truncated),
    ] {
        let error = world.refusal(|flight| flight.out.extend(record(ALERT, &[2, code])));
        assert_eq!(error, expected);
    }
}

#[test]
fn change_cipher_spec_once_and_no_more() {
    let world = World::new();
    let change = record(CHANGE_CIPHER_SPEC, &[1]);
    // RFC 8446, appendix D.4.
    let server = Server::new(|flight: &mut Flight| {
        flight.server_hello();
        flight.out.extend(&change);
        flight.encrypted_extensions();
        flight.certificate(&[world.holder.der()]);
        flight.certificate_verify(&world.holder.signing_key());
        flight.finished();
    });
    assert!(world.client().connect(server).is_ok());
    let error = world.refusal(|flight| {
        flight.server_hello();
        flight.out.extend(&change);
        flight.out.extend(&change);
    });
    assert_eq!(error, TlsError::Unexpected);
    for wrong in [&[2][..], &[1, 1], &[]] {
        let error = world.refusal(|flight| {
            flight.server_hello();
            flight.out.extend(record(CHANGE_CIPHER_SPEC, wrong));
        });
        assert_eq!(error, TlsError::Unexpected);
    }
}

#[test]
fn records_of_impossible_length_in_the_handshake() {
    let world = World::new();
    for (kind, length, expected) in [
        (HANDSHAKE, 0, TlsError::EmptyRecord),
        (HANDSHAKE, 16_385, TlsError::RecordOverflow),
        (HANDSHAKE, 65_535, TlsError::RecordOverflow),
    ] {
        let header = [kind, 3, 3, (length >> 8) as u8, length as u8];
        let error = world.refusal(|flight| flight.out.extend(header));
        assert_eq!(error, expected);
    }
    for (length, expected) in [
        (0, TlsError::EmptyRecord),
        (16, TlsError::EmptyRecord),
        (16_641, TlsError::RecordOverflow),
    ] {
        let header = [APPLICATION_DATA, 3, 3, (length >> 8) as u8, length as u8];
        let error = world.refusal(|flight| {
            flight.server_hello();
            flight.out.extend(header);
        });
        assert_eq!(error, expected);
    }
}

#[test]
fn records_without_content_in_the_handshake() {
    let world = World::new();
    for inner in [&[0][..], &[0; 100], &[HANDSHAKE], &[ALERT, 0, 0]] {
        let error = world.refusal(|flight| {
            flight.server_hello();
            flight.protected_inner(inner);
        });
        assert_eq!(error, TlsError::BadMac);
    }
}

#[test]
fn garbage() {
    let world = World::new();
    let garbage: Vec<u8> = (0..3000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for start in 0..200 {
        let error = world.refusal(|flight| flight.out.extend(&garbage[start..]));
        assert_ne!(error, TlsError::Internal);
        let error = world.refusal(|flight| {
            flight.server_hello();
            flight.protected(HANDSHAKE, &garbage[start..start + 900]);
        });
        assert_ne!(error, TlsError::Internal);
    }
    // Something else that speaks first, and HTTP.
    let error = world.refusal(|flight| flight.out.extend(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert_eq!(error, TlsError::Unexpected);
}

#[test]
fn the_end_in_the_handshake() {
    let world = World::new();
    let mut whole = Vec::new();
    let server = Server::new(|flight: &mut Flight| {
        world.honest(flight);
        whole = flight.out.clone();
    });
    world.client().connect(server).ok().unwrap();
    for length in (0..whole.len()).step_by(17) {
        let mut server = Server::new(|flight: &mut Flight| {
            world.honest(flight);
            flight.out.truncate(length);
        });
        server.closed = true;
        assert_eq!(world.client().refuse(server), TlsError::Truncated);
    }
}

#[test]
fn a_handshake_that_drips_ends_at_the_deadline() {
    let world = World::new();
    let mut server = Server::new(|flight| world.honest(flight));
    server.drip = Some(1000);
    let mut client = world.client();
    client.timeout = 60_000;
    let refused = client.connect_over(MemoryStack::new(server));
    let (error, _, stack) = refused.err().unwrap();
    assert_eq!(error, TlsError::HandshakeTimedOut);
    assert!(stack.now < 60_100, "{}", stack.now);

    // And it is the deadline of the whole, not of a byte: a faster drip gets through.
    let mut server = Server::new(|flight| world.honest(flight));
    server.drip = Some(30);
    let stack = MemoryStack::new(server);
    assert!(client.connect_over(stack).is_ok());
}

#[test]
fn a_network_that_takes_nothing_ends_at_the_deadline() {
    let world = World::new();
    let mut stack = MemoryStack::new(Server::new(|flight| world.honest(flight)));
    stack.room = 100;
    let refused = world.client().connect_over(stack);
    let (error, _, stack) = refused.err().unwrap();
    assert_eq!(error, TlsError::HandshakeTimedOut);
    assert!(stack.now <= 10_000);
}

#[test]
fn no_entropy() {
    let world = World::new();
    let mut client = world.client();
    client.entropy = false;
    let server = Server::new(|flight: &mut Flight| world.honest(flight));
    let stack = MemoryStack::new(server);
    let (error, _, stack) = client.connect_over(stack).err().unwrap();
    assert_eq!(error, TlsError::NoEntropy);
    assert_eq!(stack.peer.client_hello, b"", "nothing was sent");
}

// After the handshake.

/// The error that this record makes. Checks that the error stays, and that the server gets an alert.
pub fn fatal(world: &World, alert: Option<u8>, record: impl FnOnce(&mut dyn After)) -> TlsError {
    let mut session = world.session();
    record(&mut session.stack.peer);
    let Received::Error(error) = session.receive(100) else {
        panic!("taken for good");
    };
    assert_eq!(session.receive(100), Received::Error(error));
    let heard = session.stack.peer.heard.last().unwrap();
    if let Some(code) = alert {
        assert_eq!(heard, &(ALERT, vec![2, code]));
    }
    error
}

/// The actions of a server after the handshake, for a server with any script.
pub trait After {
    fn raw(&mut self, bytes: &[u8]);
    fn protected(&mut self, kind: u8, content: &[u8]);
    fn protected_inner(&mut self, inner: &[u8]);
}

impl<F: FnMut(&mut Flight)> After for Server<F> {
    fn raw(&mut self, bytes: &[u8]) {
        self.raw(bytes);
    }

    fn protected(&mut self, kind: u8, content: &[u8]) {
        self.protected(kind, content);
    }

    fn protected_inner(&mut self, inner: &[u8]) {
        self.protected_inner(inner);
    }
}

#[test]
fn records_in_the_clear_after_the_handshake() {
    let world = World::new();
    for kind in [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, 24, 0, 255] {
        let ticket = message(NEW_SESSION_TICKET, &[0; 20]);
        for body in [&[1][..], &[1, 0], &ticket] {
            let error = fatal(&world, Some(10), |server| server.raw(&record(kind, body)));
            assert_eq!(error, TlsError::Unexpected);
        }
    }
}

#[test]
fn empty_records() {
    let world = World::new();
    for inner in [&[][..], &[0], &[0; 50]] {
        let error = fatal(&world, Some(10), |server| server.protected_inner(inner));
        assert_eq!(error, TlsError::EmptyRecord);
    }
    let error = fatal(&world, Some(10), |server| server.protected(HANDSHAKE, b""));
    assert_eq!(error, TlsError::EmptyRecord);
    // Less than a tag.
    for length in 0..=16 {
        let error = fatal(&world, Some(10), |server| {
            server.raw(&record(APPLICATION_DATA, &vec![0; length]));
        });
        assert_eq!(error, TlsError::EmptyRecord);
    }
}

#[test]
fn application_data_of_no_length_is_no_data_and_no_end() {
    let world = World::new();
    let mut session = world.session();
    for _ in 0..50 {
        session.stack.peer.protected(APPLICATION_DATA, b"");
    }
    session.stack.peer.protected(APPLICATION_DATA, b"x");
    assert_eq!(session.receive(9), Received::Nothing);
    // One call does not go through any number of them, but says that there may be more.
    assert!(session.connection.pending());
    assert_eq!(session.receive_all(), (b"x".to_vec(), Received::Nothing));
    assert!(!session.connection.pending());
}

#[test]
fn padding() {
    let world = World::new();
    let mut session = world.session();
    let mut inner = b"hello".to_vec();
    inner.push(APPLICATION_DATA);
    inner.extend([0; 300]);
    session.stack.peer.protected_inner(&inner);
    assert_eq!(session.receive(9), Received::Bytes(b"hello".to_vec()));
}

#[test]
fn oversized_records() {
    let world = World::new();
    for length in [16_641_u16, 65_535] {
        let mut header = vec![APPLICATION_DATA, 3, 3];
        header.extend(length.to_be_bytes());
        let error = fatal(&world, Some(22), |server| server.raw(&header));
        assert_eq!(error, TlsError::RecordOverflow);
    }
    // More content than allowed, in a record that would be allowed.
    let mut session = world.session();
    session.stack.peer.protected(APPLICATION_DATA, &[7; 16_384]);
    assert_eq!(session.receive_all().0.len(), 16_384);
    let mut client = world.client();
    client.record = Some(17_000);
    let server = Server::new(|flight: &mut Flight| world.honest(flight));
    let mut session = client.connect(server).ok().unwrap();
    session.stack.peer.protected(APPLICATION_DATA, &[7; 16_385]);
    let overflow = Received::Error(TlsError::RecordOverflow);
    assert_eq!(session.receive(100), overflow);
}

#[test]
fn tampering() {
    let world = World::new();
    // Every byte of it, but for the length, the version and the type.
    for place in (5..27).chain([0]) {
        let mut session = world.session();
        session.stack.peer.protected(APPLICATION_DATA, b"hello");
        let mut bytes = super::link::Peer::send(&mut session.stack.peer, 0);
        bytes[place] ^= 0x40;
        session.stack.peer.raw(&bytes);
        let expected = match place {
            0 => TlsError::Unexpected,
            _ => TlsError::BadMac,
        };
        assert_eq!(session.receive(9), Received::Error(expected));
    }
    // The same record twice; the second of two without the first.
    let mut session = world.session();
    session.stack.peer.protected(APPLICATION_DATA, b"hello");
    let bytes = super::link::Peer::send(&mut session.stack.peer, 0);
    session.stack.peer.raw(&bytes);
    session.stack.peer.raw(&bytes);
    let replayed = session.receive_all();
    assert_eq!(
        replayed,
        (b"hello".to_vec(), Received::Error(TlsError::BadMac))
    );
    let mut session = world.session();
    session.stack.peer.protected(APPLICATION_DATA, b"hello");
    super::link::Peer::send(&mut session.stack.peer, 0);
    session.stack.peer.protected(APPLICATION_DATA, b"hello");
    assert_eq!(session.receive(9), Received::Error(TlsError::BadMac));
}

#[test]
fn handshake_messages_after_the_handshake() {
    let world = World::new();
    for kind in [0, 1, 2, 8, 11, 13, 15, 20, 254] {
        let error = fatal(&world, Some(10), |server| {
            server.protected(HANDSHAKE, &message(kind, &[0; 40]));
        });
        assert_eq!(error, TlsError::Unexpected, "{kind}");
    }
}

#[test]
fn session_tickets_are_passed_over_however_they_are_cut() {
    let world = World::new();
    let mut tickets = message(NEW_SESSION_TICKET, &[1; 200]);
    tickets.extend(message(NEW_SESSION_TICKET, &[2; 3]));
    tickets.extend(message(NEW_SESSION_TICKET, &[]));
    for piece in [1, 2, 3, 5, 100, 1000] {
        let mut session = world.session();
        for piece in tickets.chunks(piece) {
            session.stack.peer.protected(HANDSHAKE, piece);
        }
        session.stack.peer.protected(APPLICATION_DATA, b"hello");
        let all = session.receive_all();
        assert_eq!(all, (b"hello".to_vec(), Received::Nothing));
    }
    // RFC 8446, section 5.1: nothing comes in between.
    let error = fatal(&world, Some(10), |server| {
        server.protected(HANDSHAKE, &tickets[..100]);
        server.protected(APPLICATION_DATA, b"hello");
    });
    assert_eq!(error, TlsError::Unexpected);
}

#[test]
fn the_end_without_close_notify() {
    let world = World::new();
    let mut session = world.session();
    session.stack.peer.protected(APPLICATION_DATA, b"hello");
    session.stack.peer.protected(APPLICATION_DATA, b"world");
    let bytes = super::link::Peer::send(&mut session.stack.peer, 0);
    // In the middle of the second record; where it begins; in its header.
    for cut in [27 + 20, 27, 30] {
        let mut session = world.session();
        session.stack.peer.protected(APPLICATION_DATA, b"hello");
        session.stack.peer.raw(&bytes[27..cut]);
        session.stack.peer.closed = true;
        let all = session.receive_all();
        assert_eq!(
            all,
            (b"hello".to_vec(), Received::Error(TlsError::Truncated))
        );
    }
    // In order, it is none.
    session.stack.peer.protected(ALERT, &[1, 0]);
    session
        .stack
        .peer
        .raw(b"and what comes after it does not count");
    session.stack.peer.closed = true;
    assert_eq!(session.receive(9), Received::Error(TlsError::BadMac));
    let mut session = world.session();
    session.stack.peer.protected(APPLICATION_DATA, b"hello");
    session.stack.peer.protected(ALERT, &[1, 0]);
    session
        .stack
        .peer
        .raw(b"and what comes after it does not count");
    session.stack.peer.closed = true;
    let all = session.receive_all();
    assert_eq!(all, (b"hello".to_vec(), Received::End));
}

#[test]
fn alerts_after_the_handshake() {
    let world = World::new();
    for code in [10, 20, 40, 42, 48, 80, 116, 255] {
        let mut session = world.session();
        session.stack.peer.protected(ALERT, &[2, code]);
        // Nobody asked for a client certificate.
        let expected = Received::Error(TlsError::Alert(code));
        assert_eq!(session.receive(9), expected);
    }
    let mut session = world.session();
    // user_canceled goes before close_notify.
    session.stack.peer.protected(ALERT, &[1, 90]);
    session.stack.peer.protected(ALERT, &[1, 0]);
    assert_eq!(session.receive(9), Received::End);
    for alert in [&[][..], &[2], &[2, 10, 0]] {
        let error = fatal(&world, Some(50), |server| server.protected(ALERT, alert));
        assert_eq!(error, TlsError::BadRecord);
    }
}

#[test]
fn a_refused_client_certificate_is_told_from_other_alerts() {
    let world = World::new();
    let script = |flight: &mut Flight| {
        flight.begin();
        flight.certificate_request();
        flight.certificate(&[world.holder.der()]);
        flight.certificate_verify(&world.holder.signing_key());
        flight.finished();
    };
    for (code, expected) in [
        (42, TlsError::ClientCertificate(42)),
        (116, TlsError::ClientCertificate(116)),
        (80, TlsError::Alert(80)),
    ] {
        let mut session = world.client().connect(Server::new(script)).ok().unwrap();
        session.stack.peer.protected(ALERT, &[2, code]);
        assert_eq!(session.receive(9), Received::Error(expected));
    }
    // Not when it has said something before.
    let mut session = world.client().connect(Server::new(script)).ok().unwrap();
    session.stack.peer.protected(APPLICATION_DATA, b"hello");
    session.stack.peer.protected(ALERT, &[2, 42]);
    let (_, end) = session.receive_all();
    assert_eq!(end, Received::Error(TlsError::Alert(42)));
}

#[test]
fn records_that_come_byte_by_byte() {
    let world = World::new();
    let mut session = world.session();
    session.stack.piece = 1;
    session.stack.peer.drip = Some(1);
    session.stack.peer.protected(APPLICATION_DATA, b"hello");
    session.stack.peer.protected(APPLICATION_DATA, b"world");
    let (mut all, mut nothing) = (Vec::new(), 0);
    while all.len() < 10 {
        session.stack.now += 1;
        match session.receive(3) {
            Received::Bytes(bytes) => all.extend(bytes),
            Received::Nothing => nothing += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(all, b"helloworld");
    assert!(nothing > 40);
}

#[test]
fn two_parts_leave_in_one_record() {
    const MAX_CONTENT: usize = 16_384;
    let world = World::new();
    let mut session = world.session();
    let heard = session.stack.peer.heard.len();
    session.stack.room = 9;
    assert_eq!(session.send_parts([b"head", b"payload"]), None);
    session.stack.room = usize::MAX;
    assert_eq!(session.send_parts([b"head", b"payload"]), Some(11));
    assert_eq!(session.send_parts([b"", b"payload"]), Some(7));
    assert_eq!(session.send_parts([b"", b""]), Some(0));
    // The second part does not fit as a whole, and then the first one.
    let long = [7; MAX_CONTENT + 1];
    assert_eq!(session.send_parts([b"head", &long]), Some(MAX_CONTENT));
    assert_eq!(session.send_parts([&long, b"end"]), Some(MAX_CONTENT));
    let texts = session.stack.peer.heard[heard..].iter();
    let texts: Vec<_> = texts.map(|(_, text)| text.clone()).collect();
    let begun = [b"head", &long[..MAX_CONTENT - 4]].concat();
    let expected: [&[u8]; 4] = [b"headpayload", b"payload", &begun, &long[..MAX_CONTENT]];
    assert_eq!(texts, expected);
}

#[test]
fn records_that_come_together_and_in_pieces() {
    let world = World::new();
    let texts = [&b"hello"[..], b"world", b"and all the rest of it"];
    for piece in (1..130).chain([usize::MAX]) {
        let mut session = world.session();
        session.stack.piece = piece;
        for text in texts {
            session.stack.peer.protected(APPLICATION_DATA, text);
        }
        let mut came = Vec::new();
        while came.len() < texts.len() {
            match session.receive(100) {
                Received::Bytes(bytes) => came.push(bytes),
                Received::Nothing => {}
                other => panic!("{other:?}"),
            }
            // All that is here has been read, so nothing would announce the next record.
            let is_last = came.len() == texts.len();
            if piece == usize::MAX {
                assert_eq!(session.connection.pending(), !is_last);
            }
        }
        assert_eq!(came, texts, "{piece}");
    }
}

#[test]
fn the_client_hello_has_every_field() {
    let world = World::new();
    let hello_with = |record| {
        let mut client = world.client();
        client.record = record;
        let server = Server::new(|flight: &mut Flight| world.honest(flight));
        let session = client.connect(server).ok().unwrap();
        session.stack.peer.client_hello
    };
    let hello = hello_with(None);
    // No session id, two suites, no compression.
    assert_eq!(hello[38..45], [0, 0, 4, 0x13, 1, 0x13, 3]);
    assert_eq!(hello[45..47], [1, 0]);
    assert_eq!(extension(&hello, 43), Some(&[2, 3, 4][..]), "TLS 1.3 only");
    assert_eq!(extension(&hello, 1), None, "no max_fragment_length");
    for (buffer, code) in [(534, 1), (1046, 2), (2070, 3), (4118, 4), (16_405, 4)] {
        let hello = hello_with(Some(buffer));
        assert_eq!(extension(&hello, 1), Some(&[code][..]), "{buffer}");
    }
    assert_eq!(extension(&hello_with(Some(16_406)), 1), None);

    for (record, out) in [(533, 640), (534, 342), (534, 0), (0, 640)] {
        let mut client = world.client();
        client.record = Some(record);
        client.out = Some(out);
        let server = Server::new(|flight: &mut Flight| world.honest(flight));
        assert_eq!(client.refuse(server), TlsError::SmallBuffer);
    }
}

#[test]
fn the_smallest_buffer_to_send_from_and_the_longest_name() {
    let host = format!(
        "{}.{}.{}.{}",
        "a".repeat(63),
        "b".repeat(63),
        "c".repeat(63),
        "d".repeat(61)
    );
    assert_eq!(host.len(), 253);
    let root = root();
    let holder = root.issue(server(&[&host]), p256());
    let der = root.der();
    let mut client = Client::trusting(&der);
    client.host = &host;
    client.record = Some(2070);
    client.out = Some(582);
    let mut session = client.connect(Setup::new(&holder).start()).ok().unwrap();
    let long = [7; 5000];
    session.send_all(&long);
    assert!(session.stack.peer.heard == long);
}

#[test]
fn an_application_protocol_that_was_not_offered_ends_the_handshake() {
    let world = World::new();
    // A list in which the names are wrong does not get past `embedded-tls`.
    for (offered, chosen, error) in [
        (&b"\x04mqtt"[..], &b"\x04mqtt"[..], None),
        (b"\x01a\x04mqtt\x01b", b"\x04mqtt", None),
        (b"\x04mqtt", b"\x08http/1.1", Some(TlsError::WrongProtocol)),
        (b"\x04mqtt", b"\x05mqttx", Some(TlsError::WrongProtocol)),
        (b"\x04mqtt", b"\x03mqt", Some(TlsError::WrongProtocol)),
        // Exactly one is to be chosen.
        (b"\x01a\x01b", b"\x01a\x01b", Some(TlsError::WrongProtocol)),
        (b"\x01a", b"", Some(TlsError::WrongProtocol)),
        // Nothing was offered.
        (b"", b"\x04mqtt", Some(TlsError::WrongProtocol)),
        (b"\x04mqtt", b"\x09mqtt", Some(TlsError::BadHandshake)),
    ] {
        for verify in [true, false] {
            let server = Server::new(|flight: &mut Flight| {
                flight.server_hello();
                flight.application_protocols(chosen);
                flight.certificate(&[world.holder.der()]);
                flight.certificate_verify(&world.holder.signing_key());
                flight.finished();
            });
            let mut client = world.client();
            client.sources.alpn = offered;
            client.sources.verify = verify;
            let result = client.connect_over(MemoryStack::new(server));
            let found = result.map(|_| ()).map_err(|(error, _, _)| error).err();
            assert_eq!(found, error, "{offered:?} {chosen:?} {verify}");
        }
    }
}

#[test]
fn a_choice_that_nobody_has_looked_at_does_not_count() {
    // Without a certificate, at which the choice is looked at.
    let world = World::new();
    let server = Server::new(|flight: &mut Flight| {
        flight.server_hello();
        flight.application_protocols(b"\x08http/1.1");
        flight.finished();
    });
    let mut client = world.client();
    client.sources.alpn = b"\x04mqtt";
    client.sources.verify = false;
    let refused = client.connect_over(MemoryStack::new(server));
    assert_eq!(refused.err().unwrap().0, TlsError::NoCertificate);
}
