//! PUBLISH.

use super::support::*;
use crate::codec::*;
use std::vec;

const AT_LEAST_ONCE: Delivery = Delivery::AtLeastOnce {
    id: PacketId::MIN,
    dup: false,
};

fn publish<'a>(payload: &'a [u8], delivery: Delivery, retain: bool) -> Publish<'a> {
    Publish::new(topic("a/b"), payload, delivery, retain, None).unwrap()
}

/// All flags, with the first byte that they make.
fn deliveries() -> [(Delivery, bool, u8); 10] {
    let id = id(0x1234);
    let at_least_once = |dup| Delivery::AtLeastOnce { id, dup };
    let exactly_once = |dup| Delivery::ExactlyOnce { id, dup };
    [
        (Delivery::AtMostOnce, false, 0x30),
        (Delivery::AtMostOnce, true, 0x31),
        (at_least_once(false), false, 0x32),
        (at_least_once(false), true, 0x33),
        (exactly_once(false), false, 0x34),
        (exactly_once(false), true, 0x35),
        (at_least_once(true), false, 0x3A),
        (at_least_once(true), true, 0x3B),
        (exactly_once(true), false, 0x3C),
        (exactly_once(true), true, 0x3D),
    ]
}

#[test]
fn bytes_both_ways_with_all_flags() {
    for (delivery, retain, first_byte) in deliveries() {
        for payload in [&b""[..], b"p", b"\x00\xFF+#"] {
            let mut expected = vec![first_byte, 5 + payload.len() as u8];
            expected.extend_from_slice(b"\x00\x03a/b");
            if delivery != Delivery::AtMostOnce {
                expected[1] += 2;
                expected.extend_from_slice(b"\x12\x34");
            }
            let header_len = expected.len();
            expected.extend_from_slice(payload);

            assert_encodes(&publish(payload, delivery, retain), &expected);
            let decoded = Ok(Decoded::Publish {
                publish: PublishHeader {
                    topic: Some(topic("a/b")),
                    properties: None,
                    delivery,
                    retain,
                },
                header_len,
                payload_len: payload.len(),
            });
            assert_eq!(decode(&expected), decoded);
            assert_eq!(decode(&expected[..header_len]), decoded);
            assert_truncations_are_incomplete(&expected, header_len);
        }
    }
}

#[test]
fn the_payload_is_one_piece() {
    let payload = vec![7; 1000];
    let mut pieces = Pieces::default();
    publish(&payload, AT_LEAST_ONCE, false)
        .encode(&mut pieces)
        .unwrap();
    assert_eq!(pieces.0.last(), Some(&payload));
    assert!(pieces.0.iter().rev().skip(1).all(|piece| piece.len() <= 5));
}

#[test]
fn the_largest_payload_and_one_byte_more() {
    let mut payload = vec![0; MAX_REMAINING_LENGTH - 5 + 1];
    let too_long = Publish::new(topic("a/b"), &payload, Delivery::AtMostOnce, false, None);
    assert_eq!(too_long, Err(FieldError::TooLong));
    payload.pop();
    let largest = publish(&payload, Delivery::AtMostOnce, false);
    assert_eq!(largest.encoded_len(), 5 + MAX_REMAINING_LENGTH);

    // The packet identifier counts too.
    let too_long = Publish::new(topic("a/b"), &payload, AT_LEAST_ONCE, false, None);
    assert_eq!(too_long, Err(FieldError::TooLong));
    payload.truncate(payload.len() - 2);
    let largest = publish(&payload, AT_LEAST_ONCE, false);
    assert_eq!(largest.encoded_len(), 5 + MAX_REMAINING_LENGTH);
}

#[test]
fn a_delivery_tells_its_parts() {
    for (delivery, _, first_byte) in deliveries() {
        assert_eq!(delivery.qos() as u8, (first_byte >> 1) & 0b11);
        assert_eq!(delivery.dup(), first_byte & 8 != 0);
        assert_eq!(delivery.id().is_some(), delivery.qos() != QoS::AtMostOnce);
    }
}

#[test]
fn mqtt_2_3_1_1_qos_1_and_2_have_a_non_zero_identifier() {
    for (delivery, retain, _) in deliveries() {
        if delivery.qos() > QoS::AtMostOnce {
            let bytes = encode(&publish(b"", delivery, retain));
            assert_eq!(bytes[7..], [0x12, 0x34]);
        }
    }
}

#[test]
fn mqtt_2_3_1_5_qos_0_has_no_identifier() {
    for retain in [false, true] {
        let bytes = encode(&publish(b"p", Delivery::AtMostOnce, retain));
        assert_eq!(bytes[2..], *b"\x00\x03a/bp");
    }
}

#[test]
fn mqtt_3_3_1_1_dup_is_bit_3() {
    let dup = Delivery::AtLeastOnce {
        id: id(1),
        dup: true,
    };
    assert_eq!(encode(&publish(b"", dup, false))[0], 0b0011_1010);
}

