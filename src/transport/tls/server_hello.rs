//! The check of the ServerHello (RFC 8446, section 4.1.3) before `embedded-tls` sees it, which
//! accepts any version and any cipher suite.

use super::aead::Algorithm;
use super::error::TlsError;

const SERVER_HELLO: u8 = 2;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;
const TLS_1_3: [u8; 2] = [3, 4];
const SECP256R1: [u8; 2] = [0, 23];
/// Bytes of an uncompressed point on P-256.
const POINT: usize = 65;

/// The random field of a HelloRetryRequest: the SHA-256 of that name (RFC 8446, section 4.1.3).
const HELLO_RETRY_REQUEST: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Checks a record of the handshake that should be a ServerHello and nothing else. Returns the server's choice.
pub fn check(record: &[u8]) -> Result<Algorithm, TlsError> {
    let hello = Hello::parse(record).ok_or(TlsError::BadHandshake)?;
    let version = hello.extension(SUPPORTED_VERSIONS);
    if version != Some(&TLS_1_3) {
        return Err(TlsError::ProtocolVersion);
    }
    if hello.random == HELLO_RETRY_REQUEST {
        return Err(TlsError::Parameters);
    }
    let algorithm = Algorithm::of(hello.cipher_suite).ok_or(TlsError::Parameters)?;
    match hello.extension(KEY_SHARE) {
        Some([a, b, 0, 65, point @ ..]) if [*a, *b] == SECP256R1 && point.len() == POINT => {
            Ok(algorithm)
        }
        Some(_) => Err(TlsError::Parameters),
        None => Err(TlsError::BadHandshake),
    }
}

struct Hello<'a> {
    random: [u8; 32],
    cipher_suite: [u8; 2],
    extensions: &'a [u8],
}

impl<'a> Hello<'a> {
    fn parse(record: &'a [u8]) -> Option<Self> {
        let ([kind, a, b, c], body) = record.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).ok()?;
        // The next message must be under the new keys (RFC 8446, section 5.1).
        if *kind != SERVER_HELLO || body.len() != length {
            return None;
        }
        let ([3, 3], body) = body.split_first_chunk()? else {
            return None;
        };
        let (random, body) = body.split_first_chunk()?;
        // The client's session id, which is empty.
        let ([0], body) = body.split_first_chunk()? else {
            return None;
        };
        let (cipher_suite, body) = body.split_first_chunk()?;
        let ([0, high, low], extensions) = body.split_first_chunk()? else {
            // A server of TLS 1.2 may send no extensions at all.
            return (body == [0]).then_some(Self {
                random: *random,
                cipher_suite: *cipher_suite,
                extensions: &[],
            });
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        (extensions.len() == length).then_some(Self {
            random: *random,
            cipher_suite: *cipher_suite,
            extensions,
        })
    }

    fn extension(&self, wanted: u16) -> Option<&'a [u8]> {
        let mut rest = self.extensions;
        loop {
            let ([a, b, high, low], body) = rest.split_first_chunk()?;
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let (data, after) = body.split_at_checked(length)?;
            if u16::from_be_bytes([*a, *b]) == wanted {
                return Some(data);
            }
            rest = after;
        }
    }
}
