//! Helpers of the tests of MQTT 5.

use crate::codec::tests::support::*;
use crate::codec::*;
use std::vec;
use std::vec::Vec;

/// A Variable Byte Integer in its shortest form.
pub fn variable(number: usize) -> Vec<u8> {
    let mut bytes = vec![];
    let mut rest = number;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest /= 0x80;
    }
    bytes.push(rest as u8);
    bytes
}

/// The packet with that first byte and `body` behind its fixed header.
pub fn packet(first_byte: u8, body: &[u8]) -> Vec<u8> {
    front(first_byte, body, 0)
}

/// The front of the packet with that first byte, whose body begins with `body` and has `missing` bytes more.
pub fn front(first_byte: u8, body: &[u8], missing: usize) -> Vec<u8> {
    let length = variable(body.len() + missing);
    [&[first_byte], &length[..], body].concat()
}

pub fn properties(bytes: &[u8], place: Place) -> Properties<'_> {
    Properties::new(bytes, place).unwrap()
}

#[track_caller]
pub fn assert_decodes(bytes: &[u8], packet: Packet<'_>) {
    assert_decodes_in(Version::V5, bytes, packet);
}

#[track_caller]
pub fn assert_refused(bytes: &[u8], error: DecodeError) {
    assert_refused_in(Version::V5, bytes, error);
}

/// A packet from the server that can have properties.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    pub place: Place,
    pub first_byte: u8,
    /// The bytes between the fixed header and the properties.
    pub before: &'static [u8],
    /// Those behind the properties.
    pub behind: &'static [u8],
}

const fn received(
    place: Place,
    first_byte: u8,
    before: &'static [u8],
    behind: &'static [u8],
) -> Received {
    Received {
        place,
        first_byte,
        before,
        behind,
    }
}

/// All of them.
pub const RECEIVED: [Received; 12] = [
    received(Place::ConnAck, 0x20, b"\x00\x00", b""),
    received(Place::Message, 0x30, b"\x00\x01a", b"payload"),
    received(Place::Message, 0x3D, b"\x00\x01a\x00\x09", b""),
    received(Place::Ack, 0x40, b"\x00\x01\x10", b""),
    received(Place::Ack, 0x50, b"\x00\x01\x00", b""),
    received(Place::Ack, 0x62, b"\x00\x01\x92", b""),
    received(Place::Ack, 0x70, b"\x00\x01\x00", b""),
    received(Place::Ack, 0x90, b"\x00\x01", b"\x02\x80"),
    received(Place::Ack, 0xB0, b"\x00\x01", b"\x11"),
    received(Place::Goodbye, 0xE0, b"\x8E", b""),
    received(Place::Auth, 0xF0, b"\x18", b""),
    received(Place::Auth, 0xF0, b"\x00", b""),
];

impl Received {
    /// The packet with the block `properties`.
    pub fn with(&self, properties: &[u8]) -> Vec<u8> {
        [self.cut(properties, 0), self.behind.to_vec()].concat()
    }

    /// The front of the packet up to the front `properties` of a block that has `missing` bytes more.
    pub fn cut(&self, properties: &[u8], missing: usize) -> Vec<u8> {
        let length = variable(properties.len() + missing);
        let body = [self.before, &length, properties].concat();
        front(self.first_byte, &body, missing + self.behind.len())
    }

    /// Checks that the packet with the block `properties` has them, and no front of it.
    #[track_caller]
    pub fn assert_has(&self, properties: &[u8]) {
        let bytes = self.with(properties);
        let (found, len) = match decode_next(Version::V5, &bytes, None) {
            Ok(Decoded::Publish {
                publish,
                header_len,
                payload_len,
            }) => {
                assert_eq!(bytes[header_len..], *self.behind);
                assert_eq!(payload_len, self.behind.len());
                (publish.properties, header_len)
            }
            Ok(Decoded::Packet { packet, len }) => (properties_of(packet), len),
            other => panic!("{bytes:x?}: {other:x?}"),
        };
        assert_eq!(found.map(Properties::as_bytes), Some(properties));
        assert_truncations_are_incomplete_in(Version::V5, &bytes, len);
    }
}

fn properties_of(packet: Packet<'_>) -> Option<Properties<'_>> {
    match packet {
        Packet::ConnAck { properties, .. }
        | Packet::SubAck { properties, .. }
        | Packet::UnsubAck { properties, .. } => properties,
        Packet::PubAck(_, reason)
        | Packet::PubRec(_, reason)
        | Packet::PubRel(_, reason)
        | Packet::PubComp(_, reason)
        | Packet::Disconnect(reason)
        | Packet::Auth(reason) => reason.properties,
        Packet::PingResp => None,
    }
}

/// An Authentication Method, without which there is no AUTH.
pub const METHOD: &[u8] = b"\x15\x00\x01m";
