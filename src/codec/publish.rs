use super::publish_flags::PublishFlags;
use super::remaining_length::{packet_len, put_fixed_header_and_length};
use super::{Delivery, FieldError, MAX_REMAINING_LENGTH, Output, TopicName};

/// A message on its way to the server, section 3.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publish<'a> {
    topic: TopicName<'a>,
    payload: &'a [u8],
    delivery: Delivery,
    retain: bool,
    /// At most `MAX_REMAINING_LENGTH`.
    remaining_length: usize,
}

impl<'a> Publish<'a> {
    /// Puts a message together. `retain`: the server keeps it for later subscribers.
    ///
    /// # Errors
    ///
    /// [`FieldError::TooLong`] when the remaining length would exceed [`MAX_REMAINING_LENGTH`].
    pub fn new(
        topic: TopicName<'a>,
        payload: &'a [u8],
        delivery: Delivery,
        retain: bool,
    ) -> Result<Self, FieldError> {
        let remaining_length = topic
            .encoded_len()
            .saturating_add(PublishFlags::new(delivery, retain).id_len())
            .saturating_add(payload.len());
        if remaining_length > MAX_REMAINING_LENGTH {
            return Err(FieldError::TooLong);
        }
        Ok(Self {
            topic,
            payload,
            delivery,
            retain,
            remaining_length,
        })
    }

    /// Bytes of the packet.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        packet_len(self.remaining_length)
    }

    /// Puts the packet.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        let flags = PublishFlags::new(self.delivery, self.retain);
        let topic = self.topic.as_str().as_bytes();
        // [MQTT-3.3.2-1]
        put_fixed_header_and_length(
            flags.first_byte(),
            self.remaining_length,
            topic.len() as u16,
            out,
        )?;
        out.put(topic)?;
        if let Some(id) = self.delivery.id() {
            out.put(&id.get().to_be_bytes())?;
        }
        out.put(self.payload)
    }
}
