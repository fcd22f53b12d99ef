//! Packets that go out again on a new connection.

use super::harness::broker::*;
use super::harness::client_packet::ClientPacket::PubRel;
use super::support::*;
use crate::session::HandshakeStatus;

#[test]
fn mqtt_4_4_0_1_unacknowledged_publishes_and_pubrels_go_out_again_with_their_identifiers() {
    let mut client = connected(false);
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.publish(QOS2, 3).unwrap();
    client.publish(QOS1, 4).unwrap();
    client.receive(&pubrec(2)).unwrap();
    client.receive(&puback(4)).unwrap();
    let sent = reconnect(&mut client, true);
    assert_eq!(sent.len(), 3);
    for packet in [
        published(QOS1, 1, true, 1),
        published(QOS2, 3, true, 3),
        PubRel(2),
    ] {
        assert!(sent.contains(&packet), "{packet:?} in {sent:?}");
    }
}

#[test]
fn mqtt_2_3_1_3_a_packet_that_is_sent_again_keeps_its_identifier() {
    let mut client = connected(false);
    for message in 1..=3 {
        client.publish(QOS1, message).unwrap();
    }
    client.receive(&puback(1)).unwrap();
    for _ in 0..3 {
        assert_eq!(
            reconnect(&mut client, true),
            [published(QOS1, 2, true, 2), published(QOS1, 3, true, 3)]
        );
    }
}

#[test]
fn mqtt_3_3_1_1_a_publish_that_is_sent_again_has_dup() {
    let mut client = connected(false);
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    assert_eq!(
        client.sent(),
        [published(QOS1, 1, false, 1), published(QOS2, 2, false, 2)]
    );
    assert_eq!(
        reconnect(&mut client, true),
        [published(QOS1, 1, true, 1), published(QOS2, 2, true, 2)]
    );
}

#[test]
fn mqtt_4_6_0_1_publishes_go_out_again_in_the_order_of_their_first_time() {
    let mut client = connected(false);
    for (message, qos) in [(1, QOS2), (2, QOS1), (3, QOS2), (4, QOS1), (5, QOS2)] {
        client.publish(qos, message).unwrap();
    }
    client.receive(&pubrec(3)).unwrap();
    client.receive(&puback(2)).unwrap();
    client.publish(QOS1, 6).unwrap();
    let publishes = [
        published(QOS2, 1, true, 1),
        published(QOS1, 4, true, 4),
        published(QOS2, 5, true, 5),
        published(QOS1, 6, true, 6),
    ];
    let mut sent = reconnect(&mut client, true);
    sent.retain(|packet| *packet != PubRel(3));
    assert_eq!(sent, publishes);
    // And once more, from a connection on which some of it was acknowledged.
    client.receive(&puback(4)).unwrap();
    let mut sent = reconnect(&mut client, true);
    sent.retain(|packet| *packet != PubRel(3));
    assert_eq!(sent, [0, 2, 3].map(|index| publishes[index].clone()));
}

#[test]
fn mqtt_4_6_0_4_pubrels_go_out_again_in_the_order_of_the_pubrecs() {
    let mut client = connected(false);
    for message in 1..=4 {
        client.publish(QOS2, message).unwrap();
    }
    for number in [4, 2, 3, 4, 1] {
        client.receive(&pubrec(number)).unwrap();
    }
    assert_eq!(reconnect(&mut client, true), [4, 2, 3, 1].map(PubRel));
}

#[test]
fn new_messages_come_after_those_that_are_sent_again() {
    let mut client = connected(false);
    client.publish(QOS1, 1).unwrap();
    client.lose();
    client.connect(0);
    client.receive(&connack(true)).unwrap();
    client.publish(QOS1, 2).unwrap();
    assert_eq!(
        client.sent()[1..],
        [published(QOS1, 1, true, 1), published(QOS1, 2, false, 2)]
    );
}

