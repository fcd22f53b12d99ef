//! The ClientHello with both cipher suites: `embedded-tls` knows of one.

use super::aead::Algorithm;

const CLIENT_HELLO: u8 = 1;
/// Bytes up to the end of one cipher suite: message header, version, random, session id, length, suite.
const FRONT: usize = 4 + 2 + 32 + 1 + 2 + 2;
/// Bytes of a cipher suite.
pub const SUITE: usize = 2;

/// The front of the message with both suites in place of one, and the rest, which is the same. `None` if this
/// is no ClientHello of `embedded-tls`.
pub fn with_both(message: &[u8]) -> Option<([u8; FRONT + SUITE], &[u8])> {
    let (front, rest) = message.split_first_chunk::<FRONT>()?;
    let ([CLIENT_HELLO, 0, high, low], _) = front.split_first_chunk()? else {
        return None;
    };
    let length = u16::from_be_bytes([*high, *low]);
    let [kept @ .., 0, 0, 2, _, _] = front else {
        return None;
    };
    let mut both = [0; FRONT + SUITE];
    let (start, end) = both.split_first_chunk_mut()?;
    *start = *kept;
    let [first, second] = Algorithm::OFFERED.map(Algorithm::code);
    let suites = [0, 0, 4, first[0], first[1], second[0], second[1]];
    *end.first_chunk_mut()? = suites;
    let length = length.checked_add(SUITE as u16)?;
    *both.get_mut(2..)?.first_chunk_mut()? = length.to_be_bytes();
    Some((both, rest))
}
