//! Which property may stand where, and how often; property blocks as a whole.

use super::support::*;
use crate::codec::tests::support::string;
use crate::codec::*;
use std::vec::Vec;

use Place::{
    Ack, Auth, ConnAck, Connect, Disconnect, Goodbye, Message, Publish, Subscribe, Unsubscribe,
    Will,
};

const PLACES: [Place; 11] = [
    Connect,
    Will,
    ConnAck,
    Publish,
    Message,
    Ack,
    Subscribe,
    Unsubscribe,
    Disconnect,
    Goodbye,
    Auth,
];

const MESSAGES: &[Place] = &[Publish, Message, Will];

/// A property with its bytes, and the places where it may stand: table 2-4 of the standard.
struct Row {
    bytes: &'static [u8],
    value: Value<'static>,
    places: &'static [Place],
}

const fn row(bytes: &'static [u8], value: Value<'static>, places: &'static [Place]) -> Row {
    Row {
        bytes,
        value,
        places,
    }
}

fn text(text: &'static str) -> Value<'static> {
    Value::Text(string(text))
}

fn binary(bytes: &'static [u8]) -> Value<'static> {
    Value::Binary(Binary::new(bytes).unwrap())
}

fn table() -> [Row; 27] {
    let pair = Value::Pair(string("n"), string("\u{e9}"));
    [
        row(&[0x01, 1], Value::Number(1), MESSAGES),
        row(&[0x02, 0, 1, 2, 3], Value::Number(0x0001_0203), MESSAGES),
        row(b"\x03\x00\x02t/", text("t/"), MESSAGES),
        row(b"\x08\x00\x03a/b", text("a/b"), MESSAGES),
        row(b"\x09\x00\x02\x00\xFF", binary(&[0, 0xFF]), MESSAGES),
        row(
            &[0x0B, 0x80, 0x01],
            Value::Number(128),
            &[Message, Subscribe],
        ),
        row(
            &[0x11, 0xFF, 0xFF, 0xFF, 0xFF],
            Value::Number(u32::MAX),
            &[Connect, ConnAck, Disconnect],
        ),
        row(b"\x12\x00\x02id", text("id"), &[ConnAck]),
        row(&[0x13, 0, 60], Value::Number(60), &[ConnAck]),
        row(b"\x15\x00\x01m", text("m"), &[Connect, ConnAck, Auth]),
        row(
            b"\x16\x00\x01\xFE",
            binary(&[0xFE]),
            &[Connect, ConnAck, Auth],
        ),
        row(&[0x17, 0], Value::Number(0), &[Connect]),
        row(&[0x18, 0, 0, 0, 9], Value::Number(9), &[Will]),
        row(&[0x19, 1], Value::Number(1), &[Connect]),
        row(b"\x1A\x00\x01r", text("r"), &[ConnAck]),
        row(b"\x1C\x00\x01s", text("s"), &[ConnAck, Goodbye]),
        row(
            b"\x1F\x00\x03why",
            text("why"),
            &[ConnAck, Ack, Disconnect, Goodbye, Auth],
        ),
        row(&[0x21, 1, 0], Value::Number(256), &[Connect, ConnAck]),
        row(&[0x22, 0, 0], Value::Number(0), &[Connect, ConnAck]),
        row(&[0x23, 0, 7], Value::Number(7), &[Publish, Message]),
        row(&[0x24, 1], Value::Number(1), &[ConnAck]),
        row(&[0x25, 0], Value::Number(0), &[ConnAck]),
        row(b"\x26\x00\x01n\x00\x02\xC3\xA9", pair, &PLACES),
        row(&[0x27, 0, 0, 1, 0], Value::Number(256), &[Connect, ConnAck]),
        row(&[0x28, 0], Value::Number(0), &[ConnAck]),
        row(&[0x29, 0], Value::Number(0), &[ConnAck]),
        row(&[0x2A, 1], Value::Number(1), &[ConnAck]),
    ]
}

/// The bytes of `row` as a block for `place`. An AUTH and Authentication Data need a method besides.
fn block(row: &Row, place: Place) -> Vec<u8> {
    let is_method = row.bytes[0] == 0x15;
    if !is_method && (place == Auth || row.bytes[0] == 0x16) {
        return [row.bytes, METHOD].concat();
    }
    row.bytes.to_vec()
}

#[test]
fn the_table_has_every_property() {
    let ids = PropertyId::ALL.iter().map(|id| id.get());
    assert!(ids.eq(table().iter().map(|row| row.bytes[0])));
}

#[test]
fn every_property_both_ways_in_every_place_where_it_may_stand() {
    let mut count = 0;
    for row in table() {
        for &place in row.places {
            let block = block(&row, place);
            let read = properties(&block, place);
            let property = read.iter().next().unwrap();
            assert_eq!(property.id.get(), row.bytes[0]);
            assert_eq!(property.value, row.value);
            assert_eq!(read.get(property.id), Some(row.value));

            let mut bytes = heapless::Vec::<u8, 16>::new();
            property.encode(&mut bytes).unwrap();
            assert_eq!(bytes, *row.bytes);
            for room in 0..row.bytes.len() {
                let mut room = [0; 16][..room].to_vec();
                assert_eq!(property.encode(&mut &mut room[..]), Err(Overflow));
            }

            for it in RECEIVED.iter().filter(|it| it.place == place) {
                it.assert_has(&block);
                count += 1;
            }
        }
    }
    // 17 of a CONNACK, 8 of two kinds of message, two of six acknowledgements, three of a DISCONNECT, four of
    // two AUTH.
    assert_eq!(count, 17 + 2 * 8 + 6 * 2 + 3 + 2 * 4);
}

#[test]
fn every_property_in_every_wrong_place_is_refused_at_its_identifier() {
    for row in table() {
        for place in PLACES {
            if row.places.contains(&place) {
                continue;
            }
            let error = DecodeError::Property;
            assert_eq!(Properties::new(row.bytes, place), Err(error));
            for it in RECEIVED.iter().filter(|it| it.place == place) {
                let (id, value) = row.bytes.split_at(1);
                assert_refused(&it.cut(id, value.len()), error);
                // Behind another property.
                let block = [b"\x26\x00\x00\x00\x00", id].concat();
                assert_refused(&it.cut(&block, value.len()), error);
            }
        }
    }
}

#[test]
fn unknown_properties_are_refused_at_their_identifier() {
    let known = |number: &u8| PropertyId::ALL.iter().any(|id| id.get() == *number);
    let unknown = (0..=255).filter(|number| !known(number));
    for number in unknown {
        for it in RECEIVED {
            assert_refused(&it.cut(&[number], 3), DecodeError::Property);
        }
        for place in PLACES {
            assert_eq!(
                Properties::new(&[number, 0, 0], place),
                Err(DecodeError::Property)
            );
        }
    }
}

#[test]
fn a_property_twice_is_refused_at_its_second_identifier() {
    for row in table() {
        for &place in row.places {
            let id = row.bytes[0];
            let both = [row.bytes, row.bytes].concat();
            if id == 0x26 || (id == 0x0B && place == Message) {
                continue;
            }
            let error = DecodeError::PropertyTwice;
            assert_eq!(Properties::new(&both, place), Err(error));
            for it in RECEIVED.iter().filter(|it| it.place == place) {
                let (block, rest) = both.split_at(row.bytes.len() + 1);
                assert_refused(&it.cut(block, rest.len()), error);
                // With another one between them.
                let user = &b"\x26\x00\x00\x00\x00"[..];
                let block = [row.bytes, user, &[id]].concat();
                assert_refused(&it.cut(&block, rest.len()), error);
            }
        }
    }
}

#[test]
fn a_user_property_stands_as_often_as_it_likes() {
    let pair = b"\x26\x00\x01n\x00\x01v";
    for it in RECEIVED {
        let method = if it.place == Auth { METHOD } else { b"" };
        it.assert_has(&[&pair.repeat(30)[..], method].concat());
    }
    for place in PLACES {
        let method = if place == Auth { METHOD } else { b"" };
        let block = [&pair.repeat(3)[..], method].concat();
        let pairs = properties(&block, place)
            .into_iter()
            .filter(|it| it.value == Value::Pair(string("n"), string("v")));
        assert_eq!(pairs.count(), 3);
    }
}

#[test]
fn a_message_has_a_subscription_identifier_for_each_subscription() {
    let block = [0x0B, 1, 0x0B, 0x80, 0x01, 0x0B, 1];
    for it in RECEIVED.iter().filter(|it| it.place == Message) {
        it.assert_has(&block);
    }
    let values = properties(&block, Message).into_iter().map(|it| it.value);
    assert!(values.eq([1, 128, 1].map(Value::Number)));
}

#[test]
fn all_properties_of_a_connack_at_once() {
    let rows = table();
    let rows = rows.iter().filter(|row| row.places.contains(&ConnAck));
    let block = rows.clone().map(|row| row.bytes).collect::<Vec<_>>();
    let block = block.concat();
    RECEIVED[0].assert_has(&block);
    let found = properties(&block, ConnAck);
    assert!(found.iter().map(|it| it.value).eq(rows.map(|it| it.value)));
    assert_eq!(found.number(PropertyId::SERVER_KEEP_ALIVE), Some(60));
    assert_eq!(found.number(PropertyId::MAXIMUM_QOS), Some(1));
    assert_eq!(
        found.number(PropertyId::SESSION_EXPIRY_INTERVAL),
        Some(u32::MAX)
    );
    assert_eq!(
        found.text(PropertyId::ASSIGNED_CLIENT_IDENTIFIER),
        Some("id")
    );
    // Neither of the other type nor absent ones.
    assert_eq!(found.number(PropertyId::REASON_STRING), None);
    assert_eq!(found.number(PropertyId::USER_PROPERTY), None);
    assert_eq!(found.number(PropertyId::AUTHENTICATION_DATA), None);
    assert_eq!(found.text(PropertyId::MAXIMUM_QOS), None);
    assert_eq!(found.number(PropertyId::TOPIC_ALIAS), None);
    assert_eq!(found.text(PropertyId::CONTENT_TYPE), None);
}

#[test]
fn mqtt5_2_2_2_1_without_properties_their_length_is_0() {
    for it in RECEIVED {
        let is_auth = it.place == Auth && it.before != b"\x00";
        if !is_auth {
            it.assert_has(b"");
        }
    }
    assert_eq!(Properties::EMPTY.iter().count(), 0);
    for place in PLACES {
        assert_eq!(Properties::new(b"", place), Ok(Properties::EMPTY));
    }
}

#[test]
fn a_length_of_properties_that_leaves_a_rest_is_refused() {
    for it in RECEIVED {
        match it.first_byte {
            // The rest of a message is its payload.
            0x30..=0x3F => {}
            // The rest of these are their codes.
            0x90 | 0xB0 => {
                for room in 1..9 {
                    let body = [it.before, &[room]].concat();
                    assert_refused(
                        &front(it.first_byte, &body, usize::from(room)),
                        DecodeError::Length,
                    );
                }
            }
            _ => {
                for (length, room) in [(0, 1), (0, 5), (3, 4), (7, 100)] {
                    let body = [it.before, &[length]].concat();
                    assert_refused(&front(it.first_byte, &body, room), DecodeError::Length);
                }
                let body = [it.before, &[0xFF, 0x01]].concat();
                assert_refused(&front(it.first_byte, &body, 256), DecodeError::Length);
            }
        }
    }
}

#[test]
fn authentication_data_needs_a_method() {
    let data = b"\x16\x00\x01\xFE";
    for place in [Connect, ConnAck, Auth] {
        let error = DecodeError::NoAuthenticationMethod;
        assert_eq!(Properties::new(data, place), Err(error));
        for it in RECEIVED.iter().filter(|it| it.place == place) {
            assert_refused(&it.with(data), error);
            it.assert_has(&[data, METHOD].concat());
            it.assert_has(&[METHOD, data].concat());
        }
    }
}

#[test]
fn a_block_that_was_checked_is_not_checked_again() {
    let bytes = b"\x26\x00\x01n\x00\x01v";
    let checked = properties(bytes, Publish);
    assert_eq!(Properties::new_unchecked(bytes), checked);
    assert_eq!(checked.as_bytes(), bytes);
}
