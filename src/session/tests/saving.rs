//! The session as bytes, and back.

use super::harness::broker::*;
use super::harness::client::items_of;
use super::harness::client_packet::ClientPacket;
use super::support::*;
use crate::codec::QoS;
use crate::limits::IN_FLIGHT;
use crate::session::saved::{SavedError, SavedSession, check_sum};
use crate::session::{CommandError, SavedItem};
use std::vec::Vec;

/// A client with an item of each kind.
fn with_everything() -> Client {
    let mut client = connected(false);
    client.subscribe_granted("in/#", 1, QOS2);
    client.publish(QOS2, 7).unwrap();
    client.publish(QOS1, 8).unwrap();
    client.publish(QOS2, 9).unwrap();
    client.receive(&pubrec(2)).unwrap();
    client.receive(&incoming(QOS2, 0x1234, "one")).unwrap();
    client.deliver();
    // The application has not had this one: the broker sends it again.
    client.receive(&incoming(QOS2, 0x1235, "two")).unwrap();
    client.lose();
    client.enqueue(QOS1, 10, true).unwrap();
    client
}

fn restored(state: &[u8]) -> Result<Client, SavedError> {
    let mut client = Client::new(false);
    client.restore(state)?;
    Ok(client)
}

/// A state of this format with these items.
pub fn state_of(format: u8, items: &[u8]) -> Vec<u8> {
    let mut state = [&[format][..], b"\0\x06client", b"\0\x01", items, &[0]].concat();
    state.extend(check_sum(&state));
    state
}

/// A state with these items.
fn state(items: &[u8]) -> Vec<u8> {
    state_of(1, items)
}

#[test]
fn every_item_has_its_bytes() {
    let expected = [
        &b"\x11\0\x03\0\x03out\0\0\0\x018"[..],
        b"\x12\0\x04\0\x03out\0\0\0\x019",
        b"\x20\0\x02",
        b"\x31\0\x03out\0\0\0\x0210",
        b"\x40\x12\x34",
        b"\x52\0\x04in/#",
    ]
    .concat();
    let mut expected = [&[1][..], b"\0\x06client", b"\0\x05", &expected, &[0]].concat();
    expected.extend(check_sum(&expected));
    let mut client = with_everything();
    assert!(client.session.is_unsaved());
    assert_eq!(client.save(), expected);
    assert!(!client.session.is_unsaved());
    // As other programs compute it.
    assert_eq!(check_sum(b"123456789"), 0xCBF4_3926_u32.to_be_bytes());
}

#[test]
fn a_restored_client_goes_on_where_the_saved_one_stopped() {
    let state = with_everything().save();
    let mut client = restored(&state).unwrap();
    assert_eq!(client.save(), state);
    assert_eq!(client.session.unacknowledged(), 3);
    let sent = reconnect(&mut client, true);
    let expected = [
        published(QOS1, 3, true, 8),
        published(QOS2, 4, true, 9),
        ClientPacket::PubRel(2),
        published(QOS1, 5, false, 10),
    ];
    assert_eq!(sent, expected);
    // The one has been delivered, the other has not.
    client
        .receive(&incoming_again(QOS2, 0x1234, "one"))
        .unwrap();
    client
        .receive(&incoming_again(QOS2, 0x1235, "two"))
        .unwrap();
    assert_eq!(inbox(&client), ["two"]);
    assert_eq!(client.sent(), [ClientPacket::PubRec(0x1234)]);
}

#[test]
fn a_filter_of_the_session_is_not_sent_again() {
    let state = with_everything().save();
    for up in [false, true] {
        let mut client = restored(&state).unwrap();
        if up {
            reconnect(&mut client, true);
        }
        assert!(client.subscribe("in/#", 5, QOS2).id.is_none());
        if !up {
            reconnect(&mut client, true);
        }
        client.subscribe_registered();
        client.sent();
        client.receive(&incoming(QOS1, 9, "hot")).unwrap();
        assert_eq!(client.deliver()[0].handler, 5);
    }
}

#[test]
fn the_application_may_register_before_it_restores() {
    let state = with_everything().save();
    let mut client = Client::new(false);
    client.subscribe("in/#", 5, QOS2);
    client.subscribe("other", 6, QOS1);
    client.restore(&state).unwrap();
    reconnect(&mut client, true);
    client.subscribe_registered();
    let sent = client.sent();
    assert!(
        matches!(&sent[..], [ClientPacket::Subscribe { filter, .. }] if filter == "other"),
        "{sent:?}"
    );
}

