//! The arguments of a context: every form that it takes, and its errors for others.

use mqtt::transport::tls::{Argument, Context, ContextError, Reason, Sources};
use rcgen::KeyPair;

use super::certificates::{Holder, authority, broker, key, p256, params, root};
use super::link::Client;
use super::standard::Setup;

const P256: &str = include_str!("keys/p256.pem");
const P256_SEC1: &str = include_str!("keys/p256-sec1.pem");
const P256_ENCRYPTED: &str = include_str!("keys/p256-encrypted.pem");
const P256_SEC1_ENCRYPTED: &str = include_str!("keys/p256-sec1-encrypted.pem");
const P384_SEC1: &str = include_str!("keys/p384-sec1.pem");
const RSA: &str = include_str!("keys/rsa-2048.pem");
const RSA_PKCS1: &str = include_str!("keys/rsa-2048-pkcs1.pem");
const RSA_1024: &str = include_str!("keys/rsa-1024.pem");

fn build(sources: &Sources<'_>) -> Result<Vec<u8>, ContextError> {
    let mut memory = vec![0xee; Context::memory(sources)];
    let used = Context::build(sources, &mut memory)?;
    assert!(memory[used..].iter().all(|byte| matches!(byte, 0 | 0xee)));
    // Where there is less room than that, it is an error and no more.
    for room in (0..used).step_by(used / 20 + 1) {
        let mut memory = vec![0xee; room];
        let error = Context::build(sources, &mut memory).unwrap_err();
        assert_eq!(error.reason, Reason::NoMemory, "{room} of {used}");
        assert!(memory.iter().all(|byte| *byte == 0), "nothing is left");
    }
    memory.truncate(used);
    Ok(memory)
}

fn error(argument: Argument, reason: Reason) -> ContextError {
    ContextError { argument, reason }
}

fn from_cacert(cacert: &[u8]) -> Result<Vec<u8>, ContextError> {
    build(&Client::trusting(cacert).sources)
}

fn from_client(clicert: &[u8], pkey: &[u8]) -> Result<Vec<u8>, ContextError> {
    let mut sources = Client::careless().sources;
    sources.clicert = clicert;
    sources.pkey = pkey;
    build(&sources)
}

fn der_of(pem: &str) -> Vec<u8> {
    // The last block: openssl puts the parameters of the curve before.
    let begin = pem.rfind("-----BEGIN").unwrap();
    let body: String = pem[begin..]
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let digit = |c: char| {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            .find(c)
            .unwrap() as u32
    };
    let mut der = Vec::new();
    for group in body.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = group
            .iter()
            .fold(0, |bits, c| bits << 6 | digit(*c as char));
        let bits = bits << (6 * (4 - group.len()));
        der.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    der
}

#[test]
fn authorities_in_every_form() {
    let (one, two) = (
        root(),
        Holder::root(authority("two"), key(&rcgen::PKCS_ED25519)),
    );
    let der = from_cacert(&one.der()).unwrap();
    let pem = one.pem();
    assert_eq!(from_cacert(pem.as_bytes()).unwrap(), der);
    // Line ends of other systems, no line ends, text around.
    let dos = pem.replace('\n', "\r\n");
    assert_eq!(from_cacert(dos.as_bytes()).unwrap(), der);
    let long_lines: String = pem
        .lines()
        .map(|line| match line.starts_with('-') {
            true => format!("\n{line}\n"),
            false => line.to_owned(),
        })
        .collect();
    assert_eq!(from_cacert(long_lines.as_bytes()).unwrap(), der);
    let text = format!("Subject: CN = root\n{pem}\nthe end");
    assert_eq!(from_cacert(text.as_bytes()).unwrap(), der);
    assert_eq!(from_cacert(&der_of(&pem)).unwrap(), der);
    // Several, and something of another kind among them.
    let both = format!("{pem}{P256}{}", two.pem());
    let both = from_cacert(both.as_bytes()).unwrap();
    assert_eq!(both.len(), der.len() + 5 + two.der().len());
    assert!(both.starts_with(&der));
}

