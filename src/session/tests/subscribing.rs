//! SUBSCRIBE: its filters, when it is sent again, and the effect of a refusal.

use super::harness::application::Filter;
use super::harness::broker::*;
use super::harness::client_packet::ClientPacket;
use super::support::*;
use crate::codec::QoS;
use crate::session::{NoRoom, SubscribeStatus};
use std::string::{String, ToString};
use std::vec::Vec;

/// The filters and QoS of the SUBSCRIBE packets that went out.
fn asked(packets: &[ClientPacket]) -> Vec<(&str, u8)> {
    packets
        .iter()
        .filter_map(|packet| match packet {
            ClientPacket::Subscribe { filter, qos, .. } => Some((filter.as_str(), *qos)),
            _ => None,
        })
        .collect()
}

/// The filters and QoS of the SUBSCRIBE packets on a new connection.
fn asked_again(client: &mut Client, session_present: bool) -> Vec<(String, u8)> {
    reconnect(client, session_present);
    client.subscribe_registered();
    let sent = client.sent();
    let asked = asked(&sent).into_iter();
    asked
        .map(|(filter, qos)| (filter.to_string(), qos))
        .collect()
}

/// The handlers that a message to topic "in" goes to.
fn handlers(client: &mut Client) -> Vec<u32> {
    client.receive(&incoming(QoS::AtMostOnce, 0, "x")).unwrap();
    client.deliver().iter().map(|call| call.handler).collect()
}

#[test]
fn pending_until_the_suback_and_granted_by_it() {
    let mut client = connected(true);
    let subscribing = client.subscribe("a", 1, QOS1);
    assert_eq!(asked(&client.sent()), [("a", 1)]);
    assert!(client.session.awaits_suback());
    assert_eq!(
        client.session.subscribe_status(subscribing.attempt),
        SubscribeStatus::Pending
    );
    client.receive(&suback(1, 0)).unwrap();
    assert_eq!(client.answers, 1);
    assert!(!client.session.awaits_suback());
    assert_eq!(
        client.session.subscribe_status(subscribing.attempt),
        SubscribeStatus::Granted
    );
}

#[test]
fn without_a_connection_it_is_asked_at_the_next() {
    let mut client = Client::new(true);
    assert_eq!(client.subscribe("a", 1, QOS1).id, None);
    assert_eq!(client.subscribe("b", 2, QOS2).id, None);
    assert!(!client.session.wants_subscribe(), "there is no connection");
    assert_eq!(
        asked_again(&mut client, false),
        [("a".into(), 1), ("b".into(), 2)]
    );
    assert!(!client.session.wants_subscribe());
}

#[test]
fn a_lost_session_is_subscribed_again_and_a_resumed_one_is_not() {
    let mut client = connected(false);
    client.subscribe_granted("a", 1, QOS1);
    client.subscribe_granted("b", 2, QOS2);
    assert_eq!(asked_again(&mut client, true), []);
    assert_eq!(
        asked_again(&mut client, false),
        [("a".into(), 1), ("b".into(), 2)]
    );
}

#[test]
fn a_filter_that_a_new_session_refuses_does_not_count_as_granted_by_the_old_one() {
    let mut client = connected(false);
    client.subscribe_granted("in", 1, QOS1);
    reconnect(&mut client, false);
    client.subscribe_registered();
    client.receive(&suback(2, 0x80)).unwrap();
    assert_eq!(handlers(&mut client), []);
    assert_eq!(client.session.take_refused().as_deref(), Some("in"));
}

#[test]
fn a_filter_without_an_answer_is_asked_again_even_in_a_resumed_session() {
    let mut client = connected(false);
    client.subscribe_granted("a", 1, QOS1);
    client.subscribe("b", 2, QOS2);
    assert_eq!(asked_again(&mut client, true), [("b".into(), 2)]);
}

#[test]
fn a_filter_that_has_just_been_asked_is_not_asked_again() {
    let mut client = connected(true);
    client.subscribe_granted("a", 1, QOS1);
    client.subscribe_granted("b", 2, QOS1);
    reconnect(&mut client, false);
    client.subscribe("a", 1, QOS1);
    client.sent();
    client.subscribe_registered();
    assert_eq!(asked(&client.sent()), [("b", 1)]);
}

#[test]
fn the_same_filter_again_replaces_handler_and_qos() {
    let mut client = connected(true);
    client.subscribe_granted("in", 1, QOS1);
    client.sent();
    let subscribing = client.subscribe("in", 2, QOS2);
    assert_eq!(asked(&client.sent()), [("in", 2)]);
    assert_eq!(subscribing.before, Some((Filter::plain("in"), 1, QOS1)));
    assert_eq!(client.session.subscriptions(), 1);
    assert_eq!(handlers(&mut client), [2]);
    assert_eq!(asked_again(&mut client, false), [("in".into(), 2)]);
}

#[test]
fn a_full_table_changes_nothing() {
    let mut client = connected(true);
    client.session.table_mut().room = 1;
    client.subscribe_granted("in", 1, QOS1);
    let refused = client.session.subscribe(Filter::plain("b"), 2, QOS1);
    assert!(matches!(refused, Err(NoRoom)));
    assert_eq!(client.session.subscriptions(), 1);
    // To replace takes no room.
    client.subscribe_granted("in", 3, QOS1);
    assert_eq!(handlers(&mut client), [3]);
}

// ---- refusals

#[test]
fn a_refused_new_filter_is_gone_when_it_is_taken_back() {
    let mut client = connected(true);
    let subscribing = client.subscribe("in", 1, QOS1);
    client.receive(&suback(1, 0x80)).unwrap();
    let attempt = subscribing.attempt;
    assert!(matches!(
        client.session.subscribe_status(attempt),
        SubscribeStatus::Refused(_)
    ));
    client.session.undo_subscribe(attempt, subscribing.before);
    assert_eq!(
        client.session.subscribe_status(attempt),
        SubscribeStatus::Gone
    );
    assert_eq!(client.session.subscriptions(), 0);
    assert_eq!(asked_again(&mut client, false), []);
}

