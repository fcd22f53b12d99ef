//! Types, flags and lengths of the packets of MQTT 5.

use super::support::*;
use crate::codec::tests::support::{assert_refused_in, encode, filter, id, string};
use crate::codec::*;

#[test]
fn packet_types_that_servers_do_not_send_are_refused() {
    for packet_type in [0, 1, 8, 10, 12] {
        for flags in 0..16 {
            assert_refused(&[packet_type << 4 | flags], DecodeError::PacketType);
        }
    }
}

#[test]
fn disconnect_and_auth_are_of_mqtt_5_alone() {
    for first_byte in 0xE0..=0xFF {
        assert_refused_in(Version::V3_1_1, &[first_byte], DecodeError::PacketType);
    }
}

#[test]
fn mqtt5_2_1_3_1_wrong_reserved_flags_are_refused() {
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

#[test]
fn mqtt5_3_14_1_1_disconnect_has_no_flags() {
    for flags in 1..16 {
        assert_refused(&[0xE0 | flags], DecodeError::Flags);
    }
}

#[test]
fn mqtt5_3_15_1_1_auth_has_no_flags() {
    for flags in 1..16 {
        assert_refused(&[0xF0 | flags], DecodeError::Flags);
    }
}

#[test]
fn mqtt5_2_1_3_1_reserved_flags_are_sent_as_the_table_has_them() {
    let (id, filter) = (id(1), filter("a"));
    let none = Some(Properties::EMPTY);
    let connect = Connect {
        version: Version::V5,
        client_id: string("id"),
        clean_session: true,
        keep_alive: 0,
        will: None,
        credentials: None,
        properties: none,
    };
    let subscribe = Subscribe {
        id,
        filter,
        qos: QoS::AtMostOnce,
        options: SubscriptionOptions::default(),
        properties: none,
    };
    let unsubscribe = Unsubscribe {
        id,
        filter,
        properties: none,
    };
    let properties = Properties::EMPTY;
    let disconnect = Disconnect {
        code: ReasonCode::SUCCESS,
        properties,
    };
    let auth = Auth {
        anew: false,
        properties,
    };
    assert_eq!(encode(&connect)[0], 0x10);
    assert_eq!(encode(&subscribe)[0], 0x82);
    assert_eq!(encode(&unsubscribe)[0], 0xA2);
    assert_eq!(encode(&disconnect)[0], 0xE0);
    assert_eq!(encode(&auth)[0], 0xF0);
}

#[test]
fn lengths_that_a_type_cannot_have() {
    for (first_byte, least) in [
        (0x20, 2),
        (0x30, 4),
        (0x32, 6),
        (0x34, 6),
        (0x40, 2),
        (0x50, 2),
        (0x62, 2),
        (0x70, 2),
        (0x90, 4),
        (0xB0, 4),
    ] {
        for length in 0..least {
            assert_refused(&[first_byte, length], DecodeError::Length);
        }
        for length in [least, 127] {
            assert!(matches!(
                decode_next(Version::V5, &[first_byte, length], None),
                Ok(Decoded::Incomplete { .. })
            ));
        }
    }
    for length in 1..=255 {
        assert_refused(&[0xD0, length], DecodeError::Length);
    }
}

#[test]
fn a_pingresp_has_no_fields() {
    assert_decodes(&[0xD0, 0], Packet::PingResp);
}

#[test]
fn a_pingresp_is_found_behind_packets_of_the_version() {
    let disconnect = [0xE0, 0, 0xD0, 0];
    assert!(has_ping_response(Version::V5, &disconnect));
    assert!(!has_ping_response(Version::V3_1_1, &disconnect));
    let ack = [0x40, 4, 0, 1, 0x10, 0, 0xD0, 0];
    assert!(has_ping_response(Version::V5, &ack));
    assert!(!has_ping_response(Version::V5, &ack[..6]));
}

#[test]
fn the_version_tells_its_level() {
    assert_eq!(Version::V3_1_1.level(), 4);
    assert_eq!(Version::V5.level(), 5);
    assert!(Version::V5.is_5() && !Version::V3_1_1.is_5());
    assert_eq!(Version::default(), Version::V3_1_1);
}
