//! Variable Byte Integers: the remaining length, the length of properties, Subscription Identifiers.

use super::support::*;
use crate::codec::tests::support::{assert_refused_in, encode, topic};
use crate::codec::*;
use std::vec;

/// The limits of each length, table 1-1 of the standard.
const TABLE: [(usize, &[u8]); 9] = [
    (0, &[0x00]),
    (1, &[0x01]),
    (127, &[0x7F]),
    (128, &[0x80, 0x01]),
    (16_383, &[0xFF, 0x7F]),
    (16_384, &[0x80, 0x80, 0x01]),
    (2_097_151, &[0xFF, 0xFF, 0x7F]),
    (2_097_152, &[0x80, 0x80, 0x80, 0x01]),
    (268_435_455, &[0xFF, 0xFF, 0xFF, 0x7F]),
];

/// Encodings that are longer than need be, or have a fifth byte, up to the byte that proves it.
const MALFORMED: [&[u8]; 8] = [
    &[0x80, 0x00],
    &[0x81, 0x00],
    &[0xFF, 0x00],
    &[0x80, 0x80, 0x00],
    &[0xFF, 0xFF, 0x00],
    &[0x80, 0x80, 0x80, 0x00],
    &[0x80, 0x80, 0x80, 0x80],
    &[0xFF, 0xFF, 0xFF, 0xFF],
];

#[test]
fn the_helper_encodes_as_the_table_has_it() {
    for (number, encoding) in TABLE {
        assert_eq!(variable(number), encoding);
    }
}

#[test]
fn subscription_identifiers_both_ways() {
    for (number, encoding) in TABLE {
        let value = Value::Number(number as u32);
        let property = Property {
            id: PropertyId::SUBSCRIPTION_IDENTIFIER,
            value,
        };
        let mut bytes = heapless::Vec::<u8, 8>::new();
        property.encode(&mut bytes).unwrap();
        assert_eq!(bytes[0], 0x0B);
        assert_eq!(bytes[1..], *encoding);
        let found = Properties::new(&bytes, Place::Subscribe);
        if number == 0 {
            assert_eq!(found, Err(DecodeError::PropertyValue));
        } else {
            let id = PropertyId::SUBSCRIPTION_IDENTIFIER;
            assert_eq!(found.unwrap().get(id), Some(value));
        }
    }
}

#[test]
fn a_number_too_large_for_four_bytes_is_no_property() {
    for number in [268_435_456, u32::MAX] {
        let property = Property {
            id: PropertyId::SUBSCRIPTION_IDENTIFIER,
            value: Value::Number(number),
        };
        let mut bytes = heapless::Vec::<u8, 8>::new();
        property.encode(&mut bytes).unwrap();
        assert_eq!(
            Properties::new(&bytes, Place::Subscribe),
            Err(DecodeError::PropertyLength)
        );
    }
}

#[test]
fn lengths_of_properties_both_ways() {
    // A User Property with an empty name takes five bytes and those of its value.
    for len in [5, 127, 128, 16_383, 16_384, 65_540] {
        let value_len = len - 5;
        let mut block = vec![b'v'; len];
        block[..5].copy_from_slice(&[0x26, 0, 0, (value_len >> 8) as u8, value_len as u8]);
        let publish = Publish::new(
            topic("a"),
            b"p",
            Delivery::AtMostOnce,
            false,
            Some(properties(&block, Place::Publish)),
        );
        let bytes = encode(&publish.unwrap());
        let expected = [b"\x00\x01a", &variable(len)[..], &block, b"p"].concat();
        assert_eq!(bytes, packet(0x30, &expected));
        let header_len = bytes.len() - 1;
        for at_hand in [header_len, bytes.len()] {
            assert!(matches!(
                decode_next(Version::V5, &bytes[..at_hand], None),
                Ok(Decoded::Publish { publish, header_len: len, payload_len: 1 })
                    if len == header_len
                        && publish.properties.map(Properties::as_bytes) == Some(&block[..])
            ));
        }
    }
}

#[test]
fn mqtt5_1_5_5_1_a_remaining_length_is_in_its_shortest_form() {
    for first_byte in [0x20, 0x30, 0x34, 0x40, 0x90, 0xB0, 0xE0, 0xF0] {
        for encoding in MALFORMED {
            // The low bits of some are too short for the packet.
            let bytes = [&[first_byte], encoding].concat();
            let error = match decode_next(Version::V5, &bytes, None) {
                Err(DecodeError::Length) => DecodeError::Length,
                _ => DecodeError::RemainingLength,
            };
            assert_refused(&bytes, error);
        }
    }
    // MQTT 3.1.1 does not forbid them.
    assert_eq!(
        decode(&[0xD0, 0x80, 0x00]),
        Ok(Decoded::Packet {
            packet: Packet::PingResp,
            len: 3
        })
    );
    assert_refused_in(Version::V5, &[0xD0, 0x80], DecodeError::Length);
}

#[test]
fn mqtt5_1_5_5_1_the_length_of_properties_is_in_its_shortest_form() {
    for it in RECEIVED {
        for encoding in MALFORMED {
            let body = [it.before, encoding].concat();
            // Room enough for every value.
            assert_refused(
                &front(it.first_byte, &body, 260_000_000),
                DecodeError::PropertyLength,
            );
        }
    }
}

#[test]
fn mqtt5_1_5_5_1_a_subscription_identifier_is_in_its_shortest_form() {
    for encoding in MALFORMED {
        let block = [&[0x0B], encoding].concat();
        for it in RECEIVED.iter().filter(|it| it.place == Place::Message) {
            assert_refused(&it.cut(&block, 9), DecodeError::PropertyLength);
        }
        assert_eq!(
            Properties::new(&block, Place::Subscribe),
            Err(DecodeError::PropertyLength)
        );
    }
}

#[test]
fn the_length_of_properties_alone() {
    for (number, encoding) in TABLE {
        let room = encoding.len() + number;
        assert_eq!(has_property_length(encoding, room), Ok(true));
        let with_more = [encoding, b"rest"].concat();
        assert_eq!(has_property_length(&with_more, room), Ok(true));
        for len in 0..encoding.len() {
            assert_eq!(has_property_length(&encoding[..len], room), Ok(false));
        }
        assert_eq!(
            has_property_length(encoding, room - 1),
            Err(DecodeError::PropertyLength)
        );
    }
    for encoding in MALFORMED {
        assert_eq!(
            has_property_length(encoding, usize::MAX),
            Err(DecodeError::PropertyLength)
        );
    }
}

#[test]
fn a_length_of_properties_beyond_the_packet_is_refused_at_its_first_byte_that_shows_it() {
    for it in RECEIVED {
        let behind = it.behind.len();
        let refused = |length: &[u8], missing: usize| {
            let body = [it.before, length].concat();
            assert_refused(
                &front(it.first_byte, &body, missing),
                DecodeError::PropertyLength,
            );
        };
        // With a second byte the length is 128 or more.
        for missing in [behind.max(1), 127] {
            refused(&[0x80], missing);
            refused(&[0xFF], missing);
        }
        refused(&[0x82], 130);
        refused(&[0x80, 0x80], 16_384);
        refused(&[0x80, 0x80, 0x80], 2_097_152);
        refused(&[9], 8);
        refused(&[0x81], 129);
        refused(&[0x80, 0x02], 255);
    }
}
