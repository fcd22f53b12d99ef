use super::support::*;
use crate::codec::*;

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
        client_id: string("id"),
        clean_session: true,
        keep_alive: 0,
        will: None,
        credentials: None,
    };
    let (id, filter, qos) = (id(1), filter("a"), QoS::AtMostOnce);
    assert_eq!(encode(&connect)[0], 0x10);
    assert_eq!(encode(&Subscribe { id, filter, qos })[0], 0x82);
    assert_eq!(encode(&Unsubscribe { id, filter })[0], 0xA2);
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

#[test]
fn every_error_has_its_description() {
    let errors = [
        DecodeError::PacketType,
        DecodeError::Flags,
        DecodeError::QoS,
        DecodeError::Dup,
        DecodeError::RemainingLength,
        DecodeError::Length,
        DecodeError::ConnAckFlags,
        DecodeError::ReturnCode,
        DecodeError::SessionPresent,
        DecodeError::PacketId,
        DecodeError::SubAckCode,
        DecodeError::TopicLength,
        DecodeError::TopicName(FieldError::Empty),
        DecodeError::TopicName(FieldError::TooLong),
        DecodeError::TopicName(FieldError::NotUtf8),
        DecodeError::TopicName(FieldError::NullCharacter),
        DecodeError::TopicName(FieldError::Wildcard),
    ];
    for (index, error) in errors.iter().enumerate() {
        assert!(!error.describe().is_empty());
        for other in &errors[..index] {
            assert_ne!(error.describe(), other.describe());
        }
    }
}
