//! The little DER (X.690) that this module reads itself; `rustls-webpki` reads certificates.

/// SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;

/// Takes one element off the front of `input`; returns its tag and contents. Lengths are definite and
/// of at most three bytes.
pub fn element<'a>(input: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let ([tag, first], rest) = input.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81 => {
            let ([length], rest) = rest.split_first_chunk()?;
            (usize::from(*length), rest)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        0x83 => {
            let ([a, b, c], rest) = rest.split_first_chunk()?;
            let length = u32::from_be_bytes([0, *a, *b, *c]);
            (usize::try_from(length).ok()?, rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    *input = rest;
    Some((*tag, contents))
}

/// The contents of `input` if it is one element with this tag and nothing more.
pub fn only(mut input: &[u8], tag: u8) -> Option<&[u8]> {
    let (found, contents) = element(&mut input)?;
    (found == tag && input.is_empty()).then_some(contents)
}

/// Writes `contents` as a SEQUENCE into the front of `out`; returns the number of bytes.
pub fn write_sequence(contents: &[u8], out: &mut [u8]) -> Option<usize> {
    let length = u16::try_from(contents.len()).ok()?;
    let [high, low] = length.to_be_bytes();
    let header: &[u8] = match length {
        0..=0x7f => &[SEQUENCE, low],
        0x80..=0xff => &[SEQUENCE, 0x81, low],
        _ => &[SEQUENCE, 0x82, high, low],
    };
    let (start, rest) = out.split_at_mut_checked(header.len())?;
    start.copy_from_slice(header);
    rest.get_mut(..contents.len())?.copy_from_slice(contents);
    header.len().checked_add(contents.len())
}
