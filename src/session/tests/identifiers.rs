//! Packet identifiers: which are handed out, and when they are free again.

use super::harness::broker::*;
use super::support::*;

// The long way round is too long for Miri.

/// Lets the identifiers go round until `next` is the next one.
fn go_round_to(client: &mut Client, next: u16) {
    loop {
        let (ticket, id) = client.publish(QOS1, 0).unwrap();
        client.receive(&puback(id.get())).unwrap();
        client.session.poll_handshake(ticket);
        client.wire.clear();
        if id.get() % 65_535 + 1 == next {
            break;
        }
    }
}

#[test]
fn publish_subscribe_and_unsubscribe_share_them() {
    let mut client = connected(true);
    assert_eq!(client.publish(QOS1, 1).unwrap().1.get(), 1);
    assert_eq!(client.subscribe("a", 1, QOS1).id, Some(id(2)));
    assert_eq!(client.unsubscribe("b"), Ok(id(3)));
    assert_eq!(client.publish(QOS2, 2).unwrap().1.get(), 4);
}

#[test]
#[cfg_attr(miri, ignore)]
fn mqtt_2_3_1_1_they_wrap_from_65535_to_1() {
    let mut client = connected(true);
    go_round_to(&mut client, 65_535);
    assert_eq!(client.publish(QOS1, 1).unwrap().1.get(), 65_535);
    assert_eq!(client.publish(QOS1, 2).unwrap().1.get(), 1);
}

#[test]
#[cfg_attr(miri, ignore)]
fn mqtt_2_3_1_2_those_in_use_are_skipped_whatever_uses_them() {
    let mut client = connected(true);
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.receive(&pubrec(2)).unwrap();
    client.subscribe("a", 1, QOS1);
    client.unsubscribe("b").unwrap();
    go_round_to(&mut client, 1);
    assert_eq!(client.publish(QOS1, 3).unwrap().1.get(), 5);
}

#[test]
#[cfg_attr(miri, ignore)]
fn mqtt_2_3_1_3_one_is_free_again_after_the_last_acknowledgement() {
    let mut client = connected(true);
    client.publish(QOS1, 1).unwrap();
    client.publish(QOS2, 2).unwrap();
    client.subscribe("a", 1, QOS1);
    client.unsubscribe("b").unwrap();
    client.receive(&puback(1)).unwrap();
    client.receive(&pubrec(2)).unwrap();
    client.receive(&pubcomp(2)).unwrap();
    client.receive(&suback(3, 1)).unwrap();
    client.receive(&unsuback(4)).unwrap();
    client.session.poll_unsubscribe(id(4));
    go_round_to(&mut client, 1);
    for expected in 1..=4 {
        assert_eq!(client.publish(QOS1, 3).unwrap().1.get(), expected);
    }
}

#[test]
#[cfg_attr(miri, ignore)]
fn mqtt_2_3_1_2_that_of_a_forgotten_publish_stays_in_use_until_it_is_acknowledged() {
    let mut client = connected(true);
    let (ticket, _) = client.publish(QOS1, 1).unwrap();
    client.session.forget_handshake(ticket);
    go_round_to(&mut client, 1);
    assert_eq!(client.publish(QOS1, 2).unwrap().1.get(), 2);
    client.receive(&puback(1)).unwrap();
    go_round_to(&mut client, 1);
    assert_eq!(client.publish(QOS1, 3).unwrap().1.get(), 1);
}

#[test]
#[cfg_attr(miri, ignore)]
fn mqtt_2_3_1_2_that_of_a_forgotten_unsubscribe_stays_in_use_until_it_is_acknowledged() {
    let mut client = connected(true);
    let unsubscribe = client.unsubscribe("a").unwrap();
    client.session.forget_unsubscribe(unsubscribe);
    go_round_to(&mut client, 1);
    assert_eq!(client.unsubscribe("b"), Ok(id(2)));
    client.receive(&unsuback(1)).unwrap();
    go_round_to(&mut client, 1);
    assert_eq!(client.unsubscribe("c"), Ok(id(1)));
}

#[test]
#[cfg_attr(miri, ignore)]
fn mqtt_2_3_1_2_that_of_a_subscribe_given_up_stays_in_use_until_it_is_acknowledged() {
    let give_ups: [fn(&mut Client); 3] = [
        // Nobody waits any longer.
        |client| {
            let subscribing = client.subscribe("a", 1, QOS1);
            client
                .session
                .undo_subscribe(subscribing.attempt, subscribing.before);
        },
        // Another handler takes its place.
        |client| {
            client.subscribe("a", 1, QOS1);
            client.subscribe("a", 2, QOS1);
        },
        // It is unsubscribed.
        |client| {
            client.subscribe("a", 1, QOS1);
            client.session.unregister("a");
        },
    ];
    for give_up in give_ups {
        let mut client = connected(true);
        give_up(&mut client);
        go_round_to(&mut client, 1);
        assert_ne!(client.publish(QOS1, 1).unwrap().1.get(), 1);
        client.receive(&suback(1, 1)).unwrap();
        go_round_to(&mut client, 1);
        assert_eq!(client.publish(QOS1, 2).unwrap().1.get(), 1);
    }
}

#[test]
#[cfg_attr(miri, ignore)]
fn requests_of_a_connection_that_has_ended_use_none() {
    let mut client = connected(false);
    let unsubscribe = client.unsubscribe("a").unwrap();
    client.session.forget_unsubscribe(unsubscribe);
    let subscribing = client.subscribe("b", 1, QOS1);
    client
        .session
        .undo_subscribe(subscribing.attempt, subscribing.before);
    reconnect(&mut client, true);
    go_round_to(&mut client, 1);
    assert_eq!(client.publish(QOS1, 1).unwrap().1.get(), 1);
    assert_eq!(client.publish(QOS1, 2).unwrap().1.get(), 2);
}
