//! Reason codes in every packet that has one.

use super::support::*;
use crate::codec::*;

// The packets of table 2-6 of the standard, and those of the tables of the packets.
const CONNACK: u8 = 0x20;
const PUBACK: u8 = 0x40;
const PUBREC: u8 = 0x50;
const PUBREL: u8 = 0x62;
const PUBCOMP: u8 = 0x70;
const SUBACK: u8 = 0x90;
const UNSUBACK: u8 = 0xB0;
const DISCONNECT: u8 = 0xE0;
const AUTH: u8 = 0xF0;

/// Each code with the packets from the server that have it.
const TABLE: [(u8, &[u8]); 42] = [
    (
        0x00,
        &[
            CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH,
        ],
    ),
    (0x01, &[SUBACK]),
    (0x02, &[SUBACK]),
    (0x10, &[PUBACK, PUBREC]),
    (0x11, &[UNSUBACK]),
    (0x18, &[AUTH]),
    (
        0x80,
        &[CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT],
    ),
    (0x81, &[CONNACK, DISCONNECT]),
    (0x82, &[CONNACK, DISCONNECT]),
    (
        0x83,
        &[CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT],
    ),
    (0x84, &[CONNACK]),
    (0x85, &[CONNACK]),
    (0x86, &[CONNACK]),
    (
        0x87,
        &[CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT],
    ),
    (0x88, &[CONNACK]),
    (0x89, &[CONNACK, DISCONNECT]),
    (0x8A, &[CONNACK]),
    (0x8B, &[DISCONNECT]),
    (0x8C, &[CONNACK, DISCONNECT]),
    (0x8D, &[DISCONNECT]),
    (0x8E, &[DISCONNECT]),
    (0x8F, &[SUBACK, UNSUBACK, DISCONNECT]),
    (0x90, &[CONNACK, PUBACK, PUBREC, DISCONNECT]),
    (0x91, &[PUBACK, PUBREC, SUBACK, UNSUBACK]),
    (0x92, &[PUBREL, PUBCOMP]),
    (0x93, &[DISCONNECT]),
    (0x94, &[DISCONNECT]),
    (0x95, &[CONNACK, DISCONNECT]),
    (0x96, &[DISCONNECT]),
    (0x97, &[CONNACK, PUBACK, PUBREC, SUBACK, DISCONNECT]),
    (0x98, &[DISCONNECT]),
    (0x99, &[CONNACK, PUBACK, PUBREC, DISCONNECT]),
    (0x9A, &[CONNACK, DISCONNECT]),
    (0x9B, &[CONNACK, DISCONNECT]),
    (0x9C, &[CONNACK, DISCONNECT]),
    (0x9D, &[CONNACK, DISCONNECT]),
    (0x9E, &[SUBACK, DISCONNECT]),
    (0x9F, &[CONNACK, DISCONNECT]),
    (0xA0, &[DISCONNECT]),
    (0xA1, &[SUBACK, DISCONNECT]),
    (0xA2, &[SUBACK, DISCONNECT]),
    // Clients alone send them.
    (0x04, &[]),
];

/// The codes of a DISCONNECT to the server, section 3.14.2.1.
const TO_THE_SERVER: [u8; 14] = [
    0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
];

/// A packet up to its reason code, and the rest behind the code.
const PACKETS: [(u8, &[u8], &[u8]); 9] = [
    (CONNACK, &[0], &[0]),
    (PUBACK, &[0, 9], &[]),
    (PUBREC, &[0, 9], &[]),
    (PUBREL, &[0, 9], &[]),
    (PUBCOMP, &[0, 9], &[]),
    (SUBACK, &[0, 9, 0], &[]),
    (UNSUBACK, &[0, 9, 0], &[]),
    (DISCONNECT, &[], &[]),
    (AUTH, &[], b"\x04\x15\x00\x01m"),
];

fn may_have(first_byte: u8, code: u8) -> bool {
    let packets = TABLE.iter().find(|(number, _)| *number == code);
    packets.is_some_and(|(_, packets)| packets.contains(&first_byte))
}

