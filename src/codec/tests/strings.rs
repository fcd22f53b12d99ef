//! UTF-8 strings of the standard, well-formed and ill-formed.

use super::support::*;
use crate::codec::*;
use std::vec;

const ILL_FORMED: [&[u8]; 12] = [
    b"\x80",
    b"\xBF",
    b"a\xC3",
    b"\xC0\xAF",
    b"\xE0\x80\xAF",
    b"\xF0\x80\x80\xAF",
    b"\xED\xA0\x80",
    b"\xED\xBF\xBF",
    b"\xED\xA0\xBD\xED\xB8\x80",
    b"\xF4\x90\x80\x80",
    b"\xFE",
    b"\xE2\x82",
];

#[test]
fn mqtt_1_5_3_1_ill_formed_utf8_is_refused() {
    for bytes in ILL_FORMED {
        let error = Some(FieldError::NotUtf8);
        assert_eq!(Utf8String::from_bytes(bytes).err(), error, "{bytes:x?}");
        assert_eq!(TopicName::from_bytes(bytes).err(), error, "{bytes:x?}");
        assert_eq!(TopicFilter::from_bytes(bytes).err(), error, "{bytes:x?}");
    }
}

#[test]
fn mqtt_1_5_3_2_null_character_is_refused() {
    for text in ["\0", "a\0", "\0b", "a\0b", "a/\0/b", "\u{20ac}\0"] {
        let error = Some(FieldError::NullCharacter);
        assert_eq!(Utf8String::new(text).err(), error);
        assert_eq!(Utf8String::from_bytes(text.as_bytes()).err(), error);
    }
}

#[test]
fn mqtt_1_5_3_3_the_byte_order_mark_is_a_character() {
    let text = "\u{feff}a\u{feff}";
    for string in [
        string(text),
        Utf8String::from_bytes(text.as_bytes()).unwrap(),
    ] {
        assert_eq!(string.as_str().as_bytes(), b"\xEF\xBB\xBFa\xEF\xBB\xBF");
    }
    let packet = Publish::new(topic(text), b"", Delivery::AtMostOnce, false, None).unwrap();
    let bytes = encode(&packet);
    assert_eq!(bytes, b"\x30\x09\x00\x07\xEF\xBB\xBFa\xEF\xBB\xBF");
    let Ok(Decoded::Publish { publish, .. }) = decode(&bytes) else {
        panic!("no PUBLISH");
    };
    assert_eq!(publish.topic.unwrap().as_str(), text);
    assert!(!filter("a").matches(topic("\u{feff}a")));
}

#[test]
fn strings_hold_65535_bytes() {
    let text = "x".repeat(65_536);
    let error = Some(FieldError::TooLong);
    assert_eq!(Utf8String::new(&text).err(), error);
    assert_eq!(Utf8String::from_bytes(text.as_bytes()).err(), error);
    assert_eq!(Utf8String::new(&text[1..]).unwrap().as_str(), &text[1..]);
    assert_eq!(Utf8String::new("").unwrap().as_str(), "");
}

#[test]
fn binary_holds_65535_bytes_of_anything() {
    let bytes = vec![0; 65_536];
    assert_eq!(Binary::new(&bytes).err(), Some(FieldError::TooLong));
    assert_eq!(Binary::new(&bytes[1..]).unwrap().as_bytes().len(), 65_535);
    assert_eq!(Binary::new(b"\x00\xFF").unwrap().as_bytes(), b"\x00\xFF");
}
