//! Which property may stand where, of which type it is, and which values it may have: table 2-4 of the
//! standard of MQTT 5, and the sections that it names.

use crate::codec::MAX_REMAINING_LENGTH;

/// A place for properties: a packet, or a part of one.
///
/// The rules are a client's: a property that only a server may send has no place in a packet to the server,
/// and one that only a client may send has none in a packet from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Place {
    /// CONNECT, section 3.1.2.11.
    Connect = 1 << 5,
    /// The Will of a CONNECT, section 3.1.3.2.
    Will = 1 << 6,
    /// CONNACK, section 3.2.2.3.
    ConnAck = 1 << 7,
    /// PUBLISH to the server, section 3.3.2.3.
    Publish = 1 << 8,
    /// PUBLISH from the server.
    Message = 1 << 9,
    /// PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK or UNSUBACK, sections 3.4.2.2 and following.
    Ack = 1 << 10,
    /// SUBSCRIBE, section 3.8.2.1.
    Subscribe = 1 << 11,
    /// UNSUBSCRIBE, section 3.10.2.1.
    Unsubscribe = 1 << 12,
    /// DISCONNECT to the server, section 3.14.2.2.
    Disconnect = 1 << 13,
    /// DISCONNECT from the server.
    Goodbye = 1 << 14,
    /// AUTH, section 3.15.2.2.
    Auth = 1 << 15,
}

/// The type of a value, section 2.2.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ValueKind {
    /// A byte that is 0 or 1: every property of one byte is such a flag. Its number here, and those of the next
    /// integers but the variable one, are the bytes that they take.
    Flag = 1,
    /// Two Byte Integer.
    TwoBytes = 2,
    /// Variable Byte Integer.
    Variable = 3,
    /// Four Byte Integer.
    FourBytes = 4,
    /// UTF-8 Encoded String.
    Text = 5,
    /// A text that is a topic name.
    Topic = 6,
    /// Binary Data.
    Binary = 7,
    /// UTF-8 String Pair: a name and a value.
    Pair = 8,
}

impl ValueKind {
    /// The largest number that a value of this type can be; 0 if it is no number.
    #[must_use]
    pub const fn largest(self) -> u32 {
        match self {
            Self::Flag => 1,
            Self::TwoBytes => u16::MAX as u32,
            Self::Variable => MAX_REMAINING_LENGTH as u32,
            Self::FourBytes => u32::MAX,
            Self::Text | Self::Topic | Self::Binary | Self::Pair => 0,
        }
    }
}

/// Type, range and places of one property, in the bits of a number.
#[derive(Clone, Copy)]
pub(super) struct Rule(u16);

impl Rule {
    const KIND: u16 = 0b1111;
    const NOT_ZERO: u16 = 1 << 4;

    const NONE: Self = Self(0);

    const fn new(kind: ValueKind, places: &[Place]) -> Self {
        let mut bits = kind as u16;
        let mut rest = places;
        while let [place, others @ ..] = rest {
            bits |= *place as u16;
            rest = others;
        }
        Self(bits)
    }

    const fn not_zero(self) -> Self {
        Self(self.0 | Self::NOT_ZERO)
    }

    pub(super) const fn allows(self, place: Place) -> bool {
        self.0 & place as u16 != 0
    }

    pub(super) const fn may_be_zero(self) -> bool {
        self.0 & Self::NOT_ZERO == 0
    }

    /// `None` of an identifier that no property has.
    pub(super) const fn kind(self) -> Option<ValueKind> {
        Some(match self.0 & Self::KIND {
            1 => ValueKind::Flag,
            2 => ValueKind::TwoBytes,
            3 => ValueKind::Variable,
            4 => ValueKind::FourBytes,
            5 => ValueKind::Text,
            6 => ValueKind::Topic,
            7 => ValueKind::Binary,
            8 => ValueKind::Pair,
            _ => return None,
        })
    }

    /// The rule of a property.
    pub(super) fn of(id: u8) -> Self {
        RULES.get(usize::from(id)).copied().unwrap_or(Self::NONE)
    }
}

