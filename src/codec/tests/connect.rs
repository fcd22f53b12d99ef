//! CONNECT and CONNACK.

use super::support::*;
use crate::codec::*;

/// Where the connect flags stand when the remaining length takes one byte.
const FLAGS: usize = 9;

const QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

fn plain(client_id: &str) -> Connect<'_> {
    Connect {
        version: Version::V3_1_1,
        properties: None,
        client_id: string(client_id),
        clean_session: false,
        keep_alive: 60,
        will: None,
        credentials: None,
    }
}

fn will(qos: QoS, retain: bool) -> Will<'static> {
    Will {
        properties: None,
        topic: topic("w/t"),
        payload: Binary::new(b"\x00\xFF").unwrap(),
        qos,
        retain,
    }
}

fn credentials(password: Option<&[u8]>) -> Credentials<'_> {
    Credentials {
        username: string("user"),
        password: password.map(|bytes| Binary::new(bytes).unwrap()),
    }
}

#[test]
fn bytes_without_options() {
    assert_encodes(&plain("id"), b"\x10\x0E\0\x04MQTT\x04\x00\x00\x3C\0\x02id");
}

#[test]
fn bytes_with_all_options() {
    let connect = Connect {
        clean_session: true,
        keep_alive: 0xABCD,
        will: Some(will(QoS::ExactlyOnce, true)),
        credentials: Some(credentials(Some(b"\xDE\xAD"))),
        ..plain("id")
    };
    assert_encodes(
        &connect,
        b"\x10\x21\0\x04MQTT\x04\xF6\xAB\xCD\
          \0\x02id\0\x03w/t\0\x02\x00\xFF\0\x04user\0\x02\xDE\xAD",
    );
}

#[test]
fn clean_session_is_bit_1() {
    assert_eq!(encode(&plain("id"))[FLAGS], 0);
    let connect = Connect {
        clean_session: true,
        ..plain("id")
    };
    assert_eq!(encode(&connect)[FLAGS], 0b10);
}

#[test]
fn the_longest_packet() {
    let text = "x".repeat(65_535);
    let connect = Connect {
        client_id: string(&text),
        will: Some(Will {
            properties: None,
            topic: topic(&text),
            payload: Binary::new(text.as_bytes()).unwrap(),
            ..will(QoS::AtMostOnce, false)
        }),
        credentials: Some(Credentials {
            username: string(&text),
            password: Some(Binary::new(text.as_bytes()).unwrap()),
        }),
        ..plain("")
    };
    let bytes = encode(&connect);
    assert_eq!(bytes[..4], [0x10, 0x8F, 0x80, 0x14]);
    assert_eq!(bytes.len(), 4 + 10 + 5 * 65_537);
}

#[test]
fn long_fields_come_as_one_piece_each() {
    let connect = Connect {
        will: Some(will(QoS::AtMostOnce, false)),
        credentials: Some(credentials(Some(b"secret"))),
        ..plain("id")
    };
    let mut pieces = Pieces::default();
    connect.encode(&mut pieces).unwrap();
    for field in [&b"id"[..], b"w/t", b"\x00\xFF", b"user", b"secret"] {
        assert!(pieces.0.iter().any(|piece| piece == field));
    }
}

/// All 108 combinations of options.
fn each_combination(check: impl Fn(&Connect, u8)) {
    let no_will = [None];
    let wills = QOS
        .into_iter()
        .flat_map(|qos| [false, true].map(|retain| Some(will(qos, retain))));
    for will in no_will.into_iter().chain(wills) {
        for credentials in [
            None,
            Some(credentials(None)),
            Some(credentials(Some(b""))),
            Some(credentials(Some(b"\x01"))),
        ] {
            for clean_session in [false, true] {
                let connect = Connect {
                    clean_session,
                    will,
                    credentials,
                    ..plain("id")
                };
                check(&connect, encode(&connect)[FLAGS]);
            }
        }
    }
}

#[test]
fn mqtt_3_1_2_9_with_the_will_flag_topic_and_message_are_there() {
    each_combination(|connect, flags| {
        assert_eq!(flags & 1 << 2 != 0, connect.will.is_some());
        if connect.will.is_some() {
            assert!(encode(connect)[16..].starts_with(b"\0\x03w/t\0\x02\x00\xFF"));
        }
    });
}

#[test]
fn mqtt_3_1_2_11_without_the_will_flag_neither_its_flags_nor_its_fields_are_there() {
    let connect = Connect {
        credentials: Some(credentials(None)),
        ..plain("id")
    };
    let bytes = encode(&connect);
    assert_eq!(bytes[FLAGS] & 0b0011_1100, 0);
    assert_eq!(bytes[12..], *b"\0\x02id\0\x04user");
}

#[test]
fn mqtt_3_1_2_13_without_the_will_flag_will_qos_is_0() {
    each_combination(|connect, flags| {
        if connect.will.is_none() {
            assert_eq!(flags & 0b0001_1000, 0);
        }
    });
}

#[test]
fn mqtt_3_1_2_14_will_qos_is_0_1_or_2() {
    each_combination(|connect, flags| {
        let expected = connect.will.map_or(0, |will| will.qos as u8);
        assert_eq!((flags >> 3) & 0b11, expected);
        assert!(expected < 3);
    });
}

#[test]
fn mqtt_3_1_2_15_without_the_will_flag_will_retain_is_0() {
    each_combination(|connect, flags| {
        let expected = connect.will.is_some_and(|will| will.retain);
        assert_eq!(flags & 1 << 5 != 0, expected);
    });
}

