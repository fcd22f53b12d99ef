//! CONNECT and CONNACK of MQTT 5.

use super::support::*;
use crate::codec::tests::support::{assert_encodes, encode, string, topic};
use crate::codec::*;

/// Where the connect flags stand when the remaining length takes one byte.
const FLAGS: usize = 9;

fn plain(client_id: &str) -> Connect<'_> {
    Connect {
        version: Version::V5,
        properties: Some(Properties::EMPTY),
        client_id: string(client_id),
        clean_session: false,
        keep_alive: 60,
        will: None,
        credentials: None,
    }
}

fn will(qos: QoS, retain: bool) -> Will<'static> {
    Will {
        properties: Some(properties(b"\x18\0\0\0\x09", Place::Will)),
        topic: topic("w/t"),
        payload: Binary::new(b"\x00\xFF").unwrap(),
        qos,
        retain,
    }
}

fn full() -> Connect<'static> {
    Connect {
        properties: Some(properties(b"\x21\0\x0A\x11\0\0\x0E\x10", Place::Connect)),
        clean_session: true,
        keep_alive: 0xABCD,
        will: Some(will(QoS::ExactlyOnce, true)),
        credentials: Some(Credentials {
            username: string("user"),
            password: Some(Binary::new(b"\xDE\xAD").unwrap()),
        }),
        ..plain("id")
    }
}

#[test]
fn bytes_without_options() {
    assert_encodes(
        &plain("id"),
        b"\x10\x0F\0\x04MQTT\x05\x00\x00\x3C\0\0\x02id",
    );
}

#[test]
fn bytes_with_all_options() {
    assert_encodes(
        &full(),
        b"\x10\x30\0\x04MQTT\x05\xF6\xAB\xCD\x08\x21\0\x0A\x11\0\0\x0E\x10\
          \0\x02id\x05\x18\0\0\0\x09\0\x03w/t\0\x02\x00\xFF\0\x04user\0\x02\xDE\xAD",
    );
}

#[test]
fn properties_of_several_bytes_length() {
    let block = b"\x26\x00\x01n\x00\x01v".repeat(20);
    let connect = Connect {
        properties: Some(properties(&block, Place::Connect)),
        ..plain("id")
    };
    let bytes = [
        &b"\0\x04MQTT\x05\x00\x00\x3C\x8C\x01"[..],
        &block,
        b"\0\x02id",
    ]
    .concat();
    assert_encodes(&connect, &packet(0x10, &bytes));
}

#[test]
fn an_empty_client_identifier_comes_with_either_session() {
    // The server assigns an identifier, under which it can keep the session.
    for (clean_session, flags) in [(false, 0), (true, 2)] {
        let connect = Connect {
            clean_session,
            ..plain("")
        };
        let bytes = encode(&connect);
        assert_eq!(bytes[FLAGS], flags);
        assert_eq!(bytes[12..], *b"\0\0\0");
    }
}

#[test]
fn mqtt5_3_1_2_1_the_protocol_is_mqtt_of_level_5() {
    let bytes = encode(&full());
    assert_eq!(bytes[2..9], *b"\0\x04MQTT\x05");
    let older = Connect {
        version: Version::V3_1_1,
        properties: None,
        ..plain("id")
    };
    assert_encodes(&older, b"\x10\x0E\0\x04MQTT\x04\x00\x00\x3C\0\x02id");
}

/// Checks every combination of Will, user name and password: the packet, its flags, and the fields behind the
/// client identifier.
fn each_combination(check: impl Fn(&Connect, u8, &[u8])) {
    let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];
    let wills = qos
        .into_iter()
        .flat_map(|qos| [false, true].map(|retain| Some(will(qos, retain))));
    for will in wills.chain([None]) {
        for password in [None, Some(None), Some(Some(&b""[..])), Some(Some(b"\x01"))] {
            let connect = Connect {
                will,
                credentials: password.map(|password| Credentials {
                    username: string("user"),
                    password: password.map(|it| Binary::new(it).unwrap()),
                }),
                ..plain("id")
            };
            let bytes = encode(&connect);
            assert_eq!(bytes[13..17], *b"\0\x02id");
            check(&connect, bytes[FLAGS], &bytes[17..]);
        }
    }
}

#[test]
fn mqtt5_3_1_2_3_the_reserved_flag_is_0() {
    each_combination(|_, flags, _| assert_eq!(flags & 1, 0));
}

#[test]
fn mqtt5_3_1_2_9_with_the_will_flag_properties_topic_and_payload_are_there() {
    each_combination(|connect, flags, fields| {
        assert_eq!(flags & 1 << 2 != 0, connect.will.is_some());
        let fields_of_will = b"\x05\x18\0\0\0\x09\0\x03w/t\0\x02\x00\xFF";
        assert_eq!(fields.starts_with(fields_of_will), connect.will.is_some());
    });
}

#[test]
fn mqtt5_3_1_2_11_mqtt5_3_1_2_13_without_a_will_its_flags_are_0() {
    each_combination(|connect, flags, _| {
        if connect.will.is_none() {
            assert_eq!(flags & 0b0011_1100, 0);
        }
    });
}

#[test]
fn mqtt5_3_1_2_12_will_qos_is_0_1_or_2() {
    each_combination(|connect, flags, _| {
        let expected = connect.will.map_or(0, |will| will.qos as u8);
        assert_eq!((flags >> 3) & 0b11, expected);
        assert!(expected < 3);
    });
}

