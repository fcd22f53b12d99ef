//! Bytes <-> MQTT 3.1.1 packets, as a client sends and receives them.
//!
//! Pure functions over borrowed bytes: no I/O, no state between calls, no allocation.
//! Section numbers and `[MQTT-x.y.z-n]` ids are those of the OASIS standard, version 3.1.1.
//!
//! **Out**: a packet is a value of [`Connect`], [`Publish`], [`Subscribe`], [`Unsubscribe`] or
//! [`Ack`], or one of the constants [`PINGREQ`] and [`DISCONNECT`]. Its fields are checked where
//! they are made ([`Utf8String`], [`Binary`], [`TopicName`], [`TopicFilter`]), and what the
//! standard forbids to combine cannot be expressed ([`Delivery`], [`Credentials`]). So encoding
//! fails only when the [`Output`] does, and what comes out is always a well-formed packet.
//!
//! **In**: [`decode()`] looks at the front of the bytes received so far. It accepts nothing that the
//! standard forbids a server to send, and says so at the first byte that proves it.
#![forbid(unsafe_code)]

mod ack;
mod binary;
mod connack;
mod connect;
mod decode;
mod decode_error;
mod delivery;
mod field_error;
mod first_byte;
mod fixed_header;
mod inbound;
mod matching;
mod output;
mod packet;
mod packet_id;
mod prefixed;
mod publish;
mod publish_flags;
mod publish_header;
mod qos;
mod remaining_length;
mod suback;
mod subscribe;
mod topic_filter;
mod topic_name;
mod unsubscribe;
mod utf8_string;

#[cfg(test)]
mod tests;

pub use ack::Ack;
pub use binary::Binary;
pub use connack::ReturnCode;
pub use connect::{Connect, Credentials, Will};
pub use decode::{decode, decode_next};
pub use decode_error::DecodeError;
pub use delivery::Delivery;
pub use field_error::FieldError;
pub use matching::topic_matches;
pub use output::{Output, Overflow};
pub use packet::{DISCONNECT, Decoded, PINGREQ, Packet};
pub use packet_id::PacketId;
pub use publish::Publish;
pub use publish_header::{PublishHeader, PublishShape};
pub use qos::QoS;
pub use remaining_length::MAX_REMAINING_LENGTH;
pub use subscribe::Subscribe;
pub use topic_filter::TopicFilter;
pub use topic_name::TopicName;
pub use unsubscribe::Unsubscribe;
pub use utf8_string::Utf8String;

// Lengths are `usize`: a remaining length (28 bits) must fit.
const _: () = assert!(usize::BITS >= 32);