/// The code that the packet tells.
fn code_of(packet: Packet<'_>) -> u8 {
    match packet {
        Packet::ConnAck { return_code, .. } => return_code.get(),
        Packet::PubAck(_, reason)
        | Packet::PubRec(_, reason)
        | Packet::PubRel(_, reason)
        | Packet::PubComp(_, reason)
        | Packet::Disconnect(reason)
        | Packet::Auth(reason) => reason.code.get(),
        Packet::SubAck { codes, .. } | Packet::UnsubAck { codes, .. } => codes[0],
        Packet::PingResp => panic!("PINGRESP has no code"),
    }
}

#[test]
fn every_code_in_every_packet() {
    let mut good = 0;
    for (first_byte, before, behind) in PACKETS {
        for code in 0..=255 {
            let body = [before, &[code]].concat();
            if may_have(first_byte, code) {
                let bytes = packet(first_byte, &[&body, behind].concat());
                let Ok(Decoded::Packet { packet, .. }) = decode_next(Version::V5, &bytes, None)
                else {
                    panic!("{bytes:x?}");
                };
                assert_eq!(code_of(packet), code);
                assert_decodes(&bytes, packet);
                good += 1;
            } else {
                let bytes = front(first_byte, &body, behind.len());
                assert_refused(&bytes, DecodeError::ReasonCode);
            }
        }
    }
    let codes: usize = TABLE.iter().map(|(_, packets)| packets.len()).sum();
    assert_eq!(good, codes);
}

#[test]
fn mqtt5_3_9_3_2_every_code_of_a_suback_is_one_of_its_own() {
    let reserved = (0..=255).filter(|code| !may_have(SUBACK, *code));
    for code in reserved {
        assert_refused(
            &front(SUBACK, &[0, 9, 0, 2, 0x80, code], 3),
            DecodeError::ReasonCode,
        );
    }
}

#[test]
fn mqtt5_3_11_3_2_every_code_of_an_unsuback_is_one_of_its_own() {
    let reserved = (0..=255).filter(|code| !may_have(UNSUBACK, *code));
    for code in reserved {
        assert_refused(
            &front(UNSUBACK, &[0, 9, 0, 0x11, 0, code], 3),
            DecodeError::ReasonCode,
        );
    }
}

#[test]
fn mqtt5_3_14_2_1_a_disconnect_to_the_server_has_a_code_of_clients() {
    for code in 0..=255 {
        let expected = TO_THE_SERVER.contains(&code).then_some(code);
        let made = ReasonCode::of_disconnect(code);
        assert_eq!(made.map(ReasonCode::get), expected);
        if let Some(made) = made {
            assert_eq!(made.is_failure(), code >= 0x80);
        }
    }
}

#[test]
fn every_code_has_its_own_name() {
    let mut names = std::vec![];
    for code in 0..=255 {
        for (first_byte, before, behind) in PACKETS {
            if may_have(first_byte, code) {
                let bytes = packet(first_byte, &[before, &[code], behind].concat());
                let name = match decode_next(Version::V5, &bytes, None) {
                    Ok(Decoded::Packet { packet, .. }) => name_of(packet),
                    other => panic!("{bytes:x?}: {other:x?}"),
                };
                if let Some(name) = name {
                    names.push((code, name));
                }
            }
        }
    }
    assert!(names.iter().all(|(_, name)| *name != "Reserved"));
    for (code, name) in &names {
        let alike = |(other, other_name): &(u8, &str)| (other == code) == (other_name == name);
        assert!(names.iter().all(alike), "{code:#x} {name}");
    }
    assert!(names.contains(&(0x8E, "Session taken over")));
}

fn name_of(packet: Packet<'_>) -> Option<&'static str> {
    match packet {
        Packet::ConnAck {
            return_code: ReturnCode::Refused(code),
            ..
        } => Some(code.name()),
        Packet::PubAck(_, reason) | Packet::PubRel(_, reason) => Some(reason.code.name()),
        Packet::Disconnect(reason) | Packet::Auth(reason) => Some(reason.code.name()),
        _ => None,
    }
}
