//! A stream means the same however it is cut.

mod harness;

use harness::broker::{id, publish};
use harness::receiver::{Owned, Receiver};
use mqtt::codec::{Ack, Decoded, Delivery, decode};

/// Every packet type, and a PUBLISH of each QoS.
fn stream() -> Vec<u8> {
    let (id, dup) = (id(9), true);
    let mut stream = [
        publish("a/\u{20ac}", b"zero", Delivery::AtMostOnce),
        publish("\u{1f600}", b"", Delivery::AtLeastOnce { id, dup }),
        publish("two", &[0x30; 130], Delivery::ExactlyOnce { id, dup }),
    ]
    .concat();
    stream.extend_from_slice(&[0x20, 2, 1, 0]);
    for ack in [
        Ack::PubAck(id),
        Ack::PubRec(id),
        Ack::PubRel(id),
        Ack::PubComp(id),
    ] {
        stream.extend_from_slice(&ack.encode());
    }
    stream.extend_from_slice(&[0x90, 5, 0, 9, 0, 0x80, 2]);
    stream.extend_from_slice(&[0xB0, 2, 0, 9]);
    stream.extend_from_slice(&[0xD0, 0x80, 0x00]);
    stream.extend_from_slice(&[0xD0, 0]);
    stream
}

fn received<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Owned> {
    let mut receiver = Receiver::default();
    for part in parts {
        receiver.receive(part).unwrap();
    }
    assert!(receiver.buffer.is_empty());
    receiver.packets
}

#[test]
fn cut_into_two_anywhere() {
    let stream = stream();
    let whole = received([&stream[..]]);
    assert_eq!(whole.len(), 12);
    for cut in 0..=stream.len() {
        let (front, back) = stream.split_at(cut);
        assert_eq!(received([front, back]), whole, "cut at {cut}");
    }
}

#[test]
fn cut_into_three_anywhere() {
    let stream = stream();
    let whole = received([&stream[..]]);
    for second in 0..=stream.len() {
        let (front, back) = stream.split_at(second);
        for first in 0..=second {
            let (front, middle) = front.split_at(first);
            assert_eq!(received([front, middle, back]), whole, "{first} {second}");
        }
    }
}

#[test]
fn cut_into_pieces_of_one_size() {
    let stream = stream();
    let whole = received([&stream[..]]);
    for size in 1..stream.len() {
        assert_eq!(received(stream.chunks(size)), whole, "pieces of {size}");
    }
}

#[test]
fn reading_the_needed_bytes_yields_every_packet() {
    let stream = stream();
    let mut rest = &stream[..];
    while !rest.is_empty() {
        let mut have = 0;
        let used = loop {
            match decode(&rest[..have]).unwrap() {
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
        let stream = [&stream(), bytes].concat();
        let error = Receiver::default().receive(&stream);
        assert!(error.is_err());
        for cut in 0..=stream.len() {
            let (front, back) = stream.split_at(cut);
            let mut receiver = Receiver::default();
            let result = receiver
                .receive(front)
                .and_then(|()| receiver.receive(back));
            assert_eq!(result, error, "cut at {cut} of {stream:x?}");
        }
    }
}
