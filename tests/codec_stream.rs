//! A stream means the same however it is cut.

mod harness;

use harness::broker::{id, publish};
use harness::decoding::VERSIONS;
use harness::receiver::{Owned, Receiver};
use mqtt::codec::{Ack, DecodeError, Decoded, Delivery, Version, decode_next};

/// Every packet type of `version`, and a PUBLISH of each QoS: the bytes and the number of packets.
fn stream(version: Version) -> (Vec<u8>, usize) {
    match version {
        Version::V3_1_1 => stream_of_3(),
        #[cfg(feature = "v5")]
        Version::V5 => stream_of_5(),
    }
}

fn acknowledgements() -> Vec<u8> {
    let id = id(9);
    let acks = [
        Ack::PubAck(id),
        Ack::PubRec(id),
        Ack::PubRel(id),
        Ack::PubComp(id),
    ];
    acks.map(Ack::encode).concat()
}

fn stream_of_3() -> (Vec<u8>, usize) {
    let (id, dup) = (id(9), true);
    let mut stream = [
        publish("a/\u{20ac}", b"zero", Delivery::AtMostOnce),
        publish("\u{1f600}", b"", Delivery::AtLeastOnce { id, dup }),
        publish("two", &[0x30; 130], Delivery::ExactlyOnce { id, dup }),
    ]
    .concat();
    stream.extend_from_slice(&[0x20, 2, 1, 0]);
    stream.extend(acknowledgements());
    stream.extend_from_slice(&[0x90, 5, 0, 9, 0, 0x80, 2]);
    stream.extend_from_slice(&[0xB0, 2, 0, 9]);
    stream.extend_from_slice(&[0xD0, 0x80, 0x00]);
    stream.extend_from_slice(&[0xD0, 0]);
    (stream, 12)
}

#[cfg(feature = "v5")]
fn stream_of_5() -> (Vec<u8>, usize) {
    let long = [
        b"\x32\x92\x01\x00\x00\x00\x09\x8A\x01",
        &LONG_PROPERTIES[..],
    ];
    let packets: &[&[u8]] = &[
        b"\x20\x0D\x01\x00\x0A\x21\x00\x0A\x22\x00\x05\x12\x00\x01c",
        b"\x30\x0A\x00\x05a/\xE2\x82\xAC\x00zz",
        b"\x3C\x0C\x00\x03two\x00\x09\x03\x23\x00\x07p",
        &long.concat(),
        &acknowledgements(),
        b"\x40\x03\x00\x09\x10",
        b"\x50\x04\x00\x09\x97\x00",
        b"\x62\x0B\x00\x09\x92\x07\x26\x00\x01n\x00\x01v",
        b"\x70\x09\x00\x09\x92\x05\x1F\x00\x02no",
        b"\x90\x0B\x00\x09\x05\x1F\x00\x02no\x00\x80\xA2",
        b"\xB0\x05\x00\x09\x00\x00\x11",
        b"\xD0\x00",
        b"\xF0\x0A\x18\x08\x15\x00\x01m\x16\x00\x01d",
        b"\xF0\x00",
        b"\xE0\x00",
        b"\xE0\x01\x8B",
        b"\xE0\x06\x9D\x04\x1C\x00\x01s",
    ];
    // The four acknowledgements are one piece.
    (packets.concat(), packets.len() + 3)
}

/// A topic alias, a User Property that makes a length of two bytes, and a payload.
#[cfg(feature = "v5")]
const LONG_PROPERTIES: [u8; 140] = {
    let mut bytes = [b'v'; 140];
    let head = [0x23, 0, 7, 0x26, 0, 1, b'n', 0, 129];
    let mut at = 0;
    while at < head.len() {
        bytes[at] = head[at];
        at += 1;
    }
    bytes
};

fn received<'a>(version: Version, parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Owned> {
    let mut receiver = Receiver::new(version);
    for part in parts {
        receiver.receive(part).unwrap();
    }
    assert!(receiver.buffer.is_empty());
    receiver.packets
}

