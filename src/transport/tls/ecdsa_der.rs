//! An ECDSA signature in DER: `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279, section 2.2.3), in
//! its one distinguished form and no other.

use super::der::SEQUENCE;

const INTEGER: u8 = 0x02;
/// The least length that takes more than one byte; on P-256 and P-384 no length is so large.
const LONG: u8 = 0x80;
/// The sign of an INTEGER.
const SIGN: u8 = 0x80;

/// r and s, each as the `N` bytes of a scalar; `None` if there is anything else or more.
///
/// It does not check whether they are within the order of the curve.
pub fn decode<const N: usize>(signature: &[u8]) -> Option<([u8; N], [u8; N])> {
    let ([SEQUENCE, length], mut rest) = signature.split_first_chunk()? else {
        return None;
    };
    if *length >= LONG || usize::from(*length) != rest.len() {
        return None;
    }
    let r = integer(&mut rest)?;
    let s = integer(&mut rest)?;
    rest.is_empty().then_some((r, s))
}

/// Takes an INTEGER, not negative, off the front of `input`.
fn integer<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let ([INTEGER, length], rest) = input.split_first_chunk()? else {
        return None;
    };
    let (contents, rest) = rest.split_at_checked(usize::from(*length))?;
    *input = rest;
    // X.690, section 8.3.2: the first nine bits are not all the same.
    let digits = match contents {
        [0] => contents,
        [0, digits @ ..] if digits.first()? & SIGN != 0 => digits,
        [1..SIGN, ..] => contents,
        _ => return None,
    };
    let mut number = [0; N];
    let start = N.checked_sub(digits.len())?;
    number.get_mut(start..)?.copy_from_slice(digits);
    Some(number)
}

/// Writes r and s into the front of `out`; returns the number of bytes.
pub fn encode(r: &[u8], s: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut end = 2_usize;
    for scalar in [r, s] {
        let zeros = scalar.iter().take_while(|byte| **byte == 0).count();
        let digits = scalar.get(zeros..).filter(|digits| !digits.is_empty());
        let digits = digits.unwrap_or(&[0]);
        let sign: &[u8] = match digits.first() {
            Some(first) if first & SIGN != 0 => &[0],
            _ => &[],
        };
        let length = u8::try_from(sign.len().checked_add(digits.len())?).ok()?;
        for part in [&[INTEGER, length], sign, digits] {
            let next = end.checked_add(part.len())?;
            out.get_mut(end..next)?.copy_from_slice(part);
            end = next;
        }
    }
    let length = u8::try_from(end.checked_sub(2)?).ok()?;
    if length >= LONG {
        return None;
    }
    out.first_chunk_mut()
        .map(|start| *start = [SEQUENCE, length])?;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    use p256::ecdsa::{DerSignature, Signature};

    /// A scalar of these last bytes.
    fn scalar(bytes: &[u8]) -> [u8; 32] {
        let mut scalar = [0; 32];
        scalar[32 - bytes.len()..].copy_from_slice(bytes);
        scalar
    }

    fn encoded(r: &[u8; 32], s: &[u8; 32]) -> Vec<u8> {
        let mut out = [0xaa; 72];
        let length = encode(r, s, &mut out).unwrap();
        assert!(out[length..].iter().all(|byte| *byte == 0xaa));
        out[..length].to_vec()
    }

    #[test]
    fn every_length_is_as_the_ecdsa_crate_has_it() {
        for length in 1..=32 {
            for first in [0x01, 0x7f, 0x80, 0xf0] {
                let mut digits = Vec::from([0x55; 32]);
                digits.truncate(length);
                digits[0] = first;
                let (r, s) = (scalar(&digits), scalar(&[1]));
                for (r, s) in [(r, s), (s, r)] {
                    let ours = encoded(&r, &s);
                    let theirs: DerSignature = Signature::from_scalars(r, s).unwrap().to_der();
                    assert_eq!(ours, theirs.as_bytes());
                    assert_eq!(decode(&ours), Some((r, s)));
                }
            }
        }
    }

    #[test]
    fn the_longest_of_p384_fits() {
        let mut out = [0; 104];
        assert_eq!(encode(&[0xff; 48], &[0xff; 48], &mut out), Some(104));
        assert_eq!(decode(&out), Some(([0xff; 48], [0xff; 48])));
        assert_eq!(encode(&[0xff; 48], &[0xff; 48], &mut out[..103]), None);
        assert_eq!(decode::<32>(&out), None);
    }

    #[test]
    fn nothing_but_the_one_form() {
        assert!(decode::<32>(&[0x30, 6, 2, 1, 1, 2, 1, 1]).is_some());
        let refused: [&[u8]; 20] = [
            &[],
            &[0x30],
            &[0x30, 0],
            // Another tag, a set and a constructed form for example.
            &[0x31, 6, 2, 1, 1, 2, 1, 1],
            &[0x30, 6, 3, 1, 1, 2, 1, 1],
            &[0x30, 6, 2, 1, 1, 0x22, 1, 1],
            // Lengths that are too long, too short, indefinite, or have more bytes than needed.
            &[0x30, 7, 2, 1, 1, 2, 1, 1],
            &[0x30, 5, 2, 1, 1, 2, 1, 1],
            &[0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0],
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
            &[0x30, 7, 2, 0x81, 1, 1, 2, 1, 1],
            &[0x30, 6, 2, 2, 1, 2, 1, 1],
            // Something behind s, and behind all of it.
            &[0x30, 7, 2, 1, 1, 2, 1, 1, 0],
            &[0x30, 6, 2, 1, 1, 2, 1, 1, 0],
            // Only r; no digits.
            &[0x30, 3, 2, 1, 1],
            &[0x30, 5, 2, 0, 2, 1, 1],
            // Negative.
            &[0x30, 6, 2, 1, 0x80, 2, 1, 1],
            &[0x30, 6, 2, 1, 1, 2, 1, 0xff],
            // A zero too many in front.
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 1],
            &[0x30, 8, 2, 1, 1, 2, 3, 0, 0, 0x80],
        ];
        for signature in refused {
            assert_eq!(decode::<32>(signature), None, "{signature:x?}");
            assert!(Signature::from_der(signature).is_err(), "{signature:x?}");
        }
    }

    #[test]
    fn a_scalar_of_33_bytes_is_refused() {
        let mut signature = Vec::from([0x30, 38, 2, 33, 1]);
        signature.extend([0; 32]);
        signature.extend([2, 1, 1]);
        assert_eq!(decode::<32>(&signature), None);
        assert!(decode::<48>(&signature).is_some());
    }
}
