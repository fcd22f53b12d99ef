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
        let packet = Publish::new(topic("a"), &payload, Delivery::AtMostOnce, false).unwrap();
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
    assert_decodes(&[0x40, 0x82, 0x80, 0x00, 0, 1], Packet::PubAck(id(1)));
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
            // Whatever follows adds multiples of 128.
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
