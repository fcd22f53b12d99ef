//! Alerts: their numbers and their names (RFC 8446, section 6).

use super::text::{Text, text};

pub const CLOSE_NOTIFY: u8 = 0;
pub const UNEXPECTED_MESSAGE: u8 = 10;
pub const BAD_RECORD_MAC: u8 = 20;
pub const RECORD_OVERFLOW: u8 = 22;
pub const HANDSHAKE_FAILURE: u8 = 40;
pub const BAD_CERTIFICATE: u8 = 42;
pub const UNSUPPORTED_CERTIFICATE: u8 = 43;
pub const CERTIFICATE_REVOKED: u8 = 44;
pub const CERTIFICATE_EXPIRED: u8 = 45;
pub const CERTIFICATE_UNKNOWN: u8 = 46;
pub const ILLEGAL_PARAMETER: u8 = 47;
pub const UNKNOWN_CA: u8 = 48;
pub const ACCESS_DENIED: u8 = 49;
pub const DECODE_ERROR: u8 = 50;
pub const DECRYPT_ERROR: u8 = 51;
pub const PROTOCOL_VERSION: u8 = 70;
pub const INSUFFICIENT_SECURITY: u8 = 71;
pub const INTERNAL_ERROR: u8 = 80;
pub const USER_CANCELED: u8 = 90;
pub const UNRECOGNIZED_NAME: u8 = 112;
pub const CERTIFICATE_REQUIRED: u8 = 116;
pub const NO_APPLICATION_PROTOCOL: u8 = 120;

/// The text for an alert of the server.
pub fn describe(alert: u8) -> Text {
    let what = match alert {
        PROTOCOL_VERSION => "the server does not speak TLS 1.3 (MicroPython's ssl module may do)",
        UNRECOGNIZED_NAME => "the server does not know the host name",
        CERTIFICATE_REQUIRED => "the server wants a client certificate",
        NO_APPLICATION_PROTOCOL => "the server knows none of the names in alpn",
        _ => match name(alert) {
            Some(name) => return text(&["TLS alert of the server: ", name]),
            None => "TLS alert of the server",
        },
    };
    text(&[what])
}

/// The text for an alert that refuses the client's certificate.
pub fn describe_refusal(alert: u8) -> Text {
    match name(alert) {
        Some(name) => text(&["the server refused the client certificate: ", name]),
        None => describe(alert),
    }
}

/// Whether the alert may be about the client's certificate.
pub fn may_be_refusal(alert: u8) -> bool {
    matches!(
        alert,
        HANDSHAKE_FAILURE | ACCESS_DENIED | BAD_CERTIFICATE
            ..=CERTIFICATE_UNKNOWN | UNKNOWN_CA | DECRYPT_ERROR | CERTIFICATE_REQUIRED
    )
}

fn name(alert: u8) -> Option<&'static str> {
    Some(match alert {
        UNEXPECTED_MESSAGE => "unexpected message",
        BAD_RECORD_MAC => "bad record MAC",
        RECORD_OVERFLOW => "record overflow",
        HANDSHAKE_FAILURE => "handshake failure",
        BAD_CERTIFICATE => "bad certificate",
        UNSUPPORTED_CERTIFICATE => "unsupported certificate",
        CERTIFICATE_REVOKED => "certificate revoked",
        CERTIFICATE_EXPIRED => "certificate expired",
        CERTIFICATE_UNKNOWN => "certificate unknown",
        ILLEGAL_PARAMETER => "illegal parameter",
        UNKNOWN_CA => "unknown CA",
        ACCESS_DENIED => "access denied",
        DECODE_ERROR => "decode error",
        DECRYPT_ERROR => "decrypt error",
        INSUFFICIENT_SECURITY => "insufficient security",
        INTERNAL_ERROR => "internal error",
        _ => return None,
    })
}
