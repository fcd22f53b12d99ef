//! The texts of errors: every error has one, and no two are the same.

use mqtt::transport::tls::{Argument, ContextError, Reason, TlsError};

/// Of a text that was cut there would be the beginning alone.
const BEGINNINGS: [&str; 7] = [
    "",
    "cacert ",
    "clicert ",
    "pkey ",
    "hostname ",
    "TLS alert of the server: ",
    "the server refused the client certificate: ",
];

fn check(texts: &[String]) {
    for (text, rest) in texts.iter().zip(1..) {
        assert!(!BEGINNINGS.contains(&text.as_str()), "{text:?}");
        assert_ne!(text, "the server's certificate ");
        assert!(!texts[rest..].contains(text), "{text:?}");
    }
}

#[test]
fn tls_errors() {
    use TlsError::*;
    let errors = [
        Expired,
        NotYetValid,
        UnknownIssuer,
        SelfSigned,
        NameMismatch,
        NotForServers,
        AuthorityAsServer,
        IssuerIsNoAuthority,
        BadCertificateSignature,
        UnsupportedCertificate,
        BadCertificate,
        BadProof,
        TooManyCertificates,
        NoCertificate,
        NoProof,
        BadHost,
        NoClock,
        NoEntropy,
        BadContext,
        SmallBuffer,
        HandshakeTimedOut,
        ProtocolVersion,
        Parameters,
        BadHandshake,
        Unexpected,
        BadRecord,
        EmptyRecord,
        RecordOverflow,
        FragmentTooLong,
        BadMac,
        KeyUpdate,
        TooManyUpdates,
        KeysUsedUp,
        Truncated,
        Closed,
        Internal,
    ];
    check(&errors.map(|error| error.describe().to_string()));
    for (place, error) in errors.into_iter().enumerate() {
        assert_eq!(error.is_about_certificate(), place < 15, "{error:?}");
    }
    assert_eq!(
        Expired.describe(),
        "the server's certificate has expired (is the clock set?)"
    );
}

#[test]
fn alerts() {
    let unknown = "TLS alert of the server";
    let describe = |code| TlsError::Alert(code).describe().to_string();
    let texts: Vec<_> = (0..=u8::MAX)
        .map(describe)
        .filter(|it| it != unknown)
        .collect();
    assert_eq!(texts.len(), 20);
    check(&texts);
    assert_eq!(describe(40), "TLS alert of the server: handshake failure");
    assert_eq!(describe(255), unknown);

    let refused = |code| TlsError::ClientCertificate(code).describe();
    let beginning = "the server refused the client certificate: ";
    assert_eq!(
        refused(45).as_str(),
        format!("{beginning}certificate expired")
    );
    assert_eq!(refused(116), "the server wants a client certificate");
}

#[test]
fn context_errors() {
    let mut texts = Vec::new();
    for (argument, name) in [
        (Argument::CaCert, "cacert "),
        (Argument::CliCert, "clicert "),
        (Argument::PKey, "pkey "),
        (Argument::HostName, "hostname "),
    ] {
        for reason in [
            Reason::Missing,
            Reason::Unreadable,
            Reason::BadPem,
            Reason::WrongPem,
            Reason::BadCertificate,
            Reason::Chain,
            Reason::BadKey,
            Reason::Encrypted,
            Reason::UnsupportedKey,
            Reason::Mismatch,
            Reason::BadName,
            Reason::NoMemory,
        ] {
            let text = ContextError { argument, reason }.describe().to_string();
            assert!(text.starts_with(name), "{text}");
            texts.push(text);
        }
    }
    check(&texts);
    assert_eq!(texts[0], "cacert is needed, or CERT_NONE in options");
}
