use super::fixed_header::FixedHeader;
use super::prefixed::PREFIX_LEN;
use super::publish_flags::PublishFlags;
use super::{DecodeError, Decoded, Delivery, QoS, TopicName};

/// Everything of a PUBLISH from the server but its payload, section 3.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishHeader<'a> {
    /// What the message was published under.
    pub topic: TopicName<'a>,
    /// QoS, packet identifier and DUP flag.
    pub delivery: Delivery,
    /// Whether this is the topic's retained message, sent because of a new subscription.
    pub retain: bool,
}

/// The measures of a PUBLISH whose topic name is not all there yet.
///
/// Enough to skip a packet whose topic name is larger than one wants to hold: the topic begins
/// after `prefix_len` bytes, the packet identifier (two bytes, unless the QoS is 0) after the
/// topic, then the payload.
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
    /// Bytes of the topic name, at least one.
    pub topic_len: usize,
    /// Bytes of the payload.
    pub payload_len: usize,
}

/// Decodes the PUBLISH whose fixed header is `fixed_header` and which continues with `body`.
pub(super) fn decode<'a>(
    flags: PublishFlags,
    fixed_header: &FixedHeader,
    body: &'a [u8],
    last_topic: Option<TopicName<'a>>,
) -> Result<Decoded<'a>, DecodeError> {
    let prefix_len = fixed_header.len.saturating_add(PREFIX_LEN);
    // What topic name and payload share; the length of the packet was checked to have it.
    let room = fixed_header
        .remaining_length
        .saturating_sub(PREFIX_LEN)
        .saturating_sub(flags.id_len());

    // Of a topic name too long for the packet the high byte of its length may tell already.
    let topic_len = usize::from(match *body {
        [] => 0,
        [high] => u16::from_be_bytes([high, 0]),
        [high, low, ..] => u16::from_be_bytes([high, low]),
    });
    let Some(payload_len) = room.checked_sub(topic_len) else {
        return Err(DecodeError::TopicLength);
    };
    let Some(rest) = body.get(PREFIX_LEN..) else {
        return Ok(Decoded::Incomplete {
            needed: prefix_len,
            publish: None,
        });
    };

    let header_len = prefix_len
        .saturating_add(topic_len)
        .saturating_add(flags.id_len());
    let incomplete = Decoded::Incomplete {
        needed: header_len,
        publish: Some(PublishShape {
            qos: flags.qos,
            dup: flags.dup,
            retain: flags.retain,
            prefix_len,
            topic_len,
            payload_len,
        }),
    };
    let (topic, after_topic) = rest.split_at_checked(topic_len).unwrap_or((rest, &[]));
    let known = last_topic.filter(|last| {
        let last = last.as_str().as_bytes();
        last.len() == topic_len && last == topic
    });
    let topic = match known {
        Some(last) => Some(last),
        None => TopicName::from_front(topic, topic_len).map_err(DecodeError::TopicName)?,
    };
    let Some(topic) = topic else {
        return Ok(incomplete);
    };
    let Some(delivery) = flags.delivery(after_topic)? else {
        return Ok(incomplete);
    };
    Ok(Decoded::Publish {
        publish: PublishHeader {
            topic,
            delivery,
            retain: flags.retain,
        },
        header_len,
        payload_len,
    })
}