#[test]
fn mqtt_3_1_2_18_without_the_user_name_flag_there_is_no_user_name() {
    let bytes = encode(&plain("id"));
    assert_eq!(bytes[FLAGS] & 1 << 7, 0);
    assert_eq!(bytes[12..], *b"\0\x02id");
}

#[test]
fn mqtt_3_1_2_19_with_the_user_name_flag_there_is_one() {
    each_combination(|connect, flags| {
        assert_eq!(flags & 1 << 7 != 0, connect.credentials.is_some());
        if connect.credentials.is_some_and(|it| it.password.is_none()) {
            assert!(encode(connect).ends_with(b"\0\x04user"));
        }
    });
}

#[test]
fn mqtt_3_1_2_20_without_the_password_flag_there_is_no_password() {
    let connect = Connect {
        credentials: Some(credentials(None)),
        ..plain("id")
    };
    let bytes = encode(&connect);
    assert_eq!(bytes[FLAGS], 0b1000_0000);
    assert_eq!(bytes[16..], *b"\0\x04user");
}

#[test]
fn mqtt_3_1_2_21_with_the_password_flag_there_is_one() {
    for (password, expected) in [
        (&b""[..], &b"\0\x04user\0\x00"[..]),
        (b"\xFF\x00", b"\0\x04user\0\x02\xFF\x00"),
    ] {
        let connect = Connect {
            credentials: Some(credentials(Some(password))),
            ..plain("id")
        };
        let bytes = encode(&connect);
        assert_eq!(bytes[FLAGS], 0b1100_0000);
        assert_eq!(bytes[16..], *expected);
    }
}

#[test]
fn mqtt_3_1_2_22_without_the_user_name_flag_the_password_flag_is_0() {
    each_combination(|_, flags| {
        let (user_name, password) = (flags & 1 << 7 != 0, flags & 1 << 6 != 0);
        assert!(user_name || !password);
    });
}

#[test]
fn mqtt_3_1_3_1_payload_fields_are_in_order() {
    let connect = Connect {
        will: Some(will(QoS::AtMostOnce, false)),
        credentials: Some(credentials(Some(b"pass"))),
        ..plain("id")
    };
    assert_eq!(
        encode(&connect)[12..],
        *b"\0\x02id\0\x03w/t\0\x02\x00\xFF\0\x04user\0\x04pass"
    );
}

#[test]
fn mqtt_3_1_3_3_the_client_identifier_is_the_first_field_always() {
    each_combination(|connect, _| assert_eq!(encode(connect)[12..16], *b"\0\x02id"));
    assert_eq!(encode(&plain(""))[12..], *b"\0\x00");
}

#[test]
fn mqtt_3_1_3_4_the_client_identifier_is_a_utf8_string() {
    assert_eq!(encode(&plain("\u{e9}"))[12..], *b"\0\x02\xC3\xA9");
}

#[test]
fn mqtt_3_1_3_7_an_empty_client_identifier_comes_with_clean_session() {
    for clean_session in [false, true] {
        let connect = Connect {
            clean_session,
            ..plain("")
        };
        assert_encodes(&connect, b"\x10\x0C\0\x04MQTT\x04\x02\x00\x3C\0\x00");
    }
}

#[test]
fn mqtt_3_1_3_10_the_will_topic_is_a_utf8_string() {
    let connect = Connect {
        will: Some(Will {
            properties: None,
            topic: topic("\u{20ac}"),
            ..will(QoS::AtMostOnce, false)
        }),
        ..plain("id")
    };
    assert_eq!(encode(&connect)[16..21], *b"\0\x03\xE2\x82\xAC");
}

#[test]
fn mqtt_3_1_3_11_the_user_name_is_a_utf8_string() {
    let connect = Connect {
        credentials: Some(Credentials {
            username: string("\u{1f600}"),
            password: None,
        }),
        ..plain("id")
    };
    assert_eq!(encode(&connect)[16..], *b"\0\x04\xF0\x9F\x98\x80");
}

// ---- CONNACK

const RETURN_CODES: [ReturnCode; 6] = [
    ReturnCode::Accepted,
    ReturnCode::UnacceptableProtocolVersion,
    ReturnCode::IdentifierRejected,
    ReturnCode::ServerUnavailable,
    ReturnCode::BadUserNameOrPassword,
    ReturnCode::NotAuthorized,
];

#[test]
fn every_return_code_of_a_connack() {
    for (number, return_code) in (0..).zip(RETURN_CODES) {
        assert_eq!(return_code.get(), number);
        let session_present = false;
        assert_decodes(
            &[0x20, 2, 0, number],
            Packet::ConnAck {
                properties: None,
                session_present,
                return_code,
            },
        );
    }
}

#[test]
fn a_session_is_present() {
    assert_decodes(
        &[0x20, 2, 1, 0],
        Packet::ConnAck {
            properties: None,
            session_present: true,
            return_code: ReturnCode::Accepted,
        },
    );
}

#[test]
fn reserved_return_codes_of_a_connack_are_refused() {
    for number in 6..=255 {
        assert_eq!(ReturnCode::from_u8(number), None);
        assert_refused(&[0x20, 2, 0, number], DecodeError::ReturnCode);
        assert_refused(&[0x20, 2, 1, number], DecodeError::ReturnCode);
    }
}

#[test]
fn reserved_acknowledge_flags_are_refused_before_the_return_code_is_there() {
    for flags in 2..=255 {
        assert_refused(&[0x20, 2, flags], DecodeError::ConnAckFlags);
    }
}

#[test]
fn mqtt_3_2_2_4_a_refusal_has_no_session() {
    for number in 1..=5 {
        assert_refused(&[0x20, 2, 1, number], DecodeError::SessionPresent);
    }
}
