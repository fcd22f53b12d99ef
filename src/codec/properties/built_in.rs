//! Blocks of properties: checked, read, and put together.

use super::rules::{Kind, Place, Rule};
use crate::codec::fixed_header::Length;
use crate::codec::strings::PREFIX_LEN;
use crate::codec::variable_byte_integer::{self, MAX_LEN, VariableByteInteger};
use crate::codec::{Binary, DecodeError, Output, TopicName, Utf8String};

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

    /// Whether it may stand at `place` more than once.
    ///
    /// A User Property may, and the Subscription Identifier of a message that came because of several
    /// subscriptions.
    fn repeats(self, place: Place) -> bool {
        self == Self::USER_PROPERTY
            || (self == Self::SUBSCRIPTION_IDENTIFIER && place == Place::Message)
    }
}

/// The value of a property, of one of the types of section 2.2.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// One byte that is 0 or 1.
    Flag(bool),
    /// Two Byte Integer.
    TwoBytes(u16),
    /// Four Byte Integer.
    FourBytes(u32),
    /// Variable Byte Integer, at most 268,435,455.
    Variable(u32),
    /// UTF-8 Encoded String.
    Text(Utf8String<'a>),
    /// Binary Data.
    Binary(Binary<'a>),
    /// UTF-8 String Pair: a name and a value.
    Pair(Utf8String<'a>, Utf8String<'a>),
}

impl Value<'_> {
    /// The number; `None` of a value of another type. A flag is 0 or 1.
    #[must_use]
    pub const fn number(self) -> Option<u32> {
        match self {
            Self::Flag(flag) => Some(flag as u32),
            Self::TwoBytes(number) => Some(number as u32),
            Self::FourBytes(number) | Self::Variable(number) => Some(number),
            Self::Text(_) | Self::Binary(_) | Self::Pair(..) => None,
        }
    }
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
    /// Puts the property into `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        out.put(&[self.id.0])?;
        match self.value {
            Value::Flag(flag) => out.put(&[u8::from(flag)]),
            Value::TwoBytes(number) => out.put(&number.to_be_bytes()),
            Value::FourBytes(number) => out.put(&number.to_be_bytes()),
            Value::Variable(number) => put_variable(number as usize, out),
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

impl<'a> Properties<'a> {
    /// No properties.
    pub const EMPTY: Self = Self(&[]);

    /// Checks `bytes`, encoded properties one behind the other, for their place in a packet.
    ///
    /// # Errors
    ///
    /// One of [`DecodeError`]'s about properties.
    pub fn new(bytes: &'a [u8], place: Place) -> Result<Self, DecodeError> {
        check(bytes, bytes.len(), place)?;
        Ok(Self(bytes))
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
        self.get(id)?.number()
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
        len.saturating_add(variable_byte_integer::encoded_len(len))
    }

    pub(super) fn encode<O: Output>(self, out: &mut O) -> Result<(), O::Error> {
        self.encode_behind(&[], out)
    }

    /// Puts the block with other properties, `first`, at its front.
    pub(in crate::codec) fn encode_behind<O: Output>(
        self,
        first: &[u8],
        out: &mut O,
    ) -> Result<(), O::Error> {
        // [MQTT5-2.2.2-1] without properties the length is 0.
        put_variable(self.0.len().saturating_add(first.len()), out)?;
        out.put(first)?;
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
        let (value, len) = decode_value(Rule::of(id), rest, rest.len()).ok()??;
        self.0 = rest.get(len..).unwrap_or_default();
        Some(Property {
            id: PropertyId(id),
            value,
        })
    }
}

/// A block of properties with its length before it, at the front of some bytes.
pub(in crate::codec) enum Block<'a> {
    /// The properties, and how many bytes they and their length take.
    Whole(Properties<'a>, usize),
    /// So many bytes must be there first.
    Incomplete(usize),
}

/// Decodes the properties at the front of `body`, which is the front of the last `room` bytes of a packet.
/// `behind` says how many bytes of the packet may come after them.
pub(in crate::codec) fn decode_properties(
    body: &[u8],
    room: usize,
    behind: Length,
    place: Place,
) -> Result<Block<'_>, DecodeError> {
    let incomplete = Block::Incomplete(body.len().saturating_add(1));
    let Some(seen) = VariableByteInteger::decode(body) else {
        return Ok(incomplete);
    };
    let len = shortest(seen)?;
    // The low bits of a length may show that it is too long for the packet.
    let end = seen.least_span();
    let Some(rest) = room.checked_sub(end) else {
        return Err(DecodeError::PropertyLength);
    };
    let Some(len) = len else {
        return Ok(incomplete);
    };
    let fits = match behind {
        Length::Exactly(exactly) => rest == exactly,
        Length::AtLeast(least) => rest >= least,
    };
    if !fits {
        return Err(DecodeError::Length);
    }
    let present = body.get(..end).unwrap_or(body);
    let block = present.get(seen.len..).unwrap_or_default();
    Ok(if check(block, len, place)? {
        Block::Whole(Properties(block), end)
    } else {
        Block::Incomplete(end)
    })
}

/// Checks the block of `len` bytes that begins with `present`. Whether all of it is there.
fn check(present: &[u8], len: usize, place: Place) -> Result<bool, DecodeError> {
    let mut seen: u64 = 0;
    let mut rest = present;
    let mut left = len;
    while left > 0 {
        let Some((&id, after_id)) = rest.split_first() else {
            return Ok(false);
        };
        let rule = Rule::of(id);
        if !rule.allows(place) {
            return Err(DecodeError::Property);
        }
        let bit = 1u64.wrapping_shl(u32::from(id));
        if seen & bit != 0 && !PropertyId(id).repeats(place) {
            return Err(DecodeError::PropertyTwice);
        }
        seen |= bit;
        left = left.saturating_sub(1);
        let Some((_, value_len)) = decode_value(rule, after_id, left)? else {
            return Ok(false);
        };
        left = left.saturating_sub(value_len);
        rest = after_id.get(value_len..).unwrap_or_default();
    }
    // Sections 3.1.2.11.10 and 3.15.2.2.2.
    let has = |id: PropertyId| seen & 1u64.wrapping_shl(u32::from(id.0)) != 0;
    let needs_method = has(PropertyId::AUTHENTICATION_DATA) || (place == Place::Auth && len > 0);
    if needs_method && !has(PropertyId::AUTHENTICATION_METHOD) {
        return Err(DecodeError::NoAuthenticationMethod);
    }
    Ok(true)
}

/// Decodes the value at the front of `present`, and its length; `None` while bytes of it are missing. The
/// block has `room` bytes for it.
fn decode_value(
    rule: Rule,
    present: &[u8],
    room: usize,
) -> Result<Option<(Value<'_>, usize)>, DecodeError> {
    let Some(kind) = rule.kind() else {
        return Err(DecodeError::Property);
    };
    let checked = |number: u32| match number {
        0 if !rule.may_be_zero() => Err(DecodeError::PropertyValue),
        _ => Ok(number),
    };
    Ok(match kind {
        Kind::Flag => match fixed::<1>(present, room)? {
            None => None,
            Some([flag @ (0 | 1)]) => Some((Value::Flag(flag == 1), 1)),
            Some(_) => return Err(DecodeError::PropertyValue),
        },
        Kind::TwoBytes => match fixed(present, room)? {
            None => None,
            Some(bytes) => {
                let number = u16::from_be_bytes(bytes);
                checked(u32::from(number))?;
                Some((Value::TwoBytes(number), 2))
            }
        },
        Kind::FourBytes => match fixed(present, room)? {
            None => None,
            Some(bytes) => Some((Value::FourBytes(checked(u32::from_be_bytes(bytes))?), 4)),
        },
        Kind::Variable => {
            let decoded = decode_variable(present)?;
            // Another byte than the last one that there is room for must follow.
            if decoded.map_or(present.len() >= room, |(_, len)| len > room) {
                return Err(DecodeError::PropertyLength);
            }
            match decoded {
                None => None,
                Some((number, len)) => Some((Value::Variable(checked(number as u32)?), len)),
            }
        }
        Kind::Text | Kind::Topic => {
            let Some((bytes, len)) = prefixed(present, room)? else {
                return Ok(None);
            };
            let text = if kind == Kind::Topic {
                let topic = TopicName::from_front(bytes, len);
                topic.map(|topic| topic.map(|topic| Utf8String::new_unchecked(topic.as_str())))
            } else {
                Utf8String::from_front(bytes, len)
            };
            let text = text.map_err(DecodeError::PropertyText)?;
            text.map(|text| (Value::Text(text), text.encoded_len()))
        }
        Kind::Binary => match prefixed(present, room)? {
            Some((bytes, len)) if bytes.len() == len => {
                let data = Binary::new_unchecked(bytes);
                Some((Value::Binary(data), data.encoded_len()))
            }
            _ => None,
        },
        Kind::Pair => {
            // The prefix of the value must fit behind the name.
            let Some(name) = text(present, room.saturating_sub(PREFIX_LEN))? else {
                return Ok(None);
            };
            let name_len = name.encoded_len();
            let behind = present.get(name_len..).unwrap_or_default();
            let left = room.saturating_sub(name_len);
            text(behind, left)?.map(|value| {
                let len = name_len.saturating_add(value.encoded_len());
                (Value::Pair(name, value), len)
            })
        }
    })
}

/// The first bytes of `present`, as many as the type has; `None` while one is missing.
fn fixed<const N: usize>(present: &[u8], room: usize) -> Result<Option<[u8; N]>, DecodeError> {
    if room < N {
        return Err(DecodeError::PropertyLength);
    }
    Ok(present.first_chunk().copied())
}

/// The text at the front of `present`; `None` while bytes are missing. It may take `room` bytes.
fn text(present: &[u8], room: usize) -> Result<Option<Utf8String<'_>>, DecodeError> {
    let Some((bytes, len)) = prefixed(present, room)? else {
        return Ok(None);
    };
    Utf8String::from_front(bytes, len).map_err(DecodeError::PropertyText)
}

