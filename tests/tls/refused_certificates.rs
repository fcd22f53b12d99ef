//! Certificates that must not do.

use mqtt::transport::tls::TlsError;
use rcgen::{
    BasicConstraints, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyUsagePurpose,
    NameConstraints, date_time_ymd,
};

use super::certificates::{Holder, authority, broker, p256, params, root, server};
use super::link::{Client, NOW};
use super::standard::Setup;

/// The error of a client that trusts `root` and connects to this server.
fn refusal(root: &Holder, holder: &Holder, intermediates: &[&Holder]) -> TlsError {
    let der = root.der();
    let mut setup = Setup::new(holder);
    setup.intermediates = intermediates;
    Client::trusting(&der).refuse(setup.start())
}

#[test]
fn a_leaf_used_as_an_authority() {
    let root = root();
    // A server of the same authority issues itself a certificate for the broker.
    let leaf = root.issue(server(&["evil.example"]), p256());
    let holder = leaf.issue(server(&["broker.example"]), p256());
    let error = refusal(&root, &holder, &[&leaf]);
    assert_eq!(error, TlsError::IssuerIsNoAuthority);
}

#[test]
fn an_intermediate_without_basic_constraints() {
    let root = root();
    let mut params = params("intermediate");
    params.is_ca = IsCa::NoCa;
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let intermediate = root.issue(params, p256());
    let holder = intermediate.issue(server(&["broker.example"]), p256());
    let error = refusal(&root, &holder, &[&intermediate]);
    assert_eq!(error, TlsError::IssuerIsNoAuthority);
}

#[test]
fn an_intermediate_that_must_have_none_below_it() {
    let root = root();
    let mut params = authority("one");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let one = root.issue(params, p256());
    let two = one.issue(authority("two"), p256());
    let holder = two.issue(server(&["broker.example"]), p256());
    let error = refusal(&root, &holder, &[&one, &two]);
    assert_eq!(error, TlsError::IssuerIsNoAuthority);
}

#[test]
fn an_intermediate_for_other_names() {
    let root = root();
    let mut params = authority("one");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("elsewhere.example".into())],
        excluded_subtrees: vec![],
    });
    let one = root.issue(params, p256());
    let holder = one.issue(server(&["broker.example"]), p256());
    assert_eq!(refusal(&root, &holder, &[&one]), TlsError::BadCertificate);
}

