//! The same for MQTT 5.

use super::strategies::*;
use super::{check_cuts, check_spoilt};
use mqtt::codec::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

/// A Variable Byte Integer.
fn variable(number: usize) -> Vec<u8> {
    let mut bytes = vec![];
    let mut rest = number;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest /= 0x80;
    }
    bytes.push(rest as u8);
    bytes
}

/// The bytes of any property.
fn property() -> impl Strategy<Value = Vec<u8>> {
    let id = prop::sample::select(PropertyId::ALL).prop_map(PropertyId::get);
    let numbers = (any::<u32>(), 1..=268_435_455_usize);
    let data = vec(any::<u8>(), 0..20);
    (id, numbers, text(), topic_name(), data).prop_map(|(id, numbers, text, topic, data)| {
        let (number, identifier) = numbers;
        let value = match id {
            0x02 | 0x11 | 0x18 | 0x27 => number.to_be_bytes().to_vec(),
            0x08 => prefixed(topic.as_bytes()),
            0x09 | 0x16 => prefixed(&data),
            0x0B => variable(identifier),
            0x13 | 0x21..=0x23 => (number as u16).to_be_bytes().to_vec(),
            0x26 => [prefixed(text.as_bytes()), prefixed(topic.as_bytes())].concat(),
            0x03 | 0x12 | 0x15 | 0x1A | 0x1C | 0x1F => prefixed(text.as_bytes()),
            _ => vec![number as u8 & 1],
        };
        [&[id], &value[..]].concat()
    })
}

/// Any properties that may stand at `place` together.
fn block(place: Place) -> impl Strategy<Value = Vec<u8>> {
    vec(property(), 0..30).prop_map(move |properties| {
        let mut block = vec![];
        if place == Place::Auth {
            block.extend_from_slice(b"\x15\x00\x01m");
        }
        for property in properties {
            let more = [&block[..], &property].concat();
            if Properties::new(&more, place).is_ok() {
                block = more;
            }
        }
        block
    })
}

fn whole(first_byte: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&[first_byte], &variable(body.len())[..], &body].concat()
}

/// `block` behind its length.
fn with_length(block: &[u8]) -> Vec<u8> {
    [&variable(block.len()), block].concat()
}

fn publish() -> impl Strategy<Value = Vec<u8>> {
    let fields = (topic_name(), vec(any::<u8>(), 0..200), delivery());
    (fields, any::<bool>(), block(Place::Message), any::<bool>()).prop_map(
        |((topic, payload, delivery), retain, block, by_alias)| {
            let alias = Properties::new_unchecked(&block).number(PropertyId::TOPIC_ALIAS);
            let topic = if by_alias && alias.is_some() {
                ""
            } else {
                &topic
            };
            let mut first_byte = 0x30 | delivery.qos().bits() << 1 | u8::from(retain);
            if delivery.dup() {
                first_byte |= 8;
            }
            let id = delivery.id().map(|id| id.get().to_be_bytes());
            let id = id.as_ref().map_or(&[][..], |id| &id[..]);
            let topic = prefixed(topic.as_bytes());
            whole(first_byte, &[&topic, id, &with_length(&block), &payload])
        },
    )
}

