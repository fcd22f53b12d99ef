//! The session of MQTT 5 as bytes, and back.

use super::*;
use crate::codec::{QoS, RetainHandling, SubscriptionOptions};
use crate::session::saved::{SavedError, SavedSession, check_sum};
use crate::session::tests::harness::application::{Filter, properties_of};
use crate::session::tests::harness::broker::{delivery, publish_in, suback_in};
use crate::session::tests::harness::client::{block, items_of};
use crate::session::tests::saving::state_of;

/// A filter with options, and a Subscription Identifier.
fn with_options(text: &str) -> Filter {
    Filter {
        options: SubscriptionOptions::new(true, false, RetainHandling::DoNotSend),
        properties: b"\x0b\x07".to_vec(),
        ..Filter::plain(text)
    }
}

/// A client with an item of each kind; the numbers of its messages are those whose properties differ.
fn with_everything() -> Client {
    let mut client = connected_with(b"");
    client.subscribe_granted("in/#", 1, QOS2);
    client.subscribe_granted_with(&with_options("lamp"), 2, QOS1);
    client.publish(QOS2, 5).unwrap();
    client.publish(QOS1, 6).unwrap();
    client.publish(QOS1, 7).unwrap();
    client.publish(QOS2, 8).unwrap();
    client.receive(&pubrec(3)).unwrap();
    let message = publish_in(V5, "in/a", b"one", delivery(QOS2, 0x1234, false));
    client.receive(&message).unwrap();
    client.deliver();
    client.lose();
    client.enqueue(QOS1, 10, true).unwrap();
    client
}

fn restored(state: &[u8]) -> Result<Client, SavedError> {
    let mut client = Client::of_version(V5, false);
    client.restore(state)?;
    Ok(client)
}

/// Makes a new connection to a broker that has the session. Returns the packets after CONNECT.
fn resume(client: &mut Client) -> Vec<ClientPacket> {
    client.lose();
    client.connect(0);
    client.receive(&connack(true, b"")).unwrap();
    client.sent().split_off(1)
}

/// A state of MQTT 5 with these items.
fn state(items: &[u8]) -> Vec<u8> {
    state_of(2, items)
}

#[test]
fn properties_and_options_have_their_bytes() {
    let expected = [
        // Without properties as in format 1.
        &b"\x11\0\x04\0\x03out\0\0\0\x016"[..],
        b"\x19\0\x05\0\x03out\0\0\0\x07\x03\0\x04text\0\0\0\x017",
        b"\x1a\0\x06\0\x03out\0\0\0\x0c\x02\0\0\0\x3c\x26\0\x01n\0\x01v\0\0\0\x018",
        b"\x20\0\x03",
        b"\x39\0\x03out\0\0\0\x07\x03\0\x04text\0\0\0\x0210",
        b"\x40\x12\x34",
        b"\x52\0\x04in/#",
        b"\x59\0\x04lamp\x24\0\0\0\x02\x0b\x07",
    ]
    .concat();
    let mut expected = [&b"\x02\0\x06client\0\x07"[..], &expected, &[0]].concat();
    expected.extend(check_sum(&expected));
    assert_eq!(with_everything().save(), expected);
}

#[test]
fn a_restored_client_sends_the_properties_again() {
    let state = with_everything().save();
    let mut client = restored(&state).unwrap();
    assert_eq!(client.save(), state);
    let sent = resume(&mut client);
    let messages: Vec<_> = sent
        .iter()
        .filter_map(|packet| match packet {
            ClientPacket::Publish(publish) => Some(publish),
            _ => None,
        })
        .collect();
    assert_eq!(messages.len(), 4);
    for (publish, number) in messages.iter().zip([6, 7, 8, 10]) {
        assert_eq!(publish.payload, std::format!("{number}").as_bytes());
        let properties = block(properties_of(V5, number));
        assert_eq!(publish.properties, properties, "{number}");
    }
    assert!(sent.contains(&ClientPacket::PubRel(3)));
}

#[test]
fn a_refused_subscribe_leaves_the_options_that_the_broker_has() {
    let mut client = connected_with(b"");
    let filter = with_options("lamp");
    client.subscribe_granted_with(&filter, 1, QOS1);
    let refused = client.subscribe_with(&Filter::plain("lamp"), 2, QOS1);
    let id = refused.id.unwrap().get();
    client.receive(&suback_in(V5, id, 0x87)).unwrap();
    client
        .session
        .undo_subscribe(refused.attempt, refused.before);
    let mut client = restored(&client.save()).unwrap();
    resume(&mut client);
    assert!(client.subscribe_with(&filter, 1, QOS1).id.is_none());
}

#[test]
fn a_filter_with_the_same_options_is_not_sent_again() {
    let state = with_everything().save();
    let alike = with_options("lamp");
    let others = [
        Filter::plain("lamp"),
        Filter {
            properties: b"\x0b\x08".to_vec(),
            ..alike.clone()
        },
        Filter {
            options: SubscriptionOptions::new(false, false, RetainHandling::DoNotSend),
            ..alike.clone()
        },
    ];
    let mut client = restored(&state).unwrap();
    resume(&mut client);
    assert!(client.subscribe_with(&alike, 5, QOS1).id.is_none());
    for other in &others {
        let mut client = restored(&state).unwrap();
        resume(&mut client);
        assert!(client.subscribe_with(other, 5, QOS1).id.is_some());
    }
    // In the other order, too.
    for (filter, requests) in [(&alike, 0), (&others[0], 1), (&others[1], 1)] {
        let mut client = Client::of_version(V5, false);
        client.subscribe_with(filter, 5, QOS1);
        client.restore(&state).unwrap();
        resume(&mut client);
        client.subscribe_registered();
        assert_eq!(client.sent().len(), requests, "{filter:?}");
    }
}

