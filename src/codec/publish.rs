//! PUBLISH, section 3.3, as a client sends and receives it.

#[cfg(feature = "v5")]
use core::num::NonZeroU16;

use super::delivery::{Delivery, PublishFlags};
use super::fixed_header::{FixedHeader, packet_len, put_fixed_header_and_length};
use super::properties::{properties_len, put_properties};
use super::strings::PREFIX_LEN;
use super::{
    DecodeError, Decoded, FieldError, Halt, MAX_REMAINING_LENGTH, Output, PacketId, Partial,
    Properties, QoS, TopicName, Version,
};
#[cfg(feature = "v5")]
use super::{
    fixed_header::Length,
    properties::{Place, PropertyId, decode_properties, needed_properties},
    variable_byte_integer,
};

/// A PUBLISH to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publish<'a> {
    topic: TopicName<'a>,
    payload: &'a [u8],
    id: Option<PacketId>,
    first_byte: u8,
    properties: Option<Properties<'a>>,
    #[cfg(feature = "v5")]
    alias: Option<Alias>,
    /// At most `MAX_REMAINING_LENGTH`.
    remaining_length: usize,
}

/// A number that stands for a topic name on one connection of MQTT 5: section 3.3.2.3.4 of its standard.
#[cfg(feature = "v5")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The number, at most the broker's Topic Alias Maximum [MQTT5-3.3.2-9].
    pub number: NonZeroU16,
    /// Whether an earlier packet of the connection has told the broker the topic name. Then the packet does
    /// without it.
    pub is_known: bool,
}

/// Bytes of the property Topic Alias.
#[cfg(feature = "v5")]
const ALIAS_LEN: usize = 3;

impl<'a> Publish<'a> {
    /// Makes a PUBLISH. `retain`: the server keeps the message for later subscribers. `properties`: those of
    /// MQTT 5, and of no other version.
    ///
    /// # Errors
    ///
    /// [`FieldError::TooLong`] when the remaining length would exceed [`MAX_REMAINING_LENGTH`].
    pub fn new(
        topic: TopicName<'a>,
        payload: &'a [u8],
        delivery: Delivery,
        retain: bool,
        properties: Option<Properties<'a>>,
    ) -> Result<Self, FieldError> {
        let flags = PublishFlags::new(delivery, retain);
        let remaining_length = topic
            .encoded_len()
            .wrapping_add(flags.id_len())
            .wrapping_add(properties_len(properties))
            .wrapping_add(payload.len());
        if remaining_length > MAX_REMAINING_LENGTH {
            return Err(FieldError::TooLong);
        }
        Ok(Self {
            topic,
            payload,
            id: delivery.id(),
            first_byte: flags.first_byte(),
            properties,
            #[cfg(feature = "v5")]
            alias: None,
            remaining_length,
        })
    }

    /// Gives the topic name an alias. The properties have none yet, and the packet is one of MQTT 5: in a
    /// packet of MQTT 3.1.1 the alias is left out. A packet that would become too long has none, either.
    #[cfg(feature = "v5")]
    pub fn set_alias(&mut self, alias: Alias) {
        let Some(properties) = self.properties else {
            return;
        };
        let block = properties.as_bytes().len();
        let len_len = variable_byte_integer::encoded_len;
        let mut len = self
            .remaining_length
            .wrapping_sub(len_len(block))
            .wrapping_add(len_len(block.wrapping_add(ALIAS_LEN)))
            .wrapping_add(ALIAS_LEN);
        if alias.is_known {
            len = len.wrapping_sub(self.topic.as_str().len());
        }
        if len <= MAX_REMAINING_LENGTH {
            self.remaining_length = len;
            self.alias = Some(alias);
        }
    }

    /// Bytes of the packet.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        packet_len(self.remaining_length)
    }

    /// Puts the packet into `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        self.encode_header(out)?;
        out.put(self.payload)
    }

    /// Puts the packet without its payload into `out`. The caller puts that.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode_header<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        let topic = self.sent_topic();
        // [MQTT-3.3.2-1]
        put_fixed_header_and_length(
            self.first_byte,
            self.remaining_length,
            topic.len() as u16,
            out,
        )?;
        // An alias stands for most topic names of MQTT 5.
        if !cfg!(feature = "v5") || !topic.is_empty() {
            out.put(topic)?;
        }
        if let Some(id) = self.id {
            out.put(&id.get().to_be_bytes())?;
        }
        #[cfg(feature = "v5")]
        if let (Some(Alias { number, .. }), Some(properties)) = (self.alias, self.properties) {
            let [high, low] = number.get().to_be_bytes();
            let alias = [PropertyId::TOPIC_ALIAS.get(), high, low];
            return properties.encode_behind(&alias, out);
        }
        put_properties(self.properties, out)
    }

    /// The topic name, unless its alias stands for it.
    fn sent_topic(&self) -> &'a [u8] {
        #[cfg(feature = "v5")]
        if self.alias.is_some_and(|alias| alias.is_known) {
            return &[];
        }
        self.topic.as_str().as_bytes()
    }
}

/// A PUBLISH from the server, without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishHeader<'a> {
    /// Topic name that the message was published under. `None`: the Topic Alias among the properties stands
    /// for it, which only MQTT 5 has.
    pub topic: Option<TopicName<'a>>,
    /// QoS, packet identifier and DUP flag.
    pub delivery: Delivery,
    /// Whether this is the topic's retained message, sent because of a new subscription.
    pub retain: bool,
    /// The properties of MQTT 5; `None` in MQTT 3.1.1.
    pub properties: Option<Properties<'a>>,
}

