//! Why a context cannot be made.

use super::text::{Text, text};

/// An argument of `create_ssl_context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The certificates of authorities.
    CaCert,
    /// The client's certificate.
    CliCert,
    /// The client's private key.
    PKey,
    /// The name of the server.
    HostName,
    /// The application protocols to offer.
    Alpn,
}

/// The fault of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is needed, and the caller gave none.
    Missing,
    /// Neither PEM nor DER.
    Unreadable,
    /// The PEM is broken: a line, an end, or base64.
    BadPem,
    /// PEM, but with nothing in it of the kind that is wanted.
    WrongPem,
    /// Not a certificate.
    BadCertificate,
    /// A client certificate with others; a chain cannot be sent.
    Chain,
    /// Not a private key.
    BadKey,
    /// The private key is encrypted.
    Encrypted,
    /// A key of a kind that is not built in.
    UnsupportedKey,
    /// The private key is not that of the certificate.
    Mismatch,
    /// Neither a DNS name nor an IP address.
    BadName,
    /// The memory that the caller gave is too small.
    NoMemory,
}

/// Why a context cannot be made: the argument, and its fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextError {
    /// The argument.
    pub argument: Argument,
    /// The fault of an argument.
    pub reason: Reason,
}

impl ContextError {
    /// The argument and its fault, in words.
    pub fn describe(self) -> Text {
        let argument = match self.argument {
            Argument::CaCert => "cacert ",
            Argument::CliCert => "clicert ",
            Argument::PKey => "pkey ",
            Argument::HostName => "hostname ",
            Argument::Alpn => "alpn ",
        };
        let reason = match self.reason {
            Reason::Missing if self.argument == Argument::CaCert => {
                "is needed, or CERT_NONE in options"
            }
            Reason::Missing => "is needed",
            Reason::Unreadable => "is neither PEM nor DER",
            Reason::BadPem => "is broken PEM",
            Reason::WrongPem => "is PEM of something else",
            Reason::BadCertificate => "is not a certificate that can be read",
            Reason::Chain => "must be one certificate, a chain cannot be sent",
            Reason::BadKey => "is not a private key",
            Reason::Encrypted => "is encrypted",
            Reason::UnsupportedKey => "has a kind of key that is not built in",
            Reason::Mismatch => "does not belong to clicert",
            Reason::BadName => "is neither a DNS name nor an IP address",
            Reason::NoMemory => "does not fit into memory",
        };
        text(&[argument, reason])
    }
}

impl Argument {
    /// Makes the error for this argument.
    pub(super) const fn is(self, reason: Reason) -> ContextError {
        ContextError {
            argument: self,
            reason,
        }
    }
}
