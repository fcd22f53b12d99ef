//! Protocol violations of the broker, which end the connection.

use super::support::*;
use crate::codec::{DecodeError, QoS};
use crate::session::Error;

#[test]
fn mqtt_4_8_0_1_every_protocol_violation_is_an_error_that_ends_the_connection() {
    use DecodeError::*;
    let malformed: [(&[u8], DecodeError); 9] = [
        (b"\x00", PacketType),
        (b"\x41", Flags),
        (b"\x36", QoS),
        (b"\x38", Dup),
        (b"\x30\xFF\xFF\xFF\xFF", RemainingLength),
        (b"\x40\x03", Length),
        (b"\x40\x02\x00\x00", PacketId),
        (b"\x90\x03\x00\x01\x03", SubAckCode),
        (b"\x30\x05\x00\x09", TopicLength),
    ];
    for (bytes, error) in malformed {
        let mut client = connected(true);
        assert_eq!(client.receive(bytes), Err(Error::Malformed(error)));
    }
    let mut client = connected(true);
    // For one filter there is one return code.
    client.subscribe("a", 1, QOS1);
    assert_eq!(
        client.receive(b"\x90\x04\x00\x01\x00\x00"),
        Err(Error::TooLong)
    );
}

#[test]
fn mqtt_4_8_0_2_a_packet_that_cannot_be_processed_now_is_an_error_that_ends_the_connection() {
    let mut client = connected(true);
    let room = crate::limits::INCOMING_QOS2 as u16;
    for number in 1..=room {
        client.receive(&incoming(QOS2, number, "x")).unwrap();
    }
    let one_more = incoming(QOS2, room + 1, "x");
    assert_eq!(client.receive(&one_more), Err(Error::TooManyIncoming));
}

#[test]
fn mqtt_3_3_1_2_dup_with_qos_0_ends_the_connection() {
    let mut client = connected(true);
    let mut bytes = incoming(QoS::AtMostOnce, 0, "x");
    bytes[0] |= 8;
    assert_eq!(
        client.receive(&bytes),
        Err(Error::Malformed(DecodeError::Dup))
    );
    assert_eq!(client.inbox.len(), 0);
}
