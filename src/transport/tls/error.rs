//! Why a TLS connection cannot be made, or has ended.

use super::alert;
use super::text::{Text, text};

/// An error of TLS, or of the socket below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError<E> {
    /// The error of TLS.
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
    /// A certificate that must not issue others has issued one.
    IssuerIsNoAuthority,
    /// A signature among the certificates is wrong.
    BadCertificateSignature,
    /// A key or a signature of a kind that is not built in.
    UnsupportedCertificate,
    /// The certificates break a rule for certificates: constraints, critical extensions, form.
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
    /// The server chose an application protocol that was not offered.
    WrongProtocol,
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
    /// A KeyUpdate that asks for something other than the standard has.
    KeyUpdate,
    /// The server changes its keys again and again, and sends nothing.
    TooManyUpdates,
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
    /// A fault of this module.
    Internal,
}

impl TlsError {
    /// The error in words.
    pub fn describe(self) -> Text {
        let what = match self {
            Self::Alert(code) => return alert::describe(code),
            Self::ClientCertificate(code) => return alert::describe_refusal(code),
            Self::ProtocolVersion => return alert::describe(alert::PROTOCOL_VERSION),
            Self::TooManyCertificates => {
                "the server shows more certificates than MQTT_TLS_INTERMEDIATES"
            }
            Self::NoCertificate => "the server showed no certificate",
            Self::NoProof => "the server did not prove that the certificate is its own",
            Self::BadHost => "the host is neither a DNS name nor an IP address",
            Self::NoClock => "certificates need the time of day, and there is no clock",
            Self::NoEntropy => "there is no source of randomness for TLS",
            Self::BadContext => "the SSL context cannot be used in this build",
            Self::SmallBuffer => "a TLS buffer is too small",
            Self::HandshakeTimedOut => "the TLS handshake took too long",
            Self::WrongProtocol => "the server chose an ALPN name that was not offered",
            Self::Parameters => "the server wants a key exchange or cipher that is not built in",
            Self::BadHandshake => "a TLS handshake message is malformed or fragmented",
            Self::Unexpected => "unexpected TLS message",
            Self::BadRecord => "malformed TLS record",
            Self::EmptyRecord => "empty TLS record",
            Self::RecordOverflow => "TLS record longer than allowed",
            Self::FragmentTooLong => {
                "the server ignored max_fragment_length, MQTT_TLS_READ is too small for it"
            }
            Self::BadMac => "TLS record that was tampered with",
            Self::KeyUpdate => "malformed TLS KeyUpdate",
            Self::TooManyUpdates => "the server sends TLS KeyUpdates and no data",
            Self::KeysUsedUp => "the TLS keys are used up, which needs a new connection",
            Self::Truncated => "the connection ended without a TLS close_notify",
            Self::Closed => "the TLS connection is closed",
            Self::Internal => "fault in TLS",
            _ => return text(&["the server's certificate ", self.flaw().unwrap_or_default()]),
        };
        text(&[what])
    }

    /// The fault of the server's certificate, to go after these words.
    fn flaw(self) -> Option<&'static str> {
        Some(match self {
            Self::Expired => "has expired (is the clock set?)",
            Self::NotYetValid => "is not valid yet (is the clock set?)",
            Self::UnknownIssuer => "has an issuer that cacert lacks",
            Self::SelfSigned => "is self-signed, and not in cacert",
            Self::NameMismatch => "is for another name",
            Self::NotForServers => "is not for servers",
            Self::AuthorityAsServer => "is that of an authority",
            Self::IssuerIsNoAuthority => "has an issuer that may not issue certificates",
            Self::BadCertificateSignature => "has a wrong signature",
            Self::UnsupportedCertificate => "has a kind of key that is not built in",
            Self::BadCertificate => "breaks the rules",
            Self::BadProof => "is not its own",
            _ => return None,
        })
    }

    /// Whether one side refuses the other's certificate.
    pub fn is_about_certificate(self) -> bool {
        matches!(
            self,
            Self::TooManyCertificates
                | Self::NoCertificate
                | Self::NoProof
                | Self::ClientCertificate(_)
        ) || self.flaw().is_some()
    }

    /// The alert that tells the server of it (RFC 8446, section 6.2), if there is one.
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
            Self::Parameters | Self::WrongProtocol | Self::KeyUpdate => {
                Some(alert::ILLEGAL_PARAMETER)
            }
            Self::BadHandshake | Self::BadRecord => Some(alert::DECODE_ERROR),
            Self::NoCertificate
            | Self::NoProof
            | Self::Unexpected
            | Self::EmptyRecord
            | Self::TooManyUpdates => Some(alert::UNEXPECTED_MESSAGE),
            Self::RecordOverflow | Self::FragmentTooLong => Some(alert::RECORD_OVERFLOW),
            Self::BadMac => Some(alert::BAD_RECORD_MAC),
            Self::Internal => Some(alert::INTERNAL_ERROR),
            _ => None,
        }
    }
}