/// The bytes behind the prefix at the front of `present`, as far as they are there, and the length that
/// the prefix says. `None` while the prefix is missing.
fn prefixed(present: &[u8], room: usize) -> Result<Option<(&[u8], usize)>, DecodeError> {
    let Some(room) = room.checked_sub(PREFIX_LEN) else {
        return Err(DecodeError::PropertyLength);
    };
    // The high byte may show that it is too long.
    let (len, known) = match *present {
        [] => return Ok(None),
        [high] => (u16::from_be_bytes([high, 0]), false),
        [high, low, ..] => (u16::from_be_bytes([high, low]), true),
    };
    let len = usize::from(len);
    if len > room {
        return Err(DecodeError::PropertyLength);
    }
    let bytes = present.get(PREFIX_LEN..).unwrap_or_default();
    Ok(known.then(|| (bytes.get(..len).unwrap_or(bytes), len)))
}

/// The length of the properties at the front of `bytes`, and how many bytes it takes; `None` while bytes are
/// missing. For a caller that throws them away.
///
/// # Errors
///
/// [`DecodeError::PropertyLength`].
pub fn property_length(bytes: &[u8]) -> Result<Option<(usize, usize)>, DecodeError> {
    decode_variable(bytes)
}

/// The Variable Byte Integer at the front of `bytes` and its length; `None` while bytes are missing.
fn decode_variable(bytes: &[u8]) -> Result<Option<(usize, usize)>, DecodeError> {
    let Some(seen) = VariableByteInteger::decode(bytes) else {
        return Ok(None);
    };
    Ok(shortest(seen)?.map(|value| (value, seen.len)))
}

fn shortest(seen: VariableByteInteger) -> Result<Option<usize>, DecodeError> {
    seen.shortest_value()
        .map_err(|_| DecodeError::PropertyLength)
}

fn put_variable<O: Output>(value: usize, out: &mut O) -> Result<(), O::Error> {
    let mut bytes = [0; MAX_LEN];
    let len = variable_byte_integer::encoded_len(value);
    variable_byte_integer::encode(value, bytes.iter_mut().take(len));
    out.put(bytes.get(..len).unwrap_or_default())
}
