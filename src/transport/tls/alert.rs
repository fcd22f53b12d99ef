//! Alerts: what they are called, and what they say (RFC 8446, section 6).

use core::ffi::CStr;

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

/// What the server says.
pub fn describe(alert: u8) -> &'static CStr {
    match alert {
        UNEXPECTED_MESSAGE => c"TLS alert of the server: unexpected message",
        BAD_RECORD_MAC => c"TLS alert of the server: bad record MAC",
        RECORD_OVERFLOW => c"TLS alert of the server: record overflow",
        HANDSHAKE_FAILURE => c"TLS alert of the server: handshake failure",
        BAD_CERTIFICATE => c"TLS alert of the server: bad certificate",
        UNSUPPORTED_CERTIFICATE => c"TLS alert of the server: unsupported certificate",
        CERTIFICATE_REVOKED => c"TLS alert of the server: certificate revoked",
        CERTIFICATE_EXPIRED => c"TLS alert of the server: certificate expired",
        CERTIFICATE_UNKNOWN => c"TLS alert of the server: certificate unknown",
        ILLEGAL_PARAMETER => c"TLS alert of the server: illegal parameter",
        UNKNOWN_CA => c"TLS alert of the server: unknown CA",
        ACCESS_DENIED => c"TLS alert of the server: access denied",
        DECODE_ERROR => c"TLS alert of the server: decode error",
        DECRYPT_ERROR => c"TLS alert of the server: decrypt error",
        PROTOCOL_VERSION => c"the server does not speak TLS 1.3 (MicroPython's ssl module may do)",
        INSUFFICIENT_SECURITY => c"TLS alert of the server: insufficient security",
        INTERNAL_ERROR => c"TLS alert of the server: internal error",
        UNRECOGNIZED_NAME => c"the server does not know the host name",
        CERTIFICATE_REQUIRED => c"the server wants a client certificate",
        _ => c"TLS alert of the server",
    }
}

/// What the server says of the client's certificate; `None` if that is not what the alert is
/// about.
pub fn describe_refusal(alert: u8) -> Option<&'static CStr> {
    match alert {
        HANDSHAKE_FAILURE | ACCESS_DENIED => {
            Some(c"the server refused the client certificate: access denied")
        }
        BAD_CERTIFICATE => Some(c"the server refused the client certificate: bad"),
        UNSUPPORTED_CERTIFICATE => Some(c"the server refused the client certificate: unsupported"),
        CERTIFICATE_REVOKED => Some(c"the server refused the client certificate: revoked"),
        CERTIFICATE_EXPIRED => Some(c"the server refused the client certificate: expired"),
        CERTIFICATE_UNKNOWN => Some(c"the server refused the client certificate: unacceptable"),
        UNKNOWN_CA => Some(c"the server refused the client certificate: unknown CA"),
        DECRYPT_ERROR => Some(c"the server refused the client certificate: wrong signature"),
        CERTIFICATE_REQUIRED => Some(c"the server wants a client certificate"),
        _ => None,
    }
}
