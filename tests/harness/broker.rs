//! The packets that brokers send.

use mqtt::codec::{Ack, Delivery, PacketId, Publish, QoS, TopicName, Version};
use std::vec::Vec;

pub fn id(id: u16) -> PacketId {
    PacketId::new(id).unwrap()
}

pub fn connack(session_present: bool) -> [u8; 4] {
    [0x20, 2, session_present.into(), 0]
}

/// A CONNACK of `version`. In MQTT 5 it has the Receive Maximum, if there is one.
pub fn connack_in(version: Version, session_present: bool, receive_maximum: u16) -> Vec<u8> {
    if !version.is_5() {
        return connack(session_present).to_vec();
    }
    let [high, low] = receive_maximum.to_be_bytes();
    match receive_maximum {
        u16::MAX => [0x20, 3, session_present.into(), 0, 0].to_vec(),
        _ => [0x20, 6, session_present.into(), 0, 3, 0x21, high, low].to_vec(),
    }
}

pub fn refusal(return_code: u8) -> [u8; 4] {
    [0x20, 2, 0, return_code]
}

pub fn puback(number: u16) -> [u8; 4] {
    Ack::PubAck(id(number)).encode()
}

pub fn pubrec(number: u16) -> [u8; 4] {
    Ack::PubRec(id(number)).encode()
}

pub fn pubrel(number: u16) -> [u8; 4] {
    Ack::PubRel(id(number)).encode()
}

pub fn pubcomp(number: u16) -> [u8; 4] {
    Ack::PubComp(id(number)).encode()
}

/// `code`: a QoS, or 0x80.
pub fn suback(number: u16, code: u8) -> [u8; 5] {
    let [high, low] = number.to_be_bytes();
    [0x90, 3, high, low, code]
}

/// A SUBACK of `version`. `code`: a QoS, or 0x80.
pub fn suback_in(version: Version, number: u16, code: u8) -> Vec<u8> {
    let [high, low] = number.to_be_bytes();
    if version.is_5() {
        return [0x90, 4, high, low, 0, code].to_vec();
    }
    suback(number, code).to_vec()
}

/// An UNSUBACK of `version`.
pub fn unsuback_in(version: Version, number: u16) -> Vec<u8> {
    let [high, low] = number.to_be_bytes();
    if version.is_5() {
        return [0xB0, 4, high, low, 0, 0].to_vec();
    }
    unsuback(number).to_vec()
}

pub fn unsuback(number: u16) -> [u8; 4] {
    let [high, low] = number.to_be_bytes();
    [0xB0, 2, high, low]
}

pub const PINGRESP: [u8; 2] = [0xD0, 0];

/// How a message of that QoS travels; `number` is of no account with QoS 0.
pub fn delivery(qos: QoS, number: u16, dup: bool) -> Delivery {
    match qos {
        QoS::AtMostOnce => Delivery::AtMostOnce,
        QoS::AtLeastOnce => Delivery::AtLeastOnce {
            id: id(number),
            dup,
        },
        QoS::ExactlyOnce => Delivery::ExactlyOnce {
            id: id(number),
            dup,
        },
    }
}

pub fn publish(topic: &str, payload: &[u8], delivery: Delivery) -> Vec<u8> {
    publish_in(Version::V3_1_1, topic, payload, delivery)
}

pub fn publish_in(version: Version, topic: &str, payload: &[u8], delivery: Delivery) -> Vec<u8> {
    let topic = TopicName::new(topic).unwrap();
    let packet = Publish::new(topic, payload, delivery, false, version.no_properties()).unwrap();
    let mut bytes = std::vec![0; packet.encoded_len()];
    packet.encode(&mut &mut bytes[..]).unwrap();
    bytes
}