#[test]
fn mqtt_3_3_1_2_qos_0_has_no_dup() {
    for (delivery, retain, _) in deliveries() {
        let first_byte = encode(&publish(b"", delivery, retain))[0];
        assert!(first_byte & 0b1110 != 0b1000);
    }
}

#[test]
fn mqtt_3_3_1_4_qos_bits_are_never_both_set() {
    for (delivery, retain, _) in deliveries() {
        let first_byte = encode(&publish(b"", delivery, retain))[0];
        assert!(first_byte & 0b0110 != 0b0110);
    }
}

#[test]
fn mqtt_3_3_2_1_the_topic_name_comes_first() {
    let name = topic("\u{e9}");
    let packet = Publish::new(name, b"p", AT_LEAST_ONCE, false, None).unwrap();
    assert_encodes(&packet, b"\x32\x07\x00\x02\xC3\xA9\x00\x01p");
}

// ---- from the server

const fn bad_topic(error: FieldError) -> DecodeError {
    DecodeError::TopicName(error)
}

#[test]
fn the_shape_is_told_once_the_topic_length_is_there() {
    let bytes = b"\x3B\x0C\x00\x03a/b\x00\x09hello";
    let shape = PublishShape {
        qos: QoS::AtLeastOnce,
        dup: true,
        retain: true,
        prefix_len: 4,
        topic_len: 3,
        payload_len: 5,
    };
    let incomplete = |needed, publish| Ok(Decoded::Incomplete { needed, publish });
    assert_eq!(decode(&bytes[..0]), incomplete(2, None));
    assert_eq!(decode(&bytes[..1]), incomplete(2, None));
    assert_eq!(decode(&bytes[..2]), incomplete(4, None));
    assert_eq!(decode(&bytes[..3]), incomplete(4, None));
    for len in 4..9 {
        assert_eq!(decode(&bytes[..len]), incomplete(9, Some(shape)));
    }
    assert!(matches!(
        decode(&bytes[..9]),
        Ok(Decoded::Publish {
            header_len: 9,
            payload_len: 5,
            ..
        })
    ));
}

#[test]
fn the_largest_packet_there_is() {
    let bytes = b"\x30\xFF\xFF\xFF\x7F\x00\x01a";
    assert_eq!(
        decode(bytes),
        Ok(Decoded::Publish {
            publish: PublishHeader {
                topic: Some(topic("a")),
                properties: None,
                delivery: Delivery::AtMostOnce,
                retain: false,
            },
            header_len: 8,
            payload_len: 268_435_452,
        })
    );
}

#[test]
fn the_longest_topic_name() {
    let name = "\u{20ac}".repeat(21_845);
    let packet = Publish::new(topic(&name), b"p", Delivery::AtMostOnce, false, None).unwrap();
    let bytes = encode(&packet);
    let (header_len, payload_len) = (65_541, 1);
    let expected = Ok(Decoded::Publish {
        publish: PublishHeader {
            topic: Some(topic(&name)),
            properties: None,
            delivery: Delivery::AtMostOnce,
            retain: false,
        },
        header_len,
        payload_len,
    });
    assert_eq!(decode(&bytes), expected);
    assert_eq!(decode(&bytes[..header_len]), expected);
    for len in [1000, 1001, 1002, header_len - 1] {
        assert!(matches!(
            decode(&bytes[..len]),
            Ok(Decoded::Incomplete { needed, publish: Some(_) }) if needed == header_len
        ));
    }
}

#[test]
fn mqtt_3_3_1_4_qos_3_is_refused() {
    for first_byte in [0x36, 0x37, 0x3E, 0x3F] {
        assert_refused(&[first_byte], DecodeError::QoS);
    }
}

#[test]
fn mqtt_3_3_1_2_dup_with_qos_0_is_refused() {
    for first_byte in [0x38, 0x39] {
        assert_refused(&[first_byte], DecodeError::Dup);
    }
}

#[test]
fn packets_too_short_for_topic_and_identifier_are_refused_by_their_length() {
    for len in 0..3 {
        assert_refused(&[0x30, len], DecodeError::Length);
    }
    for len in 0..5 {
        assert_refused(&[0x32, len], DecodeError::Length);
        assert_refused(&[0x34, len], DecodeError::Length);
    }
}

#[test]
fn topic_names_that_go_past_the_packet_are_refused_by_their_length() {
    // No room for one byte more of a topic name.
    assert_refused(&[0x30, 5, 0, 4], DecodeError::TopicLength);
    assert_refused(&[0x32, 7, 0, 4], DecodeError::TopicLength);
    assert_refused(&[0x34, 7, 0, 5], DecodeError::TopicLength);
    // Of a long one the high byte tells.
    assert_refused(&[0x30, 5, 1], DecodeError::TopicLength);
    assert_refused(&[0x30, 0x81, 0x02, 1], DecodeError::TopicLength);
    assert_refused(&[0x30, 0x82, 0x02, 1, 1], DecodeError::TopicLength);
    assert_refused(&[0x32, 0x83, 0x02, 1], DecodeError::TopicLength);
}