/// A packet from a server.
fn server_packet() -> impl Strategy<Value = Vec<u8>> {
    let id = || packet_id().prop_map(|id| id.get().to_be_bytes());
    let ack = prop::sample::select(
        &[
            (0x40, 0x97),
            (0x50, 0x10),
            (0x62, 0x92),
            (0x70, 0x92),
            (0x70, 0),
        ][..],
    );
    let codes = |codes: &'static [u8]| vec(prop::sample::select(codes), 1..140);
    prop_oneof![
        4 => publish(),
        4 => (ack, id(), block(Place::Ack), 0..3).prop_map(|((first_byte, code), id, block, form)| {
            match form {
                0 => whole(first_byte, &[&id]),
                1 => whole(first_byte, &[&id, &[code]]),
                _ => whole(first_byte, &[&id, &[code], &with_length(&block)]),
            }
        }),
        1 => (id(), block(Place::Ack), codes(&[0, 1, 2, 0x80, 0xA2]))
            .prop_map(|(id, block, codes)| whole(0x90, &[&id, &with_length(&block), &codes])),
        1 => (id(), block(Place::Ack), codes(&[0, 0x11, 0x87]))
            .prop_map(|(id, block, codes)| whole(0xB0, &[&id, &with_length(&block), &codes])),
        1 => Just(vec![0xD0, 0]),
        1 => (prop::sample::select(&[0, 0x80, 0x9F][..]), block(Place::ConnAck))
            .prop_map(|(code, block)| whole(0x20, &[&[0, code], &with_length(&block)])),
        1 => (prop::sample::select(&[0, 0x8B, 0xA2][..]), block(Place::Goodbye))
            .prop_map(|(code, block)| whole(0xE0, &[&[code], &with_length(&block)])),
        1 => (prop::sample::select(&[0, 0x18][..]), block(Place::Auth))
            .prop_map(|(code, block)| whole(0xF0, &[&[code], &with_length(&block)])),
        1 => prop::sample::select(&[0xE0, 0xF0][..]).prop_map(|first_byte| vec![first_byte, 0]),
    ]
}

