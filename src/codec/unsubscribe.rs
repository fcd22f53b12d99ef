use super::remaining_length::{packet_len, put_fixed_header};
use super::{Output, PacketId, TopicFilter, first_byte};

/// Asks for no more messages, section 3.10. One filter a packet [MQTT-3.10.3-2].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribe<'a> {
    /// Named by the UNSUBACK that answers.
    pub id: PacketId,
    /// The filter, character for character as it was subscribed.
    pub filter: TopicFilter<'a>,
}

impl Unsubscribe<'_> {
    /// Bytes of the packet.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        packet_len(self.remaining_length())
    }

    /// Puts the packet.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        put_fixed_header(first_byte::UNSUBSCRIBE, self.remaining_length(), out)?;
        out.put(&self.id.get().to_be_bytes())?;
        self.filter.encode(out)
    }

    /// Identifier, filter.
    const fn remaining_length(&self) -> usize {
        self.filter.encoded_len().saturating_add(2)
    }
}