#[test]
fn mqtt_4_7_3_1_an_empty_topic_name_is_refused() {
    assert_refused(&[0x30, 3, 0, 0], bad_topic(FieldError::Empty));
    assert_refused(&[0x32, 5, 0, 0], bad_topic(FieldError::Empty));
}

#[test]
fn mqtt_1_5_3_2_a_null_character_is_refused_where_it_stands() {
    let error = bad_topic(FieldError::NullCharacter);
    assert_refused(b"\x30\x05\x00\x03\0", error);
    assert_refused(b"\x30\x05\x00\x03a\0", error);
    assert_refused(b"\x32\x07\x00\x03ab\0", error);
}

#[test]
fn mqtt_3_3_2_2_a_wildcard_is_refused_where_it_stands() {
    let error = bad_topic(FieldError::Wildcard);
    for wildcard in [b'+', b'#'] {
        assert_refused(&[0x30, 5, 0, 3, wildcard], error);
        assert_refused(&[0x30, 5, 0, 3, b'a', b'/', wildcard], error);
        assert_refused(&[0x30, 5, 0, 3, b'a', wildcard], error);
    }
}

#[test]
fn mqtt_1_5_3_1_ill_formed_utf8_is_refused_where_it_stands() {
    let error = bad_topic(FieldError::NotUtf8);
    for front in [
        // A byte that begins no character.
        &b"\x80"[..],
        b"a\xBF",
        b"\xC0",
        b"\xC1",
        b"\xF5",
        b"\xFF",
        // One that does not go on.
        b"\xC3a",
        b"\xE2\x82a",
        b"\xF0\x9F\x98a",
        b"\xC3\xC3",
        // Longer than need be.
        b"\xE0\x80",
        b"\xE0\x9F",
        b"\xF0\x80",
        b"\xF0\x8F",
        // Surrogates.
        b"\xED\xA0",
        b"\xED\xBF",
        // Above U+10FFFF.
        b"\xF4\x90",
    ] {
        assert_refused(&[b"\x30\x0C\x00\x08", front].concat(), error);
        assert_refused(&[b"\x32\x0C\x00\x07ab", front].concat(), error);
    }
}

#[test]
fn mqtt_1_5_3_1_a_character_without_room_to_end_is_refused_where_it_begins() {
    let error = bad_topic(FieldError::NotUtf8);
    assert_refused(b"\x30\x09\x00\x01\xC3", error);
    assert_refused(b"\x30\x09\x00\x02\xE2", error);
    assert_refused(b"\x30\x09\x00\x03\xF0", error);
    assert_refused(b"\x30\x09\x00\x03ab\xC3", error);
    assert_refused(b"\x30\x09\x00\x06abc\xF0", error);
}

#[test]
fn the_first_fault_of_a_topic_name_is_the_one_reported() {
    assert_refused(b"\x30\x05\x00\x03+", bad_topic(FieldError::Wildcard));
    for (bytes, error) in [
        (b"\x30\x05\x00\x03+\0\xFF", FieldError::Wildcard),
        (b"\x30\x05\x00\x03\0+\xFF", FieldError::NullCharacter),
        (b"\x30\x05\x00\x03\xFF\0+", FieldError::NotUtf8),
        (b"\x30\x05\x00\x03+\xFF\0", FieldError::Wildcard),
    ] {
        assert_eq!(decode(bytes), Err(bad_topic(error)));
    }
}

#[test]
fn a_topic_name_that_was_there_before_makes_no_difference() {
    let packets = [
        &b"\x30\x08\x00\x03a/bxyz"[..],
        b"\x32\x07\x00\x03a/b\x00\x09",
        b"\x30\x05\x00\x03\xE2\x82\xAC",
        b"\x30\x05\x00\x03a/+",
        b"\x30\x05\x00\x03a/\xFF",
        b"\x32\x07\x00\x03a/b\x00\x00",
        b"\x30\x04\x00\x03a/b",
    ];
    for bytes in packets {
        for last in ["a/b", "a/c", "a", "a/", "a/b/", "\u{20ac}"] {
            for len in 0..=bytes.len() {
                let front = &bytes[..len];
                let next = decode_next(Version::V3_1_1, front, Some(topic(last)));
                assert_eq!(next, decode(front), "{last} {front:x?}");
            }
        }
    }
}

#[test]
fn a_topic_name_that_was_there_before_is_given_back() {
    let last = *b"a/b";
    let last = str::from_utf8(&last).unwrap();
    for (name, same) in [("a/b", true), ("a/c", false), ("a/", false)] {
        let packet = Publish::new(topic(name), b"p", Delivery::AtMostOnce, false, None).unwrap();
        let bytes = encode(&packet);
        let Ok(Decoded::Publish { publish, .. }) =
            decode_next(Version::V3_1_1, &bytes, Some(topic(last)))
        else {
            panic!("{name}");
        };
        assert_eq!(publish.topic.unwrap().as_str(), name);
        assert_eq!(core::ptr::eq(publish.topic.unwrap().as_str(), last), same);
    }
}
