//! PUBACK, PUBREC, PUBREL and PUBCOMP of MQTT 5.

use super::support::*;
use crate::codec::tests::support::id;
use crate::codec::*;

const FIRST_BYTES: [u8; 4] = [0x40, 0x50, 0x62, 0x70];

fn received(first_byte: u8, id: PacketId, reason: Reason<'_>) -> Packet<'_> {
    match first_byte {
        0x40 => Packet::PubAck(id, reason),
        0x50 => Packet::PubRec(id, reason),
        0x62 => Packet::PubRel(id, reason),
        _ => Packet::PubComp(id, reason),
    }
}

/// A code other than success that the packet can have.
fn failure(first_byte: u8) -> u8 {
    if first_byte < 0x60 { 0x97 } else { 0x92 }
}

/// The reason of a packet with `code`.
fn reason(first_byte: u8, code: u8) -> Reason<'static> {
    match decode_next(Version::V5, &[first_byte, 3, 0, 1, code], None) {
        Ok(Decoded::Packet { packet, .. }) => match packet {
            Packet::PubAck(_, it)
            | Packet::PubRec(_, it)
            | Packet::PubRel(_, it)
            | Packet::PubComp(_, it) => Reason {
                code: it.code,
                properties: Some(Properties::EMPTY),
            },
            other => panic!("{other:x?}"),
        },
        other => panic!("{other:x?}"),
    }
}

#[test]
fn the_identifier_alone_means_success() {
    let success = Reason {
        code: ReasonCode::SUCCESS,
        properties: Some(Properties::EMPTY),
    };
    for (ack, first_byte) in [
        (Ack::PubAck(id(0x1234)), 0x40),
        (Ack::PubRec(id(0x1234)), 0x50),
        (Ack::PubRel(id(0x1234)), 0x62),
        (Ack::PubComp(id(0x1234)), 0x70),
    ] {
        let bytes = ack.encode();
        assert_eq!(bytes, [first_byte, 2, 0x12, 0x34]);
        assert_decodes(&bytes, received(first_byte, id(0x1234), success));
    }
}

#[test]
fn the_properties_may_be_left_out() {
    for first_byte in FIRST_BYTES {
        for code in [0, failure(first_byte)] {
            let reason = reason(first_byte, code);
            assert_eq!(reason.code.get(), code);
            let packet = received(first_byte, id(0x1234), reason);
            assert_decodes(&[first_byte, 3, 0x12, 0x34, code], packet);
            assert_decodes(&[first_byte, 4, 0x12, 0x34, code, 0], packet);
        }
    }
}

#[test]
fn a_reason_with_properties() {
    let block = b"\x1F\x00\x02no\x26\x00\x01n\x00\x01v";
    for first_byte in FIRST_BYTES {
        let code = failure(first_byte);
        let bytes = packet(first_byte, &[&[0, 1, code, 12], &block[..]].concat());
        let reason = Reason {
            properties: Some(properties(block, Place::Ack)),
            ..reason(first_byte, code)
        };
        assert!(reason.code.is_failure());
        assert_decodes(&bytes, received(first_byte, id(1), reason));
    }
}

#[test]
fn identifier_0_is_refused() {
    for first_byte in FIRST_BYTES {
        for missing in [0, 1, 2, 9, 200] {
            assert_refused(&front(first_byte, &[0, 0], missing), DecodeError::PacketId);
        }
    }
}

#[test]
fn a_packet_without_an_identifier_is_refused_by_its_length() {
    for first_byte in FIRST_BYTES {
        assert_refused(&[first_byte, 0], DecodeError::Length);
        assert_refused(&[first_byte, 1], DecodeError::Length);
    }
}

#[test]
fn mqtt5_3_6_1_1_pubrel_has_the_flags_0010() {
    assert_eq!(Ack::PubRel(id(1)).encode()[0], 0b0110_0010);
    for flags in (0..16).filter(|flags| *flags != 0b0010) {
        assert_refused(&[0x60 | flags], DecodeError::Flags);
    }
}

#[test]
fn mqtt5_3_4_2_1_a_puback_has_a_code_of_its_own() {
    assert_eq!(Ack::PubAck(id(1)).encode().len(), 4);
    for code in [0x01, 0x11, 0x18, 0x81, 0x92, 0xA2] {
        assert_refused(&[0x40, 3, 0, 1, code], DecodeError::ReasonCode);
    }
}

#[test]
fn mqtt5_3_5_2_1_a_pubrec_has_a_code_of_its_own() {
    assert_eq!(Ack::PubRec(id(1)).encode().len(), 4);
    for code in [0x01, 0x11, 0x18, 0x81, 0x92, 0xA2] {
        assert_refused(&[0x50, 3, 0, 1, code], DecodeError::ReasonCode);
    }
}

#[test]
fn mqtt5_3_6_2_1_a_pubrel_has_a_code_of_its_own() {
    assert_eq!(Ack::PubRel(id(1)).encode().len(), 4);
    for code in [0x01, 0x10, 0x80, 0x91, 0x97] {
        assert_refused(&[0x62, 3, 0, 1, code], DecodeError::ReasonCode);
    }
}

#[test]
fn mqtt5_3_7_2_1_a_pubcomp_has_a_code_of_its_own() {
    assert_eq!(Ack::PubComp(id(1)).encode().len(), 4);
    for code in [0x01, 0x10, 0x80, 0x91, 0x97] {
        assert_refused(&[0x70, 3, 0, 1, code], DecodeError::ReasonCode);
    }
}
