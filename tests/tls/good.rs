//! Servers that are as they should be.

use mqtt::transport::tls::TlsError;
use rustls::SupportedCipherSuite;

use super::certificates::{self, Holder, authority, broker, key, p256, root, rsa, server};
use super::link::{Client, MemoryStack, Received, Session};
use super::standard::{Setup, Standard};

/// Both directions, small and large, in pieces, and the end of it.
pub fn talk(client: Client<'_>, setup: &Setup<'_>) {
    let mut stack = MemoryStack::new(setup.start());
    stack.piece = 700;
    let mut session = client
        .connect_over(stack)
        .map_err(|(error, names, _)| (error, names))
        .unwrap();
    session.send_all(b"hello");
    assert_eq!(session.stack.peer.heard, b"hello");
    let long: Vec<u8> = (0..100_000_u32).map(|i| (i / 7) as u8).collect();
    session.send_all(&long);
    assert!(session.stack.peer.heard[5..] == long);
    session.stack.peer.say(&long);
    let (received, end) = session.receive_all();
    assert_eq!(end, Received::Nothing);
    assert!(received == long);
    session.stack.peer.connection.send_close_notify();
    assert_eq!(session.receive_all(), (vec![], Received::End));
    assert_eq!(session.receive_all(), (vec![], Received::End));
    session.close();
    assert_eq!(
        session.receive_all(),
        (vec![], Received::End),
        "what has ended in order stays so"
    );
}

/// A session with a server that is as it should be.
pub fn connected(suite: Option<SupportedCipherSuite>) -> Session<'static, Standard> {
    let root = root();
    let holder = broker(&root);
    let pem = root.pem();
    let client = Client::trusting(pem.as_bytes());
    let mut setup = Setup::new(&holder);
    setup.suite = suite;
    client.connect(setup.start()).ok().unwrap()
}

#[test]
fn every_kind_of_key() {
    let algorithms = [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ED25519,
        &rcgen::PKCS_ECDSA_P384_SHA384,
    ];
    for ca in algorithms {
        for leaf in algorithms {
            let root = Holder::root(authority("root"), key(ca));
            let holder = root.issue(server(&["broker.example"]), key(leaf));
            let pem = root.pem();
            talk(Client::trusting(pem.as_bytes()), &Setup::new(&holder));
        }
    }
}

#[test]
fn rsa_keys() {
    for ca_is_rsa in [true, false] {
        let (ca, leaf) = match ca_is_rsa {
            true => (rsa(), p256()),
            false => (p256(), rsa()),
        };
        let root = Holder::root(authority("root"), ca);
        let holder = root.issue(server(&["broker.example"]), leaf);
        talk(Client::trusting(&root.der()), &Setup::new(&holder));
    }
}

#[test]
fn one_and_two_intermediates() {
    let root = root();
    let one = root.issue(authority("one"), p256());
    let two = one.issue(authority("two"), p256());
    let der = root.der();
    let holder = one.issue(server(&["broker.example"]), p256());
    let mut setup = Setup::new(&holder);
    let shown = [&one];
    setup.intermediates = &shown;
    talk(Client::trusting(&der), &setup);

    let holder = two.issue(server(&["broker.example"]), p256());
    let mut setup = Setup::new(&holder);
    // In any order.
    let shown = [&one, &two];
    setup.intermediates = &shown;
    talk(Client::trusting(&der), &setup);

    // With a gap.
    setup.intermediates = &shown[1..];
    let error = Client::trusting(&der).refuse(setup.start());
    assert_eq!(error, TlsError::UnknownIssuer);
    // The trusted certificate may be an intermediate.
    let der = two.der();
    setup.intermediates = &[];
    talk(Client::trusting(&der), &setup);
}

#[test]
fn any_of_several_authorities() {
    let roots: Vec<Holder> = (0..20)
        .map(|i| Holder::root(authority(&format!("root {i}")), p256()))
        .collect();
    let pem: String = roots.iter().map(Holder::pem).collect();
    for root in [&roots[0], &roots[7], &roots[19]] {
        let holder = broker(root);
        talk(Client::trusting(pem.as_bytes()), &Setup::new(&holder));
    }
}

