//! Which handlers a message goes to, and in which order.

use super::harness::broker::*;
use super::harness::client::Call;
use super::support::*;
use crate::codec::QoS;
use std::vec::Vec;

fn handlers(calls: &[Call]) -> Vec<u32> {
    calls.iter().map(|call| call.handler).collect()
}

fn subscribed(filters: &[(&str, u32)]) -> Client {
    let mut client = connected(true);
    for (filter, handler) in filters {
        client.subscribe_granted(filter, *handler, QOS1);
    }
    client.sent();
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    client
}

#[test]
fn every_filter_that_matches_in_the_order_of_registration() {
    let mut client = subscribed(&[("#", 3), ("other", 9), ("in", 1), ("+", 2), ("in/#", 7)]);
    let calls = client.deliver();
    assert_eq!(handlers(&calls), [3, 1, 2, 7]);
    assert!(calls.iter().all(|c| c.topic == "in" && c.payload == b"x"));
}

#[test]
fn a_shared_subscription_gets_the_messages_that_match_its_filter() {
    // With many filters their hashes are compared first.
    for others in [0, 10] {
        let mut client = subscribed(&[]);
        client.inbox.clear();
        for number in 0..others {
            client.subscribe_granted(&std::format!("other/{number}"), 9, QOS1);
        }
        for (filter, handler) in [("$share/g/in", 1), ("$share/h/#", 2), ("$share/g/out", 3)] {
            client.subscribe_granted(filter, handler, QOS1);
        }
        client.receive(&incoming(QOS1, 6, "y")).unwrap();
        assert_eq!(handlers(&client.deliver()), [1, 2]);
    }
}

#[test]
fn a_replaced_handler_keeps_its_place() {
    let mut client = subscribed(&[("#", 1), ("in", 2), ("+", 3), ("#", 4)]);
    assert_eq!(handlers(&client.deliver()), [4, 2, 3]);
}

#[test]
fn a_filter_registered_without_a_connection_gets_messages_that_the_broker_kept() {
    let mut client = Client::new(false);
    client.subscribe("in", 1, QOS1);
    client.connect(0);
    client.receive(&connack(true)).unwrap();
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    assert_eq!(handlers(&client.deliver()), [1]);
}

#[test]
fn a_retained_message_may_overtake_the_suback() {
    let mut client = connected(true);
    client.subscribe("in", 1, QOS1);
    client
        .receive(&incoming(QoS::AtMostOnce, 0, "kept"))
        .unwrap();
    assert_eq!(handlers(&client.deliver()), [1]);
}

#[test]
fn handlers_registered_by_a_handler_do_not_get_the_message() {
    let mut client = subscribed(&[("in", 1)]);
    let calls = client.deliver_with(|client, _| {
        client.subscribe("#", 2, QOS1);
    });
    assert_eq!(handlers(&calls), [1]);
    client.receive(&incoming(QOS1, 6, "y")).unwrap();
    assert_eq!(handlers(&client.deliver()), [1, 2]);
}

#[test]
fn handlers_unsubscribed_by_an_earlier_one_do_not_get_the_message() {
    let mut client = subscribed(&[("in", 1), ("+", 2), ("#", 3)]);
    let calls = client.deliver_with(|client, handler| {
        if handler == 1 {
            client.unsubscribe("+").unwrap();
        }
    });
    assert_eq!(handlers(&calls), [1, 3]);
}

#[test]
fn handlers_that_unsubscribe_themselves_do_not_skip_others() {
    let mut client = subscribed(&[("in", 1), ("+", 2), ("#", 3)]);
    let filters = ["in", "+", "#"];
    let calls = client.deliver_with(|client, handler| {
        client.unsubscribe(filters[handler as usize - 1]).unwrap();
    });
    assert_eq!(handlers(&calls), [1, 2, 3]);
    assert_eq!(client.session.subscriptions(), 0);
}

#[test]
fn a_handler_that_replaces_itself_is_called_once() {
    let mut client = subscribed(&[("in", 1), ("#", 2)]);
    let calls = client.deliver_with(|client, handler| {
        if handler == 1 {
            client.subscribe("in", 10, QOS1);
        }
    });
    assert_eq!(handlers(&calls), [1, 2]);
}

#[test]
fn a_handler_that_unsubscribes_and_subscribes_anew_is_called_once() {
    let mut client = subscribed(&[("in", 1), ("#", 2)]);
    let calls = client.deliver_with(|client, handler| {
        if handler == 1 {
            client.unsubscribe("in").unwrap();
            client.subscribe("in", 1, QOS1);
        }
    });
    assert_eq!(handlers(&calls), [1, 2]);
    client.receive(&incoming(QOS1, 6, "y")).unwrap();
    assert_eq!(handlers(&client.deliver()), [2, 1], "a new registration");
}

#[test]
fn a_refused_filter_gets_nothing() {
    let mut client = connected(true);
    let subscribing = client.subscribe("in", 1, QOS1);
    client
        .receive(&suback(subscribing.id.unwrap().get(), 0x80))
        .unwrap();
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    assert_eq!(client.deliver(), []);
}
