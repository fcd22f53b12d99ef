//! Helpers of the scripts.

use super::harness::application::properties_of;
use super::harness::broker::*;
use super::harness::client::block;

pub use super::harness::client::Client;
use super::harness::client_packet::{ClientPacket, Publish};
use crate::codec::{QoS, Version};
use std::string::ToString;
use std::vec::Vec;

pub const QOS1: QoS = QoS::AtLeastOnce;
pub const QOS2: QoS = QoS::ExactlyOnce;

/// A connection without keep-alive to a broker that has no session.
pub fn connected(clean_session: bool) -> Client {
    let mut client = Client::new(clean_session);
    reconnect(&mut client, false);
    client.sent();
    client
}

/// Makes a new connection to a broker that has the session or not. Returns the packets after
/// CONNECT.
pub fn reconnect(client: &mut Client, session_present: bool) -> Vec<ClientPacket> {
    client.lose();
    client.connect(0);
    client.receive(&connack(session_present)).unwrap();
    let mut sent = client.sent();
    assert!(matches!(sent.remove(0), ClientPacket::Connect(_)));
    sent
}

/// The PUBLISH of an outgoing message.
pub fn published(qos: QoS, number: u16, dup: bool, message: u32) -> ClientPacket {
    published_in(Version::V3_1_1, qos, number, dup, message)
}

/// The PUBLISH of an outgoing message in a session of `version`.
pub fn published_in(
    version: Version,
    qos: QoS,
    number: u16,
    dup: bool,
    message: u32,
) -> ClientPacket {
    ClientPacket::Publish(Publish {
        id: number,
        qos: qos.bits(),
        dup,
        retain: false,
        topic: "out".to_string(),
        properties: block(properties_of(version, message)).to_vec(),
        payload: message.to_string().into_bytes(),
    })
}

/// A message that the broker sends for the first time.
pub fn incoming(qos: QoS, number: u16, payload: &str) -> Vec<u8> {
    publish("in", payload.as_bytes(), delivery(qos, number, false))
}

/// A message that the broker sends again.
pub fn incoming_again(qos: QoS, number: u16, payload: &str) -> Vec<u8> {
    publish("in", payload.as_bytes(), delivery(qos, number, true))
}

/// The payloads of the messages that wait to be delivered.
pub fn inbox(client: &Client) -> Vec<&str> {
    client
        .inbox
        .iter()
        .map(|message| core::str::from_utf8(&message.payload).unwrap())
        .collect()
}