#[test]
fn names_and_addresses() {
    let root = root();
    let pem = root.pem();
    let names = [
        "*.wild.example",
        "other.example",
        "192.0.2.7",
        "2001:db8::7",
    ];
    let holder = root.issue(server(&names), p256());
    for host in [
        "a.wild.example",
        "A.Wild.Example",
        "other.example",
        "192.0.2.7",
        "2001:db8::7",
    ] {
        let mut client = Client::trusting(pem.as_bytes());
        client.host = host;
        talk(client, &Setup::new(&holder));
        // The context's name goes before that of connect().
        client.host = "no.such.host";
        client.sources.hostname = host;
        talk(client, &Setup::new(&holder));
    }
    for host in ["wild.example", "a.b.wild.example", "192.0.2.8", "example"] {
        let mut client = Client::trusting(pem.as_bytes());
        client.host = host;
        let (error, names) = client.connect(Setup::new(&holder).start()).err().unwrap();
        assert_eq!(error, TlsError::NameMismatch, "{host}");
        assert_eq!(
            names,
            "*.wild.example, other.example, 192.0.2.7, 2001:db8:0:0:0:0:0:7"
        );
    }
}

#[test]
fn the_server_is_told_the_name_but_no_address() {
    let root = root();
    let pem = root.pem();
    let holder = root.issue(server(&["broker.example", "192.0.2.7"]), p256());
    for (host, told) in [
        ("broker.example", Some("broker.example")),
        ("192.0.2.7", None),
    ] {
        let mut client = Client::trusting(pem.as_bytes());
        client.host = host;
        let session = client.connect(Setup::new(&holder).start()).ok().unwrap();
        assert_eq!(session.stack.peer.connection.server_name(), told);
    }
}

