//! The rules of MQTT 5 that version 3.1.1 has not.

mod authentication;
mod delivery;
mod saving;
mod skipping;
mod topic_aliases;

use super::harness::broker::{connack_in, pubcomp, pubrec, suback_in};
use super::harness::client_packet::ClientPacket;
use super::support::*;
use crate::codec::{DecodeError, ReasonCode, TopicFilter, Version};
use crate::session::{Error, HandshakeStatus, NotAllowed, SessionEvent, SubscribeStatus};
use std::collections::BTreeSet;
use std::vec::Vec;

const V5: Version = Version::V5;

/// A connection to a broker whose CONNACK has `properties`.
fn connected_with(properties: &[u8]) -> Client {
    let mut client = Client::of_version(V5, false);
    client.connect(10);
    client.receive(&connack(false, properties)).unwrap();
    client.sent();
    client
}

fn connack(session_present: bool, properties: &[u8]) -> Vec<u8> {
    let len = properties.len() as u8;
    let mut bytes = [0x20, len + 3, session_present.into(), 0, len].to_vec();
    bytes.extend_from_slice(properties);
    bytes
}

/// An acknowledgement with a reason code.
fn ack(first_byte: u8, number: u8, code: u8) -> [u8; 5] {
    [first_byte, 3, 0, number, code]
}

fn publishes(packets: &[ClientPacket]) -> Vec<u16> {
    let ids = packets.iter().filter_map(|packet| match packet {
        ClientPacket::Publish(publish) => Some(publish.id),
        _ => None,
    });
    ids.collect()
}

#[test]
fn a_puback_that_refuses_ends_the_handshake() {
    let mut client = connected_with(b"");
    let (ticket, _) = client.publish(QOS1, 1).unwrap();
    client.receive(&ack(0x40, 1, 0x97)).unwrap();
    assert_eq!(client.answers, 1);
    let HandshakeStatus::Refused(code) = client.session.poll_handshake(ticket) else {
        panic!("not refused");
    };
    assert_eq!((code.get(), code.name()), (0x97, "Quota exceeded"));
    assert_eq!(client.session.unacknowledged(), 0);
}

#[test]
fn a_puback_without_subscribers_is_a_success() {
    let mut client = connected_with(b"");
    let (ticket, _) = client.publish(QOS1, 1).unwrap();
    client.receive(&ack(0x40, 1, 0x10)).unwrap();
    assert_eq!(
        client.session.poll_handshake(ticket),
        HandshakeStatus::Complete
    );
}

#[test]
fn mqtt5_4_3_3_4_no_pubrel_follows_a_pubrec_that_refuses() {
    let mut client = connected_with(b"");
    let (ticket, _) = client.publish(QOS2, 1).unwrap();
    client.sent();
    client.receive(&ack(0x50, 1, 0x87)).unwrap();
    assert_eq!(client.sent(), []);
    assert!(matches!(
        client.session.poll_handshake(ticket),
        HandshakeStatus::Refused(code) if code.get() == 0x87
    ));
    // Nothing is sent again.
    client.lose();
    client.connect(0);
    client.receive(&connack(true, b"")).unwrap();
    assert_eq!(publishes(&client.sent()), []);
}

#[test]
fn a_pubrec_that_refuses_a_released_message_changes_nothing() {
    let mut client = connected_with(b"");
    let (ticket, _) = client.publish(QOS2, 1).unwrap();
    client.receive(&pubrec(1)).unwrap();
    client.receive(&ack(0x50, 1, 0x87)).unwrap();
    assert_eq!(
        client.session.poll_handshake(ticket),
        HandshakeStatus::Pending
    );
    client.receive(&ack(0x70, 1, 0x92)).unwrap();
    assert_eq!(
        client.session.poll_handshake(ticket),
        HandshakeStatus::Complete
    );
}

