//! Topic aliases, both ways.

use super::super::harness::application::Filter;
use super::super::harness::client::Client;
use super::super::support::inbox;
use super::{V5, connack, connected_with};
use crate::codec::Alias;
use crate::session::Error;
use std::vec::Vec;

/// The alias of the topic name in the next PUBLISH, and whether the broker knows it.
fn alias(client: &mut Client, topic: &str) -> Option<(u16, bool)> {
    let alias = client.session.topic_alias(&Filter::plain(topic))?;
    let Alias { number, is_known } = alias;
    Some((number.get(), is_known))
}

#[test]
fn mqtt5_3_3_2_9_no_alias_is_above_the_brokers_maximum() {
    assert_eq!(alias(&mut connected_with(b""), "a"), None);
    assert_eq!(alias(&mut connected_with(b"\x22\0\0"), "a"), None);
    let mut client = connected_with(b"\x22\0\x01");
    assert_eq!(alias(&mut client, "a"), Some((1, false)));
    assert_eq!(alias(&mut client, "a"), Some((1, true)));
    assert_eq!(alias(&mut client, "b"), Some((1, false)));
    assert_eq!(alias(&mut client, "a"), Some((1, false)));
}

#[test]
fn a_new_topic_name_takes_the_alias_of_the_oldest() {
    let mut client = connected_with(b"\x22\0\x02");
    for (topic, expected) in [
        ("a", (1, false)),
        ("b", (2, false)),
        ("a", (1, true)),
        ("c", (1, false)),
        ("b", (2, true)),
        ("d", (2, false)),
        ("c", (1, true)),
    ] {
        assert_eq!(alias(&mut client, topic), Some(expected), "{topic}");
    }
}

#[test]
fn mqtt5_3_3_2_7_aliases_end_with_the_connection() {
    let mut client = connected_with(b"\x22\0\x05");
    assert_eq!(alias(&mut client, "a"), Some((1, false)));
    client.lose();
    client.connect(0);
    client.receive(&connack(true, b"\x22\0\x05")).unwrap();
    assert_eq!(alias(&mut client, "b"), Some((1, false)));
    assert_eq!(alias(&mut client, "a"), Some((2, false)));
    client.session.forget_topic_aliases();
    assert_eq!(alias(&mut client, "a"), Some((1, false)));
}

/// A PUBLISH with an alias from the broker.
fn message(topic: &str, alias: u8, payload: &str) -> Vec<u8> {
    let len = 2 + topic.len() + 4 + payload.len();
    let mut bytes = [0x30, len as u8, 0, topic.len() as u8].to_vec();
    bytes.extend_from_slice(topic.as_bytes());
    bytes.extend_from_slice(&[3, 0x23, 0, alias]);
    bytes.extend_from_slice(payload.as_bytes());
    bytes
}

/// A client that allows the broker two aliases.
fn allowing_two() -> Client {
    let mut client = Client::of_version(V5, false);
    client.session.set_topic_alias_maximum(2);
    client.connect(0);
    client.receive(&connack(false, b"")).unwrap();
    client
}

#[test]
fn the_alias_of_the_broker_stands_for_the_topic_name() {
    let mut client = allowing_two();
    for (topic, alias, payload) in [
        ("a", 1, "first"),
        ("", 1, "second"),
        ("b", 2, "third"),
        ("", 1, "fourth"),
        ("c", 1, "fifth"),
        ("", 1, "sixth"),
    ] {
        client.receive(&message(topic, alias, payload)).unwrap();
    }
    let topics = client.inbox.iter().map(|m| m.topic.as_str());
    assert_eq!(topics.collect::<Vec<_>>(), ["a", "a", "b", "a", "c", "c"]);
    assert_eq!(inbox(&client).len(), 6);
}

#[test]
fn mqtt5_3_1_2_26_the_broker_uses_no_alias_above_the_clients_maximum() {
    let mut client = allowing_two();
    let result = client.receive(&message("a", 3, "x"));
    assert_eq!(result, Err(Error::TopicAlias));
    // [MQTT5-3.1.2-27]
    let result = connected_with(b"").receive(&message("a", 1, "x"));
    assert_eq!(result, Err(Error::TopicAlias));
    assert_eq!(Error::TopicAlias.reason_code().unwrap().get(), 0x94);
}

#[test]
fn an_alias_without_a_topic_name_is_refused() {
    let mut client = allowing_two();
    client.receive(&message("a", 1, "x")).unwrap();
    assert_eq!(client.receive(&message("", 2, "x")), Err(Error::TopicAlias));
}
