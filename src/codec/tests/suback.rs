use super::support::*;
use crate::codec::*;

#[test]
fn every_return_code() {
    for code in [0, 1, 2, 0x80] {
        assert_decodes(
            &[0x90, 3, 0x12, 0x34, code],
            Packet::SubAck {
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
