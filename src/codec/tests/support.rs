//! Helpers that several test files use.

use crate::codec::*;
use core::convert::Infallible;
use std::vec::Vec;

/// The reason of every acknowledgement of MQTT 3.1.1.
pub const OK: Reason<'_> = Reason {
    code: ReasonCode::SUCCESS,
    properties: None,
};

pub fn id(id: u16) -> PacketId {
    PacketId::new(id).unwrap()
}

pub fn string(text: &str) -> Utf8String<'_> {
    Utf8String::new(text).unwrap()
}

pub fn topic(text: &str) -> TopicName<'_> {
    TopicName::new(text).unwrap()
}

pub fn filter(text: &str) -> TopicFilter<'_> {
    TopicFilter::new(text).unwrap()
}

/// An output that keeps the pieces apart.
#[derive(Default)]
pub struct Pieces(pub Vec<Vec<u8>>);

impl Output for Pieces {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.0.push(bytes.to_vec());
        Ok(())
    }
}

/// The common methods of the packets that a client sends.
pub trait Encode {
    fn encode_to<O: Output>(&self, out: &mut O) -> Result<(), O::Error>;
    fn len(&self) -> usize;
}

macro_rules! encode {
    ($($packet:ident)*) => {$(
        impl Encode for $packet<'_> {
            fn encode_to<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
                self.encode(out)
            }
            fn len(&self) -> usize {
                self.encoded_len()
            }
        }
    )*};
}

encode!(Connect Publish Subscribe Unsubscribe);
#[cfg(feature = "v5")]
encode!(Disconnect Auth);

/// The bytes of `packet`, checked to be as many as `encoded_len` promises.
pub fn encode(packet: &impl Encode) -> Vec<u8> {
    let mut pieces = Pieces::default();
    packet.encode_to(&mut pieces).unwrap();
    let bytes = pieces.0.concat();
    assert_eq!(bytes.len(), packet.len());
    bytes
}

/// Checks that `packet` encodes to `expected`, into buffers with any contents, without a change of
/// the bytes behind it, and that every buffer that is too small gives an error.
#[track_caller]
pub fn assert_encodes(packet: &impl Encode, expected: &[u8]) {
    assert_eq!(encode(packet), expected);
    for dirt in [0x00, 0xFF, 0xA5] {
        let mut buffer = std::vec![dirt; expected.len() + 3];
        let mut out = &mut buffer[..];
        packet.encode_to(&mut out).unwrap();
        assert_eq!(out, [dirt; 3]);
        assert_eq!(buffer[..expected.len()], *expected);

        for room in 0..expected.len() {
            assert_eq!(packet.encode_to(&mut &mut buffer[..room]), Err(Overflow));
        }
    }
}

/// [`assert_decodes_in`] MQTT 3.1.1.
#[track_caller]
pub fn assert_decodes(bytes: &[u8], packet: Packet<'_>) {
    assert_decodes_in(Version::V3_1_1, bytes, packet);
}

/// Checks that `bytes` decode to `packet`, alone and with any byte behind them.
#[track_caller]
pub fn assert_decodes_in(version: Version, bytes: &[u8], packet: Packet<'_>) {
    let len = bytes.len();
    let expected = Ok(Decoded::Packet { packet, len });
    assert_eq!(decode_next(version, bytes, None), expected);
    for next in [0x00, 0x30, 0xFF] {
        let more = [bytes, &[next]].concat();
        assert_eq!(decode_next(version, &more, None), expected);
    }
    assert_truncations_are_incomplete_in(version, bytes, len);
}

/// [`assert_truncations_are_incomplete_in`] MQTT 3.1.1.
#[track_caller]
pub fn assert_truncations_are_incomplete(bytes: &[u8], limit: usize) {
    assert_truncations_are_incomplete_in(Version::V3_1_1, bytes, limit);
}

/// Checks that no front of `bytes` is taken for a packet, and that `needed` never goes down, nor
/// beyond `limit`.
#[track_caller]
pub fn assert_truncations_are_incomplete_in(version: Version, bytes: &[u8], limit: usize) {
    let mut least = 2;
    for len in 0..limit {
        match decode_next(version, &bytes[..len], None) {
            Ok(Decoded::Incomplete { needed, .. }) => {
                assert!(
                    needed > len && needed >= least && needed <= limit,
                    "{len} of {bytes:x?}"
                );
                least = needed;
            }
            other => panic!("{len} of {bytes:x?}: {other:x?}"),
        }
    }
}

/// [`assert_refused_in`] MQTT 3.1.1.
#[track_caller]
pub fn assert_refused(bytes: &[u8], error: DecodeError) {
    assert_refused_in(Version::V3_1_1, bytes, error);
}

/// Checks that `bytes` are refused, at their last byte and not before, and that nothing that
/// follows changes the error.
#[track_caller]
pub fn assert_refused_in(version: Version, bytes: &[u8], error: DecodeError) {
    for len in 0..bytes.len() {
        let front = decode_next(version, &bytes[..len], None);
        assert!(
            matches!(front, Ok(Decoded::Incomplete { .. })),
            "{len} of {bytes:x?}: {front:x?}"
        );
    }
    assert_eq!(decode_next(version, bytes, None), Err(error), "{bytes:x?}");
    for next in 0..=255 {
        let more = [bytes, &[next; 9]].concat();
        assert_eq!(decode_next(version, &more, None), Err(error), "{more:x?}");
    }
}