#[test]
fn another_qos_is_asked_for() {
    let mut client = restored(&with_everything().save()).unwrap();
    reconnect(&mut client, true);
    let subscribing = client.subscribe("in/#", 5, QOS1);
    assert!(subscribing.id.is_some() && subscribing.before.is_none());
    // The refusal leaves nothing that could be called.
    client
        .receive(&suback(subscribing.id.unwrap().get(), 0x80))
        .unwrap();
    client
        .session
        .undo_subscribe(subscribing.attempt, subscribing.before);
    assert_eq!(client.session.subscriptions(), 0);
}

#[test]
fn a_broker_without_the_session_gets_the_messages_as_new_ones() {
    let mut client = restored(&with_everything().save()).unwrap();
    client.subscribe("in/#", 5, QOS2);
    let sent = reconnect(&mut client, false);
    // The broker had the QoS 2 message with identifier 2: it is not sent again.
    let expected = [
        published(QOS1, 3, false, 8),
        published(QOS2, 4, false, 9),
        published(QOS1, 5, false, 10),
    ];
    assert_eq!(sent, expected);
    assert!(client.session.wants_subscribe());
}

#[test]
fn a_filter_without_a_function_goes_with_the_brokers_session() {
    let mut client = restored(&with_everything().save()).unwrap();
    reconnect(&mut client, false);
    assert_eq!(client.session.subscriptions(), 0);
    assert!(!client.session.wants_subscribe());
}