#[test]
fn a_session_of_mqtt_3_1_1_goes_on_in_mqtt_5() {
    let mut old = connected(false);
    old.publish(QOS1, 3).unwrap();
    let state = old.save();
    assert_eq!(
        SavedSession::parse(&state).unwrap().version,
        Version::V3_1_1
    );
    // The harness's messages with other numbers have properties in MQTT 5.
    let mut client = restored(&state).unwrap();
    let sent = resume(&mut client);
    assert!(matches!(&sent[..], [ClientPacket::Publish(publish)] if publish.dup));
    let state = client.save();
    assert_eq!(SavedSession::parse(&state).unwrap().version, V5);
}

#[test]
fn a_filter_with_options_is_saved_without_them_in_mqtt_3_1_1() {
    let mut client = with_everything();
    client.session.set_version(Version::V3_1_1);
    let state = client.save();
    let saved = SavedSession::parse(&state).unwrap();
    assert_eq!(saved.version, Version::V3_1_1);
    assert_eq!(saved.items().filter(Result::is_ok).count(), 8);
}

#[test]
fn damaged_states_are_refused() {
    let state = with_everything().save();
    for len in 0..state.len() {
        assert!(restored(&state[..len]).is_err(), "{len} bytes");
    }
    for index in 0..state.len() {
        for bit in 0..8 {
            let mut damaged = state.clone();
            damaged[index] ^= 1 << bit;
            assert!(restored(&damaged).is_err(), "bit {bit} of byte {index}");
        }
    }
}

#[test]
fn properties_are_checked_as_those_of_a_packet() {
    let message = |block: &[u8]| {
        let len = [0, 0, 0, block.len() as u8];
        state(&[&b"\x19\0\x01\0\x01t"[..], &len, block, b"\0\0\0\0"].concat())
    };
    let filter = |text: &str, options: u8, block: &[u8]| {
        let (text_len, len) = (text.len() as u8, block.len() as u8);
        let front = [&[0x58, 0, text_len][..], text.as_bytes()].concat();
        state(&[&front[..], &[options, 0, 0, 0, len], block].concat())
    };
    for (name, accepted) in [
        ("no block", message(b"")),
        ("an expiry", message(b"\x02\0\0\0\x01")),
        ("all options", filter("a", 0x2C, b"")),
        ("a shared one", filter("$share/g/a", 0x18, b"\x0b\x01")),
    ] {
        items_of(&accepted).expect(name);
    }
    for (name, refused) in [
        ("no property", message(b"\x04\0")),
        ("a property of CONNECT", message(b"\x11\0\0\0\x01")),
        ("a property that servers send", message(b"\x0b\x01")),
        ("a topic alias", message(b"\x23\0\x01")),
        ("a property twice", message(b"\x01\x01\x01\x01")),
        ("a flag of 2", message(b"\x01\x02")),
        ("a cut number", message(b"\x02\0\0\0")),
        ("a cut text", message(b"\x03\0\x02t")),
        ("a text that is none", message(b"\x03\0\x01\xFF")),
        ("half a character", message(b"\x03\0\x01\xC3")),
        ("a wildcard", message(b"\x08\0\x01#")),
        (
            "a block that is cut",
            state(b"\x19\0\x01\0\x01t\0\0\0\x05\x02\0"),
        ),
        (
            "a block without end",
            state(b"\x19\0\x01\0\x01t\xFF\xFF\xFF\xFF"),
        ),
        ("QoS in the options", filter("a", 0x01, b"")),
        ("a reserved option", filter("a", 0x40, b"")),
        ("a retain handling of 3", filter("a", 0x30, b"")),
        ("no_local of a shared one", filter("$share/g/a", 0x04, b"")),
        ("an identifier of 0", filter("a", 0, b"\x0b\0")),
        ("a long identifier", filter("a", 0, b"\x0b\x81\0")),
        ("an identifier twice", filter("a", 0, b"\x0b\x01\x0b\x01")),
        ("options of a release", state(b"\x28\0\x01")),
        ("options of a received message", state(b"\x48\0\x01")),
        ("options of the end", state(b"\x08")),
    ] {
        let error = items_of(&refused).err();
        assert_eq!(error, Some(SavedError::Damaged), "{name}");
    }
}

/// Three filters and two messages of 20 bytes, with properties and options.
#[test]
fn a_typical_device_needs_less_than_256_bytes() {
    let mut client = connected_with(b"");
    for filter in ["kitchen/lamp/set", "kitchen/+/all", "firmware/kitchen/lamp"] {
        client.subscribe_granted_with(&with_options(filter), 1, QoS::AtLeastOnce);
    }
    let before = client.session.saved_len("kitchen-lamp");
    let of_message = client.session.saved_len("client");
    client.publish(QOS1, 8).unwrap();
    let message = "kitchen/lamp/state".len() + 20 - "out8".len();
    let of_message = client.session.saved_len("client") - of_message + message;
    assert!(
        before + 2 * of_message <= 256,
        "{before} + 2 * {of_message}"
    );
}
