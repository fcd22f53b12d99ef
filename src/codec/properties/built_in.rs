//! Properties and their blocks: read, and put together.

use super::decode::{check, decode_value};
use super::rules::{Place, Rule, ValueKind};
use crate::codec::variable_byte_integer::{self, MAX_LEN};
use crate::codec::{Binary, DecodeError, Halt, Output, Utf8String};

/// The identifier of a property, table 2-4 of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PropertyId(u8);

/// Makes the constants of the identifiers.
macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)+) => {
        impl PropertyId {
            $($(#[$doc])* pub const $name: Self = Self($id);)+

            /// All of them.
            pub const ALL: &[Self] = &[$(Self($id)),+];
        }
    };
}

identifiers! {
    /// Whether the payload is text: section 3.3.2.3.2.
    PAYLOAD_FORMAT_INDICATOR = 0x01,
    /// Lifetime of a message in seconds: section 3.3.2.3.3.
    MESSAGE_EXPIRY_INTERVAL = 0x02,
    /// MIME type, or any other text about the payload: section 3.3.2.3.9.
    CONTENT_TYPE = 0x03,
    /// Topic name for an answer: section 3.3.2.3.5.
    RESPONSE_TOPIC = 0x08,
    /// Bytes that an answer carries, too: section 3.3.2.3.6.
    CORRELATION_DATA = 0x09,
    /// Number of a subscription: sections 3.3.2.3.8 and 3.8.2.1.2.
    SUBSCRIPTION_IDENTIFIER = 0x0B,
    /// Lifetime of the session after the connection in seconds: section 3.1.2.11.2.
    SESSION_EXPIRY_INTERVAL = 0x11,
    /// Client identifier that the server has chosen: section 3.2.2.3.7.
    ASSIGNED_CLIENT_IDENTIFIER = 0x12,
    /// Keep alive that the client must use, in seconds: section 3.2.2.3.14.
    SERVER_KEEP_ALIVE = 0x13,
    /// Name of the method of enhanced authentication: section 3.1.2.11.9.
    AUTHENTICATION_METHOD = 0x15,
    /// Data of that method: section 3.1.2.11.10.
    AUTHENTICATION_DATA = 0x16,
    /// Whether the server may say why something failed: section 3.1.2.11.7.
    REQUEST_PROBLEM_INFORMATION = 0x17,
    /// Seconds between the end of the connection and the Will: section 3.1.3.2.2.
    WILL_DELAY_INTERVAL = 0x18,
    /// Whether the server may send Response Information: section 3.1.2.11.6.
    REQUEST_RESPONSE_INFORMATION = 0x19,
    /// A beginning for response topics: section 3.2.2.3.15.
    RESPONSE_INFORMATION = 0x1A,
    /// Another server to use: section 3.2.2.3.16.
    SERVER_REFERENCE = 0x1C,
    /// Reason in words: section 3.2.2.3.9.
    REASON_STRING = 0x1F,
    /// QoS 1 and QoS 2 messages that may be open at once: section 3.1.2.11.3.
    RECEIVE_MAXIMUM = 0x21,
    /// Largest topic alias: section 3.1.2.11.5.
    TOPIC_ALIAS_MAXIMUM = 0x22,
    /// Number that stands for a topic name: section 3.3.2.3.4.
    TOPIC_ALIAS = 0x23,
    /// Highest QoS that the server takes: section 3.2.2.3.4.
    MAXIMUM_QOS = 0x24,
    /// Whether the server keeps retained messages: section 3.2.2.3.5.
    RETAIN_AVAILABLE = 0x25,
    /// A name and a value that the standard gives no meaning: section 3.3.2.3.7.
    USER_PROPERTY = 0x26,
    /// Bytes of the longest packet: section 3.1.2.11.4.
    MAXIMUM_PACKET_SIZE = 0x27,
    /// Whether the server takes filters with wildcards: section 3.2.2.3.11.
    WILDCARD_SUBSCRIPTION_AVAILABLE = 0x28,
    /// Whether the server takes subscription identifiers: section 3.2.2.3.12.
    SUBSCRIPTION_IDENTIFIERS_AVAILABLE = 0x29,
    /// Whether the server takes shared subscriptions: section 3.2.2.3.13.
    SHARED_SUBSCRIPTION_AVAILABLE = 0x2A,
}

impl PropertyId {
    /// The number that stands for it in a packet.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The identifier that `number` stands for, or no property's.
    pub(super) const fn of(number: u8) -> Self {
        Self(number)
    }

    /// Whether it may stand at `place`.
    #[must_use]
    pub fn may_stand_in(self, place: Place) -> bool {
        Rule::of(self.0).allows(place)
    }

    /// The type of its value.
    #[must_use]
    pub fn value_kind(self) -> Option<ValueKind> {
        Rule::of(self.0).kind()
    }

    /// Whether it may stand at `place` more than once.
    ///
    /// A User Property may, and the Subscription Identifier of a message that came because of several
    /// subscriptions.
    pub(super) fn repeats(self, place: Place) -> bool {
        self == Self::USER_PROPERTY
            || (self == Self::SUBSCRIPTION_IDENTIFIER && place == Place::Message)
    }
}

/// The value of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// An integer of any type; a flag is 0 or 1.
    Number(u32),
    /// UTF-8 Encoded String.
    Text(Utf8String<'a>),
    /// Binary Data.
    Binary(Binary<'a>),
    /// UTF-8 String Pair: a name and a value.
    Pair(Utf8String<'a>, Utf8String<'a>),
}

/// One property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property<'a> {
    /// Which one it is.
    pub id: PropertyId,
    /// Its value.
    pub value: Value<'a>,
}

impl Property<'_> {
    /// Puts the property into `out`. Its value has the right type, and is not
    /// [too large](ValueKind::largest); [`Properties::new`] checks the rest.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        out.put(&[self.id.0])?;
        match self.value {
            Value::Number(number) => match self.id.value_kind() {
                Some(ValueKind::Variable) => put_variable(number as usize, out),
                kind => {
                    let width = kind.map_or(0, |kind| kind as usize);
                    let bytes = number.to_be_bytes();
                    let front = bytes.len().saturating_sub(width);
                    out.put(bytes.get(front..).unwrap_or_default())
                }
            },
            Value::Text(text) => text.encode(out),
            Value::Binary(data) => data.encode(out),
            Value::Pair(name, value) => {
                name.encode(out)?;
                value.encode(out)
            }
        }
    }
}

