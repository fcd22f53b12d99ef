//! How many outgoing messages may be open at once.

use super::harness::broker::*;
use super::support::*;
use crate::codec::QoS;
use crate::limits::{IN_FLIGHT, UNSUBSCRIBES};
use crate::session::{CommandError, HandshakeStatus};
use std::vec::Vec;

fn fill(client: &mut Client, qos: QoS) -> Vec<crate::session::Ticket> {
    (0..IN_FLIGHT as u32)
        .map(|message| client.publish(qos, message).unwrap().0)
        .collect()
}

#[test]
fn a_full_window_refuses_and_takes_nothing_in() {
    for qos in [QOS1, QOS2] {
        let mut client = connected(true);
        fill(&mut client, qos);
        assert!(client.session.window_is_full());
        assert_eq!(client.sent().len(), IN_FLIGHT);
        assert_eq!(client.publish(qos, 99), Err(CommandError::Full));
        assert_eq!(client.sent(), []);
        assert_eq!(client.session.unacknowledged(), IN_FLIGHT);
    }
}

#[test]
fn qos_1_makes_room_when_the_caller_has_seen_the_puback() {
    let mut client = connected(true);
    let tickets = fill(&mut client, QOS1);
    client.receive(&puback(1)).unwrap();
    assert_eq!(
        client.session.poll_handshake(tickets[0]),
        HandshakeStatus::Complete
    );
    assert!(!client.session.window_is_full());
    assert!(client.publish(QOS1, 99).is_ok());
    assert!(client.session.window_is_full());
}

#[test]
fn qos_2_makes_room_with_the_pubcomp_not_with_the_pubrec() {
    let mut client = connected(true);
    let tickets = fill(&mut client, QOS2);
    client.receive(&pubrec(1)).unwrap();
    assert_eq!(
        client.session.poll_handshake(tickets[0]),
        HandshakeStatus::Pending
    );
    assert!(client.session.window_is_full());
    client.receive(&pubcomp(1)).unwrap();
    assert_eq!(
        client.session.poll_handshake(tickets[0]),
        HandshakeStatus::Complete
    );
    assert!(!client.session.window_is_full());
}

#[test]
fn a_message_without_a_waiting_caller_makes_room_by_itself() {
    let mut client = connected(true);
    let tickets = fill(&mut client, QOS1);
    client.session.forget_handshake(tickets[0]);
    assert!(
        client.session.window_is_full(),
        "the broker has not answered"
    );
    client.receive(&puback(1)).unwrap();
    assert!(!client.session.window_is_full());
}

#[test]
fn messages_kept_for_the_next_connection_fill_the_window() {
    let mut client = connected(false);
    fill(&mut client, QOS1);
    assert_eq!(reconnect(&mut client, true).len(), IN_FLIGHT);
    assert_eq!(client.publish(QOS1, 99), Err(CommandError::Full));
    client.receive(&puback(3)).unwrap();
    assert!(client.publish(QOS1, 99).is_ok());
}

#[test]
fn without_a_connection_nothing_is_taken_in() {
    let mut client = connected(false);
    client.lose();
    assert_eq!(client.publish(QOS1, 1), Err(CommandError::NotConnected));
    client.connect(0);
    assert_eq!(client.publish(QOS1, 1), Err(CommandError::NotConnected));
    assert_eq!(client.unsubscribe("a"), Err(CommandError::NotConnected));
    assert_eq!(client.session.unacknowledged(), 0);
}

#[test]
fn unsubscribes_wait_for_each_other() {
    let mut client = connected(true);
    for _ in 0..UNSUBSCRIBES {
        client.unsubscribe("a").unwrap();
    }
    assert!(client.session.unsubscribes_are_full());
    assert_eq!(client.unsubscribe("a"), Err(CommandError::Full));
    client.receive(&unsuback(1)).unwrap();
    client.session.poll_unsubscribe(id(1));
    assert!(!client.session.unsubscribes_are_full());
    assert!(client.unsubscribe("a").is_ok());
}
