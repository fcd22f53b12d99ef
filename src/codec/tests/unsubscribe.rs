use super::support::*;
use crate::codec::*;

fn unsubscribe(text: &str) -> Unsubscribe<'_> {
    Unsubscribe {
        id: id(0x1234),
        filter: filter(text),
    }
}

#[test]
fn bytes() {
    assert_encodes(&unsubscribe("a/+"), b"\xA2\x07\x12\x34\x00\x03a/+");
}

#[test]
fn the_longest_filter() {
    let text = "f".repeat(65_535);
    let bytes = encode(&unsubscribe(&text));
    assert_eq!(bytes[..8], *b"\xA2\x83\x80\x04\x12\x34\xFF\xFF");
    assert_eq!(bytes.len(), 8 + 65_535);
}

#[test]
fn mqtt_3_10_1_1_flags_are_0010() {
    assert_eq!(encode(&unsubscribe("a"))[0], 0b1010_0010);
}

#[test]
fn mqtt_3_10_3_1_the_filter_is_a_utf8_string() {
    let bytes = encode(&unsubscribe("\u{20ac}"));
    assert_eq!(bytes[4..], *b"\x00\x03\xE2\x82\xAC");
}

#[test]
fn mqtt_3_10_3_2_there_is_one_filter() {
    assert_eq!(encode(&unsubscribe("a/#"))[4..], *b"\x00\x03a/#");
}