#[test]
fn mqtt5_3_3_4_7_no_more_messages_are_in_flight_than_the_broker_allows() {
    let mut client = connected_with(b"\x21\0\x02");
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    assert!(client.session.window_is_full());
    assert!(client.publish(QOS1, 3).is_err());
    let record = client.publish_later(QOS1, 3).unwrap();
    assert_eq!(publishes(&client.sent()), [1, 2]);

    // A PUBREC frees no place, its PUBCOMP does.
    client.receive(&pubrec(2)).unwrap();
    assert_eq!(publishes(&client.sent()), []);
    client.receive(&pubcomp(2)).unwrap();
    assert_eq!(publishes(&client.sent()), [3]);
    client.receive(&ack(0x40, 3, 0)).unwrap();
    assert_eq!(record.status(), HandshakeStatus::Complete);
}

#[test]
fn messages_are_sent_again_as_the_broker_allows() {
    let mut client = connected_with(b"");
    for message in 1..=4 {
        client
            .publish(if message == 2 { QOS2 } else { QOS1 }, message)
            .unwrap();
    }
    client.receive(&pubrec(2)).unwrap();
    client.lose();
    client.connect(0);
    // Now it allows one at a time.
    client.receive(&connack_in(V5, true, 1)).unwrap();
    let sent = client.sent();
    assert_eq!(publishes(&sent), [1]);
    // A PUBREL is none of the messages that count.
    assert!(sent.contains(&ClientPacket::PubRel(2)));
    assert!(
        client.publish(QOS1, 5).is_err(),
        "those that were sent before come first"
    );
    client.receive(&ack(0x40, 1, 0)).unwrap();
    client.receive(&pubcomp(2)).unwrap();
    assert_eq!(publishes(&client.sent()), [3]);
    client.receive(&ack(0x40, 3, 0)).unwrap();
    assert_eq!(publishes(&client.sent()), [4]);
    assert!(!client.session.has_redelivery());
}

#[test]
fn mqtt5_3_2_2_21_the_keep_alive_is_the_brokers() {
    let client = connected_with(b"\x13\0\x05");
    assert_eq!(client.session.keep_alive_ms(), 5000);
    assert_eq!(connected_with(b"").session.keep_alive_ms(), 10_000);
    assert_eq!(connected_with(b"\x13\0\0").session.keep_alive_ms(), 0);
}

#[test]
fn mqtt5_3_2_2_11_nothing_is_sent_against_the_terms_of_the_broker() {
    let everything = *connected_with(b"").session.terms();
    let check = |text, with_identifier| {
        let filter = TopicFilter::new(text).unwrap();
        everything.check_subscribe(filter, with_identifier, 100)
    };
    assert_eq!(everything.check_publish(QOS2, true, 268_435_460), Ok(()));
    assert_eq!(check("$share/a/b/#", true), Ok(()));
    assert_eq!(everything.topic_alias_maximum(), 0);

    let client = connected_with(b"\x24\x01\x25\0\x27\0\0\0\x64\x28\0\x29\0\x2A\0\x22\0\x07");
    let terms = *client.session.terms();
    assert_eq!(terms.check_publish(QOS2, false, 10), Err(NotAllowed::QoS));
    assert_eq!(terms.check_publish(QOS1, true, 10), Err(NotAllowed::Retain));
    assert_eq!(
        terms.check_publish(QOS1, false, 101),
        Err(NotAllowed::PacketSize)
    );
    assert_eq!(terms.check_publish(QOS1, false, 100), Ok(()));
    assert_eq!(terms.topic_alias_maximum(), 7);
    for (text, with_identifier, len, expected) in [
        ("a/b", false, 100, Ok(())),
        ("a/b", false, 101, Err(NotAllowed::PacketSize)),
        ("a/b", true, 10, Err(NotAllowed::SubscriptionIdentifier)),
        ("a/+", false, 10, Err(NotAllowed::Wildcard)),
        ("#", false, 10, Err(NotAllowed::Wildcard)),
        ("$share/a/b", false, 10, Err(NotAllowed::SharedSubscription)),
    ] {
        let filter = TopicFilter::new(text).unwrap();
        assert_eq!(
            terms.check_subscribe(filter, with_identifier, len),
            expected,
            "{text}"
        );
    }
}