/// Identifiers are below this.
const IDS: usize = 0x2B;

/// The table. The comments name the properties as the standard does.
#[rustfmt::skip]
static RULES: [Rule; IDS] = {
    use ValueKind::{Binary, Flag, FourBytes, Pair, Text, Topic, TwoBytes, Variable};
    use Place::{Ack, Auth, ConnAck, Connect, Disconnect, Goodbye, Message, Publish, Subscribe, Unsubscribe, Will};

    /// Every place.
    const ALL: &[Place] =
        &[Connect, Will, ConnAck, Publish, Message, Ack, Subscribe, Unsubscribe, Disconnect, Goodbye, Auth];
    const MESSAGES: &[Place] = &[Publish, Message, Will];
    const LIMITS: &[Place] = &[Connect, ConnAck];
    const SERVER: &[Place] = &[ConnAck];

    [
        Rule::NONE,
        Rule::new(Flag, MESSAGES), // 0x01 Payload Format Indicator
        Rule::new(FourBytes, MESSAGES), // 0x02 Message Expiry Interval
        Rule::new(Text, MESSAGES), // 0x03 Content Type
        Rule::NONE, Rule::NONE, Rule::NONE, Rule::NONE,
        // No wildcards [MQTT5-3.3.2-14].
        Rule::new(Topic, MESSAGES), // 0x08 Response Topic
        Rule::new(Binary, MESSAGES), // 0x09 Correlation Data
        Rule::NONE,
        // A client sends none with a message [MQTT5-3.3.4-6].
        Rule::new(Variable, &[Message, Subscribe]).not_zero(), // 0x0B Subscription Identifier
        Rule::NONE, Rule::NONE, Rule::NONE, Rule::NONE, Rule::NONE,
        // No server sends it in a DISCONNECT [MQTT5-3.14.2-2].
        Rule::new(FourBytes, &[Connect, ConnAck, Disconnect]), // 0x11 Session Expiry Interval
        Rule::new(Text, SERVER), // 0x12 Assigned Client Identifier
        Rule::new(TwoBytes, SERVER), // 0x13 Server Keep Alive
        Rule::NONE,
        Rule::new(Text, &[Connect, ConnAck, Auth]), // 0x15 Authentication Method
        Rule::new(Binary, &[Connect, ConnAck, Auth]), // 0x16 Authentication Data
        Rule::new(Flag, &[Connect]), // 0x17 Request Problem Information
        Rule::new(FourBytes, &[Will]), // 0x18 Will Delay Interval
        Rule::new(Flag, &[Connect]), // 0x19 Request Response Information
        Rule::new(Text, SERVER), // 0x1A Response Information
        Rule::NONE,
        Rule::new(Text, &[ConnAck, Goodbye]), // 0x1C Server Reference
        Rule::NONE, Rule::NONE,
        Rule::new(Text, &[ConnAck, Ack, Disconnect, Goodbye, Auth]), // 0x1F Reason String
        Rule::NONE,
        Rule::new(TwoBytes, LIMITS).not_zero(), // 0x21 Receive Maximum
        Rule::new(TwoBytes, LIMITS), // 0x22 Topic Alias Maximum
        // Not 0 [MQTT5-3.3.2-8].
        Rule::new(TwoBytes, &[Publish, Message]).not_zero(), // 0x23 Topic Alias
        Rule::new(Flag, SERVER), // 0x24 Maximum QoS
        Rule::new(Flag, SERVER), // 0x25 Retain Available
        Rule::new(Pair, ALL), // 0x26 User Property
        Rule::new(FourBytes, LIMITS).not_zero(), // 0x27 Maximum Packet Size
        Rule::new(Flag, SERVER), // 0x28 Wildcard Subscription Available
        Rule::new(Flag, SERVER), // 0x29 Subscription Identifiers Available
        Rule::new(Flag, SERVER), // 0x2A Shared Subscription Available
    ]
};
