//! PUBLISH of MQTT 5.

use super::support::*;
use crate::codec::tests::support::*;
use crate::codec::{Publish, *};
use std::vec;

use super::support::{assert_refused, packet};

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
        for block in [&b""[..], &[0x01, 1], b"\x23\0\x07\x26\0\x01n\0\x01v"] {
            for payload in [&b""[..], b"p", b"\x00\xFF+#"] {
                let id: &[u8] = match delivery.id() {
                    None => b"",
                    Some(_) => b"\x12\x34",
                };
                let length = [block.len() as u8];
                let header = [b"\x00\x03a/b", id, &length, block].concat();
                let expected = packet(first_byte, &[&header[..], payload].concat());
                let header_len = expected.len() - payload.len();

                let sent = properties(block, Place::Publish);
                let publish = Publish::new(topic("a/b"), payload, delivery, retain, Some(sent));
                assert_encodes(&publish.unwrap(), &expected);
                let decoded = Ok(Decoded::Publish {
                    publish: PublishHeader {
                        topic: Some(topic("a/b")),
                        properties: Some(properties(block, Place::Message)),
                        delivery,
                        retain,
                    },
                    header_len,
                    payload_len: payload.len(),
                });
                let front = &expected[..header_len];
                assert_eq!(decode_next(Version::V5, &expected, None), decoded);
                assert_eq!(decode_next(Version::V5, front, None), decoded);
                assert_truncations_are_incomplete_in(Version::V5, &expected, header_len);
            }
        }
    }
}

#[test]
fn a_topic_alias_stands_for_the_topic_name() {
    for (first_byte, id) in [(0x30, &b""[..]), (0x32, b"\x12\x34"), (0x3C, b"\x12\x34")] {
        let block = b"\x26\0\x01n\0\x01v\x23\xFF\xFF";
        let body = [b"\0\0", id, &[block.len() as u8], block, b"pay"].concat();
        let bytes = packet(first_byte, &body);
        let Ok(Decoded::Publish {
            publish,
            header_len,
            payload_len: 3,
        }) = decode_next(Version::V5, &bytes, Some(topic("last")))
        else {
            panic!("{bytes:x?}");
        };
        assert_eq!(publish.topic, None);
        let alias = publish.properties.unwrap().number(PropertyId::TOPIC_ALIAS);
        assert_eq!(alias, Some(0xFFFF));
        assert_eq!(bytes[header_len..], *b"pay");
        assert_truncations_are_incomplete_in(Version::V5, &bytes, header_len);
    }
}

/// The number of an alias, and whether the server knows it.
fn alias(number: u16, is_known: bool) -> Alias {
    Alias {
        number: number.try_into().unwrap(),
        is_known,
    }
}

