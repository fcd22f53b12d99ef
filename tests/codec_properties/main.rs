//! Properties that hold for any packet, any text, any bytes.

#[path = "../harness/mod.rs"]
mod harness;
mod strategies;
#[cfg(feature = "v5")]
mod v5;

use harness::client_packet::{self, ClientPacket};
use harness::decoding::{VERSIONS, check_all_fronts};
use harness::receiver::Receiver;
use mqtt::codec::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use strategies::*;

fn publish_bytes(topic: &str, payload: &[u8], delivery: Delivery, retain: bool) -> Vec<u8> {
    let topic = TopicName::new(topic).unwrap();
    let packet = Publish::new(topic, payload, delivery, retain, None).unwrap();
    bytes_of(|out| packet.encode(out), packet.encoded_len())
}

/// The one packet that `bytes` are.
fn client_packet(mut bytes: Vec<u8>) -> ClientPacket {
    let packet = client_packet::take(Version::V3_1_1, &mut bytes).expect("a whole packet");
    assert_eq!(bytes, []);
    packet
}

/// A packet from a server.
fn server_packet() -> impl Strategy<Value = Vec<u8>> {
    let id = || packet_id().prop_map(|id| id.get().to_be_bytes());
    let ack = prop::sample::select(&[0x40, 0x50, 0x62, 0x70, 0xB0][..]);
    let code = prop::sample::select(&[0, 1, 2, 0x80][..]);
    prop_oneof![
        4 => (topic_name(), vec(any::<u8>(), 0..200), delivery(), any::<bool>())
            .prop_map(|(topic, payload, delivery, retain)| {
                publish_bytes(&topic, &payload, delivery, retain)
            }),
        4 => (ack, id()).prop_map(|(first_byte, [high, low])| vec![first_byte, 2, high, low]),
        1 => (id(), vec(code, 1..140)).prop_map(|(id, codes)| {
            let len = codes.len() + 2;
            let length = match u8::try_from(len) {
                Ok(len) if len < 0x80 => vec![len],
                _ => vec![(len % 0x80) as u8 | 0x80, (len / 0x80) as u8],
            };
            [&[0x90], &length[..], &id, &codes].concat()
        }),
        1 => Just(vec![0xD0, 0]),
        1 => (0..6_u8).prop_map(|code| vec![0x20, 2, 0, code]),
    ]
}

/// Section 4.7 once more, another way: level by level, from the front.
fn matches_by_recursion(filter: &str, topic: &str) -> bool {
    fn levels(filter: Option<&str>, topic: Option<&str>) -> bool {
        fn cut(text: &str) -> (&str, Option<&str>) {
            text.split_once('/')
                .map_or((text, None), |(level, rest)| (level, Some(rest)))
        }
        match (filter.map(cut), topic.map(cut)) {
            (Some(("#", None)), _) => true,
            (Some((level, filter)), Some((name, topic))) => {
                (level == "+" || level == name) && levels(filter, topic)
            }
            (None, None) => true,
            _ => false,
        }
    }
    let hidden = topic.starts_with('$') && filter.starts_with(['+', '#']);
    !hidden && levels(Some(filter), Some(topic))
}

/// Checks that `stream`, which begins with so many `packets`, means the same when it is cut at `cuts`.
fn check_cuts(version: Version, stream: &[u8], packets: usize, cuts: &[prop::sample::Index]) {
    let mut whole = Receiver::new(version);
    let expected = whole.receive(stream);

    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    let mut pieces = Receiver::new(version);
    let result = cuts
        .windows(2)
        .try_for_each(|ends| pieces.receive(&stream[ends[0]..ends[1]]));
    assert_eq!(result, expected);
    assert!(whole.packets.len() >= packets);
    assert_eq!(pieces.packets, whole.packets);
}

/// Checks every front of `packet` with `byte` in the place `at`.
fn check_spoilt(version: Version, mut packet: Vec<u8>, at: prop::sample::Index, byte: u8) {
    packet.truncate(64);
    let at = at.index(packet.len());
    packet[at] = byte;
    check_all_fronts(version, &packet);
}