#[test]
fn a_pubrec_that_comes_while_messages_are_sent_again_is_not_answered_twice_over() {
    let mut client = connected(false);
    client.publish(QOS2, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.lose();
    client.session.connect(0, client.now);
    client.session.next_event(&connack(true), None).unwrap();
    client.session.next_event(&pubrec(1), None).unwrap();
    let mut again = std::vec::Vec::new();
    while let Some(redelivery) = client.session.poll_redelivery() {
        again.push(redelivery);
    }
    let expected = crate::session::Redelivery::Publish(delivery(QOS2, 2, true), 2);
    assert_eq!(again, [expected]);
    client.flush();
    assert_eq!(client.sent(), [PubRel(1)]);
}

#[test]
fn a_connection_that_ends_while_messages_are_sent_again_loses_none() {
    let mut client = connected(false);
    for message in 1..=3 {
        client.publish(QOS1, message).unwrap();
    }
    client.lose();
    client.session.connect(0, client.now);
    client.session.next_event(&connack(true), None).unwrap();
    client.session.poll_redelivery().unwrap();
    assert_eq!(
        reconnect(&mut client, true),
        [1, 2, 3].map(|number| published(QOS1, number, true, number.into()))
    );
}

#[test]
fn a_refused_connection_loses_nothing() {
    let mut client = connected(false);
    client.publish(QOS1, 1).unwrap();
    client.lose();
    client.connect(0);
    client.receive(&refusal(3)).unwrap();
    assert_eq!(reconnect(&mut client, true), [published(QOS1, 1, true, 1)]);
}

#[test]
fn to_a_broker_without_the_session_messages_go_out_as_new_ones() {
    let mut client = connected(false);
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.publish(QOS2, 3).unwrap();
    client.receive(&pubrec(2)).unwrap();
    // That which the broker had taken over is the broker's loss.
    assert_eq!(
        reconnect(&mut client, false),
        [published(QOS1, 1, false, 1), published(QOS2, 3, false, 3)]
    );
    assert_eq!(client.session.unacknowledged(), 2);
    // From there on it is a session like any other.
    assert_eq!(
        reconnect(&mut client, true),
        [published(QOS1, 1, true, 1), published(QOS2, 3, true, 3)]
    );
}

#[test]
fn mqtt_4_1_0_1_state_lasts_over_any_number_of_connections() {
    let mut client = connected(false);
    let (ticket, _) = client.publish(QOS2, 1).unwrap();
    for _ in 0..3 {
        assert_eq!(reconnect(&mut client, true), [published(QOS2, 1, true, 1)]);
    }
    client.receive(&pubrec(1)).unwrap();
    for _ in 0..3 {
        assert_eq!(reconnect(&mut client, true), [PubRel(1)]);
    }
    client.receive(&pubcomp(1)).unwrap();
    assert_eq!(reconnect(&mut client, true), []);
    assert_eq!(client.session.poll_handshake(ticket), HandshakeStatus::Lost);
}

#[test]
#[cfg_attr(miri, ignore)]
fn mqtt_4_1_0_2_a_clean_session_too_lasts_as_long_as_its_connection() {
    let mut client = connected(true);
    client.subscribe_granted("in", 1, QOS2);
    let (ticket, _) = client.publish(QOS2, 1).unwrap();
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    assert_eq!(client.deliver().len(), 1);
    for _ in 0..1000 {
        client.wait(3_600_000).unwrap();
        client.receive(&PINGRESP).unwrap();
    }
    client.receive(&incoming_again(QOS2, 5, "x")).unwrap();
    assert_eq!(client.inbox.len(), 0);
    client.receive(&pubrec(2)).unwrap();
    client.receive(&pubcomp(2)).unwrap();
    assert_eq!(
        client.session.poll_handshake(ticket),
        HandshakeStatus::Complete
    );
    assert_eq!(client.session.subscriptions(), 1);
}

#[test]
fn mqtt_3_1_2_6_a_clean_session_carries_nothing_over() {
    let mut client = connected(true);
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.publish(QOS2, 3).unwrap();
    client.receive(&pubrec(3)).unwrap();
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    assert_eq!(reconnect(&mut client, false), []);
    assert_eq!(client.session.unacknowledged(), 0);
    // The identifier of an incoming message is forgotten too.
    client.receive(&incoming(QOS2, 5, "y")).unwrap();
    assert_eq!(inbox(&client), ["x", "y"]);
}

#[test]
fn mqtt_3_1_2_4_the_state_of_a_stored_session_is_there_after_the_connection() {
    let mut client = connected(false);
    client.subscribe_granted("in", 1, QOS2);
    client.publish(QOS1, 1).unwrap();
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    assert_eq!(client.deliver().len(), 1);
    client.lose();
    assert_eq!(client.session.unacknowledged(), 1);
    assert_eq!(client.session.subscriptions(), 1);
    assert_eq!(reconnect(&mut client, true), [published(QOS1, 2, true, 1)]);
    client.receive(&incoming_again(QOS2, 5, "x")).unwrap();
    assert_eq!(client.inbox.len(), 0);
}
