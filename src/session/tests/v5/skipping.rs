//! Messages for whose header there is no memory, with properties.

use super::super::harness::broker::{id, publish_in};
use super::super::harness::client_packet::ClientPacket;
use super::super::support::*;
use super::{V5, connected_with};
use crate::codec::{Delivery, QoS};
use crate::session::Error;

#[test]
fn a_message_whose_header_is_too_large_is_thrown_away_with_its_properties() {
    for qos in [QoS::AtMostOnce, QOS1, QOS2] {
        let mut client = connected_with(b"");
        client.topic_memory = 3;
        let delivery = match qos {
            QoS::AtMostOnce => Delivery::AtMostOnce,
            QoS::AtLeastOnce => Delivery::AtLeastOnce {
                id: id(9),
                dup: false,
            },
            QoS::ExactlyOnce => Delivery::ExactlyOnce {
                id: id(9),
                dup: false,
            },
        };
        let mut bytes = publish_in(V5, "long/topic", b"payload", delivery);
        // A Content Type of 200 bytes among the properties.
        let property = [&[3, 0, 200][..], &[b'x'; 200]].concat();
        let len_at = bytes.len() - b"payload".len() - 1;
        bytes.splice(len_at..=len_at, [203 | 0x80, 1].into_iter().chain(property));
        let remaining = bytes.len() - 2;
        bytes.splice(
            1..2,
            [(remaining & 0x7F) as u8 | 0x80, (remaining >> 7) as u8],
        );
        bytes.extend(publish_in(V5, "a", b"next", Delivery::AtMostOnce));
        // However it is cut.
        for chunk in [1, 7, 50] {
            for part in bytes.chunks(chunk) {
                client.receive(part).unwrap();
            }
            assert_eq!(inbox(&client), ["next"], "{qos:?}, {chunk} bytes at a time");
            client.inbox.clear();
            if qos == QOS2 {
                client.receive(&[0x62, 2, 0, 9]).unwrap();
            }
        }
        // The broker hears that it need not send the message again.
        let acknowledged = client
            .sent()
            .iter()
            .any(|packet| matches!(packet, ClientPacket::PubAck(9) | ClientPacket::PubRec(9)));
        assert_eq!(acknowledged, qos != QoS::AtMostOnce);
    }
}

#[test]
fn properties_that_go_past_the_end_of_a_thrown_away_message_are_refused() {
    let mut client = connected_with(b"");
    client.topic_memory = 3;
    let result = client.receive(b"\x30\x09\0\x04long\x05\x01");
    assert!(matches!(result, Err(Error::Malformed(_))), "{result:?}");
}
