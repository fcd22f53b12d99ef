//! CONNECT and CONNACK.

use super::harness::broker::*;
use super::harness::client_packet::ClientPacket;
use super::support::*;
use crate::codec::{QoS, ReturnCode};
use crate::session::Error;

#[test]
fn connack_brings_the_connection_up() {
    let mut client = Client::new(false);
    assert!(client.session.is_down());
    client.connect(0);
    assert!(!client.session.is_down() && !client.session.is_up());
    client.receive(&connack(true)).unwrap();
    assert!(client.session.is_up());
    assert_eq!(client.connack, Some((ReturnCode::Accepted, true)));
}

#[test]
fn the_session_tells_the_last_connack_apart() {
    let mut client = Client::new(false);
    assert!(!client.session.session_present());
    for present in [true, false, true] {
        client.connect(0);
        client.receive(&connack(present)).unwrap();
        assert_eq!(client.session.session_present(), present);
        client.lose();
        assert_eq!(client.session.session_present(), present);
    }
    client.connect(0);
    client.receive(&refusal(3)).unwrap();
    assert!(!client.session.session_present());
}

#[test]
fn mqtt_3_1_0_1_before_connack_only_connect_goes_out() {
    let mut client = connected(false);
    client.publish(QOS1, 1).unwrap();
    client.subscribe("a", 1, QOS1);
    client.lose();
    client.connect(1);
    client.wait(5000).unwrap();
    client.flush();
    client.subscribe_registered();
    assert_eq!(client.session.poll_redelivery(), None);
    let sent = client.sent();
    assert!(matches!(sent[..], [ClientPacket::Connect(_)]), "{sent:?}");
}

#[test]
fn mqtt_3_1_0_2_every_connect_begins_a_connection_of_its_own() {
    let mut client = connected(false);
    client.publish(QOS1, 1).unwrap();
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    let before = client.session.connection();
    client.connect(0);
    assert_ne!(client.session.connection(), before);
    assert!(!client.session.is_up());
    // The state of the connection before is gone.
    client.deliver();
    client.receive(&connack(true)).unwrap();
    let sent = client.sent();
    assert!(matches!(sent[0], ClientPacket::Connect(_)));
    assert_eq!(sent[1..], [published(QOS1, 1, true, 1)]);
}

#[test]
fn every_refusal_ends_the_connection_and_keeps_the_session() {
    for code in 1..=5 {
        let mut client = connected(false);
        client.publish(QOS1, 1).unwrap();
        client.lose();
        client.connect(0);
        client.receive(&refusal(code)).unwrap();
        assert_eq!(
            client.connack,
            Some((ReturnCode::from_u8(code).unwrap(), false))
        );
        assert!(client.session.is_down());
        assert_eq!(client.session.unacknowledged(), 1);
    }
}

#[test]
fn anything_before_connack_ends_the_connection() {
    for bytes in [
        &PINGRESP[..],
        &puback(1),
        &pubrec(1),
        &pubrel(1),
        &pubcomp(1),
        &suback(1, 0),
        &unsuback(1),
        &incoming(QoS::AtMostOnce, 0, "x"),
        &incoming(QOS2, 1, "x"),
        // Not even all there.
        &incoming(QOS1, 1, "x")[..4],
    ] {
        let mut client = Client::new(true);
        client.connect(0);
        assert_eq!(
            client.receive(bytes),
            Err(Error::BeforeConnAck),
            "{bytes:x?}"
        );
        assert_eq!(client.inbox.len(), 0);
    }
}

#[test]
fn a_second_connack_ends_the_connection() {
    for bytes in [connack(false), connack(true), refusal(2)] {
        let mut client = connected(false);
        assert_eq!(client.receive(&bytes), Err(Error::SecondConnAck));
    }
}

#[test]
fn a_session_for_a_clean_session_ends_the_connection() {
    let mut client = Client::new(true);
    client.connect(0);
    assert_eq!(client.receive(&connack(true)), Err(Error::SessionPresent));
    assert!(!client.session.is_up());
}

#[test]
fn connack_may_come_in_pieces_and_with_the_first_message() {
    let mut client = Client::new(false);
    client.connect(0);
    let bytes = [&connack(true)[..], &incoming(QOS1, 5, "x")].concat();
    for byte in bytes {
        client.receive(&[byte]).unwrap();
    }
    assert_eq!(inbox(&client), ["x"]);
}

#[test]
fn connections_are_told_apart() {
    let mut client = connected(true);
    let first = client.session.connection();
    client.lose();
    assert_eq!(client.session.connection(), first);
    client.connect(0);
    assert_ne!(client.session.connection(), first);
}

#[test]
fn mqtt_3_14_4_2_after_the_end_of_the_connection_there_is_nothing_to_send() {
    let mut client = connected(false);
    client.connect(10);
    client.receive(&connack(true)).unwrap();
    client.publish(QOS1, 1).unwrap();
    client.subscribe("a", 1, QOS1);
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    client.receive(&incoming(QOS2, 6, "y")).unwrap();
    client.session.next_event(&pubrec(7), None).unwrap();
    // DISCONNECT goes out here.
    client.lose();
    client.deliver();
    client.deliver();
    client.wait(60_000).unwrap();
    client.subscribe_registered();
    assert_eq!(client.session.poll_redelivery(), None);
    assert!(client.publish(QOS1, 2).is_err());
    assert!(client.unsubscribe("a").is_err());
    assert_eq!(client.sent(), []);
    assert_eq!(client.session.next_check(client.now), None);
}
