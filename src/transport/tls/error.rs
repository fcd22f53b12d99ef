//! Why a TLS connection cannot be made, or has ended.

use core::ffi::CStr;

use super::alert;

/// Of TLS, or of the socket below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError<E> {
    /// What TLS has to say.
    Tls(TlsError),
    /// The stack's own error.
    Stack(E),
}

impl<E> From<TlsError> for LinkError<E> {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}

/// Why a TLS connection cannot be made, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsError {
    /// The server's certificate, or one of its issuers', has expired.
    Expired,
    /// The server's certificate, or one of its issuers', is not valid yet.
    NotYetValid,
    /// No authority that is trusted has issued the server's certificate.
    UnknownIssuer,
    /// The server's certificate is its own issuer, and not trusted.
    SelfSigned,
    /// The server's certificate is for other names.
    NameMismatch,
    /// The server's certificate is not for servers.
    NotForServers,
    /// The server shows the certificate of an authority as its own.
    AuthorityAsServer,
    /// A certificate was issued by one that must not issue any.
    IssuerIsNoAuthority,
    /// A signature among the certificates is wrong.
    BadCertificateSignature,
    /// A key or a signature of a kind that is not built in.
    UnsupportedCertificate,
    /// The certificates break a rule of theirs: constraints, critical extensions, form.
    BadCertificate,
    /// The server shows more certificates than there is stack for.
    TooManyCertificates,
    /// The server sent no certificate.
    NoCertificate,
    /// The server did not prove that the certificate is its own.
    NoProof,
    /// The server's proof that the certificate is its own is wrong.
    BadProof,
    /// The host is neither a DNS name nor an IP address.
    BadHost,
    /// The port has no clock to tell the time of day.
    NoClock,
    /// The port has no entropy.
    NoEntropy,
    /// The context has a key that this build cannot use.
    BadContext,
    /// A buffer is too small.
    SmallBuffer,
    /// The handshake took too long.
    HandshakeTimedOut,
    /// The server does not speak TLS 1.3.
    ProtocolVersion,
    /// The server wants another cipher suite or key exchange than those offered.
    Parameters,
    /// A message of the handshake is malformed, or split over several records.
    BadHandshake,
    /// A message or record that has no place there.
    Unexpected,
    /// A record of impossible length.
    BadRecord,
    /// A record without content.
    EmptyRecord,
    /// A record longer than the standard allows.
    RecordOverflow,
    /// A record longer than the buffer, and than the server was asked for.
    FragmentTooLong,
    /// A record that was tampered with.
    BadMac,
    /// The server wants new keys.
    KeyUpdate,
    /// The keys have been used as often as is safe.
    KeysUsedUp,
    /// The connection ended without saying so.
    Truncated,
    /// We have closed the connection.
    Closed,
    /// The server ended the connection with this alert.
    Alert(u8),
    /// The server ended the connection with this alert because of the client's certificate.
    ClientCertificate(u8),
    /// A fault in here.
    Internal,
}

