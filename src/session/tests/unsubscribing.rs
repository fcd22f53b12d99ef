//! UNSUBSCRIBE.

use super::harness::broker::*;
use super::harness::client_packet::ClientPacket;
use super::support::*;
use crate::session::HandshakeStatus;
use std::string::ToString;

#[test]
fn from_the_call_on_the_handler_is_not_called() {
    let mut client = connected(true);
    client.subscribe_granted("in", 1, QOS1);
    client.subscribe_granted("#", 2, QOS1);
    client.sent();
    client.unsubscribe("in").unwrap();
    let filter = "in".to_string();
    assert_eq!(
        client.sent(),
        [ClientPacket::Unsubscribe {
            id: id(3).get(),
            filter
        }]
    );
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    let calls = client.deliver();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].handler, 2);
}

#[test]
fn without_a_connection_a_registration_is_undone() {
    let mut client = Client::new(false);
    client.subscribe("a", 1, QOS1);
    client.subscribe("b", 2, QOS1);
    assert!(client.session.unregister("a"));
    assert!(!client.session.unregister("a"));
    assert_eq!(client.session.subscriptions(), 1);
    client.connect(0);
    client.receive(&connack(false)).unwrap();
    client.subscribe_registered();
    let filters = client.sent();
    assert!(
        matches!(&filters[1..], [ClientPacket::Subscribe { filter, .. }] if filter == "b"),
        "{filters:?}"
    );
}

#[test]
fn an_unsubscribed_filter_is_not_subscribed_again() {
    let mut client = connected(false);
    client.subscribe_granted("a", 1, QOS1);
    client.unsubscribe("a").unwrap();
    reconnect(&mut client, false);
    assert!(!client.session.wants_subscribe());
    assert_eq!(client.session.poll_subscribe(), None);
}

#[test]
fn without_a_connection_a_filter_of_a_stored_session_stays() {
    let mut client = connected(false);
    client.subscribe_granted("kept", 1, QOS1);
    client.session.connection_lost();
    assert!(!client.session.unregister("kept"));
    assert_eq!(client.session.subscriptions(), 1);
}

#[test]
fn without_a_connection_a_filter_of_a_clean_session_is_undone() {
    let mut client = connected(true);
    client.subscribe_granted("gone", 1, QOS1);
    client.session.connection_lost();
    assert!(client.session.unregister("gone"));
    assert_eq!(client.session.subscriptions(), 0);
}

#[test]
fn an_answer_that_no_caller_waits_for_is_forgotten() {
    let mut client = connected(true);
    let id = client.unsubscribe("a").unwrap();
    client.session.forget_unsubscribe(id);
    assert_eq!(client.session.poll_unsubscribe(id), HandshakeStatus::Lost);
    // Once more, and of a request that there never was.
    client.session.forget_unsubscribe(id);
    client.session.forget_unsubscribe(id.saturating_add(9));
    client.receive(&unsuback(1)).unwrap();
    assert_eq!(client.answers, 0);
    assert_eq!(client.session.poll_unsubscribe(id), HandshakeStatus::Lost);
}
