use super::support::*;
use crate::codec::*;

fn subscribe(text: &str, qos: QoS) -> Subscribe<'_> {
    Subscribe {
        id: id(0x1234),
        filter: filter(text),
        qos,
    }
}

#[test]
fn bytes() {
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
fn the_longest_filter() {
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