fn properties(block: &[u8]) -> Option<Properties<'_>> {
    Some(Properties::new_unchecked(block))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_stream_means_the_same_however_it_is_cut(
        packets in vec(server_packet(), 1..8),
        garbage in vec(any::<u8>(), 0..4),
        cuts in vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let stream = [packets.concat(), garbage].concat();
        check_cuts(Version::V5, &stream, packets.len(), &cuts);
    }

    #[test]
    fn a_result_for_the_front_of_a_spoilt_packet_is_never_taken_back(
        packet in server_packet(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        check_spoilt(Version::V5, packet, at, byte);
    }

    #[test]
    fn properties_carry_their_values(block in block(Place::ConnAck)) {
        let mut encoded = vec![0; block.len()];
        let mut room = &mut encoded[..];
        for property in Properties::new(&block, Place::ConnAck).unwrap() {
            property.encode(&mut room).unwrap();
        }
        prop_assert_eq!(room.len(), 0);
        prop_assert_eq!(encoded, block);
    }

    #[test]
    fn any_bytes_are_properties_or_an_error(bytes in vec(any::<u8>(), 0..24), property in property()) {
        for place in [Place::Connect, Place::Will, Place::Publish, Place::ConnAck, Place::Message] {
            for bytes in [bytes.clone(), [&property[..], &bytes].concat()] {
                if let Ok(properties) = Properties::new(&bytes, place) {
                    let mut encoded = vec![0; bytes.len()];
                    let mut room = &mut encoded[..];
                    properties.iter().try_for_each(|it| it.encode(&mut room)).unwrap();
                    prop_assert_eq!(encoded, bytes);
                }
            }
        }
    }

    #[test]
    fn publish_carries_its_fields(
        topic in topic_name(),
        payload in vec(any::<u8>(), 0..300),
        delivery in delivery(),
        retain in any::<bool>(),
        block in block(Place::Publish),
    ) {
        let topic = TopicName::new(&topic).unwrap();
        let packet = Publish::new(topic, &payload, delivery, retain, properties(&block)).unwrap();
        let bytes = bytes_of(|out| packet.encode(out), packet.encoded_len());
        let (header_len, payload_len) = (bytes.len() - payload.len(), payload.len());
        prop_assert_eq!(&bytes[header_len..], &payload[..]);
        let publish = PublishHeader {
            topic: Some(topic), delivery, retain, properties: properties(&block),
        };
        prop_assert_eq!(
            decode_next(Version::V5, &bytes, None),
            Ok(Decoded::Publish { publish, header_len, payload_len })
        );
    }

    #[test]
    fn connect_carries_its_fields(
        (client_id, clean_session, keep_alive) in (text(), any::<bool>(), any::<u16>()),
        will in option::of((topic_name(), vec(any::<u8>(), 0..40), qos(), any::<bool>(), block(Place::Will))),
        credentials in option::of((text(), option::of(vec(any::<u8>(), 0..40)))),
        block in block(Place::Connect),
    ) {
        let packet = Connect {
            version: Version::V5,
            properties: properties(&block),
            client_id: Utf8String::new(&client_id).unwrap(),
            clean_session,
            keep_alive,
            will: will.as_ref().map(|(topic, payload, qos, retain, block)| Will {
                properties: properties(block),
                topic: TopicName::new(topic).unwrap(),
                payload: Binary::new(payload).unwrap(),
                qos: *qos,
                retain: *retain,
            }),
            credentials: credentials.as_ref().map(|(username, password)| Credentials {
                username: Utf8String::new(username).unwrap(),
                password: password.as_ref().map(|it| Binary::new(it).unwrap()),
            }),
        };
        let bytes = bytes_of(|out| packet.encode(out), packet.encoded_len());

        let mut flags = u8::from(clean_session) << 1;
        let mut fields = prefixed(client_id.as_bytes());
        if let Some((topic, payload, qos, retain, block)) = &will {
            flags |= 4 | qos.bits() << 3 | u8::from(*retain) << 5;
            fields.extend(with_length(block));
            fields.extend(prefixed(topic.as_bytes()));
            fields.extend(prefixed(payload));
        }
        if let Some((username, password)) = &credentials {
            flags |= 0x80;
            fields.extend(prefixed(username.as_bytes()));
            if let Some(password) = password {
                flags |= 0x40;
                fields.extend(prefixed(password));
            }
        }
        let keep_alive = keep_alive.to_be_bytes();
        let expected = whole(
            0x10,
            &[b"\0\x04MQTT\x05", &[flags], &keep_alive, &with_length(&block), &fields],
        );
        prop_assert_eq!(bytes, expected);
    }

    #[test]
    fn subscribe_and_unsubscribe_carry_their_fields(
        (id, filter, qos) in (packet_id(), filter_of_few(), qos()),
        (no_local, as_published, handling) in (any::<bool>(), any::<bool>(), 0..3_u8),
        block in block(Place::Subscribe),
        user in block(Place::Unsubscribe),
    ) {
        let checked = TopicFilter::new(&filter).unwrap();
        let retain_handling = [
            RetainHandling::Send, RetainHandling::SendIfNew, RetainHandling::DoNotSend,
        ][usize::from(handling)];
        let subscribe = Subscribe {
            id,
            filter: checked,
            qos,
            options: SubscriptionOptions::new(no_local, as_published, retain_handling),
            properties: properties(&block),
        };
        let unsubscribe = Unsubscribe { id, filter: checked, properties: properties(&user) };
        let options = qos.bits() | u8::from(no_local) << 2 | u8::from(as_published) << 3 | handling << 4;
        let (id, filter) = (id.get().to_be_bytes(), prefixed(filter.as_bytes()));
        prop_assert_eq!(
            bytes_of(|out| subscribe.encode(out), subscribe.encoded_len()),
            whole(0x82, &[&id, &with_length(&block), &filter, &[options]])
        );
        prop_assert_eq!(
            bytes_of(|out| unsubscribe.encode(out), unsubscribe.encoded_len()),
            whole(0xA2, &[&id, &with_length(&user), &filter])
        );
    }

    #[test]
    fn disconnect_and_auth_carry_their_fields(
        code in any::<u8>(),
        goodbye in block(Place::Disconnect),
        anew in any::<bool>(),
        steps in block(Place::Auth),
    ) {
        let made = ReasonCode::of_disconnect(code);
        let (made, code) = made.map_or((ReasonCode::SUCCESS, 0), |made| (made, code));
        let disconnect = Disconnect { code: made, properties: Properties::new_unchecked(&goodbye) };
        prop_assert_eq!(
            bytes_of(|out| disconnect.encode(out), disconnect.encoded_len()),
            whole(0xE0, &[&[code], &with_length(&goodbye)])
        );
        let auth = Auth { anew, properties: Properties::new_unchecked(&steps) };
        prop_assert_eq!(
            bytes_of(|out| auth.encode(out), auth.encoded_len()),
            whole(0xF0, &[&[if anew { 0x19 } else { 0x18 }], &with_length(&steps)])
        );
    }
}
