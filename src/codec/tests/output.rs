//! The outputs that packets are encoded into.

use crate::codec::*;

#[test]
fn a_vec_appends_until_it_is_full() {
    let mut out = heapless::Vec::<u8, 4>::new();
    assert_eq!(out.put(b"ab"), Ok(()));
    assert_eq!(out.put(b"cde"), Err(Overflow));
    assert_eq!(out, b"ab");
    assert_eq!(out.put(b"cd"), Ok(()));
    assert_eq!(out.put(b""), Ok(()));
    assert_eq!(out, b"abcd");
}

#[test]
fn a_slice_is_filled_from_the_front() {
    let mut buffer = [0xA5; 4];
    let mut out = &mut buffer[..];
    assert_eq!(out.put(b"ab"), Ok(()));
    assert_eq!(out.put(b""), Ok(()));
    assert_eq!(out.put(b"c"), Ok(()));
    assert_eq!(out.len(), 1);
    assert_eq!(buffer, *b"abc\xA5");
}

#[test]
fn a_slice_takes_a_piece_whole_or_not_at_all() {
    let mut buffer = [0xA5; 2];
    let mut out = &mut buffer[..];
    assert_eq!(out.put(b"abc"), Err(Overflow));
    assert_eq!(buffer, [0xA5; 2]);
}
