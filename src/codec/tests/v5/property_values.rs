//! The values of properties: too short, too long, out of range, no text.

use super::support::*;
use crate::codec::*;
use std::vec::Vec;

use Place::{ConnAck, Connect, Message, Publish, Subscribe, Will};

/// Checks that `block`, which ends with the byte that proves it, is refused wherever it may stand, with `missing`
/// bytes behind it.
#[track_caller]
fn refused(block: &[u8], missing: usize, places: &[Place], error: DecodeError) {
    for &place in places {
        let whole = [block, &[0].repeat(missing)].concat();
        assert_eq!(Properties::new(&whole, place), Err(error), "{block:x?}");
        for it in RECEIVED.iter().filter(|it| it.place == place) {
            assert_refused(&it.cut(block, missing), error);
            // Behind another property.
            let block = [b"\x26\x00\x01n\x00\x01v", block].concat();
            assert_refused(&it.cut(&block, missing), error);
        }
    }
}

const MESSAGES: &[Place] = &[Publish, Will, Message];
const LIMITS: &[Place] = &[Connect, ConnAck];
const EVERY: &[Place] = &[
    Connect,
    Will,
    ConnAck,
    Publish,
    Message,
    Place::Ack,
    Subscribe,
    Place::Unsubscribe,
    Place::Disconnect,
    Place::Goodbye,
    Place::Auth,
];

/// Identifiers of one byte's value, and their places.
const FLAGS: [(u8, &[Place]); 8] = [
    (0x01, MESSAGES),
    (0x17, &[Connect]),
    (0x19, &[Connect]),
    (0x24, &[ConnAck]),
    (0x25, &[ConnAck]),
    (0x28, &[ConnAck]),
    (0x29, &[ConnAck]),
    (0x2A, &[ConnAck]),
];

/// Identifiers of texts, and their places.
const TEXTS: [(u8, &[Place]); 8] = [
    (0x03, MESSAGES),
    (0x08, MESSAGES),
    (0x12, &[ConnAck]),
    (0x15, &[Connect, ConnAck, Place::Auth]),
    (0x1A, &[ConnAck]),
    (0x1C, &[ConnAck, Place::Goodbye]),
    (
        0x1F,
        &[
            ConnAck,
            Place::Ack,
            Place::Disconnect,
            Place::Goodbye,
            Place::Auth,
        ],
    ),
    (0x26, EVERY),
];

#[test]
fn flags_are_0_or_1() {
    for (id, places) in FLAGS {
        for &place in places {
            for flag in [0, 1] {
                let block = [id, flag];
                let value = properties(&block, place).iter().next().unwrap().value;
                assert_eq!(value, Value::Number(flag.into()));
            }
        }
        for flag in [2, 3, 0x7F, 0x80, 0xFF] {
            refused(&[id, flag], 0, places, DecodeError::PropertyValue);
            refused(&[id, flag], 5, places, DecodeError::PropertyValue);
        }
    }
}

#[test]
fn numbers_that_may_not_be_0() {
    let error = DecodeError::PropertyValue;
    refused(&[0x21, 0, 0], 0, LIMITS, error);
    refused(&[0x27, 0, 0, 0, 0], 0, LIMITS, error);
    refused(&[0x0B, 0], 0, &[Subscribe, Message], error);
}

#[test]
fn mqtt5_3_3_2_8_a_topic_alias_is_not_0() {
    let error = DecodeError::PropertyValue;
    refused(&[0x23, 0, 0], 0, &[Publish, Message], error);
    refused(&[0x23, 0, 0], 9, &[Publish, Message], error);
}

#[test]
fn numbers_that_may_be_0() {
    for (block, place) in [
        (&[0x02, 0, 0, 0, 0][..], Message),
        (&[0x11, 0, 0, 0, 0], ConnAck),
        (&[0x13, 0, 0], ConnAck),
        (&[0x18, 0, 0, 0, 0], Will),
        (&[0x22, 0, 0], ConnAck),
    ] {
        let block = properties(block, place);
        let id = block.iter().next().unwrap().id;
        assert_eq!(block.number(id), Some(0));
    }
}