impl TlsError {
    /// What it is, in words.
    pub fn describe(self) -> &'static CStr {
        match self {
            Self::Expired => c"the server's certificate has expired (is the clock set?)",
            Self::NotYetValid => c"the server's certificate is not valid yet (is the clock set?)",
            Self::UnknownIssuer => c"the server's certificate has an issuer that cacert lacks",
            Self::SelfSigned => c"the server's certificate is self-signed, and not in cacert",
            Self::NameMismatch => c"the server's certificate is for another name",
            Self::NotForServers => c"the server's certificate is not for servers",
            Self::AuthorityAsServer => c"the server's certificate is that of an authority",
            Self::IssuerIsNoAuthority => c"the server's certificate has an issuer that is none",
            Self::BadCertificateSignature => c"the server's certificate has a wrong signature",
            Self::UnsupportedCertificate => {
                c"the server's certificate has a kind of key that is not built in"
            }
            Self::BadCertificate => c"the server's certificate breaks the rules",
            Self::TooManyCertificates => {
                c"the server shows more certificates than MQTT_TLS_INTERMEDIATES"
            }
            Self::NoCertificate => c"the server showed no certificate",
            Self::NoProof => c"the server did not prove that the certificate is its own",
            Self::BadProof => c"the server's certificate is not its own",
            Self::BadHost => c"the host is neither a DNS name nor an IP address",
            Self::NoClock => c"certificates need the time of day, and there is no clock",
            Self::NoEntropy => c"there is no source of randomness for TLS",
            Self::BadContext => c"the SSL context cannot be used in this build",
            Self::SmallBuffer => c"a TLS buffer is too small",
            Self::HandshakeTimedOut => c"the TLS handshake took too long",
            Self::ProtocolVersion => alert::describe(alert::PROTOCOL_VERSION),
            Self::Parameters => c"the server wants a key exchange or cipher that is not built in",
            Self::BadHandshake => c"a TLS handshake message is malformed or fragmented",
            Self::Unexpected => c"unexpected TLS message",
            Self::BadRecord => c"malformed TLS record",
            Self::EmptyRecord => c"empty TLS record",
            Self::RecordOverflow => c"TLS record longer than allowed",
            Self::FragmentTooLong => {
                c"the server ignored max_fragment_length, MQTT_TLS_READ is too small for it"
            }
            Self::BadMac => c"TLS record that was tampered with",
            Self::KeyUpdate => c"the server wants new TLS keys, which needs a new connection",
            Self::KeysUsedUp => c"the TLS keys are used up, which needs a new connection",
            Self::Truncated => c"the connection ended without a TLS close_notify",
            Self::Closed => c"the TLS connection is closed",
            Self::Alert(code) => alert::describe(code),
            Self::ClientCertificate(code) => {
                alert::describe_refusal(code).unwrap_or(alert::describe(code))
            }
            Self::Internal => c"fault in TLS",
        }
    }

    /// Whether it is the server's certificate that will not do.
    pub fn is_about_certificate(self) -> bool {
        matches!(
            self,
            Self::Expired
                | Self::NotYetValid
                | Self::UnknownIssuer
                | Self::SelfSigned
                | Self::NameMismatch
                | Self::NotForServers
                | Self::AuthorityAsServer
                | Self::IssuerIsNoAuthority
                | Self::BadCertificateSignature
                | Self::UnsupportedCertificate
                | Self::BadCertificate
                | Self::TooManyCertificates
                | Self::NoCertificate
                | Self::NoProof
                | Self::BadProof
        )
    }

    /// Whether time was up.
    pub fn is_timeout(self) -> bool {
        self == Self::HandshakeTimedOut
    }

    /// The alert that tells the server (RFC 8446, section 6.2), if there is one.
    pub(super) fn alert(self) -> Option<u8> {
        match self {
            Self::Expired | Self::NotYetValid => Some(alert::CERTIFICATE_EXPIRED),
            Self::UnknownIssuer | Self::SelfSigned => Some(alert::UNKNOWN_CA),
            Self::UnsupportedCertificate | Self::TooManyCertificates => {
                Some(alert::UNSUPPORTED_CERTIFICATE)
            }
            Self::NameMismatch
            | Self::NotForServers
            | Self::AuthorityAsServer
            | Self::IssuerIsNoAuthority
            | Self::BadCertificateSignature
            | Self::BadCertificate => Some(alert::BAD_CERTIFICATE),
            Self::BadProof => Some(alert::DECRYPT_ERROR),
            Self::ProtocolVersion => Some(alert::PROTOCOL_VERSION),
            Self::Parameters => Some(alert::ILLEGAL_PARAMETER),
            Self::BadHandshake | Self::BadRecord => Some(alert::DECODE_ERROR),
            Self::NoCertificate
            | Self::NoProof
            | Self::Unexpected
            | Self::EmptyRecord
            | Self::KeyUpdate => Some(alert::UNEXPECTED_MESSAGE),
            Self::RecordOverflow | Self::FragmentTooLong => Some(alert::RECORD_OVERFLOW),
            Self::BadMac => Some(alert::BAD_RECORD_MAC),
            Self::Internal => Some(alert::INTERNAL_ERROR),
            _ => None,
        }
    }
}
