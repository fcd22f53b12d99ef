//! The rules of delivery, which are those of MQTT 3.1.1 under the numbers of MQTT 5.

use super::super::harness::broker::{delivery, puback, pubcomp, publish_in, pubrec, pubrel};
use super::super::harness::client_packet::ClientPacket::{
    self, PubAck, PubComp, PubRec, PubRel, Subscribe, Unsubscribe,
};
use super::super::support::{Client, QOS1, QOS2, inbox, published_in};
use super::{V5, ack, connack, connected_with};
use crate::codec::QoS;
use crate::session::HandshakeStatus;
use std::vec::Vec;

/// A message of the broker's.
fn message(qos: QoS, number: u16, dup: bool, payload: &str) -> Vec<u8> {
    publish_in(V5, "in", payload.as_bytes(), delivery(qos, number, dup))
}

/// The PUBLISH of an outgoing message.
fn published(qos: QoS, number: u16, dup: bool, message: u32) -> ClientPacket {
    published_in(V5, qos, number, dup, message)
}

/// The packets after the CONNECT of a new connection, to a broker that has the session or not.
fn resumed(client: &mut Client, session_present: bool) -> Vec<ClientPacket> {
    client.lose();
    client.connect(0);
    client.receive(&connack(session_present, b"")).unwrap();
    client.sent().split_off(1)
}

