use super::support::*;
use crate::codec::*;
use std::vec;

const AT_LEAST_ONCE: Delivery = Delivery::AtLeastOnce {
    id: PacketId::MIN,
    dup: false,
};

fn publish<'a>(payload: &'a [u8], delivery: Delivery, retain: bool) -> Publish<'a> {
    Publish::new(topic("a/b"), payload, delivery, retain).unwrap()
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
                    topic: topic("a/b"),
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
    let too_long = Publish::new(topic("a/b"), &payload, Delivery::AtMostOnce, false);
    assert_eq!(too_long, Err(FieldError::TooLong));
    payload.pop();
    let largest = publish(&payload, Delivery::AtMostOnce, false);
    assert_eq!(largest.encoded_len(), 5 + MAX_REMAINING_LENGTH);

    // The packet identifier counts too.
    let too_long = Publish::new(topic("a/b"), &payload, AT_LEAST_ONCE, false);
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
    let packet = Publish::new(name, b"p", AT_LEAST_ONCE, false).unwrap();
    assert_encodes(&packet, b"\x32\x07\x00\x02\xC3\xA9\x00\x01p");
}