#[test]
fn cut_into_two_anywhere() {
    for &version in VERSIONS {
        let (stream, count) = stream(version);
        let whole = received(version, [&stream[..]]);
        assert_eq!(whole.len(), count);
        for cut in 0..=stream.len() {
            let (front, back) = stream.split_at(cut);
            let parts = received(version, [front, back]);
            assert_eq!(parts, whole, "cut at {cut}");
        }
    }
}

#[test]
fn cut_into_three_anywhere() {
    for &version in VERSIONS {
        let (stream, _) = stream(version);
        let whole = received(version, [&stream[..]]);
        for second in 0..=stream.len() {
            let (front, back) = stream.split_at(second);
            for first in 0..=second {
                let (front, middle) = front.split_at(first);
                let parts = received(version, [front, middle, back]);
                assert_eq!(parts, whole, "{first} {second}");
            }
        }
    }
}

#[test]
fn cut_into_pieces_of_one_size() {
    for &version in VERSIONS {
        let (stream, _) = stream(version);
        let whole = received(version, [&stream[..]]);
        for size in 1..stream.len() {
            let parts = received(version, stream.chunks(size));
            assert_eq!(parts, whole, "pieces of {size}");
        }
    }
}

#[test]
fn reading_the_needed_bytes_yields_every_packet() {
    for &version in VERSIONS {
        let (stream, count) = stream(version);
        let mut rest = &stream[..];
        let mut packets = 0;
        while !rest.is_empty() {
            let mut have = 0;
            let used = loop {
                match decode_next(version, &rest[..have], None).unwrap() {
                    Decoded::Incomplete { needed, .. } => {
                        assert!(needed > have);
                        have = needed;
                    }
                    Decoded::Packet { len, .. } => break len,
                    Decoded::Publish {
                        header_len,
                        payload_len,
                        ..
                    } => break header_len + payload_len,
                }
            };
            // Nothing was asked for beyond the packet.
            assert!(have <= used);
            rest = &rest[used..];
            packets += 1;
        }
        assert_eq!(packets, count);
    }
}

/// Checks that the error of `bytes` behind a stream does not depend on the cut.
fn check_error(version: Version, bytes: &[u8]) {
    let stream = [&stream(version).0, bytes].concat();
    let receive = |parts: &[&[u8]]| -> Result<(), DecodeError> {
        let mut receiver = Receiver::new(version);
        parts.iter().try_for_each(|part| receiver.receive(part))
    };
    let error = receive(&[&stream]);
    assert!(error.is_err());
    for cut in 0..=stream.len() {
        let (front, back) = stream.split_at(cut);
        let result = receive(&[front, back]);
        assert_eq!(result, error, "cut at {cut} of {stream:x?}");
    }
}

#[test]
fn an_error_does_not_depend_on_the_cut() {
    for bytes in [
        &b"\x30\x08\x00\x04a\xE2\x82+xx"[..],
        b"\x32\x08\x00\x04abcd\x00\x00",
        b"\x90\x06\x00\x01\x00\x80\x03\xFF",
        b"\x20\x02\x01\x07",
        b"\x40\x83\x80\x00\x00\x00",
    ] {
        check_error(Version::V3_1_1, bytes);
    }
}

#[cfg(feature = "v5")]
#[test]
fn an_error_in_mqtt_5_does_not_depend_on_the_cut() {
    for bytes in [
        &b"\x30\x08\x00\x04a\xE2\x82+xx"[..],
        b"\x30\x05\x00\x01a\x80\x00",
        b"\x30\x05\x00\x00\x02\x01\x01",
        b"\x32\x0B\x00\x01a\x00\x09\x05\x08\x00\x02a#",
        b"\x20\x08\x00\x00\x05\x1F\x00\x02\xC3a",
        b"\x20\x0B\x00\x00\x08\x24\x01\x21\x00\x01\x24\x01\x25",
        b"\x40\x06\x00\x01\x10\x02\x11\x00",
        b"\x62\x03\x00\x01\x80",
        b"\x90\x07\x00\x01\x00\x01\x02\x03\x04",
        b"\xB0\x04\x00\x01\x01\x00",
        b"\xD0\x80\x00",
        b"\xE0\x01\x04",
        b"\xF0\x02\x18\x00",
        b"\xF0\x07\x00\x05\x16\x00\x02dd",
    ] {
        check_error(Version::V5, bytes);
    }
}
