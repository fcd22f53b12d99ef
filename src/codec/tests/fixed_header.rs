//! The fixed header and the remaining length.

use super::support::*;
use crate::codec::*;
use std::vec;

/// Remaining length, its encoding: table 2.4 of the standard.
const TABLE: [(usize, &[u8]); 8] = [
    (5, &[0x05]),
    (127, &[0x7F]),
    (128, &[0x80, 0x01]),
    (321, &[0xC1, 0x02]),
    (16_383, &[0xFF, 0x7F]),
    (16_384, &[0x80, 0x80, 0x01]),
    (2_097_151, &[0xFF, 0xFF, 0x7F]),
    (2_097_152, &[0x80, 0x80, 0x80, 0x01]),
];

#[test]
fn lengths_both_ways() {
    for (length, encoding) in TABLE {
        // Three bytes are the topic name.
        let payload = vec![0; length - 3];
        let packet = Publish::new(topic("a"), &payload, Delivery::AtMostOnce, false, None).unwrap();
        let bytes = encode(&packet);
        assert_eq!(bytes[1..=encoding.len()], *encoding);
        assert_eq!(bytes.len(), 1 + encoding.len() + length);
        assert!(matches!(
            decode(&bytes),
            Ok(Decoded::Publish { payload_len, .. }) if payload_len == payload.len()
        ));
    }
}

#[test]
fn longer_encodings_than_needed_are_accepted() {
    assert_decodes(&[0xD0, 0x80, 0x00], Packet::PingResp);
    assert_decodes(&[0xD0, 0x80, 0x80, 0x80, 0x00], Packet::PingResp);
    assert_decodes(&[0x40, 0x82, 0x80, 0x00, 0, 1], Packet::PubAck(id(1), OK));
}

#[test]
fn a_fifth_byte_is_refused_at_the_fourth() {
    for first_byte in [0x30, 0x32, 0x90] {
        assert_refused(
            &[first_byte, 0x80, 0x80, 0x80, 0x80],
            DecodeError::RemainingLength,
        );
        assert_refused(
            &[first_byte, 0xFF, 0xFF, 0xFF, 0xFF],
            DecodeError::RemainingLength,
        );
    }
    assert_refused(
        &[0xD0, 0x80, 0x80, 0x80, 0x80],
        DecodeError::RemainingLength,
    );
    assert_refused(
        &[0x20, 0x82, 0x80, 0x80, 0x80],
        DecodeError::RemainingLength,
    );
}

#[test]
fn packets_of_fixed_length_are_refused_by_any_other() {
    for first_byte in [0x20, 0x40, 0x50, 0x62, 0x70, 0xB0] {
        for low_bits in (0..128).filter(|low_bits| *low_bits != 2) {
            assert_refused(&[first_byte, low_bits], DecodeError::Length);
            // Further bytes add multiples of 128.
            assert_refused(&[first_byte, low_bits | 0x80], DecodeError::Length);
        }
        assert_refused(&[first_byte, 0x82, 0x01], DecodeError::Length);
        assert_refused(&[first_byte, 0x82, 0x80, 0x80, 0x01], DecodeError::Length);
    }
    for low_bits in 1..128 {
        assert_refused(&[0xD0, low_bits], DecodeError::Length);
        assert_refused(&[0xD0, low_bits | 0x80], DecodeError::Length);
    }
}

#[test]
fn a_suback_without_return_codes_is_refused_by_its_length() {
    for length in 0..3 {
        assert_refused(&[0x90, length], DecodeError::Length);
        assert_refused(&[0x90, length | 0x80, 0x00], DecodeError::Length);
    }
}

// ---- type and flags

#[test]
fn packet_types_that_servers_do_not_send_are_refused() {
    for packet_type in [0, 1, 8, 10, 12, 14, 15] {
        for flags in 0..16 {
            assert_refused(&[packet_type << 4 | flags], DecodeError::PacketType);
        }
    }
}

#[test]
fn mqtt_2_2_2_1_reserved_flags_are_sent_as_the_table_has_them() {
    let connect = Connect {
        version: Version::V3_1_1,
        properties: None,
        client_id: string("id"),
        clean_session: true,
        keep_alive: 0,
        will: None,
        credentials: None,
    };
    let (id, filter, qos) = (id(1), filter("a"), QoS::AtMostOnce);
    assert_eq!(encode(&connect)[0], 0x10);
    assert_eq!(
        encode(&Subscribe {
            id,
            filter,
            qos,
            options: SubscriptionOptions::default(),
            properties: None
        })[0],
        0x82
    );
    assert_eq!(
        encode(&Unsubscribe {
            id,
            filter,
            properties: None
        })[0],
        0xA2
    );
    assert_eq!(Ack::PubAck(id).encode()[0], 0x40);
    assert_eq!(Ack::PubRec(id).encode()[0], 0x50);
    assert_eq!(Ack::PubRel(id).encode()[0], 0x62);
    assert_eq!(Ack::PubComp(id).encode()[0], 0x70);
    assert_eq!(PINGREQ[0], 0xC0);
    assert_eq!(DISCONNECT[0], 0xE0);
}

#[test]
fn mqtt_2_2_2_2_wrong_reserved_flags_are_refused() {
    for (packet_type, expected) in [
        (2, 0),
        (4, 0),
        (5, 0),
        (6, 0b0010),
        (7, 0),
        (9, 0),
        (11, 0),
        (13, 0),
    ] {
        for flags in (0..16).filter(|flags| *flags != expected) {
            assert_refused(&[packet_type << 4 | flags], DecodeError::Flags);
        }
    }
}