#[test]
fn authorities_that_are_none() {
    let pem = root().pem();
    let cases: [(&[u8], Reason); 9] = [
        (b"", Reason::Missing),
        (b"root.pem", Reason::Unreadable),
        (&root().der()[1..], Reason::Unreadable),
        (b"\x30\x03\x02\x01\x01", Reason::BadCertificate),
        (&pem.as_bytes()[..pem.len() - 30], Reason::BadPem),
        (P256.as_bytes(), Reason::WrongPem),
        (
            b"-----BEGIN CERTIFICATE-----\nMA\n-----END CERTIFICATE-----",
            Reason::BadPem,
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nM*==\n-----END CERTIFICATE-----",
            Reason::BadPem,
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
            Reason::BadCertificate,
        ),
    ];
    for (cacert, reason) in cases {
        assert_eq!(
            from_cacert(cacert).unwrap_err(),
            error(Argument::CaCert, reason),
            "{}",
            cacert.escape_ascii()
        );
    }
    // One bad one among good ones.
    let bad = format!("{pem}-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    let found = from_cacert(bad.as_bytes()).unwrap_err();
    assert_eq!(found, error(Argument::CaCert, Reason::BadCertificate));
}

#[test]
fn any_cut_of_a_pem_is_an_error() {
    let pem = root().pem();
    let end = pem.trim_end().len();
    for length in 1..end {
        assert!(from_cacert(&pem.as_bytes()[..length]).is_err(), "{length}");
    }
}

#[test]
fn client_keys_in_every_form() {
    let root = root();
    let holder = broker(&root);
    let clients = Holder::root(authority("clients"), p256());
    for (own, forms) in [
        (
            P256,
            [
                P256.as_bytes(),
                P256_SEC1.as_bytes(),
                &der_of(P256),
                &der_of(P256_SEC1),
            ],
        ),
        (
            RSA,
            [
                RSA.as_bytes(),
                RSA_PKCS1.as_bytes(),
                &der_of(RSA),
                &der_of(RSA_PKCS1),
            ],
        ),
    ] {
        let client = clients.issue(params("client"), KeyPair::from_pem(own).unwrap());
        let der = client.der();
        let first = from_client(&der, forms[0]).unwrap();
        for pkey in forms {
            let pem = client.pem();
            assert_eq!(from_client(pem.as_bytes(), pkey).unwrap(), first);
            let cacert = root.pem();
            let mut with = Client::trusting(cacert.as_bytes());
            with.sources.clicert = &der;
            with.sources.pkey = pkey;
            let mut setup = Setup::new(&holder);
            setup.clients = Some(&clients);
            let mut session = with.connect(setup.start()).ok().unwrap();
            session.send_all(b"hello");
            assert_eq!(session.stack.peer.heard, b"hello");
        }
    }
}

#[test]
fn client_keys_and_certificates_that_will_not_do() {
    let client = Holder::root(params("client"), KeyPair::from_pem(P256).unwrap());
    let own = client.pem();
    let other = root().pem();
    let chain = format!("{own}{other}");
    let p384 = Holder::root(params("client"), key(&rcgen::PKCS_ECDSA_P384_SHA384));
    let p384_key = p384.key.serialize_pem();
    let ed25519 = key(&rcgen::PKCS_ED25519).serialize_pem();
    let pkey = |reason| error(Argument::PKey, reason);
    let clicert = |reason| error(Argument::CliCert, reason);
    for (certificate, key, expected) in [
        (&own[..], "", pkey(Reason::Missing)),
        ("", P256, clicert(Reason::Missing)),
        (&own, RSA, pkey(Reason::Mismatch)),
        (&other, P256, pkey(Reason::Mismatch)),
        (&other, RSA, pkey(Reason::Mismatch)),
        (&chain, P256, clicert(Reason::Chain)),
        (P256, P256, clicert(Reason::WrongPem)),
        ("nonsense", P256, clicert(Reason::Unreadable)),
        (&own, &own, pkey(Reason::WrongPem)),
        (&own, "nonsense", pkey(Reason::Unreadable)),
        (&own, P256_ENCRYPTED, pkey(Reason::Encrypted)),
        (&own, P256_SEC1_ENCRYPTED, pkey(Reason::Encrypted)),
        (&own, P384_SEC1, pkey(Reason::UnsupportedKey)),
        (&own, &p384_key, pkey(Reason::UnsupportedKey)),
        (&own, &ed25519, pkey(Reason::UnsupportedKey)),
        (&own, RSA_1024, pkey(Reason::UnsupportedKey)),
    ] {
        let found = from_client(certificate.as_bytes(), key.as_bytes());
        assert_eq!(found.unwrap_err(), expected, "{certificate} {key}");
    }
    let encrypted = from_client(own.as_bytes(), &der_of(P256_ENCRYPTED));
    assert_eq!(encrypted.unwrap_err(), pkey(Reason::Encrypted));
    // Not a number on the curve.
    let mut zero = der_of(P256_SEC1);
    zero[7..39].fill(0);
    let found = from_client(own.as_bytes(), &zero).unwrap_err();
    assert_eq!(found, pkey(Reason::BadKey));
    // Any cut of it.
    let der = der_of(P256);
    for length in 1..der.len() {
        assert!(from_client(own.as_bytes(), &der[..length]).is_err());
    }
}

#[test]
fn host_names() {
    let der = root().der();
    let mut sources = Client::trusting(&der).sources;
    for name in ["broker.example", "192.0.2.7", "2001:db8::7"] {
        sources.hostname = name;
        let memory = build(&sources).unwrap();
        assert_eq!(Context::load(&memory).hostname(), Some(name));
    }
    for name in ["a b", "*", "a..b", "b\u{fc}rste"] {
        sources.hostname = name;
        let expected = error(Argument::HostName, Reason::BadName);
        assert_eq!(build(&sources).unwrap_err(), expected, "{name}");
    }
}
