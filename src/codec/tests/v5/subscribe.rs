//! SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK of MQTT 5.

use super::support::*;
use crate::codec::tests::support::{assert_encodes, encode, filter, id};
use crate::codec::*;

fn subscribe(text: &str, qos: QoS, options: SubscriptionOptions) -> Subscribe<'_> {
    Subscribe {
        id: id(0x1234),
        filter: filter(text),
        qos,
        options,
        properties: Some(Properties::EMPTY),
    }
}

#[test]
fn bytes_of_a_subscribe() {
    let options = SubscriptionOptions::default();
    assert_encodes(
        &subscribe("a/+", QoS::AtLeastOnce, options),
        b"\x82\x09\x12\x34\x00\x00\x03a/+\x01",
    );
    let options = SubscriptionOptions::new(true, true, RetainHandling::DoNotSend);
    let with_properties = Subscribe {
        properties: Some(properties(
            b"\x0B\x80\x01\x26\0\x01n\0\x01v",
            Place::Subscribe,
        )),
        ..subscribe("#", QoS::ExactlyOnce, options)
    };
    assert_encodes(
        &with_properties,
        b"\x82\x11\x12\x34\x0A\x0B\x80\x01\x26\0\x01n\0\x01v\x00\x01#\x2E",
    );
}

#[test]
fn mqtt5_3_8_3_5_every_option_has_its_bits_and_the_reserved_ones_are_0() {
    for (qos, qos_bits) in [
        (QoS::AtMostOnce, 0),
        (QoS::AtLeastOnce, 1),
        (QoS::ExactlyOnce, 2),
    ] {
        for (handling, handling_bits) in [
            (RetainHandling::Send, 0),
            (RetainHandling::SendIfNew, 0x10),
            (RetainHandling::DoNotSend, 0x20),
        ] {
            for (no_local, no_local_bit) in [(false, 0), (true, 4)] {
                for (as_published, as_published_bit) in [(false, 0), (true, 8)] {
                    let options = SubscriptionOptions::new(no_local, as_published, handling);
                    let bits = no_local_bit | as_published_bit | handling_bits;
                    assert_eq!(options.bits(), bits);
                    let bytes = encode(&subscribe("a", qos, options));
                    assert_eq!(bytes.last(), Some(&(bits | qos_bits)));
                    assert_eq!(bits & 0xC3, 0);
                }
            }
        }
    }
}

#[test]
fn the_longest_filter_of_a_subscribe() {
    let text = "f".repeat(65_535);
    let options = SubscriptionOptions::default();
    let bytes = encode(&subscribe(&text, QoS::AtMostOnce, options));
    assert_eq!(bytes[..9], *b"\x82\x85\x80\x04\x12\x34\x00\xFF\xFF");
    assert_eq!(bytes.len(), 9 + 65_535 + 1);
}

#[test]
fn mqtt5_3_8_1_1_a_subscribe_has_the_flags_0010() {
    let options = SubscriptionOptions::new(true, true, RetainHandling::SendIfNew);
    let bytes = encode(&subscribe("a", QoS::ExactlyOnce, options));
    assert_eq!(bytes[0], 0b1000_0010);
}

#[test]
fn mqtt5_3_8_3_1_mqtt5_3_8_3_2_there_is_one_filter_with_its_options() {
    let options = SubscriptionOptions::default();
    let bytes = encode(&subscribe("\u{e9}/\u{1f600}", QoS::AtMostOnce, options));
    assert_eq!(bytes[5..], *b"\x00\x07\xC3\xA9/\xF0\x9F\x98\x80\x00");
}

// ---- UNSUBSCRIBE

fn unsubscribe(text: &str) -> Unsubscribe<'_> {
    Unsubscribe {
        id: id(0x1234),
        filter: filter(text),
        properties: Some(Properties::EMPTY),
    }
}

#[test]
fn bytes_of_an_unsubscribe() {
    assert_encodes(&unsubscribe("a/+"), b"\xA2\x08\x12\x34\x00\x00\x03a/+");
    let with_properties = Unsubscribe {
        properties: Some(properties(b"\x26\0\x01n\0\x01v", Place::Unsubscribe)),
        ..unsubscribe("#")
    };
    assert_encodes(
        &with_properties,
        b"\xA2\x0D\x12\x34\x07\x26\0\x01n\0\x01v\x00\x01#",
    );
}

