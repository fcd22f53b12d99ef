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
mod connect;
mod decode;
mod error;
mod fixed_header;
mod output;
mod publish;
mod qos;
mod strings;
mod subscribe;
mod topic;

#[cfg(test)]
mod tests;

pub use ack::{Ack, PacketId};
pub use connect::{Connect, Credentials, ReturnCode, Will};
pub use decode::{Decoded, Packet, decode, decode_next};
pub use error::{DecodeError, FieldError};
pub use fixed_header::{DISCONNECT, MAX_REMAINING_LENGTH, PINGREQ};
pub use output::{Output, Overflow};
pub use publish::{Delivery, Publish, PublishHeader, PublishShape};
pub use qos::{AckedQos, QoS};
pub use strings::{Binary, Utf8String};
pub use subscribe::{Subscribe, Unsubscribe};
pub use topic::{TopicFilter, TopicName, topic_matches};

// Lengths are `usize`: a remaining length (28 bits) must fit.
const _: () = assert!(usize::BITS >= 32);
