//! The fuzz targets as functions of their input. `tests/fuzz_seeds.rs` calls them with the seeds.

#[path = "../../tests/harness/mod.rs"]
mod harness;
#[cfg(feature = "tls")]
pub mod tls;

use harness::broker;
use harness::client::Client;
use harness::client::Wire;
use harness::decoding::{VERSIONS, check_all_fronts};
use harness::receiver::Receiver;
use harness::simulation::{Action, run};
use mqtt::codec::{
    Decoded, PacketId, Publish, PublishHeader, Subscribe, TopicFilter, TopicName, Version,
    decode_next,
};
use mqtt::session::saved::seal;
use mqtt::session::{Error, SavedItem, SavedSession};

/// Takes any bytes as the front of one packet, of each version.
pub fn decode(data: &[u8]) {
    // The check decodes every front, so long inputs take long and show nothing new.
    let data = &data[..data.len().min(512)];
    for version in VERSIONS {
        check_all_fronts(*version, data);
    }
}

/// Takes any bytes as a stream from the broker, whose meaning must not depend on how it is cut.
///
/// The first byte says how many of the next bytes are lengths of pieces, which are used in turns.
pub fn stream(data: &[u8]) {
    let Some((count, rest)) = data.split_first() else {
        return;
    };
    let count = usize::from(count % 8) + 1;
    let Some((lengths, stream)) = rest.split_at_checked(count) else {
        return;
    };
    let mut pieces = Vec::new();
    let mut left = stream;
    for length in lengths.iter().cycle() {
        if left.is_empty() {
            break;
        }
        let (piece, after) = left.split_at(left.len().min(usize::from(*length) + 1));
        pieces.push(piece);
        left = after;
    }
    for version in VERSIONS {
        decoded_alike(*version, stream, &pieces);
    }
    understood_alike(stream, &pieces);
}

/// Takes any bytes as a saved session: as they are, and with their check sum. Whether they are one with it.
pub fn saved(data: &[u8]) -> bool {
    let _ = SavedSession::parse(data);
    let mut state = data.to_vec();
    state.extend([0; 4]);
    seal(&mut state);
    let Ok(saved) = SavedSession::parse(&state) else {
        return false;
    };
    let Ok(items) = saved.items().collect::<Result<Vec<_>, _>>() else {
        return false;
    };
    // Each item takes a byte at least, and the end one more.
    assert!(items.len() < data.len());
    for item in items {
        can_be_sent(saved.version, item);
    }
    // Nothing more is a saved session.
    state.push(0);
    assert!(SavedSession::parse(&state).is_err());
    true
}

/// Checks that a restored session can send the item again as a packet.
fn can_be_sent(version: Version, item: SavedItem<'_>) {
    let mut bytes = Vec::new();
    match item {
        SavedItem::Published(_, qos, message) | SavedItem::Queued(qos, message) => {
            let topic = TopicName::new(message.topic).unwrap();
            let properties = message.properties.or(version.no_properties());
            let delivery = qos.delivery(PacketId::MIN, true);
            let (payload, retain) = (message.payload, message.retain);
            let packet = Publish::new(topic, payload, delivery, retain, properties).unwrap();
            packet.encode(&mut Wire(&mut bytes)).unwrap();
            // The rules for a client's messages are those for a server's, and one more.
            let header_len = bytes.len() - payload.len();
            let publish = PublishHeader {
                topic: Some(topic),
                delivery,
                retain,
                properties,
            };
            let expected = Decoded::Publish {
                publish,
                header_len,
                payload_len: payload.len(),
            };
            assert_eq!(decode_next(version, &bytes, None), Ok(expected));
        }
        SavedItem::Filter(filter, qos) => {
            let packet = Subscribe {
                id: PacketId::MIN,
                filter: TopicFilter::new(filter.text).unwrap(),
                qos,
                options: filter.options,
                properties: filter.properties.or(version.no_properties()),
            };
            packet.encode(&mut Wire(&mut bytes)).unwrap();
            assert_eq!(bytes.len(), packet.encoded_len());
            let options = bytes.last().unwrap();
            assert!(
                options & 0xC0 == 0 && options & 0x30 != 0x30,
                "{options:#x}"
            );
        }
        SavedItem::Released(_) | SavedItem::Received(_) => {}
    }
}

fn decoded_alike(version: Version, stream: &[u8], pieces: &[&[u8]]) {
    let (mut at_once, mut by_pieces) = (Receiver::new(version), Receiver::new(version));
    let expected = at_once.receive(stream);
    let result = pieces.iter().try_for_each(|it| by_pieces.receive(it));
    assert_eq!(result, expected);
    assert_eq!(by_pieces.packets, at_once.packets);
}

fn understood_alike(stream: &[u8], pieces: &[&[u8]]) {
    let (mut at_once, mut by_pieces) = (connected(), connected());
    let expected = at_once.receive(stream);
    let result = pieces.iter().try_for_each(|it| by_pieces.receive(it));
    assert_eq!(result, expected);
    assert_eq!(by_pieces.inbox, at_once.inbox);
    for client in [&mut at_once, &mut by_pieces] {
        client.flush();
    }
    assert_eq!(by_pieces.sent(), at_once.sent());
}

/// A client with messages and requests on their way.
fn connected() -> Client {
    let mut client = Client::new(false);
    client.connect(0);
    let accepted: Result<(), Error> = client.receive(&broker::connack(false));
    accepted.unwrap();
    for (message, qos) in [(1, 1), (2, 2), (3, 1), (4, 2)] {
        let qos = mqtt::codec::QoS::from_bits(qos).unwrap();
        client.publish(qos, message).unwrap();
    }
    client.subscribe("in", 1, mqtt::codec::QoS::ExactlyOnce);
    client.unsubscribe("out").unwrap();
    client
}

/// Takes any bytes as a sequence of events, commands and time; see [`Action`].
pub fn session(data: &[u8]) {
    let Some((options, actions)) = data.split_first() else {
        return;
    };
    let actions = Action::from_bytes(&actions[..actions.len().min(2048)]);
    let clean_session = options % 2 == 1;
    let receive_maximum = [1, 3, 8, u16::MAX][usize::from(options >> 1) % 4];
    let version = Version::ALL[usize::from(options >> 3) % Version::ALL.len()];
    run(version, receive_maximum, clean_session, &actions);
}