#[test]
fn mqtt5_3_10_1_1_an_unsubscribe_has_the_flags_0010() {
    assert_eq!(encode(&unsubscribe("a"))[0], 0b1010_0010);
}

#[test]
fn mqtt5_3_10_3_1_mqtt5_3_10_3_2_there_is_one_filter() {
    assert_eq!(
        encode(&unsubscribe("\u{20ac}"))[5..],
        *b"\x00\x03\xE2\x82\xAC"
    );
}

#[test]
fn mqtt5_4_7_1_1_mqtt5_4_7_1_2_wildcards_stand_for_whole_levels() {
    for text in ["#", "+", "a/#", "+/a/+", "/+"] {
        assert_eq!(encode(&unsubscribe(text))[7..], *text.as_bytes());
    }
    for text in ["#/a", "a#", "a+", "+a", "a/b#/c", "##"] {
        assert_eq!(TopicFilter::new(text), Err(FieldError::Wildcard));
    }
}

#[test]
fn mqtt5_4_8_2_1_mqtt5_4_8_2_2_a_shared_subscription_has_a_name_and_a_filter() {
    for text in ["$share/n/a", "$share/n/#", "$share/n/+/a", "$share/n//"] {
        assert_eq!(TopicFilter::new(text).map(TopicFilter::as_str), Ok(text));
    }
    for text in [
        "$share/",
        "$share//a",
        "$share/n",
        "$share/n/",
        "$share/+/a",
        "$share/n#/a",
    ] {
        assert!(TopicFilter::new(text).is_err(), "{text}");
    }
}

#[test]
fn mqtt5_4_7_3_1_mqtt5_4_7_3_3_filters_have_a_character_and_at_most_65535_bytes() {
    assert_eq!(TopicFilter::new(""), Err(FieldError::Empty));
    let long = "f".repeat(65_536);
    assert_eq!(TopicFilter::new(&long), Err(FieldError::TooLong));
    assert_eq!(encode(&unsubscribe(&long[1..])).len(), 9 + 65_535);
}

// ---- SUBACK and UNSUBACK

/// A packet with `codes`; `first_byte` tells which one.
fn answer<'a>(first_byte: u8, codes: &'a [u8], block: &'a [u8]) -> Packet<'a> {
    let (id, properties) = (id(0x1234), Some(properties(block, Place::Ack)));
    match first_byte {
        0x90 => Packet::SubAck {
            id,
            codes,
            properties,
        },
        _ => Packet::UnsubAck {
            id,
            codes,
            properties,
        },
    }
}

#[test]
fn answers_with_several_codes_in_their_order() {
    for (first_byte, codes) in [
        (0x90, &[0][..]),
        (0x90, &[2, 0x80, 0, 1, 0xA2]),
        (0xB0, &[0]),
        (0xB0, &[0x11, 0, 0x87, 0]),
    ] {
        for block in [&b""[..], b"\x1F\0\x02no", b"\x26\0\x01n\0\x01v\x1F\0\0"] {
            let body = [b"\x12\x34", &[block.len() as u8][..], block, codes].concat();
            let bytes = packet(first_byte, &body);
            assert_decodes(&bytes, answer(first_byte, codes, block));
        }
    }
}

#[test]
fn many_codes() {
    let codes = [0x80; 65_535];
    for first_byte in [0x90, 0xB0] {
        let bytes = packet(first_byte, &[b"\x12\x34\0", &codes[..]].concat());
        let (packet, len) = (answer(first_byte, &codes, b""), bytes.len());
        let expected = Ok(Decoded::Packet { packet, len });
        assert_eq!(decode_next(Version::V5, &bytes, None), expected);
    }
}

#[test]
fn identifier_0_is_refused() {
    for first_byte in [0x90, 0xB0] {
        for missing in [2, 3, 90] {
            assert_refused(&front(first_byte, &[0, 0], missing), DecodeError::PacketId);
        }
    }
}

#[test]
fn an_answer_without_codes_is_refused() {
    for first_byte in [0x90, 0xB0] {
        for length in 0..4 {
            assert_refused(&[first_byte, length], DecodeError::Length);
        }
        // The properties take all the room.
        for room in 1..=127 {
            let bytes = front(first_byte, &[0x12, 0x34, room], room.into());
            assert_refused(&bytes, DecodeError::Length);
        }
    }
}