#[test]
fn a_certificate_for_clients() {
    let root = root();
    let mut params = server(&["broker.example"]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let holder = root.issue(params, p256());
    assert_eq!(refusal(&root, &holder, &[]), TlsError::NotForServers);
}

#[test]
fn the_certificate_of_an_authority() {
    let root = root();
    let mut params = server(&["broker.example"]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let holder = root.issue(params, p256());
    assert_eq!(refusal(&root, &holder, &[]), TlsError::AuthorityAsServer);
}

#[test]
fn other_names() {
    let root = root();
    let mut common_name = params("broker.example");
    common_name.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // A host in the common name alone, another name, an address.
    for params in [
        common_name,
        server(&["other.example"]),
        server(&["192.0.2.7"]),
    ] {
        let holder = root.issue(params, p256());
        assert_eq!(refusal(&root, &holder, &[]), TlsError::NameMismatch);
    }
}

#[test]
fn a_name_where_an_address_is_wanted() {
    let root = root();
    let der = root.der();
    // The address as a DNS name does not count either (RFC 9525, section 6.5).
    for names in [&["broker.example"][..], &["192.0.2.8"]] {
        let holder = root.issue(server(names), p256());
        let mut client = Client::trusting(&der);
        client.host = "192.0.2.7";
        let error = client.refuse(Setup::new(&holder).start());
        assert_eq!(error, TlsError::NameMismatch);
    }
    let mut params = server(&[]);
    let literal = rcgen::SanType::DnsName("192.0.2.7".try_into().unwrap());
    params.subject_alt_names.push(literal);
    let holder = root.issue(params, p256());
    let mut client = Client::trusting(&der);
    client.host = "192.0.2.7";
    let error = client.refuse(Setup::new(&holder).start());
    assert_eq!(error, TlsError::NameMismatch);
}

#[test]
fn too_old_and_too_new() {
    let root = root();
    let mut old = server(&["broker.example"]);
    old.not_after = date_time_ymd(2029, 12, 31);
    let mut new = server(&["broker.example"]);
    new.not_before = date_time_ymd(2030, 1, 2);
    let old = root.issue(old, p256());
    let new = root.issue(new, p256());
    assert_eq!(refusal(&root, &old, &[]), TlsError::Expired);
    assert_eq!(refusal(&root, &new, &[]), TlsError::NotYetValid);

    // An intermediate counts, too.
    let mut params = authority("old");
    params.not_after = date_time_ymd(2029, 12, 31);
    let intermediate = root.issue(params, p256());
    let holder = intermediate.issue(server(&["broker.example"]), p256());
    let error = refusal(&root, &holder, &[&intermediate]);
    assert_eq!(error, TlsError::Expired);
}

#[test]
fn a_clock_that_is_not_set() {
    let root = root();
    let holder = broker(&root);
    let der = root.der();
    let mut client = Client::trusting(&der);
    // 2000-01-01, where many clocks begin.
    for (time, error) in [
        (Some(946_684_800), TlsError::NotYetValid),
        (Some(NOW * 2), TlsError::Expired),
        (None, TlsError::NoClock),
    ] {
        client.time = time;
        assert_eq!(client.refuse(Setup::new(&holder).start()), error);
    }
    let text = TlsError::NotYetValid.describe();
    assert!(text.contains("is the clock set?"));
}

#[test]
fn an_unknown_issuer() {
    let known = root();
    let unknown = root();
    let holder = broker(&unknown);
    // It has the name of the known one: the signature tells.
    let error = refusal(&known, &holder, &[]);
    assert_eq!(error, TlsError::BadCertificateSignature);
    let unknown = Holder::root(authority("unknown"), p256());
    let holder = broker(&unknown);
    assert_eq!(refusal(&known, &holder, &[]), TlsError::UnknownIssuer);
    // That the server shows it does not make it known.
    let error = refusal(&known, &holder, &[&unknown]);
    assert_eq!(error, TlsError::UnknownIssuer);
}

#[test]
fn a_self_signed_certificate() {
    let known = root();
    let holder = Holder::root(server(&["broker.example"]), p256());
    assert_eq!(refusal(&known, &holder, &[]), TlsError::SelfSigned);
}

#[test]
fn a_long_chain_of_certificates() {
    let root = root();
    let mut issuers = vec![root.issue(authority("issuer 0"), p256())];
    for i in 1..8 {
        let last = issuers.last().unwrap();
        let next = last.issue(authority(&format!("issuer {i}")), p256());
        issuers.push(next);
    }
    let der = root.der();
    for (count, expected) in [(6, Ok(())), (8, Err(TlsError::BadCertificate))] {
        let shown: Vec<&Holder> = issuers[..count].iter().collect();
        let holder = shown[count - 1].issue(server(&["broker.example"]), p256());
        let mut setup = Setup::new(&holder);
        setup.intermediates = &shown;
        let connected = Client::trusting(&der).connect(setup.start());
        assert_eq!(connected.map(|_| ()).map_err(|(error, _)| error), expected);
    }
    // embedded-tls itself takes 16, which is as many as can be allowed.
    let strangers: Vec<Holder> = (0..16)
        .map(|i| Holder::root(authority(&format!("stranger {i}")), p256()))
        .collect();
    let shown: Vec<&Holder> = strangers.iter().collect();
    let holder = broker(&root);
    let mut setup = Setup::new(&holder);
    setup.intermediates = &shown[..15];
    assert!(Client::trusting(&der).connect(setup.start()).is_ok());
    setup.intermediates = &shown;
    let error = Client::trusting(&der).refuse(setup.start());
    assert_eq!(error, TlsError::BadHandshake);
}

#[test]
fn a_host_that_is_none() {
    let root = root();
    let holder = broker(&root);
    let der = root.der();
    for host in ["", "a b", "-", "a..b", "1.2.3", "b\u{fc}rste"] {
        let mut client = Client::trusting(&der);
        client.host = host;
        let error = client.refuse(Setup::new(&holder).start());
        assert!(
            matches!(error, TlsError::BadHost | TlsError::NameMismatch),
            "{host}"
        );
    }
}