#[test]
fn mqtt5_3_1_2_16_mqtt5_3_1_2_17_the_user_name_is_there_with_its_flag_only() {
    each_combination(|connect, flags, fields| {
        let there = fields.windows(6).any(|it| it == b"\0\x04user");
        assert_eq!(flags & 1 << 7 != 0, there);
        assert_eq!(connect.credentials.is_some(), there);
    });
}

#[test]
fn mqtt5_3_1_2_18_mqtt5_3_1_2_19_the_password_is_there_with_its_flag_only() {
    each_combination(|connect, flags, fields| {
        let expected: &[u8] = match connect.credentials.map(|it| it.password) {
            None => b"",
            Some(None) => b"\0\x04user",
            Some(Some(password)) if password.as_bytes().is_empty() => b"\0\x04user\0\0",
            Some(Some(_)) => b"\0\x04user\0\x01\x01",
        };
        let there = flags & 1 << 6 != 0;
        assert!(fields.ends_with(expected));
        assert_eq!(expected.len() > 6, there);
        let will_len = if connect.will.is_some() { 15 } else { 0 };
        assert_eq!(fields.len(), will_len + expected.len());
    });
}

#[test]
fn mqtt5_3_1_3_1_payload_fields_are_in_order() {
    assert_eq!(
        encode(&full())[21..],
        *b"\0\x02id\x05\x18\0\0\0\x09\0\x03w/t\0\x02\x00\xFF\0\x04user\0\x02\xDE\xAD"
    );
}

#[test]
fn mqtt5_3_1_3_3_mqtt5_3_1_3_4_the_client_identifier_is_a_string_and_always_first() {
    each_combination(|connect, _, _| assert_eq!(encode(connect)[13..17], *b"\0\x02id"));
    assert_eq!(encode(&plain("\u{e9}"))[13..], *b"\0\x02\xC3\xA9");
}

#[test]
fn mqtt5_3_1_3_11_mqtt5_3_1_3_12_will_topic_and_user_name_are_strings() {
    let connect = Connect {
        will: Some(Will {
            topic: topic("\u{20ac}"),
            properties: Some(Properties::EMPTY),
            ..will(QoS::AtMostOnce, false)
        }),
        credentials: Some(Credentials {
            username: string("\u{1f600}"),
            password: None,
        }),
        ..plain("id")
    };
    assert_eq!(
        encode(&connect)[17..],
        *b"\0\0\x03\xE2\x82\xAC\0\x02\x00\xFF\0\x04\xF0\x9F\x98\x80"
    );
}

// ---- CONNACK

fn connack(session_present: bool, return_code: ReturnCode) -> Packet<'static> {
    Packet::ConnAck {
        session_present,
        return_code,
        properties: Some(Properties::EMPTY),
    }
}

#[test]
fn the_client_is_connected() {
    assert_decodes(&[0x20, 3, 0, 0, 0], connack(false, ReturnCode::Accepted));
    assert_decodes(&[0x20, 3, 1, 0, 0], connack(true, ReturnCode::Accepted));
}

#[test]
fn a_refusal_with_its_reason() {
    let bytes = b"\x20\x09\x00\x87\x06\x1F\x00\x03why";
    let Ok(Decoded::Packet { packet, .. }) = decode_next(Version::V5, bytes, None) else {
        panic!("no packet");
    };
    let Packet::ConnAck {
        session_present: false,
        return_code: ReturnCode::Refused(code),
        properties: Some(found),
    } = packet
    else {
        panic!("{packet:?}");
    };
    assert_eq!((code.get(), code.name()), (0x87, "Not authorized"));
    assert!(code.is_failure());
    assert_eq!(found.text(PropertyId::REASON_STRING), Some("why"));
    assert_decodes(bytes, packet);
}

#[test]
fn mqtt5_3_2_2_1_reserved_acknowledge_flags_are_refused() {
    for flags in 2..=255 {
        assert_refused(&[0x20, 3, flags], DecodeError::ConnAckFlags);
        assert_refused(&[0x20, 0x83, 0x01, flags], DecodeError::ConnAckFlags);
    }
}

#[test]
fn mqtt5_3_2_2_6_a_refusal_has_no_session() {
    for code in [0x80, 0x81, 0x87, 0x9F] {
        assert_refused(&[0x20, 3, 1, code], DecodeError::SessionPresent);
        assert_refused(&[0x20, 9, 1, code], DecodeError::SessionPresent);
    }
}

#[test]
fn mqtt5_3_2_2_8_the_return_codes_of_mqtt_3_1_1_are_refused() {
    for code in 1..=5 {
        assert_refused(&[0x20, 3, 0, code], DecodeError::ReasonCode);
    }
}

#[test]
fn a_server_that_does_not_speak_mqtt_5_refuses_in_its_own_version() {
    for number in 1..=5 {
        let refusal = Packet::ConnAck {
            session_present: false,
            return_code: ReturnCode::from_u8(number).unwrap(),
            properties: None,
        };
        assert_decodes(&[0x20, 2, 0, number], refusal);
        assert_refused(&[0x20, 2, 1, number], DecodeError::SessionPresent);
    }
    // It cannot accept.
    for number in [0, 6, 0x84, 0xFF] {
        assert_refused(&[0x20, 2, 0, number], DecodeError::Length);
    }
    assert_refused(&[0x20, 1], DecodeError::Length);
}