#[test]
fn a_message_that_is_being_written_is_saved_once() {
    let mut client = connected(false);
    client.narrow = 2;
    client.publish_later(QOS1, 7).unwrap();
    client.publish_later(QOS1, 8).unwrap();
    let state = client.save();
    let messages: Vec<_> = items_of(&state)
        .unwrap()
        .into_iter()
        .map(|item| match item {
            SavedItem::Published(_, _, message) => (true, message.payload),
            SavedItem::Queued(_, message) => (false, message.payload),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(messages, [(true, &b"7"[..]), (false, b"8")]);
}

#[test]
fn a_message_of_which_nothing_left_can_be_taken_back() {
    let mut client = connected(false);
    let (ticket, _) = client.publish(QOS2, 7).unwrap();
    client.session.withdraw(ticket);
    assert_eq!(client.session.unacknowledged(), 0);
    let saved = client.save();
    assert_eq!(items_of(&saved), Ok(Vec::new()));
}

#[test]
fn a_session_is_restored_into_a_new_one_only() {
    let state = with_everything().save();
    let saved = SavedSession::parse(&state).unwrap();
    assert!(!Client::new(true).session.begin_restore(&saved), "clean");
    assert!(!connected(false).session.begin_restore(&saved), "connected");
    let mut lost = connected(false);
    lost.lose();
    assert!(!lost.session.begin_restore(&saved), "was connected");
    let mut waiting = Client::new(false);
    waiting.enqueue(QOS1, 1, true).unwrap();
    assert!(!waiting.session.begin_restore(&saved), "outbox");
    let mut twice = restored(&state).unwrap();
    assert!(!twice.session.begin_restore(&saved), "restored");
}

#[test]
fn an_abandoned_restoration_leaves_nothing() {
    let mut client = Client::new(false);
    client.subscribe("in/#", 5, QOS2);
    client.restore(&with_everything().save()).unwrap();
    client.session.abandon_restore();
    let state = client.save();
    assert_eq!(items_of(&state), Ok(Vec::new()));
    client.restore(&state).unwrap();
    let sent = reconnect(&mut client, true);
    assert_eq!(sent, []);
    client.subscribe_registered();
    assert_eq!(client.sent().len(), 1, "the filter that it registered");
}

#[test]
fn a_state_that_is_damaged_at_its_end_leaves_nothing() {
    let state = with_everything().save();
    // Without the end and the sum.
    let whole = &state[..state.len() - 5];
    let damaged = [whole, b"\x60"].concat();
    let damaged = [&damaged[..], &check_sum(&damaged)].concat();
    let mut client = Client::new(false);
    client.subscribe("in/#", 5, QOS2);
    assert_eq!(client.restore(&damaged), Err(SavedError::Damaged));
    let mut new = Client::new(false);
    new.subscribe("in/#", 5, QOS2);
    assert_eq!(client.save(), new.save());
    // It can still take another one.
    client.restore(&state).unwrap();
    assert_eq!(items_of(&client.save()), items_of(&state));
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
    let mut longer = state;
    longer.push(0);
    assert!(restored(&longer).is_err());
}

#[test]
fn another_version_is_refused() {
    let mut state = with_everything().save();
    state.truncate(state.len() - 4);
    for format in [0, 3, 255] {
        state[0] = format;
        let other = [&state[..], &check_sum(&state)].concat();
        assert_eq!(restored(&other).err(), Some(SavedError::Version));
    }
}

#[test]
fn a_sum_alone_makes_no_state() {
    let cases: &[(&str, &[u8])] = &[
        ("a message with QoS 0", b"\x10\0\x01\0\x01t\0\0\0\0"),
        ("a message with QoS 3", b"\x13\0\x01\0\x01t\0\0\0\0"),
        ("properties", b"\x19\0\x01\0\x01t\0\0\0\0\0\0\0\0"),
        ("options", b"\x58\0\x01a\x04\0\0\0\0"),
        ("no packet identifier", b"\x11\0\0\0\x01t\0\0\0\0"),
        ("an empty topic", b"\x11\0\x01\0\0\0\0\0\0"),
        ("a wildcard in a topic", b"\x11\0\x01\0\x01#\0\0\0\0"),
        ("a topic that is no text", b"\x11\0\x01\0\x01\xFF\0\0\0\0"),
        ("a payload that is cut", b"\x11\0\x01\0\x01t\0\0\0\x05"),
        (
            "a payload without end",
            b"\x11\0\x01\0\x01t\xFF\xFF\xFF\xFF",
        ),
        ("an identifier twice", b"\x20\0\x01\x20\0\x01"),
        ("flags of a release", b"\x21\0\x01"),
        ("flags of a received message", b"\x44\0\x01"),
        ("no identifier of a received message", b"\x40\0\0"),
        ("a misplaced wildcard", b"\x50\0\x03a#b"),
        ("RETAIN of a filter", b"\x54\0\x01a"),
        ("a filter before a message", b"\x50\0\x01a\x20\0\x01"),
        (
            "a received message before the outbox",
            b"\x40\0\x01\x31\0\x01t\0\0\0\0",
        ),
        ("an unknown item", b"\x60\0\x01"),
        ("another unknown item", b"\x01"),
        ("bytes behind the end", b"\0\0"),
    ];
    assert!(restored(&state(b"")).is_ok());
    for (name, items) in cases {
        assert_eq!(
            restored(&state(items)).err(),
            Some(SavedError::Damaged),
            "{name}"
        );
    }
}

#[test]
fn a_state_with_more_than_there_is_room_for_is_refused() {
    let items: Vec<u8> = (1..=IN_FLIGHT as u16 + 1)
        .flat_map(|number| {
            let [high, low] = number.to_be_bytes();
            [0x20, high, low]
        })
        .collect();
    let too_much = restored(&state(&items)).err();
    assert_eq!(too_much, Some(SavedError::TooMuch));
    assert!(restored(&state(&items[3..])).is_ok());
}

#[test]
fn the_window_of_a_restored_client_is_bounded() {
    let items: Vec<u8> = (1..=IN_FLIGHT as u8)
        .flat_map(|number| [0x20, 0, number])
        .collect();
    let mut client = restored(&state(&items)).unwrap();
    reconnect(&mut client, true);
    assert_eq!(client.publish(QOS1, 1), Err(CommandError::Full));
    client.receive(&pubcomp(1)).unwrap();
    assert_eq!(client.publish(QOS1, 1).map(|(_, id)| id.get()), Ok(1));
}

#[test]
fn a_buffer_of_another_size_is_refused() {
    let client = with_everything();
    let len = client.session.saved_len("client");
    for wrong in [0, 3, len - 1, len + 1] {
        assert!(!client.session.save("client", &mut std::vec![0; wrong]));
    }
}

/// Three filters and two messages of 20 bytes.
#[test]
fn a_typical_device_needs_less_than_256_bytes() {
    let mut client = connected(false);
    for filter in ["kitchen/lamp/set", "kitchen/+/all", "firmware/kitchen/lamp"] {
        client.subscribe_granted(filter, 1, QoS::AtLeastOnce);
    }
    let before = client.session.saved_len("kitchen-lamp");
    let message = "kitchen/lamp/state".len() + 20;
    let of_message = client.session.saved_len("client");
    client.publish(QOS1, 7).unwrap();
    let of_message = client.session.saved_len("client") - of_message - "out7".len() + message;
    assert!(
        before + 2 * of_message <= 256,
        "{before} + 2 * {of_message}"
    );
    // Besides the texts and the client identifier.
    let texts = "kitchen/lamp/setkitchen/+/allfirmware/kitchen/lampkitchen-lamp".len();
    assert!(before - texts + 2 * (of_message - message) <= 64);
}
