//! PUBACK, PUBREC, PUBREL and PUBCOMP.

use super::support::*;
use crate::codec::*;

#[test]
fn the_four_acknowledgements_both_ways() {
    for (ack, packet, first_byte) in [
        (
            Ack::PubAck(id(0x1234)),
            Packet::PubAck(id(0x1234), OK),
            0x40,
        ),
        (
            Ack::PubRec(id(0x1234)),
            Packet::PubRec(id(0x1234), OK),
            0x50,
        ),
        (
            Ack::PubRel(id(0x1234)),
            Packet::PubRel(id(0x1234), OK),
            0x62,
        ),
        (
            Ack::PubComp(id(0x1234)),
            Packet::PubComp(id(0x1234), OK),
            0x70,
        ),
    ] {
        let bytes = [first_byte, 2, 0x12, 0x34];
        assert_eq!(ack.encode(), bytes);
        assert_decodes(&bytes, packet);
    }
}

#[test]
#[cfg_attr(miri, ignore)]
fn every_identifier_survives_the_way_there_and_back() {
    for number in 1..=u16::MAX {
        let packet = Packet::PubRec(id(number), OK);
        let expected = Ok(Decoded::Packet { packet, len: 4 });
        assert_eq!(decode(&Ack::PubRec(id(number)).encode()), expected);
    }
}

#[test]
fn packets_without_fields_both_ways() {
    assert_eq!(PINGREQ, [0xC0, 0]);
    assert_eq!(DISCONNECT, [0xE0, 0]);
    assert_decodes(&[0xD0, 0], Packet::PingResp);
    assert_decodes(
        &[0xB0, 2, 0xFF, 0xFF],
        Packet::UnsubAck {
            id: id(0xFFFF),
            codes: &[],
            properties: None,
        },
    );
}

#[test]
fn mqtt_3_6_1_1_pubrel_has_the_flags_0010() {
    assert_eq!(Ack::PubRel(id(1)).encode()[0], 0b0110_0010);
    for flags in (0..16).filter(|flags| *flags != 0b0010) {
        assert_refused(&[0x60 | flags], DecodeError::Flags);
    }
}

#[test]
fn mqtt_2_3_1_1_identifier_0_is_refused() {
    for first_byte in [0x40, 0x50, 0x62, 0x70, 0xB0] {
        assert_refused(&[first_byte, 2, 0, 0], DecodeError::PacketId);
    }
    assert_refused(&[0x90, 3, 0, 0], DecodeError::PacketId);
    assert_refused(&[0x32, 6, 0, 1, b'a', 0, 0], DecodeError::PacketId);
    assert_refused(&[0x34, 5, 0, 1, b'a', 0, 0], DecodeError::PacketId);
}