#[test]
fn a_fixed_value_without_room_is_refused_at_its_identifier() {
    let error = DecodeError::PropertyLength;
    for (id, places) in FLAGS {
        refused(&[id], 0, places, error);
    }
    for (id, places) in [
        (0x13, &[ConnAck][..]),
        (0x21, LIMITS),
        (0x22, LIMITS),
        (0x23, &[Publish, Message]),
    ] {
        for missing in 0..2 {
            refused(&[id], missing, places, error);
        }
    }
    for (id, places) in [
        (0x02, MESSAGES),
        (0x11, &[Connect, ConnAck, Place::Disconnect]),
        (0x18, &[Will]),
        (0x27, LIMITS),
    ] {
        for missing in 0..4 {
            refused(&[id], missing, places, error);
        }
    }
}

#[test]
fn a_variable_value_without_room_is_refused_where_it_must_end() {
    let error = DecodeError::PropertyLength;
    for block in [
        &[0x0B][..],
        &[0x0B, 0x80],
        &[0x0B, 0x81, 0xFF],
        &[0x0B, 0x80, 0x80, 0x80],
    ] {
        refused(block, 0, &[Message, Subscribe], error);
    }
}

#[test]
fn a_text_without_room_is_refused_by_its_length() {
    let binary = [
        (0x09, MESSAGES),
        (0x16, &[Connect, ConnAck, Place::Auth][..]),
    ];
    for (id, places) in TEXTS.into_iter().chain(binary) {
        let error = DecodeError::PropertyLength;
        // No room for the length itself.
        refused(&[id], 0, places, error);
        refused(&[id], 1, places, error);
        // The value of a pair takes two bytes more.
        let more = if id == 0x26 { 2 } else { 0 };
        // The high byte shows it.
        refused(&[id, 1], 9, places, error);
        refused(&[id, 0xFF], 1 + more, places, error);
        // The low byte does.
        refused(&[id, 0, 1], more, places, error);
        refused(&[id, 0, 10], 9 + more, places, error);
        refused(&[id, 1, 1], 256 + more, places, error);
    }
}

#[test]
fn the_value_of_a_pair_without_room_is_refused_by_its_length() {
    let error = DecodeError::PropertyLength;
    // There is no room for both lengths.
    for missing in 0..4 {
        refused(&[0x26], missing, EVERY, error);
    }
    // The name leaves none for the length of the value.
    refused(&[0x26, 0, 1], 2, EVERY, error);
    refused(b"\x26\x00\x01n\x01", 9, EVERY, error);
    refused(b"\x26\x00\x01n\x00\x01", 0, EVERY, error);
    refused(b"\x26\x00\x01n\x00\x05", 4, EVERY, error);
}

/// Ill-formed fronts of a text of eight bytes, each up to the byte that proves it.
const NOT_UTF8: [&[u8]; 12] = [
    b"\x80",
    b"a\xBF",
    b"\xC0",
    b"\xF5",
    b"\xFF",
    b"\xC3a",
    b"\xE2\x82a",
    b"\xF0\x9F\x98a",
    b"\xE0\x80",
    b"\xF0\x8F",
    b"\xF4\x90",
    b"1234567\xC3",
];

/// Checks that a text of eight bytes that begins with `text` is refused in every property that has one.
fn refused_texts(text: &[u8], error: FieldError) {
    for (id, places) in TEXTS {
        let block = [&[id, 0, 8], text].concat();
        // The value of a pair needs two bytes more.
        let missing = 8 - text.len() + 2;
        refused(&block, missing, places, DecodeError::PropertyText(error));
    }
    // In the value of a pair.
    let block = [b"\x26\x00\x01n\x00\x08", text].concat();
    refused(
        &block,
        8 - text.len(),
        EVERY,
        DecodeError::PropertyText(error),
    );
}

#[test]
fn mqtt5_1_5_4_1_mqtt5_3_3_2_13_mqtt5_3_3_2_19_ill_formed_utf8_is_refused_where_it_stands() {
    for text in NOT_UTF8 {
        refused_texts(text, FieldError::NotUtf8);
    }
}

