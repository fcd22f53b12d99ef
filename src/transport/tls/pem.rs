//! PEM: the textual encoding of DER (RFC 7468), as lax as section 2 allows.

use super::context_error::Reason;

/// One block between a BEGIN and an END line.
#[derive(Debug)]
pub struct GcVec<'a> {
    /// The label in the BEGIN line.
    pub label: &'a [u8],
    /// The base64 text between the lines, with its white space.
    body: &'a [u8],
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// Whether `text` has PEM in it.
pub fn is_pem(text: &[u8]) -> bool {
    find(text, BEGIN).is_some()
}

/// Takes the next block out of `text`; `None` when there is no more. It skips the explanatory text
/// around blocks.
pub fn next_block<'a>(text: &mut &'a [u8]) -> Result<Option<GcVec<'a>>, Reason> {
    let Some(begin) = find(text, BEGIN) else {
        return Ok(None);
    };
    let (label, rest) = split_at_text(after(text, begin, BEGIN), DASHES)?;
    let (body, rest) = split_at_text(rest, END)?;
    let (end_label, rest) = split_at_text(rest, DASHES)?;
    if label != end_label || label.contains(&b'\n') {
        return Err(Reason::BadPem);
    }
    *text = rest;
    Ok(Some(GcVec { label, body }))
}

impl GcVec<'_> {
    /// Whether it has the headers of a key with a passphrase (RFC 1421, section 4.6.1.1).
    pub fn is_encrypted(&self) -> bool {
        find(self.body, b"ENCRYPTED").is_some()
    }

    /// Decodes the base64 (RFC 4648, section 4) into the front of `out`; returns the number of bytes.
    pub fn decode(&self, out: &mut [u8]) -> Result<usize, Reason> {
        let mut places = out.iter_mut();
        let (mut bits, mut count, mut written) = (0_u32, 0_u32, 0_usize);
        let mut padding = 0_u32;
        for byte in self.body.iter().filter(|byte| !byte.is_ascii_whitespace()) {
            if *byte == b'=' {
                padding = padding.saturating_add(1);
                continue;
            }
            let value = sextet(*byte).filter(|_| padding == 0);
            bits = (bits << 6) | u32::from(value.ok_or(Reason::BadPem)?);
            count = count.wrapping_add(1);
            if count.is_multiple_of(4) {
                let [_, bytes @ ..] = bits.to_be_bytes();
                for byte in bytes {
                    *places.next().ok_or(Reason::NoMemory)? = byte;
                    written = written.saturating_add(1);
                }
                bits = 0;
            }
        }
        // The rest of the last group, and its padding.
        let tail = match (count % 4, padding) {
            (0, 0) => None,
            (2, 2) => Some((bits << 12, 1_usize)),
            (3, 1) => Some((bits << 6, 2)),
            _ => return Err(Reason::BadPem),
        };
        if let Some((bits, len)) = tail {
            let [_, bytes @ ..] = bits.to_be_bytes();
            for byte in bytes.into_iter().take(len) {
                *places.next().ok_or(Reason::NoMemory)? = byte;
                written = written.saturating_add(1);
            }
        }
        if written == 0 {
            return Err(Reason::BadPem);
        }
        Ok(written)
    }
}

/// The value of a base64 digit.
fn sextet(byte: u8) -> Option<u8> {
    let (first, value) = match byte {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'+' => return Some(62),
        b'/' => return Some(63),
        _ => return None,
    };
    byte.checked_sub(first)?.checked_add(value)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|it| it == wanted)
}

/// The text after `wanted`, which stands at `at`.
fn after<'a>(text: &'a [u8], at: usize, wanted: &[u8]) -> &'a [u8] {
    text.get(at.saturating_add(wanted.len())..).unwrap_or(&[])
}

/// The text before `wanted`, and that after it.
fn split_at_text<'a>(text: &'a [u8], wanted: &[u8]) -> Result<(&'a [u8], &'a [u8]), Reason> {
    let at = find(text, wanted).ok_or(Reason::BadPem)?;
    Ok((text.get(..at).unwrap_or(&[]), after(text, at, wanted)))
}
