//! Why a context cannot be made.

use core::ffi::CStr;

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
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is needed, and was not given.
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

/// Why a context cannot be made: the argument, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextError {
    /// Which argument.
    pub argument: Argument,
    /// What is wrong with it.
    pub reason: Reason,
}

/// `name` and `text` with a space between, for C.
macro_rules! c_text {
    ($name:literal, $text:literal) => {
        const {
            match CStr::from_bytes_with_nul(concat!($name, " ", $text, "\0").as_bytes()) {
                Ok(text) => text,
                Err(_) => c"",
            }
        }
    };
}
/// The texts for one argument.
macro_rules! texts {
    ($reason:expr, $name:literal) => {
        match $reason {
            Reason::Missing => c_text!($name, "is needed"),
            Reason::Unreadable => c_text!($name, "is neither PEM nor DER"),
            Reason::BadPem => c_text!($name, "is broken PEM"),
            Reason::WrongPem => c_text!($name, "is PEM of something else"),
            Reason::BadCertificate => c_text!($name, "is not a certificate that can be read"),
            Reason::Chain => c_text!($name, "must be one certificate, a chain cannot be sent"),
            Reason::BadKey => c_text!($name, "is not a private key"),
            Reason::Encrypted => c_text!($name, "is encrypted"),
            Reason::UnsupportedKey => c_text!($name, "has a kind of key that is not built in"),
            Reason::Mismatch => c_text!($name, "does not belong to clicert"),
            Reason::BadName => c_text!($name, "is neither a DNS name nor an IP address"),
            Reason::NoMemory => c_text!($name, "does not fit into memory"),
        }
    };
}

impl ContextError {
    /// The argument and what is wrong with it, in words.
    pub const fn describe(self) -> &'static CStr {
        match self.argument {
            Argument::CaCert if matches!(self.reason, Reason::Missing) => {
                c"cacert is needed, or CERT_NONE in options"
            }
            Argument::CaCert => texts!(self.reason, "cacert"),
            Argument::CliCert => texts!(self.reason, "clicert"),
            Argument::PKey => texts!(self.reason, "pkey"),
            Argument::HostName => texts!(self.reason, "hostname"),
        }
    }
}

impl Argument {
    /// An error about this argument.
    pub(super) const fn is(self, reason: Reason) -> ContextError {
        ContextError {
            argument: self,
            reason,
        }
    }
}
