//! QoS 2 outwards, on one connection.

use super::harness::broker::*;
use super::harness::client_packet::ClientPacket::PubRel;
use super::support::*;
use crate::session::HandshakeStatus;

#[test]
fn mqtt_4_3_3_1_pubrec_is_answered_with_pubrel_and_pubcomp_ends_it() {
    let mut client = connected(false);
    let (ticket, _) = client.publish(QOS2, 7).unwrap();
    assert_eq!(client.sent(), [published(QOS2, 1, false, 7)]);
    for bytes in [puback(2), pubcomp(1), pubrec(2)] {
        client.receive(&bytes).unwrap();
        assert_eq!(client.session.unacknowledged(), 1);
    }
    client.sent();
    client.receive(&pubrec(1)).unwrap();
    assert_eq!(client.sent(), [PubRel(1)]);
    assert_eq!(
        client.session.poll_handshake(ticket),
        HandshakeStatus::Pending
    );
    client.receive(&pubcomp(1)).unwrap();
    assert_eq!(client.sent(), []);
    assert_eq!(
        client.session.poll_handshake(ticket),
        HandshakeStatus::Complete
    );
    assert_eq!(client.session.unacknowledged(), 0);
}

#[test]
fn mqtt_4_3_3_1_after_pubrec_the_message_is_not_sent_again() {
    let mut client = connected(false);
    client.publish(QOS2, 7).unwrap();
    client.receive(&pubrec(1)).unwrap();
    assert_eq!(reconnect(&mut client, true), [PubRel(1)]);
}

#[test]
fn mqtt_2_3_1_6_pubrel_has_the_identifier_of_the_publish() {
    let mut client = connected(true);
    for message in 1..=3 {
        client.publish(QOS2, message).unwrap();
    }
    client.sent();
    client.receive(&pubrec(2)).unwrap();
    assert_eq!(client.sent(), [PubRel(2)]);
}

#[test]
fn mqtt_4_6_0_4_pubrels_go_out_in_the_order_of_the_pubrecs() {
    let mut client = connected(true);
    for message in 1..=4 {
        client.publish(QOS2, message).unwrap();
    }
    client.sent();
    let pubrecs = [3, 1, 4, 2].map(pubrec).concat();
    client.receive(&pubrecs).unwrap();
    assert_eq!(client.sent(), [3, 1, 4, 2].map(PubRel));
}

#[test]
fn a_puback_ends_the_handshake_at_once_and_the_message_is_not_sent_again() {
    for clean in [false, true] {
        let mut client = connected(clean);
        let (ticket, _) = client.publish(QOS2, 7).unwrap();
        client.sent();
        client.receive(&puback(1)).unwrap();
        assert_eq!(client.answers, 1, "the caller that waits is told");
        assert_eq!(client.sent(), [], "no PUBREL without a PUBREC");
        assert_eq!(client.session.unacknowledged(), 0);
        // The verdict outlives the connection, as that of a complete handshake does.
        assert_eq!(reconnect(&mut client, !clean), []);
        let status = client.session.poll_handshake(ticket);
        assert_eq!(status, HandshakeStatus::Downgraded);
        assert_eq!(
            client.session.poll_handshake(ticket),
            HandshakeStatus::Lost,
            "the ticket is used up"
        );
    }
}

#[test]
fn a_puback_for_a_qos_2_message_that_no_caller_waits_for_makes_room() {
    let mut client = connected(false);
    client.publish(QOS2, 7).unwrap();
    assert_eq!(
        reconnect(&mut client, true),
        [published(QOS2, 1, true, 7)],
        "it is sent again"
    );
    client.receive(&puback(1)).unwrap();
    assert_eq!(client.session.unacknowledged(), 0);
    assert_eq!(reconnect(&mut client, true), []);
}

#[test]
fn a_puback_after_the_pubrec_changes_nothing() {
    let mut client = connected(true);
    let (ticket, _) = client.publish(QOS2, 7).unwrap();
    client.receive(&pubrec(1)).unwrap();
    client.receive(&puback(1)).unwrap();
    assert_eq!(client.session.unacknowledged(), 1);
    client.receive(&pubcomp(1)).unwrap();
    assert_eq!(
        client.session.poll_handshake(ticket),
        HandshakeStatus::Complete
    );
}

#[test]
fn a_second_pubrec_gets_a_second_pubrel() {
    let mut client = connected(true);
    client.publish(QOS2, 1).unwrap();
    client.sent();
    client.receive(&pubrec(1)).unwrap();
    client.receive(&pubrec(1)).unwrap();
    assert_eq!(client.sent(), [PubRel(1), PubRel(1)]);
    client.receive(&pubcomp(1)).unwrap();
    assert_eq!(client.session.unacknowledged(), 0);
}

#[test]
fn an_unknown_pubrec_gets_its_pubrel() {
    let mut client = connected(true);
    client.receive(&pubrec(9)).unwrap();
    assert_eq!(client.sent(), [PubRel(9)]);
    assert_eq!(client.session.unacknowledged(), 0);
}
