//! SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK.

use super::support::*;
use crate::codec::*;

fn subscribe(text: &str, qos: QoS) -> Subscribe<'_> {
    Subscribe {
        options: SubscriptionOptions::default(),
        properties: None,
        id: id(0x1234),
        filter: filter(text),
        qos,
    }
}

#[test]
fn bytes_of_a_subscribe() {
    assert_encodes(
        &subscribe("a/+", QoS::AtLeastOnce),
        b"\x82\x08\x12\x34\x00\x03a/+\x01",
    );
    assert_encodes(
        &subscribe("#", QoS::ExactlyOnce),
        b"\x82\x06\x12\x34\x00\x01#\x02",
    );
}

#[test]
fn the_longest_filter_of_a_subscribe() {
    let text = "f".repeat(65_535);
    let bytes = encode(&subscribe(&text, QoS::AtMostOnce));
    assert_eq!(bytes[..8], *b"\x82\x84\x80\x04\x12\x34\xFF\xFF");
    assert_eq!(bytes.len(), 8 + 65_535 + 1);
    assert_eq!(bytes.last(), Some(&0));
}

#[test]
fn mqtt_3_8_1_1_flags_are_0010() {
    assert_eq!(encode(&subscribe("a", QoS::AtMostOnce))[0], 0b1000_0010);
}

#[test]
fn mqtt_3_8_3_1_the_filter_is_a_utf8_string() {
    let bytes = encode(&subscribe("\u{e9}/\u{1f600}", QoS::AtMostOnce));
    assert_eq!(bytes[4..], *b"\x00\x07\xC3\xA9/\xF0\x9F\x98\x80\x00");
}

#[test]
fn mqtt_3_8_3_3_there_is_one_filter_with_its_qos() {
    let bytes = encode(&subscribe("a/b", QoS::ExactlyOnce));
    assert_eq!(bytes[4..], *b"\x00\x03a/b\x02");
}

#[test]
fn mqtt_3_8_3_4_the_requested_qos_byte_is_0_1_or_2() {
    for (qos, number) in [
        (QoS::AtMostOnce, 0),
        (QoS::AtLeastOnce, 1),
        (QoS::ExactlyOnce, 2),
    ] {
        assert_eq!(encode(&subscribe("a", qos)).last(), Some(&number));
    }
    for number in 3..=255 {
        assert_eq!(QoS::from_bits(number), None);
    }
}

// ---- SUBACK

#[test]
fn every_return_code_of_a_suback() {
    for code in [0, 1, 2, 0x80] {
        assert_decodes(
            &[0x90, 3, 0x12, 0x34, code],
            Packet::SubAck {
                properties: None,
                id: id(0x1234),
                codes: &[code],
            },
        );
    }
}

#[test]
fn several_return_codes_in_their_order() {
    assert_decodes(
        &[0x90, 6, 0, 1, 2, 0x80, 0, 1],
        Packet::SubAck {
            properties: None,
            id: id(1),
            codes: &[2, 0x80, 0, 1],
        },
    );
}

#[test]
fn many_return_codes() {
    let codes = [0x80; 65_535];
    let bytes = [&[0x90, 0x81, 0x80, 0x04, 0, 7][..], &codes].concat();
    let packet = Packet::SubAck {
        properties: None,
        id: id(7),
        codes: &codes,
    };
    let len = bytes.len();
    assert_eq!(decode(&bytes), Ok(Decoded::Packet { packet, len }));
}

#[test]
fn mqtt_3_9_3_2_reserved_return_codes_are_refused_where_they_stand() {
    for code in (3..=255).filter(|code| *code != 0x80) {
        assert_refused(&[0x90, 3, 0, 1, code], DecodeError::SubAckCode);
        assert_refused(&[0x90, 9, 0, 1, 0, 0x80, code], DecodeError::SubAckCode);
    }
}

// ---- UNSUBSCRIBE

fn unsubscribe(text: &str) -> Unsubscribe<'_> {
    Unsubscribe {
        properties: None,
        id: id(0x1234),
        filter: filter(text),
    }
}

#[test]
fn bytes_of_an_unsubscribe() {
    assert_encodes(&unsubscribe("a/+"), b"\xA2\x07\x12\x34\x00\x03a/+");
}

#[test]
fn the_longest_filter_of_an_unsubscribe() {
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