/// The measures of a PUBLISH whose topic name is not all there yet.
///
/// They are enough to skip a packet whose topic name is larger than the memory for it: the topic
/// begins after `prefix_len` bytes, the packet identifier (two bytes, unless the QoS is 0) after
/// the topic, then the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishShape {
    /// Quality of service.
    pub qos: QoS,
    /// DUP flag. Never with QoS 0.
    pub dup: bool,
    /// RETAIN flag.
    pub retain: bool,
    /// Bytes before the topic name: the fixed header and the length of the topic name.
    pub prefix_len: usize,
    /// Bytes of the topic name, at least one in MQTT 3.1.1.
    pub topic_len: usize,
    /// Bytes of the payload. In MQTT 5 those of the properties before it are counted, too.
    pub payload_len: usize,
}

impl PublishShape {
    /// The measures of the PUBLISH that continues with `body` after its fixed header. They count
    /// once the two bytes of the topic name's length are there.
    fn decode(
        version: Version,
        flags: PublishFlags,
        fixed_header: &FixedHeader,
        body: &[u8],
    ) -> Result<Self, DecodeError> {
        // Bytes that topic name and payload share. `Inbound::check_length` has seen that they are
        // there.
        let room = fixed_header
            .remaining_length
            .saturating_sub(PREFIX_LEN)
            .saturating_sub(flags.id_len());
        // The length of the properties takes one byte.
        let least = usize::from(version.is_5());
        // The high byte of the length may show that the topic name is too long for the packet.
        let topic_len = usize::from(match *body {
            [] => 0,
            [high] => u16::from_be_bytes([high, 0]),
            [high, low, ..] => u16::from_be_bytes([high, low]),
        });
        let payload_len = match room.checked_sub(topic_len) {
            Some(payload_len) if payload_len >= least => payload_len,
            _ => return Err(DecodeError::TopicLength),
        };
        Ok(Self {
            qos: flags.qos,
            dup: flags.dup,
            retain: flags.retain,
            prefix_len: fixed_header.len.wrapping_add(PREFIX_LEN),
            topic_len,
            payload_len,
        })
    }
}

/// Decodes the PUBLISH whose fixed header is `fixed_header` and which continues with `body`.
pub(super) fn decode_publish<'a>(
    version: Version,
    flags: PublishFlags,
    fixed_header: &FixedHeader,
    body: &'a [u8],
    last_topic: Option<TopicName<'a>>,
) -> Result<Decoded<'a>, DecodeError> {
    let shape = PublishShape::decode(version, flags, fixed_header, body)?;
    let Some(rest) = body.get(PREFIX_LEN..) else {
        return Ok(Decoded::Incomplete {
            needed: shape.prefix_len,
            publish: None,
        });
    };
    let header_len = shape
        .prefix_len
        .wrapping_add(shape.topic_len)
        .wrapping_add(flags.id_len());
    let (topic, after_topic) = rest
        .split_at_checked(shape.topic_len)
        .unwrap_or((rest, &[]));
    let mut needed = header_len;
    let decoded = decode_header(
        version,
        flags,
        shape,
        topic,
        after_topic,
        last_topic,
        &mut needed,
    );
    match decoded {
        Ok((publish, properties_len)) => Ok(Decoded::Publish {
            publish,
            header_len: header_len.wrapping_add(properties_len),
            payload_len: shape.payload_len.saturating_sub(properties_len),
        }),
        Err(Halt::Missing) => Ok(Decoded::Incomplete {
            needed,
            publish: Some(shape),
        }),
        Err(Halt::Fault(error)) => Err(error),
    }
}

/// Decodes the header of the PUBLISH of this `shape` from its topic name on, and how many bytes its properties and
/// their length take. While bytes are missing, `needed` grows by those of the properties, as far as their length is
/// known.
fn decode_header<'a>(
    version: Version,
    flags: PublishFlags,
    shape: PublishShape,
    topic: &'a [u8],
    after_topic: &'a [u8],
    last_topic: Option<TopicName<'a>>,
    needed: &mut usize,
) -> Partial<(PublishHeader<'a>, usize)> {
    // Only MQTT 5 has a message without a topic name.
    let topic = if version.is_5() && shape.topic_len == 0 {
        None
    } else {
        Some(decode_topic(topic, shape.topic_len, last_topic)?)
    };
    let delivery = flags.delivery(after_topic)?;
    let (properties, properties_len) = match version {
        Version::V3_1_1 => (None, 0),
        #[cfg(feature = "v5")]
        Version::V5 => {
            let rest = after_topic.get(flags.id_len()..).unwrap_or_default();
            let behind = Length::AtLeast(0);
            *needed = needed.wrapping_add(needed_properties(rest));
            let (properties, len) =
                decode_properties(rest, shape.payload_len, behind, Place::Message)?;
            // Section 3.3.2.1 of the standard of MQTT 5.
            if topic.is_none() && properties.get(PropertyId::TOPIC_ALIAS).is_none() {
                return Err(DecodeError::NoTopic.into());
            }
            (Some(properties), len)
        }
    };
    #[cfg(not(feature = "v5"))]
    let _ = needed;
    let header = PublishHeader {
        topic,
        delivery,
        retain: flags.retain,
        properties,
    };
    Ok((header, properties_len))
}

/// Decodes the topic name of `len` bytes that begins with `present`. It is `last_topic` if the
/// bytes are the same.
fn decode_topic<'a>(
    present: &'a [u8],
    len: usize,
    last_topic: Option<TopicName<'a>>,
) -> Partial<TopicName<'a>> {
    let same = last_topic.filter(|last| {
        let last = last.as_str().as_bytes();
        last.len() == len && last == present
    });
    if let Some(last) = same {
        return Ok(last);
    }
    let topic = TopicName::from_front(present, len).map_err(DecodeError::TopicName)?;
    topic.ok_or(Halt::Missing)
}
