//! Messages for whose header there is no memory: read, thrown away, acknowledged.

use super::harness::broker::*;
use super::harness::client_packet::ClientPacket::{PubAck, PubRec};
use super::support::*;
use crate::codec::{DecodeError, QoS};
use crate::session::Error;
use std::vec::Vec;

const HUGE: usize = 65_535;

fn huge(qos: QoS, number: u16, dup: bool, payload: &[u8]) -> Vec<u8> {
    publish(&"t".repeat(HUGE), payload, delivery(qos, number, dup))
}

fn small_memory() -> Client {
    let mut client = connected(false);
    client.topic_memory = 100;
    client
}

/// No piece has the header of a huge message in it.
fn receive_in_pieces(client: &mut Client, bytes: &[u8]) {
    for piece in bytes.chunks(1000) {
        client.receive(piece).unwrap();
    }
}

#[test]
#[cfg_attr(miri, ignore)]
fn the_next_message_is_found_however_the_bytes_are_cut() {
    for qos in [QoS::AtMostOnce, QOS1, QOS2] {
        for payload in [&b""[..], b"payload"] {
            let bytes = [huge(qos, 5, false, payload), incoming(QOS1, 6, "next")].concat();
            for size in [1, 2, 3, 7, 255, HUGE - 1] {
                let mut client = small_memory();
                for piece in bytes.chunks(size) {
                    client.receive(piece).unwrap();
                }
                assert_eq!(inbox(&client), ["next"], "pieces of {size}");
            }
        }
    }
}

#[test]
fn it_is_acknowledged_or_it_would_come_for_ever() {
    let mut client = small_memory();
    receive_in_pieces(&mut client, &huge(QoS::AtMostOnce, 0, false, b"x"));
    receive_in_pieces(&mut client, &huge(QOS1, 5, false, b"x"));
    receive_in_pieces(&mut client, &huge(QOS2, 6, false, b"x"));
    assert_eq!(client.sent(), [PubAck(5), PubRec(6)]);
    receive_in_pieces(&mut client, &huge(QOS2, 6, true, b"x"));
    assert_eq!(client.sent(), [PubRec(6)]);
    assert_eq!(client.inbox.len(), 0);
}

#[test]
#[cfg_attr(miri, ignore)]
fn cut_off_it_does_not_count_as_received() {
    let bytes = huge(QOS2, 5, false, b"payload");
    for cut in [
        10,
        HUGE / 2,
        bytes.len() - 9,
        bytes.len() - 7,
        bytes.len() - 1,
    ] {
        let mut client = small_memory();
        receive_in_pieces(&mut client, &bytes[..cut]);
        assert_eq!(client.sent(), []);
        reconnect(&mut client, true);
        client.topic_memory = usize::MAX;
        client.receive(&huge(QOS2, 5, true, b"payload")).unwrap();
        assert_eq!(inbox(&client), ["payload"], "cut at {cut}");
    }
}

#[test]
fn mqtt_2_3_1_1_its_identifier_is_not_0() {
    let mut bytes = huge(QOS1, 5, false, b"");
    let at = bytes.len() - 2;
    bytes[at..].fill(0);
    let mut client = small_memory();
    let error = Error::Malformed(DecodeError::PacketId);
    client.receive(&bytes[..1000]).unwrap();
    assert_eq!(client.receive(&bytes[1000..]), Err(error));
}