#[test]
fn mqtt5_3_2_2_14_nothing_is_retained_against_the_terms_of_the_broker() {
    let terms = *connected_with(b"\x25\0").session.terms();
    assert_eq!(terms.check_publish(QOS2, true, 10), Err(NotAllowed::Retain));
    assert_eq!(terms.check_publish(QOS2, false, 10), Ok(()));
}

#[test]
fn mqtt5_3_2_2_15_no_packet_is_longer_than_the_broker_takes() {
    let terms = *connected_with(b"\x27\0\0\0\x64").session.terms();
    assert_eq!(terms.check_len(100), Ok(()));
    assert_eq!(terms.check_len(101), Err(NotAllowed::PacketSize));
}

#[test]
fn every_term_has_its_own_text() {
    let terms = [
        NotAllowed::QoS,
        NotAllowed::Retain,
        NotAllowed::PacketSize,
        NotAllowed::Wildcard,
        NotAllowed::SubscriptionIdentifier,
        NotAllowed::SharedSubscription,
    ];
    let texts = BTreeSet::from(terms.map(NotAllowed::describe));
    assert_eq!(texts.len(), terms.len());
}

#[test]
fn terms_end_with_their_connection() {
    let mut client = connected_with(b"\x24\0\x21\0\x01");
    client.publish(QOS1, 1).unwrap();
    client.lose();
    client.connect(0);
    client.receive(&connack(true, b"")).unwrap();
    client.publish(QOS1, 2).unwrap();
    assert_eq!(
        client.session.terms().check_publish(QOS2, false, 10),
        Ok(())
    );
}

#[test]
fn a_suback_says_why_it_refuses() {
    let mut client = connected_with(b"");
    let subscribing = client.subscribe("a", 1, QOS1);
    client.receive(&suback_in(V5, 1, 0x8F)).unwrap();
    let status = client.session.subscribe_status(subscribing.attempt);
    let SubscribeStatus::Refused(code) = status else {
        panic!("{status:?}");
    };
    assert_eq!(code.name(), "Topic Filter invalid");
    assert_eq!(client.answers, 1);
}

#[test]
fn an_unsuback_says_how_it_went() {
    for (code, refused) in [(0x00, false), (0x11, false), (0x87, true)] {
        let mut client = connected_with(b"");
        let id = client.unsubscribe("a").unwrap();
        client.receive(&[0xB0, 4, 0, 1, 0, code]).unwrap();
        let status = client.session.poll_unsubscribe(id);
        assert_eq!(
            matches!(status, HandshakeStatus::Refused(_)),
            refused,
            "{code:#x}"
        );
        assert_eq!(status == HandshakeStatus::Complete, !refused, "{code:#x}");
    }
}

#[test]
fn the_broker_says_why_it_ends_the_connection() {
    let mut client = connected_with(b"");
    client.receive(b"\xE0\x02\x8E\0").unwrap();
    assert_eq!(client.goodbye.unwrap().name(), "Session taken over");
    // In MQTT 3.1.1 it is no packet of a broker.
    assert!(matches!(
        connected(false).receive(b"\xE0\0"),
        Err(Error::Malformed(_))
    ));
}

#[test]
fn an_unsuback_with_more_codes_than_filters_is_a_fault() {
    let mut client = connected_with(b"");
    client.unsubscribe("a").unwrap();
    let result = client.receive(b"\xB0\x05\0\x01\0\0\0");
    assert_eq!(result, Err(Error::TooLong));
}

#[test]
fn every_fault_has_the_reason_code_that_tells_the_broker() {
    for (error, code) in [
        (Error::Malformed(DecodeError::PacketType), Some(0x81)),
        (Error::Malformed(DecodeError::PropertyTwice), Some(0x82)),
        (Error::BeforeConnAck, Some(0x82)),
        (Error::TooManyIncoming, Some(0x93)),
        (Error::TopicAlias, Some(0x94)),
        (Error::TooLong, Some(0x95)),
        (Error::PingTimeout, None),
        (Error::ConnectionLost, None),
    ] {
        assert_eq!(error.reason_code().map(ReasonCode::get), code, "{error:?}");
    }
}