#[test]
fn mqtt5_1_5_4_1_surrogates_are_refused_where_they_stand() {
    for text in [&b"\xED\xA0"[..], b"ab\xED\xBF"] {
        refused_texts(text, FieldError::NotUtf8);
    }
}

#[test]
fn mqtt5_1_5_4_2_a_null_character_is_refused_where_it_stands() {
    for text in [&b"\0"[..], b"ab\0", b"\xC3\xA9\0"] {
        refused_texts(text, FieldError::NullCharacter);
    }
}

#[test]
fn mqtt5_1_5_4_3_a_byte_order_mark_is_a_character() {
    let block = b"\x1F\x00\x04\xEF\xBB\xBFa";
    let block = properties(block, ConnAck);
    assert_eq!(block.text(PropertyId::REASON_STRING), Some("\u{feff}a"));
}

#[test]
fn mqtt5_1_5_7_1_both_texts_of_a_pair_are_utf8_strings() {
    for (block, missing) in [
        (&b"\x26\x00\x01\xFF"[..], 3),
        (b"\x26\x00\x01\xC3", 3),
        (b"\x26\x00\x01n\x00\x01\xFF", 0),
        (b"\x26\x00\x01n\x00\x01\xC3", 0),
    ] {
        let error = DecodeError::PropertyText(FieldError::NotUtf8);
        refused(block, missing, EVERY, error);
    }
}

#[test]
fn mqtt5_3_3_2_14_a_response_topic_has_no_wildcards() {
    let error = DecodeError::PropertyText(FieldError::Wildcard);
    for wildcard in [b'+', b'#'] {
        refused(&[0x08, 0, 3, wildcard], 2, MESSAGES, error);
        refused(&[0x08, 0, 3, b'a', b'/', wildcard], 0, MESSAGES, error);
    }
}

#[test]
fn mqtt5_4_7_3_1_a_response_topic_has_a_character() {
    let error = DecodeError::PropertyText(FieldError::Empty);
    refused(&[0x08, 0, 0], 0, MESSAGES, error);
    refused(&[0x08, 0, 0], 2, MESSAGES, error);
}

#[test]
fn texts_and_data_may_be_empty() {
    for (id, places) in TEXTS {
        if matches!(id, 0x08 | 0x26) {
            continue;
        }
        let method = if id == 0x15 { b"" } else { METHOD };
        for &place in places {
            let method = if place == Place::Auth { method } else { b"" };
            let block = [&[id, 0, 0], method].concat();
            let first = properties(&block, place).iter().next().unwrap();
            assert_eq!(properties(&block, place).text(first.id), Some(""));
        }
    }
    let empty = Value::Binary(Binary::new(b"").unwrap());
    let block = properties(&[0x09, 0, 0], Message);
    assert_eq!(block.get(PropertyId::CORRELATION_DATA), Some(empty));
    let empty = Utf8String::new("").unwrap();
    let block = properties(&[0x26, 0, 0, 0, 0], Message);
    let pair = Value::Pair(empty, empty);
    assert_eq!(block.get(PropertyId::USER_PROPERTY), Some(pair));
}

#[test]
fn the_longest_texts_and_data() {
    let long = [b'x'].repeat(65_535);
    for (block, place) in [
        ([&[0x03, 0xFF, 0xFF], &long[..]].concat(), Message),
        ([&[0x08, 0xFF, 0xFF], &long[..]].concat(), Message),
        ([&[0x09, 0xFF, 0xFF], &long[..]].concat(), Message),
        (
            [&[0x26, 0xFF, 0xFF], &long[..], &[0xFF, 0xFF], &long].concat(),
            Message,
        ),
    ] {
        let found: Vec<_> = properties(&block, place).into_iter().collect();
        assert_eq!(found.len(), 1);
        let mut bytes = [0].repeat(block.len());
        found[0].encode(&mut &mut bytes[..]).unwrap();
        assert_eq!(bytes, block);
    }
}
