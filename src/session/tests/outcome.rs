//! The status of a handshake, as the caller that waits for it polls it.

use super::harness::broker::*;
use super::support::*;
use crate::session::HandshakeStatus::{Complete, Lost, Pending};

#[test]
fn pending_then_complete_then_used_up() {
    let mut client = connected(true);
    let (ticket, _) = client.publish(QOS1, 1).unwrap();
    assert_eq!(client.session.poll_handshake(ticket), Pending);
    client.receive(&puback(1)).unwrap();
    assert_eq!(client.answers, 1);
    assert_eq!(client.session.poll_handshake(ticket), Complete);
    assert_eq!(client.session.poll_handshake(ticket), Lost);
}

#[test]
fn complete_survives_the_end_of_the_connection() {
    for clean in [false, true] {
        let mut client = connected(clean);
        let (first, _) = client.publish(QOS1, 1).unwrap();
        let (second, _) = client.publish(QOS2, 2).unwrap();
        client.receive(&puback(1)).unwrap();
        client.receive(&pubrec(2)).unwrap();
        client.receive(&pubcomp(2)).unwrap();
        reconnect(&mut client, false);
        assert_eq!(client.session.poll_handshake(first), Complete);
        assert_eq!(client.session.poll_handshake(second), Complete);
    }
}

#[test]
fn an_open_handshake_is_lost_with_the_connection_even_if_it_completes_later() {
    for clean in [false, true] {
        let mut client = connected(clean);
        let (at_least_once, _) = client.publish(QOS1, 1).unwrap();
        let (exactly_once, _) = client.publish(QOS2, 2).unwrap();
        let (released, _) = client.publish(QOS2, 3).unwrap();
        client.receive(&pubrec(3)).unwrap();
        client.lose();
        assert_eq!(client.session.poll_handshake(at_least_once), Lost);
        assert_eq!(client.session.poll_handshake(exactly_once), Lost);
        reconnect(&mut client, !clean);
        client.receive(&puback(1)).unwrap();
        client.receive(&pubcomp(3)).unwrap();
        assert_eq!(client.session.poll_handshake(at_least_once), Lost);
        assert_eq!(client.session.poll_handshake(released), Lost);
    }
}

#[test]
fn a_late_acknowledgement_is_not_taken_for_that_of_another_message() {
    let mut client = connected(true);
    let (first, _) = client.publish(QOS1, 1).unwrap();
    client.session.forget_handshake(first);
    let (second, second_id) = client.publish(QOS1, 2).unwrap();
    client.receive(&puback(1)).unwrap();
    assert_eq!(client.session.poll_handshake(first), Lost);
    assert_eq!(client.session.poll_handshake(second), Pending);
    client.receive(&puback(second_id.get())).unwrap();
    assert_eq!(client.session.poll_handshake(second), Complete);
}

#[test]
fn forgetting_a_handshake_that_is_over_makes_room() {
    let mut client = connected(true);
    let (ticket, _) = client.publish(QOS1, 1).unwrap();
    client.receive(&puback(1)).unwrap();
    client.session.forget_handshake(ticket);
    assert_eq!(client.session.poll_handshake(ticket), Lost);
    assert_eq!(client.session.unacknowledged(), 0);
}

#[test]
fn unsubscribe_is_complete_or_lost() {
    let mut client = connected(true);
    let first = client.unsubscribe("a").unwrap();
    let second = client.unsubscribe("b").unwrap();
    assert_eq!(client.session.poll_unsubscribe(first), Pending);
    client.receive(&unsuback(1)).unwrap();
    assert_eq!(client.answers, 1);
    reconnect(&mut client, false);
    // The broker of another session answers nothing of the old one.
    client.receive(&unsuback(2)).unwrap();
    assert_eq!(client.session.poll_unsubscribe(first), Complete);
    assert_eq!(client.session.poll_unsubscribe(second), Lost);
    assert_eq!(client.session.poll_unsubscribe(second), Lost);
}