#[test]
fn a_result_for_the_front_of_a_short_input_is_never_taken_back() {
    for &version in VERSIONS {
        check_all_fronts(version, &[]);
        for first in 0..=255 {
            check_all_fronts(version, &[first]);
            for second in 0..=255 {
                check_all_fronts(version, &[first, second]);
                for third in [0x00, 0x01, 0x02, 0x03, 0x7F, 0x80, 0x81, 0xFF] {
                    check_all_fronts(version, &[first, second, third]);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_stream_means_the_same_however_it_is_cut(
        packets in vec(server_packet(), 1..12),
        garbage in vec(any::<u8>(), 0..4),
        cuts in vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let stream = [packets.concat(), garbage].concat();
        check_cuts(Version::V3_1_1, &stream, packets.len(), &cuts);
    }

    #[test]
    fn a_result_for_a_front_is_never_taken_back(bytes in vec(any::<u8>(), 0..24)) {
        for version in VERSIONS {
            check_all_fronts(*version, &bytes);
        }
    }

    #[test]
    fn a_result_for_the_front_of_a_spoilt_packet_is_never_taken_back(
        packet in server_packet(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        check_spoilt(Version::V3_1_1, packet, at, byte);
    }

    #[test]
    fn publish_carries_its_fields(
        topic in topic_name(),
        payload in vec(any::<u8>(), 0..300),
        delivery in delivery(),
        retain in any::<bool>(),
    ) {
        let bytes = publish_bytes(&topic, &payload, delivery, retain);
        // To a client.
        let header_len = bytes.len() - payload.len();
        let publish = PublishHeader { topic: TopicName::new(&topic).ok(), delivery, retain, properties: None };
        let payload_len = payload.len();
        prop_assert_eq!(
            decode(&bytes),
            Ok(Decoded::Publish { publish, header_len, payload_len })
        );
        // To a server.
        let id = delivery.id().map_or(0, PacketId::get);
        let (qos, dup) = (delivery.qos().bits(), delivery.dup());
        prop_assert_eq!(
            client_packet(bytes),
            ClientPacket::Publish(client_packet::Publish { id, qos, dup, retain, topic, properties: vec![], payload })
        );
    }

    #[test]
    fn connect_carries_its_fields(
        client_id in text(),
        clean_session in any::<bool>(),
        keep_alive in any::<u16>(),
        will in option::of((topic_name(), vec(any::<u8>(), 0..40), qos(), any::<bool>())),
        credentials in option::of((text(), option::of(vec(any::<u8>(), 0..40)))),
    ) {
        let packet = Connect {
            version: Version::V3_1_1,
            properties: None,
            client_id: Utf8String::new(&client_id).unwrap(),
            clean_session,
            keep_alive,
            will: will.as_ref().map(|(topic, payload, qos, retain)| Will {
                properties: None,
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
        let (username, password) = credentials.map_or((None, None), |(u, p)| (Some(u), p));
        prop_assert_eq!(
            client_packet(bytes),
            ClientPacket::Connect(client_packet::Connect {
                clean_session: clean_session || client_id.is_empty(),
                client_id,
                keep_alive,
                will: will.map(|(topic, payload, qos, retain)| client_packet::Will {
                    topic,
                    payload,
                    qos: qos.bits(),
                    retain,
                }),
                username,
                password,
            })
        );
    }

    #[test]
    fn subscribe_and_unsubscribe_carry_their_fields(
        id in packet_id(),
        filter in filter_of_few(),
        qos in qos(),
    ) {
        let checked = TopicFilter::new(&filter).unwrap();
        let subscribe = Subscribe { id, filter: checked, qos, options: SubscriptionOptions::default(), properties: None };
        let unsubscribe = Unsubscribe { id, filter: checked, properties: None };
        let bytes = bytes_of(|out| subscribe.encode(out), subscribe.encoded_len());
        let (id, qos) = (id.get(), qos.bits());
        let expected = ClientPacket::Subscribe { id, filter: filter.clone(), qos };
        prop_assert_eq!(client_packet(bytes), expected);
        let bytes = bytes_of(|out| unsubscribe.encode(out), unsubscribe.encoded_len());
        prop_assert_eq!(client_packet(bytes), ClientPacket::Unsubscribe { id, filter });
    }

    #[test]
    fn a_filter_matches_as_the_standard_says(filter in filter_of_few(), topic in topic_of_few()) {
        let expected = matches_by_recursion(&filter, &topic);
        prop_assert_eq!(topic_matches(&filter, &topic), expected);
        let checked = TopicFilter::new(&filter).unwrap();
        prop_assert_eq!(checked.matches(TopicName::new(&topic).unwrap()), expected);
    }

    #[test]
    fn any_bytes_make_a_field_or_an_error(bytes in vec(any::<u8>(), 0..12), text in "[a+#/$\0é]{0,8}") {
        for bytes in [&bytes[..], text.as_bytes()] {
            let string = Utf8String::from_bytes(bytes);
            if let Ok(name) = TopicName::from_bytes(bytes) {
                prop_assert!(!name.as_str().contains(['+', '#', '\0']));
                // Without wildcards it is the filter of itself.
                let filter = TopicFilter::from_bytes(bytes);
                prop_assert!(filter.is_ok_and(|filter| filter.matches(name)));
            }
            if TopicFilter::from_bytes(bytes).is_ok() {
                prop_assert!(string.is_ok());
            }
            prop_assert_eq!(
                string.is_ok(),
                core::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'))
            );
        }
    }
}
