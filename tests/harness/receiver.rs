//! The decoder as a reader of a stream uses it.

use std::string::String;
use std::vec::Vec;

use mqtt::codec::{DecodeError, Decoded, Version, decode_next};

/// The contents of a packet, without a borrow from the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owned {
    Packet(String),
    Publish(String, Vec<u8>),
}

/// The received bytes that are not used up, and the packets that the others made.
#[derive(Default)]
pub struct Receiver {
    pub version: Version,
    pub buffer: Vec<u8>,
    pub packets: Vec<Owned>,
}

impl Receiver {
    pub fn new(version: Version) -> Self {
        Self {
            version,
            ..Self::default()
        }
    }

    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        self.buffer.extend_from_slice(bytes);
        loop {
            let used = match decode_next(self.version, &self.buffer, None)? {
                Decoded::Incomplete { needed, .. } => {
                    assert!(needed > self.buffer.len());
                    return Ok(());
                }
                Decoded::Packet { packet, len } => {
                    self.packets.push(Owned::Packet(std::format!("{packet:?}")));
                    len
                }
                Decoded::Publish {
                    publish,
                    header_len,
                    payload_len,
                } => {
                    let Some(payload) = self.buffer[header_len..].get(..payload_len) else {
                        return Ok(());
                    };
                    let header = std::format!("{publish:?}");
                    self.packets.push(Owned::Publish(header, payload.to_vec()));
                    header_len + payload_len
                }
            };
            self.buffer.drain(..used);
        }
    }
}