#[test]
fn many_names_are_cut_short() {
    let root = root();
    let pem = root.pem();
    let names: Vec<String> = (0..50).map(|i| format!("name{i}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let holder = root.issue(server(&names), p256());
    let connected = Client::trusting(pem.as_bytes()).connect(Setup::new(&holder).start());
    let (error, names) = connected.err().unwrap();
    assert_eq!(error, TlsError::NameMismatch);
    assert!(
        names.starts_with("name0.example, name1.example, "),
        "{names}"
    );
    assert!(names.ends_with(", ..."), "{names}");
}

#[test]
fn client_certificates() {
    let root = root();
    let holder = broker(&root);
    let clients = Holder::root(authority("clients"), p256());
    let pem = root.pem();
    for key in [p256(), rsa()] {
        let client = clients.issue(certificates::params("client"), key);
        let (certificate, key) = (client.pem(), client.key.serialize_pem());
        let mut with = Client::trusting(pem.as_bytes());
        with.sources.clicert = certificate.as_bytes();
        with.sources.pkey = key.as_bytes();
        let mut setup = Setup::new(&holder);
        setup.clients = Some(&clients);
        talk(with, &setup);
        // A server that does not ask.
        setup.clients = None;
        talk(with, &setup);
    }
}

#[test]
fn a_server_that_refuses_the_client_certificate_says_why() {
    let root = root();
    let holder = broker(&root);
    let clients = Holder::root(authority("clients"), p256());
    let pem = root.pem();
    let mut setup = Setup::new(&holder);
    setup.clients = Some(&clients);

    let without = Client::trusting(pem.as_bytes());
    let mut session = without.connect(setup.start()).ok().unwrap();
    let (_, end) = session.receive_all();
    assert_eq!(end, Received::Error(TlsError::ClientCertificate(116)));
    let text = TlsError::ClientCertificate(116).describe();
    assert_eq!(text, "the server wants a client certificate");

    let stranger = root.issue(certificates::params("client"), p256());
    let (certificate, key) = (stranger.pem(), stranger.key.serialize_pem());
    let mut with = Client::trusting(pem.as_bytes());
    with.sources.clicert = certificate.as_bytes();
    with.sources.pkey = key.as_bytes();
    let mut session = with.connect(setup.start()).ok().unwrap();
    let (_, end) = session.receive_all();
    assert_eq!(end, Received::Error(TlsError::ClientCertificate(48)));
    let text = TlsError::ClientCertificate(48).describe();
    assert_eq!(
        text,
        "the server refused the client certificate: unknown CA"
    );
    assert_eq!(session.receive_all().1, end, "it stays so");
}

#[test]
fn a_small_buffer_and_a_server_with_short_records() {
    let root = root();
    let holder = broker(&root);
    let pem = root.pem();
    for (buffer, fragment) in [(2070, 2048), (1100, 1024), (600, 512)] {
        let mut client = Client::trusting(pem.as_bytes());
        client.record = Some(buffer);
        let mut setup = Setup::new(&holder);
        // rustls counts the header.
        setup.fragment = Some(fragment + 5);
        if fragment > 600 {
            talk(client, &setup);
        }
        // rustls ignores max_fragment_length: the client fails in this way.
        setup.fragment = None;
        let session = client.connect(setup.start());
        match session {
            Ok(mut session) => {
                session.stack.peer.say(&[1; 5000]);
                let (_, end) = session.receive_all();
                assert_eq!(end, Received::Error(TlsError::FragmentTooLong));
            }
            Err((error, _)) => assert_eq!(error, TlsError::FragmentTooLong),
        }
    }
}

#[test]
fn without_verification_anybody_will_do() {
    let own = Holder::root(server(&["elsewhere.example"]), p256());
    let mut client = Client::careless();
    client.time = None;
    talk(client, &Setup::new(&own));
}

#[test]
fn a_self_signed_server_that_is_trusted_itself() {
    let own = Holder::root(server(&["broker.example"]), p256());
    let pem = own.pem();
    talk(Client::trusting(pem.as_bytes()), &Setup::new(&own));
}

#[test]
fn a_network_that_is_full() {
    let mut session = connected(None);
    session.stack.room = 0;
    assert_eq!(session.send(b"hello"), None);
    for _ in 0..26 {
        session.stack.room = 1;
        assert_eq!(session.send(b"hello"), None);
    }
    assert_eq!(session.stack.peer.heard, b"");
    session.stack.room = 1;
    assert_eq!(session.send(b"hello"), Some(5));
    assert_eq!(session.stack.peer.heard, b"hello");
    session.stack.room = 0;
    assert_eq!(session.send(b"again"), None);
    session.stack.room = usize::MAX;
    assert_eq!(session.send(b"again"), Some(5));
    session.send_all(b"!");
    assert_eq!(session.stack.peer.heard, b"helloagain!");
}

#[test]
fn closing_tells_the_server() {
    let mut session = connected(None);
    session.close();
    let state = session.stack.peer.connection.process_new_packets().unwrap();
    assert!(state.peer_has_closed());
    assert_eq!(session.receive(10), Received::Error(TlsError::Closed));
}

#[test]
fn tls_1_2_alone_is_refused_with_the_reason() {
    let root = root();
    let holder = broker(&root);
    let pem = root.pem();
    let mut setup = Setup::new(&holder);
    setup.version = &rustls::version::TLS12;
    let error = Client::trusting(pem.as_bytes()).refuse(setup.start());
    assert_eq!(error, TlsError::ProtocolVersion);
}

#[test]
fn application_protocols_are_offered_and_the_server_chooses() {
    let root = root();
    let holder = broker(&root);
    let der = root.der();
    let mut client = Client::trusting(&der);
    let mut setup = Setup::new(&holder);
    client.sources.alpn = b"\x0ex-amzn-mqtt-ca\x04mqtt";
    let known: [&[u8]; 2] = [b"http/1.1", b"mqtt"];
    setup.alpn = &known;
    let session = client.connect(setup.start()).ok().unwrap();
    let chosen = session.stack.peer.connection.alpn_protocol();
    assert_eq!(chosen, Some(&b"mqtt"[..]));
    talk(client, &setup);
    // A server that knows none of the names refuses: rustls with an alert that is encrypted already,
    // which `embedded-tls` does not show.
    setup.alpn = &known[..1];
    assert_eq!(client.refuse(setup.start()), TlsError::Unexpected);
    // One that does not know the extension ignores it.
    setup.alpn = &[];
    talk(client, &setup);
    // The longest list: of one name, and of eight.
    let longest: [u8; 256] = core::array::from_fn(|i| if i == 0 { 255 } else { b'x' });
    let many = [&[32][..], &[b'y'; 32]].concat().repeat(8);
    for list in [&longest[..], &many] {
        client.sources.alpn = list;
        let name = [&list[1..1 + usize::from(list[0])]];
        let mut setup = Setup::new(&holder);
        setup.alpn = &name;
        talk(client, &setup);
    }
}