#[test]
fn a_refused_replacement_gives_way_to_the_handler_before_it() {
    let mut client = connected(false);
    client.subscribe_granted("in", 1, QOS1);
    let subscribing = client.subscribe("in", 2, QOS2);
    client.receive(&suback(2, 0x80)).unwrap();
    assert_eq!(handlers(&mut client), [2], "the broker still sends");
    client
        .session
        .undo_subscribe(subscribing.attempt, subscribing.before);
    assert_eq!(handlers(&mut client), [1]);
    assert_eq!(
        asked_again(&mut client, true),
        [],
        "the broker still has it"
    );
    assert_eq!(asked_again(&mut client, false), [("in".into(), 1)]);
}

#[test]
fn the_filter_of_a_refused_replacement_is_asked_if_the_broker_never_had_it() {
    let mut client = Client::new(false);
    client.subscribe("in", 1, QOS1);
    reconnect(&mut client, false);
    let subscribing = client.subscribe("in", 2, QOS2);
    client.receive(&suback(1, 0x80)).unwrap();
    client
        .session
        .undo_subscribe(subscribing.attempt, subscribing.before);
    client.sent();
    client.subscribe_registered();
    assert_eq!(asked(&client.sent()), [("in", 1)]);
}

#[test]
fn the_filter_of_a_lost_replacement_is_asked_of_a_broker_without_the_session() {
    let mut client = connected(false);
    client.subscribe_granted("in", 1, QOS1);
    let subscribing = client.subscribe("in", 2, QOS2);
    reconnect(&mut client, false);
    assert_eq!(
        client.session.subscribe_status(subscribing.attempt),
        SubscribeStatus::Lost
    );
    client
        .session
        .undo_subscribe(subscribing.attempt, subscribing.before);
    client.subscribe_registered();
    assert_eq!(asked(&client.sent()), [("in", 1)]);
}

#[test]
fn a_caller_that_gives_up_takes_nothing_from_a_later_caller_with_the_same_filter() {
    let mut client = connected(true);
    let first = client.subscribe("in", 1, QOS1);
    let second = client.subscribe("in", 2, QOS1);
    assert_eq!(
        client.session.subscribe_status(first.attempt),
        SubscribeStatus::Gone
    );
    client.session.undo_subscribe(first.attempt, first.before);
    assert_eq!(
        client.session.subscribe_status(second.attempt),
        SubscribeStatus::Pending
    );
    client.receive(&suback(2, 1)).unwrap();
    assert_eq!(
        client.session.subscribe_status(second.attempt),
        SubscribeStatus::Granted
    );
    assert_eq!(handlers(&mut client), [2]);
}

#[test]
fn a_refusal_that_a_caller_waits_for_is_not_taken_from_it() {
    let mut client = Client::new(true);
    client.subscribe("registered", 1, QOS1);
    reconnect(&mut client, false);
    client.subscribe_registered();
    let subscribing = client.subscribe("awaited", 2, QOS1);
    client.receive(&suback(1, 0x80)).unwrap();
    client.receive(&suback(2, 0x80)).unwrap();
    assert_eq!(client.session.take_refused().as_deref(), Some("registered"));
    assert_eq!(client.session.take_refused(), None);
    assert!(matches!(
        client.session.subscribe_status(subscribing.attempt),
        SubscribeStatus::Refused(_)
    ));
}

#[test]
fn a_caller_that_waits_over_a_reconnect_sees_the_loss_or_the_grant() {
    let mut client = connected(false);
    let granted = client.subscribe("a", 1, QOS1).attempt;
    let refused = client.subscribe("b", 2, QOS1).attempt;
    client.lose();
    assert_eq!(
        client.session.subscribe_status(granted),
        SubscribeStatus::Lost
    );
    reconnect(&mut client, true);
    client.subscribe_registered();
    assert_eq!(
        client.session.subscribe_status(granted),
        SubscribeStatus::Lost
    );
    let ids = client.sent().into_iter().map(|packet| match packet {
        ClientPacket::Subscribe { id, .. } => id,
        other => panic!("{other:?}"),
    });
    for (number, code) in ids.zip([1, 0x80]) {
        client.receive(&suback(number, code)).unwrap();
    }
    assert_eq!(client.session.take_refused().as_deref(), Some("b"));
    assert_eq!(
        client.session.subscribe_status(granted),
        SubscribeStatus::Granted
    );
    assert_eq!(
        client.session.subscribe_status(refused),
        SubscribeStatus::Lost
    );
}

#[test]
fn a_filter_unsubscribed_meanwhile_is_gone() {
    let mut client = connected(true);
    let subscribing = client.subscribe("in", 1, QOS1);
    client.unsubscribe("in").unwrap();
    client.receive(&suback(1, 0x80)).unwrap();
    assert_eq!(
        client.session.subscribe_status(subscribing.attempt),
        SubscribeStatus::Gone
    );
    assert!(!client.session.awaits_suback());
    assert_eq!(client.session.take_refused(), None);
    assert_eq!(handlers(&mut client), []);
}

#[test]
fn the_number_of_a_call_leads_back_to_its_status() {
    let mut client = connected(true);
    let attempt = client.subscribe_granted("a", 1, QOS1);
    let again = client.session.attempt(attempt.number());
    assert_eq!(again, attempt);
    assert_eq!(
        client.session.subscribe_status(again),
        SubscribeStatus::Granted
    );
}