#[test]
fn mqtt5_2_2_1_3_every_request_has_an_identifier_that_is_not_in_use() {
    let mut client = connected_with(b"");
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.subscribe("a", 1, QOS1);
    client.unsubscribe("b").unwrap();
    client.publish(QOS1, 3).unwrap();
    let ids = client.sent().into_iter().map(|packet| match packet {
        ClientPacket::Publish(publish) => publish.id,
        Subscribe { id, .. } | Unsubscribe { id, .. } => id,
        other => panic!("{other:?}"),
    });
    assert_eq!(ids.collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[test]
fn mqtt5_4_3_1_1_a_message_of_qos_0_has_no_dup() {
    let mut client = connected_with(b"");
    client.publish_at_most_once(7);
    assert_eq!(client.sent(), [published(QoS::AtMostOnce, 0, false, 7)]);
}

#[test]
fn mqtt5_4_3_2_1_a_message_of_qos_1_has_an_unused_identifier() {
    let mut client = connected_with(b"");
    client.publish(QOS1, 7).unwrap();
    client.publish(QOS1, 8).unwrap();
    // [MQTT5-4.3.2-2]
    let expected = [published(QOS1, 1, false, 7), published(QOS1, 2, false, 8)];
    assert_eq!(client.sent(), expected);
}

#[test]
fn mqtt5_4_3_2_2_the_first_publish_of_qos_1_has_no_dup() {
    let mut client = connected_with(b"");
    client.publish(QOS1, 7).unwrap();
    assert_eq!(client.sent(), [published(QOS1, 1, false, 7)]);
}

#[test]
fn mqtt5_4_3_2_3_a_message_of_qos_1_is_open_until_its_puback() {
    let mut client = connected_with(b"");
    client.publish(QOS1, 7).unwrap();
    for other in [puback(2), pubrec(1), pubcomp(1)] {
        client.receive(&other).unwrap();
        assert_eq!(client.session.unacknowledged(), 1);
    }
    client.receive(&puback(1)).unwrap();
    assert_eq!(client.session.unacknowledged(), 0);
}

#[test]
fn mqtt5_3_3_4_1_every_qos_is_answered_as_the_table_says() {
    let mut client = connected_with(b"");
    for (qos, answer) in [
        (QoS::AtMostOnce, None),
        (QOS1, Some(PubAck(5))),
        (QOS2, Some(PubRec(5))),
    ] {
        client.receive(&message(qos, 5, false, "x")).unwrap();
        assert_eq!(client.sent(), [], "the application has not had it");
        client.deliver();
        assert_eq!(client.sent(), Vec::from_iter(answer));
    }
}

#[test]
fn mqtt5_4_3_2_4_a_puback_has_the_identifier_of_the_publish() {
    let mut client = connected_with(b"");
    client.receive(&message(QOS1, 300, false, "x")).unwrap();
    client.deliver();
    assert_eq!(client.sent(), [PubAck(300)]);
}

#[test]
fn mqtt5_4_3_2_5_after_its_puback_an_identifier_means_a_new_message() {
    let mut client = connected_with(b"");
    for dup in [false, true] {
        client.receive(&message(QOS1, 5, dup, "x")).unwrap();
        client.deliver();
        assert_eq!(client.sent(), [PubAck(5)]);
    }
}

#[test]
fn mqtt5_4_3_3_1_a_message_of_qos_2_has_an_unused_identifier() {
    let mut client = connected_with(b"");
    client.publish(QOS2, 7).unwrap();
    client.receive(&pubrec(1)).unwrap();
    client.sent();
    client.publish(QOS2, 8).unwrap();
    assert_eq!(client.sent(), [published(QOS2, 2, false, 8)]);
}

#[test]
fn mqtt5_4_3_3_2_the_first_publish_of_qos_2_has_no_dup() {
    let mut client = connected_with(b"");
    client.publish(QOS2, 7).unwrap();
    assert_eq!(client.sent(), [published(QOS2, 1, false, 7)]);
}

#[test]
fn mqtt5_4_3_3_3_a_message_of_qos_2_is_open_until_its_pubrec() {
    let mut client = connected_with(b"");
    client.publish(QOS2, 7).unwrap();
    client.receive(&pubcomp(1)).unwrap();
    let expected = [published(QOS2, 1, true, 7)];
    assert_eq!(resumed(&mut client, true), expected);
}

#[test]
fn mqtt5_4_3_3_5_a_pubrel_is_open_until_its_pubcomp() {
    let mut client = connected_with(b"");
    let (ticket, _) = client.publish(QOS2, 7).unwrap();
    client.receive(&pubrec(1)).unwrap();
    assert_eq!(client.session.unacknowledged(), 1);
    assert_eq!(resumed(&mut client, true), [PubRel(1)]);
    client.receive(&pubcomp(1)).unwrap();
    let status = client.session.poll_handshake(ticket);
    assert_eq!(
        (status, client.session.unacknowledged()),
        (HandshakeStatus::Lost, 0)
    );
}

#[test]
fn mqtt5_4_3_3_6_after_its_pubrel_a_message_is_not_sent_again() {
    let mut client = connected_with(b"");
    client.publish(QOS2, 7).unwrap();
    client.receive(&pubrec(1)).unwrap();
    for _ in 0..2 {
        assert_eq!(resumed(&mut client, true), [PubRel(1)]);
    }
}

#[test]
fn mqtt5_2_2_1_5_acknowledgements_have_the_identifier_of_their_publish() {
    let mut client = connected_with(b"");
    for number in 1..=3 {
        client.publish(QOS2, number).unwrap();
    }
    client.sent();
    client.receive(&pubrec(2)).unwrap();
    assert_eq!(client.sent(), [PubRel(2)]);
    client.receive(&message(QOS2, 77, false, "x")).unwrap();
    client.deliver();
    client.receive(&pubrel(77)).unwrap();
    assert_eq!(client.sent(), [PubRec(77), PubComp(77)]);
}

#[test]
fn mqtt5_4_3_3_8_a_pubrec_has_the_identifier_of_the_publish() {
    let mut client = connected_with(b"");
    client.receive(&message(QOS2, 300, false, "x")).unwrap();
    client.deliver();
    assert_eq!(client.sent(), [PubRec(300)]);
}

#[test]
fn mqtt5_4_3_3_10_until_its_pubrel_an_identifier_means_the_same_message() {
    let mut client = connected_with(b"");
    client.receive(&message(QOS2, 5, false, "x")).unwrap();
    client.deliver();
    client.sent();
    client.receive(&message(QOS2, 5, true, "x")).unwrap();
    assert_eq!(client.inbox.len(), 0);
    assert_eq!(client.sent(), [PubRec(5)]);
}

#[test]
fn mqtt5_4_3_3_11_a_pubrel_is_answered_with_a_pubcomp_of_its_identifier() {
    let mut client = connected_with(b"");
    // An unknown one, too.
    client.receive(&pubrel(9)).unwrap();
    assert_eq!(client.sent(), [PubComp(9)]);
}

#[test]
fn mqtt5_4_3_3_12_after_its_pubcomp_an_identifier_means_a_new_message() {
    let mut client = connected_with(b"");
    for _ in 0..2 {
        client.receive(&message(QOS2, 5, false, "x")).unwrap();
        client.deliver();
        client.receive(&pubrel(5)).unwrap();
        assert_eq!(client.sent(), [PubRec(5), PubComp(5)]);
    }
}

#[test]
fn mqtt5_4_4_0_1_open_messages_are_sent_again_on_a_new_connection_alone() {
    let mut client = connected_with(b"");
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.publish(QOS2, 3).unwrap();
    client.receive(&pubrec(3)).unwrap();
    client.sent();
    client.wait(5000).unwrap();
    assert_eq!(client.sent(), []);
    let expected = [
        published(QOS1, 1, true, 1),
        published(QOS2, 2, true, 2),
        PubRel(3),
    ];
    assert_eq!(resumed(&mut client, true), expected);
}

#[test]
fn mqtt5_3_3_1_1_a_message_that_is_sent_again_has_dup() {
    let mut client = connected_with(b"");
    client.publish(QOS1, 1).unwrap();
    assert_eq!(resumed(&mut client, true), [published(QOS1, 1, true, 1)]);
}

#[test]
fn mqtt5_4_4_0_2_a_message_that_was_refused_is_not_sent_again() {
    let mut client = connected_with(b"");
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.receive(&ack(0x40, 1, 0x97)).unwrap();
    client.receive(&ack(0x50, 2, 0x97)).unwrap();
    assert_eq!(resumed(&mut client, true), []);
}

#[test]
fn mqtt5_3_2_2_5_without_a_session_of_the_broker_the_client_begins_a_new_one() {
    let mut client = connected_with(b"");
    client.publish(QOS2, 1).unwrap();
    client.receive(&pubrec(1)).unwrap();
    client.receive(&message(QOS2, 5, false, "x")).unwrap();
    client.deliver();
    // The broker had the first message: it is not sent again.
    assert_eq!(resumed(&mut client, false), []);
    client.receive(&message(QOS2, 5, false, "new")).unwrap();
    assert_eq!(inbox(&client), ["new"]);
}

#[test]
fn mqtt5_4_5_0_2_a_message_that_no_filter_matches_is_acknowledged() {
    let mut client = connected_with(b"");
    client.receive(&message(QOS1, 5, false, "x")).unwrap();
    assert_eq!(client.deliver(), []);
    assert_eq!(client.sent(), [PubAck(5)]);
}

#[test]
fn mqtt5_4_6_0_1_messages_are_sent_again_in_their_order() {
    let mut client = connected_with(b"");
    for number in 1..=4 {
        client
            .publish(if number == 3 { QOS2 } else { QOS1 }, number)
            .unwrap();
    }
    client.receive(&puback(2)).unwrap();
    let expected = [
        published(QOS1, 1, true, 1),
        published(QOS2, 3, true, 3),
        published(QOS1, 4, true, 4),
    ];
    assert_eq!(resumed(&mut client, true), expected);
}

#[test]
fn mqtt5_4_6_0_2_pubacks_go_out_in_the_order_of_the_publishes() {
    let mut client = connected_with(b"");
    let numbers = [3, 1, 2, 300, 5];
    for number in numbers {
        client.receive(&message(QOS1, number, false, "x")).unwrap();
    }
    for _ in numbers {
        client.deliver();
    }
    assert_eq!(client.sent(), numbers.map(PubAck));
}

#[test]
fn mqtt5_4_6_0_3_pubrecs_go_out_in_the_order_of_the_publishes() {
    let mut client = connected_with(b"");
    let numbers = [3, 1, 2, 300, 5];
    for number in numbers {
        client.receive(&message(QOS2, number, false, "x")).unwrap();
    }
    for _ in numbers {
        client.deliver();
    }
    assert_eq!(client.sent(), numbers.map(PubRec));
}

#[test]
fn mqtt5_4_6_0_4_pubrels_go_out_in_the_order_of_the_pubrecs() {
    let mut client = connected_with(b"");
    for number in 1..=4 {
        client.publish(QOS2, number).unwrap();
    }
    client.sent();
    client.receive(&[3, 1, 4, 2].map(pubrec).concat()).unwrap();
    assert_eq!(client.sent(), [3, 1, 4, 2].map(PubRel));
}

#[test]
fn mqtt5_4_9_0_1_the_first_messages_are_as_many_as_the_broker_allows() {
    let mut client = connected_with(b"\x21\0\x03");
    for number in 1..=3 {
        client.publish(QOS1, number).unwrap();
    }
    assert!(client.publish(QOS1, 4).is_err());
}

#[test]
fn mqtt5_4_9_0_2_every_end_of_a_handshake_makes_room_for_one_message() {
    let mut client = connected_with(b"\x21\0\x01");
    for (number, qos, ends) in [
        (1, QOS1, &[ack(0x40, 1, 0)][..]),
        (2, QOS1, &[ack(0x40, 2, 0x97)]),
        (3, QOS2, &[ack(0x50, 3, 0x97)]),
        (4, QOS2, &[ack(0x50, 4, 0), ack(0x70, 4, 0)]),
    ] {
        client.publish(qos, number).unwrap();
        for end in ends {
            assert!(client.publish(QOS1, 99).is_err(), "{number}");
            client.receive(end).unwrap();
        }
    }
    client.publish(QOS1, 5).unwrap();
}

#[test]
fn mqtt5_4_9_0_3_every_other_packet_is_taken_in_and_answered_without_room() {
    let mut client = connected_with(b"\x21\0\x01");
    client.publish(QOS2, 1).unwrap();
    client.sent();
    client.receive(&message(QOS1, 5, false, "x")).unwrap();
    client.deliver();
    client.receive(&pubrel(9)).unwrap();
    // [MQTT5-3.3.4-8]
    client.publish_at_most_once(2);
    client.receive(&pubrec(1)).unwrap();
    let expected = [
        PubAck(5),
        PubComp(9),
        published(QoS::AtMostOnce, 0, false, 2),
        PubRel(1),
    ];
    assert_eq!(client.sent(), expected);
}

#[test]
fn mqtt5_3_3_4_8_only_messages_wait_for_room() {
    let mut client = connected_with(b"\x21\0\x01");
    client.publish(QOS1, 1).unwrap();
    client.sent();
    client.subscribe("a", 1, QOS1);
    client.unsubscribe("b").unwrap();
    assert!(matches!(
        client.sent()[..],
        [Subscribe { .. }, Unsubscribe { .. }]
    ));
    client.wait(8000).unwrap();
    assert_eq!(client.sent(), [ClientPacket::PingReq]);
}

#[test]
fn mqtt5_3_1_2_20_an_idle_client_sends_pingreq_within_the_keep_alive() {
    let mut client = connected_with(b"");
    client.wait(7000).unwrap();
    assert_eq!(client.sent(), []);
    client.wait(1000).unwrap();
    assert_eq!(client.sent(), [ClientPacket::PingReq]);
}

#[test]
fn mqtt5_3_1_2_21_the_interval_is_the_brokers() {
    let mut client = connected_with(b"\x13\0\x04");
    client.wait(3000).unwrap();
    assert_eq!(client.sent(), [ClientPacket::PingReq]);
}