fn with_alias(mut publish: Publish<'_>, alias: Alias) -> Publish<'_> {
    publish.set_alias(alias);
    publish
}

#[test]
fn an_alias_goes_with_the_topic_name_and_then_for_it() {
    let user = b"\x26\0\x01n\0\x01v";
    for block in [&b""[..], user, &user.repeat(18)] {
        for (is_known, name) in [(false, &b"\0\x03a/b"[..]), (true, b"\0\0")] {
            let sent = properties(block, Place::Publish);
            let delivery = Delivery::AtLeastOnce {
                id: id(0x1234),
                dup: false,
            };
            let publish = Publish::new(topic("a/b"), b"p", delivery, false, Some(sent));
            let publish = with_alias(publish.unwrap(), alias(0xABCD, is_known));
            let block = [b"\x23\xAB\xCD", block].concat();
            let body = [name, b"\x12\x34", &variable(block.len()), &block, b"p"].concat();
            assert_encodes(&publish, &packet(0x32, &body));
            assert!(Properties::new(&block, Place::Publish).is_ok());
        }
    }
}

#[test]
fn an_alias_is_left_out_where_there_is_no_room_or_no_place_for_it() {
    let delivery = Delivery::AtMostOnce;
    let older = Publish::new(topic("a/b"), b"p", delivery, false, None).unwrap();
    assert_eq!(with_alias(older, alias(1, true)), older);

    let payload = vec![0; MAX_REMAINING_LENGTH - 6];
    let none = Some(Properties::EMPTY);
    let longest = Publish::new(topic("a/b"), &payload, delivery, false, none).unwrap();
    assert_eq!(with_alias(longest, alias(1, false)), longest);
    // It takes as many bytes as the topic name.
    let known = with_alias(longest, alias(1, true));
    assert_ne!(known, longest);
    assert_eq!(known.encoded_len(), longest.encoded_len());
}

#[test]
fn a_message_without_topic_name_and_topic_alias_is_refused() {
    let error = DecodeError::NoTopic;
    for (first_byte, id) in [(0x31, &b""[..]), (0x3A, b"\x12\x34"), (0x34, b"\x12\x34")] {
        let before = [b"\0\0", id].concat();
        for block in [&b"\0"[..], &[2, 1, 1], b"\x05\x26\0\0\0\0", &[2, 0x0B, 9]] {
            let body = [&before[..], block].concat();
            assert_refused(&front(first_byte, &body, 5), error);
        }
    }
}

#[test]
fn the_last_topic_name_is_taken_again() {
    let bytes = b"\x30\x06\x00\x03a/b\x00";
    for last in ["a/b", "a/c", "a"] {
        let Ok(Decoded::Publish { publish, .. }) =
            decode_next(Version::V5, bytes, Some(topic(last)))
        else {
            panic!("no PUBLISH");
        };
        assert_eq!(publish.topic, Some(topic("a/b")));
    }
}

#[test]
fn the_shape_is_told_once_the_topic_length_is_there() {
    let bytes = b"\x3B\x15\x00\x03a/b\x00\x09\x08\x1F";
    // The properties count as payload.
    let shape = PublishShape {
        qos: QoS::AtLeastOnce,
        dup: true,
        retain: true,
        prefix_len: 4,
        topic_len: 3,
        payload_len: 14,
    };
    let incomplete = |needed, publish| Ok(Decoded::Incomplete { needed, publish });
    let decode = |len: usize| decode_next(Version::V5, &bytes[..len], None);
    assert_eq!(decode(0), incomplete(2, None));
    assert_eq!(decode(3), incomplete(4, None));
    for len in 4..9 {
        assert_eq!(decode(len), incomplete(9, Some(shape)));
    }
    // Then the length of the properties, and the properties.
    assert_eq!(decode(9), incomplete(10, Some(shape)));
    assert_eq!(decode(10), incomplete(18, Some(shape)));
    assert_eq!(decode(11), Err(DecodeError::Property));
}

#[test]
fn the_largest_packet_there_is() {
    let bytes = b"\x30\xFF\xFF\xFF\x7F\x00\x01a\x00";
    assert!(matches!(
        decode_next(Version::V5, bytes, None),
        Ok(Decoded::Publish {
            header_len: 9,
            payload_len: 268_435_451,
            ..
        })
    ));
    // Nearly all of it may be properties.
    let bytes = b"\x30\xFF\xFF\xFF\x7F\x00\x01a\xF8\xFF\xFF\x7F";
    assert!(matches!(
        decode_next(Version::V5, bytes, None),
        Ok(Decoded::Incomplete {
            needed: 268_435_460,
            ..
        })
    ));
    let bytes = b"\x30\xFF\xFF\xFF\x7F\x00\x01a\xF9\xFF\xFF\x7F";
    assert_refused(bytes, DecodeError::PropertyLength);
}

#[test]
fn the_properties_count_for_the_largest_payload() {
    let payload = vec![0; MAX_REMAINING_LENGTH - 5];
    let publish = |len, properties| {
        let delivery = Delivery::AtMostOnce;
        Publish::new(topic("a/b"), &payload[..len], delivery, false, properties)
    };
    let most = payload.len();
    assert!(publish(most, None).is_ok());
    let too_long = publish(most, Some(Properties::EMPTY));
    assert_eq!(too_long, Err(FieldError::TooLong));
    let block = Some(properties(&[0x01, 1], Place::Publish));
    let largest = publish(most - 3, block).unwrap();
    assert_eq!(largest.encoded_len(), 5 + MAX_REMAINING_LENGTH);
    assert_eq!(publish(most - 2, block), Err(FieldError::TooLong));
}

#[test]
fn a_topic_name_that_leaves_no_room_for_the_properties_is_refused_by_its_length() {
    let error = DecodeError::TopicLength;
    assert_refused(&[0x30, 5, 0, 3], error);
    assert_refused(&[0x30, 5, 1], error);
    assert_refused(&[0x32, 7, 0, 3], error);
    assert_refused(&[0x34, 9, 0, 6], error);
    assert_refused(&[0x34, 0x83, 0x02, 1], error);
    assert_refused(&[0x34, 0x85, 0x02, 1, 1], error);
}

#[test]
fn mqtt5_2_2_1_2_qos_0_has_no_identifier() {
    let none = Some(Properties::EMPTY);
    let publish = Publish::new(topic("a"), b"p", Delivery::AtMostOnce, false, none);
    assert_encodes(&publish.unwrap(), b"\x30\x05\x00\x01a\x00p");
}

#[test]
fn identifier_0_is_refused() {
    for first_byte in [0x32, 0x35, 0x3B, 0x3C] {
        let error = DecodeError::PacketId;
        assert_refused(&front(first_byte, b"\0\x01a\0\0", 1), error);
        assert_refused(&front(first_byte, b"\0\0\0\0", 9), error);
    }
}

#[test]
fn mqtt5_3_3_1_2_dup_with_qos_0_is_refused() {
    for first_byte in [0x38, 0x39] {
        assert_refused(&[first_byte], DecodeError::Dup);
    }
    for (delivery, retain, _) in deliveries() {
        let none = Some(Properties::EMPTY);
        let publish = Publish::new(topic("a"), b"", delivery, retain, none);
        assert!(encode(&publish.unwrap())[0] & 0b1110 != 0b1000);
    }
}

#[test]
fn mqtt5_3_3_1_4_qos_3_is_refused() {
    for first_byte in [0x36, 0x37, 0x3E, 0x3F] {
        assert_refused(&[first_byte], DecodeError::QoS);
    }
}

#[test]
fn mqtt5_3_3_2_1_the_topic_name_comes_first() {
    let none = Some(Properties::EMPTY);
    let delivery = Delivery::AtLeastOnce {
        id: PacketId::MIN,
        dup: false,
    };
    let publish = Publish::new(topic("\u{e9}"), b"p", delivery, false, none);
    assert_encodes(&publish.unwrap(), b"\x32\x08\x00\x02\xC3\xA9\x00\x01\x00p");
}

#[test]
fn mqtt5_3_3_2_2_mqtt5_4_7_0_1_a_wildcard_in_a_topic_name_is_refused_where_it_stands() {
    let error = DecodeError::TopicName(FieldError::Wildcard);
    for wildcard in [b'+', b'#'] {
        assert_refused(&[0x30, 6, 0, 3, wildcard], error);
        assert_refused(&[0x30, 6, 0, 3, b'a', b'/', wildcard], error);
        assert_eq!(
            TopicName::from_bytes(&[b'a', b'/', wildcard]),
            Err(FieldError::Wildcard)
        );
    }
}

#[test]
fn mqtt5_1_5_4_1_ill_formed_utf8_in_a_topic_name_is_refused_where_it_stands() {
    let error = DecodeError::TopicName(FieldError::NotUtf8);
    for front in [
        &b"\x80"[..],
        b"\xC3a",
        b"\xE0\x80",
        b"\xED\xA0",
        b"\xF4\x90",
    ] {
        assert_refused(&[b"\x30\x0C\x00\x08", front].concat(), error);
        assert_refused(&[b"\x32\x0E\x00\x07ab", front].concat(), error);
    }
}

#[test]
fn mqtt5_1_5_4_2_mqtt5_4_7_3_2_a_null_character_in_a_topic_name_is_refused() {
    let error = DecodeError::TopicName(FieldError::NullCharacter);
    assert_refused(b"\x30\x06\x00\x03\0", error);
    assert_refused(b"\x32\x08\x00\x03ab\0", error);
    assert_eq!(TopicName::new("a\0"), Err(FieldError::NullCharacter));
    assert_eq!(TopicFilter::new("a\0"), Err(FieldError::NullCharacter));
}

#[test]
fn mqtt5_3_3_4_6_a_publish_to_the_server_has_no_subscription_identifier() {
    let block = [0x0B, 1];
    assert_eq!(
        Properties::new(&block, Place::Publish),
        Err(DecodeError::Property)
    );
    assert!(Properties::new(&block, Place::Message).is_ok());
}