/// The properties of one packet, or of one Will. They are well-formed, and may stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Properties<'a>(&'a [u8]);

/// Bytes that [`Properties::encode_behind`] puts at the front of a block.
const MOST_FIRST: usize = 3;

impl<'a> Properties<'a> {
    /// No properties.
    pub const EMPTY: Self = Self(&[]);

    /// Checks `bytes`, encoded properties one behind the other, for their place in a packet.
    ///
    /// # Errors
    ///
    /// One of [`DecodeError`]'s about properties.
    pub fn new(bytes: &'a [u8], place: Place) -> Result<Self, DecodeError> {
        match check(bytes, bytes.len(), place) {
            Ok(()) => Ok(Self(bytes)),
            Err(Halt::Fault(error)) => Err(error),
            // A value has bytes up to the end of the block, and the block has an end.
            Err(Halt::Missing) => Err(DecodeError::PropertyLength),
        }
    }

    /// The bytes that [`new`](Self::new) has accepted before, for the same place.
    #[must_use]
    pub const fn new_unchecked(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes, without their length before them.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The properties, in the order of the packet.
    #[must_use]
    pub const fn iter(self) -> Iter<'a> {
        Iter(self.0)
    }

    /// The value of the property `id`, the first one if there are several.
    #[must_use]
    pub fn get(self, id: PropertyId) -> Option<Value<'a>> {
        let found = self.iter().find(|property| property.id == id)?;
        Some(found.value)
    }

    /// The value of `id` as a number; `None` if it is not there. A flag is 0 or 1.
    #[must_use]
    pub fn number(self, id: PropertyId) -> Option<u32> {
        match self.get(id)? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The value of `id` as text; `None` if it is not there.
    #[must_use]
    pub fn text(self, id: PropertyId) -> Option<&'a str> {
        match self.get(id)? {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// Bytes of the block and its length.
    pub(super) const fn encoded_len(self) -> usize {
        let len = self.0.len();
        len.wrapping_add(variable_byte_integer::encoded_len(len))
    }

    pub(super) fn encode<O: Output>(self, out: &mut O) -> Result<(), O::Error> {
        self.encode_behind(&[], out)
    }

    /// Puts the block with other properties at its front: the bytes `first`, at most [`MOST_FIRST`].
    pub(in crate::codec) fn encode_behind<O: Output>(
        self,
        first: &[u8],
        out: &mut O,
    ) -> Result<(), O::Error> {
        // [MQTT5-2.2.2-1] without properties the length is 0.
        let len = self.0.len().wrapping_add(first.len());
        let len_len = variable_byte_integer::encoded_len(len);
        let mut bytes = [0; MAX_LEN + MOST_FIRST];
        let mut places = bytes.iter_mut();
        variable_byte_integer::encode(len, places.by_ref().take(len_len));
        for (place, byte) in places.zip(first) {
            *place = *byte;
        }
        let end = len_len.wrapping_add(first.len());
        out.put(bytes.get(..end).unwrap_or_default())?;
        // Nearly every block is empty.
        if self.0.is_empty() {
            return Ok(());
        }
        out.put(self.0)
    }
}

impl<'a> IntoIterator for Properties<'a> {
    type Item = Property<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The properties of a block, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Iter<'a>(&'a [u8]);

impl<'a> Iterator for Iter<'a> {
    type Item = Property<'a>;

    fn next(&mut self) -> Option<Property<'a>> {
        let (&id, rest) = self.0.split_first()?;
        // The block was checked.
        let (value, len) = decode_value(Rule::of(id), rest, rest.len()).ok()?;
        self.0 = rest.get(len..).unwrap_or_default();
        Some(Property {
            id: PropertyId(id),
            value,
        })
    }
}

fn put_variable<O: Output>(value: usize, out: &mut O) -> Result<(), O::Error> {
    let mut bytes = [0; MAX_LEN];
    let len = variable_byte_integer::encoded_len(value);
    variable_byte_integer::encode(value, bytes.iter_mut().take(len));
    out.put(bytes.get(..len).unwrap_or_default())
}
