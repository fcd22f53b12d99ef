//! A session as bytes, for a memory that outlives the power: their format, and the check of bytes from
//! such a memory.
//!
//! All numbers are big-endian; a text or a client identifier has its length in two bytes before it,
//! properties and a payload in four. The state begins with the format, the client identifier and the next
//! packet identifier. The format is 1 for a session of MQTT 3.1.1, and 2 for one of MQTT 5. Items follow, in
//! the order of their kinds, then a zero, then the CRC-32 (that of Ethernet) of all these bytes.
//!
//! | first byte of an item | item | its bytes |
//! |---|---|---|
//! | `0x10` + flags | a message whose PUBACK or PUBREC has not come | packet identifier, topic, properties, payload |
//! | `0x20` | a message whose PUBCOMP has not come | packet identifier |
//! | `0x30` + flags | a message in the outbox | topic, properties, payload |
//! | `0x40` | an incoming QoS 2 message that the application has had | packet identifier |
//! | `0x50` + flags | a topic filter that the broker has granted | the filter, options in a byte, properties |
//!
//! The flags are the QoS, 4 for RETAIN, and 8 for properties or options, which format 2 alone has: without this
//! flag the item has no bytes for them. The options are those of the SUBSCRIBE, with a QoS of 0. Messages stand
//! in the order in which they are sent again; those of the first two kinds may alternate.

#[cfg(feature = "v5")]
mod properties;
mod read;
mod write;

use crate::codec::{AckedQos, PacketId, Properties, QoS, SubscriptionOptions, Version};

pub use read::SavedSession;
pub(super) use write::Writer;

const PUBLISHED: u8 = 0x10;
const RELEASED: u8 = 0x20;
const QUEUED: u8 = 0x30;
const RECEIVED: u8 = 0x40;
const FILTER: u8 = 0x50;
const END: u8 = 0;

const KIND: u8 = 0xF0;
const QOS: u8 = 0x03;
const RETAIN: u8 = 0x04;
/// The item has properties, or options.
const MORE: u8 = 0x08;

/// Bytes of the check sum.
pub(super) const SUM_LEN: usize = 4;

/// The change of a check sum when its lowest four bits leave it, for each value of them. A table for eight bits
/// would take 1 kB, and a sum without a table takes three times as long.
#[rustfmt::skip]
static SUMS: [u32; 16] = [
    0x0000_0000, 0x1DB7_1064, 0x3B6E_20C8, 0x26D9_30AC, 0x76DC_4190, 0x6B6B_51F4, 0x4DB2_6158, 0x5005_713C,
    0xEDB8_8320, 0xF00F_9344, 0xD6D6_A3E8, 0xCB61_B38C, 0x9B64_C2B0, 0x86D3_D2D4, 0xA00A_E278, 0xBDBD_F21C,
];

/// The format of a session of `version`.
pub(super) const fn format_of(version: Version) -> u8 {
    match version {
        Version::V3_1_1 => 1,
        #[cfg(feature = "v5")]
        Version::V5 => 2,
    }
}

/// The reason why bytes are no saved session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedError {
    /// Bytes are missing or wrong.
    Damaged,
    /// Another version of this library has saved it, or one with MQTT 5.
    Version,
    /// It has more than this build has room for.
    TooMuch,
}

/// A message of a saved session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedMessage<'a> {
    /// The topic name.
    pub topic: &'a str,
    /// The properties of MQTT 5.
    pub properties: Option<Properties<'a>>,
    /// The payload.
    pub payload: &'a [u8],
    /// The RETAIN flag.
    pub retain: bool,
}

/// A topic filter of a saved session, with all that its SUBSCRIBE said of it, but for the QoS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedFilter<'a> {
    /// The filter.
    pub text: &'a str,
    /// The options of MQTT 5.
    pub options: SubscriptionOptions,
    /// The properties of MQTT 5.
    pub properties: Option<Properties<'a>>,
}

/// An item of a saved session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedItem<'a> {
    /// A message whose PUBACK or PUBREC has not come.
    Published(PacketId, AckedQos, SavedMessage<'a>),
    /// A QoS 2 message whose PUBCOMP has not come.
    Released(PacketId),
    /// A message in the outbox.
    Queued(AckedQos, SavedMessage<'a>),
    /// An incoming QoS 2 message that the application has had.
    Received(PacketId),
    /// A topic filter that the broker has granted.
    Filter(SavedFilter<'a>, QoS),
}

/// The check sum of `bytes`, which stands behind them.
pub(super) fn check_sum(bytes: &[u8]) -> [u8; SUM_LEN] {
    let shift = |sum: u32| {
        let leaving = SUMS.get((sum & 0xF) as usize);
        sum >> 4 ^ leaving.copied().unwrap_or_default()
    };
    let add = |sum: u32, byte: &u8| shift(shift(sum ^ u32::from(*byte)));
    (!bytes.iter().fold(!0, add)).to_be_bytes()
}

/// Puts the check sum behind the bytes that [`Session::save`](super::Session::save) has filled in. It takes
/// the longer part of the time, and needs no session.
pub fn seal(state: &mut [u8]) {
    if let Some((bytes, sum)) = state.split_last_chunk_mut() {
        *sum = check_sum(bytes);
    }
}
