//! Strategies of both versions.

use mqtt::codec::*;
use proptest::collection::vec;
use proptest::prelude::*;

pub fn qos() -> impl Strategy<Value = QoS> {
    (0..3_u8).prop_map(|bits| QoS::from_bits(bits).unwrap())
}

pub fn packet_id() -> impl Strategy<Value = PacketId> {
    (1..=u16::MAX).prop_map(|id| PacketId::new(id).unwrap())
}

pub fn delivery() -> impl Strategy<Value = Delivery> {
    (qos(), packet_id(), any::<bool>()).prop_map(|(qos, id, dup)| match qos {
        QoS::AtMostOnce => Delivery::AtMostOnce,
        QoS::AtLeastOnce => Delivery::AtLeastOnce { id, dup },
        QoS::ExactlyOnce => Delivery::ExactlyOnce { id, dup },
    })
}

/// Text for a string field.
pub fn text() -> impl Strategy<Value = String> {
    "[^\0]{0,40}"
}

pub fn topic_name() -> impl Strategy<Value = String> {
    "[^\0+#]{1,40}"
}

/// Topic names and filters of a few levels that often match.
pub fn topic_of_few() -> impl Strategy<Value = String> {
    vec("(|a|b|\\$a|é)", 1..4)
        .prop_map(|levels| levels.join("/"))
        .prop_filter("not empty", |topic| !topic.is_empty())
}

pub fn filter_of_few() -> impl Strategy<Value = String> {
    (vec("(|a|b|\\$a|é|\\+)", 0..4), any::<bool>())
        .prop_map(|(mut levels, all)| {
            if all {
                levels.push("#".to_string());
            }
            levels.join("/")
        })
        .prop_filter("not empty", |filter| !filter.is_empty())
}

/// The bytes of a packet, which are as many as `len` promises.
pub fn bytes_of(encode: impl Fn(&mut &mut [u8]) -> Result<(), Overflow>, len: usize) -> Vec<u8> {
    let mut bytes = vec![0xA5; len];
    let mut room = &mut bytes[..];
    encode(&mut room).unwrap();
    assert_eq!(room, [], "encoded_len");
    bytes
}
