//! Bytes <-> MQTT packets, as a client sends and receives them.
//!
//! Pure functions over borrowed bytes: no I/O, no state between calls, no allocation.
//! Section numbers and `[MQTT-x.y.z-n]` ids are those of the OASIS standard, version 3.1.1;
//! `[MQTT5-x.y.z-n]` are those of version 5.0, which the feature `v5` adds. Both versions share all code but for
//! properties and reason codes. Without the feature [`Version`] has one value and [`Properties`] none, so the
//! compiler leaves out everything that asks for them.
//!
//! **Out**: a packet is a value of [`Connect`], [`Publish`], [`Subscribe`], [`Unsubscribe`] or
//! [`Ack`], or one of the constants [`PINGREQ`] and [`DISCONNECT`]. The types of its fields check
//! their values ([`Utf8String`], [`Binary`], [`TopicName`], [`TopicFilter`]), and the types admit
//! no combination that the standard forbids ([`Delivery`], [`Credentials`]). So encoding fails only
//! when the [`Output`] does, and makes well-formed packets only.
//!
//! **In**: [`decode()`] looks at the front of the bytes received so far. It refuses everything that
//! the standard forbids a server to send, at the first byte that proves the fault.
//!
//! ```
//! use mqtt::codec::{Decoded, Delivery, PacketId, Publish, TopicName, decode};
//!
//! let delivery = Delivery::AtLeastOnce { id: PacketId::MIN, dup: false };
//! let topic = TopicName::new("kitchen/light").unwrap();
//! let packet = Publish::new(topic, b"on", delivery, false, None).unwrap();
//! let mut bytes = vec![0; packet.encoded_len()];
//! packet.encode(&mut &mut bytes[..]).unwrap();
//! assert_eq!(bytes, b"\x32\x13\x00\x0dkitchen/light\x00\x01on");
//!
//! // The decoder needs no payload: it says where the payload begins and how long it is.
//! let Ok(Decoded::Publish { publish, header_len, payload_len }) = decode(&bytes) else {
//!     panic!("no PUBLISH");
//! };
//! assert_eq!((publish.topic, publish.delivery), (Some(topic), delivery));
//! assert_eq!(&bytes[header_len..][..payload_len], b"on");
//!
//! // A part of a packet says how many bytes must be there before the next call.
//! let part = decode(&bytes[..3]).unwrap();
//! assert_eq!(part, Decoded::Incomplete { needed: 4, publish: None });
//! ```
#![forbid(unsafe_code)]

mod ack;
mod connect;
mod decode;
mod delivery;
#[cfg(feature = "v5")]
mod disconnect;
mod error;
mod fixed_header;
mod output;
mod properties;
mod publish;
mod qos;
mod reason;
mod strings;
mod subscribe;
mod topic;
mod variable_byte_integer;
mod version;

#[cfg(test)]
mod tests;

pub use ack::{Ack, PacketId};
pub use connect::{Connect, Credentials, ReturnCode, Will};
pub use decode::{Decoded, Packet, decode, decode_next};
pub use delivery::Delivery;
#[cfg(feature = "v5")]
pub use disconnect::{Auth, Disconnect};
pub use error::{DecodeError, FieldError};
use error::{Halt, Partial};
pub(crate) use fixed_header::first_byte;
pub use fixed_header::{DISCONNECT, MAX_REMAINING_LENGTH, PINGREQ, has_ping_response};
pub use output::{Output, Overflow};
pub use properties::Properties;
pub(crate) use properties::properties_len;
#[cfg(feature = "v5")]
pub use properties::{
    Iter as PropertyIter, Place, Property, PropertyId, Value, ValueKind, has_property_length,
};
#[cfg(feature = "v5")]
pub use publish::Alias;
pub use publish::{Publish, PublishHeader, PublishShape};
pub use qos::{AckedQos, QoS};
pub use reason::{Reason, ReasonCode};
pub use strings::{Binary, Utf8String};
#[cfg(feature = "v5")]
pub use subscribe::RetainHandling;
pub use subscribe::{Subscribe, SubscriptionOptions, Unsubscribe};
pub use topic::{TopicFilter, TopicName, levels, topic_matches, without_share_name};
pub use version::Version;

// Lengths are `usize`: a remaining length (28 bits) must fit. Sums of them wrap nowhere: a summand is at most a few
// remaining lengths, or bytes that are in memory at once.
const _: () = assert!(usize::BITS >= 32);
