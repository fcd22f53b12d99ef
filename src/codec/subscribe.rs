use super::remaining_length::{packet_len, put_fixed_header};
use super::{Output, PacketId, QoS, TopicFilter, first_byte};

/// Asks for messages, section 3.8. One filter a packet [MQTT-3.8.3-3].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribe<'a> {
    /// Named by the SUBACK that answers.
    pub id: PacketId,
    /// Which messages.
    pub filter: TopicFilter<'a>,
    /// The highest QoS to deliver them with.
    pub qos: QoS,
}

impl Subscribe<'_> {
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
        put_fixed_header(first_byte::SUBSCRIBE, self.remaining_length(), out)?;
        out.put(&self.id.get().to_be_bytes())?;
        self.filter.encode(out)?;
        // The six bits above the QoS are reserved, and clear [MQTT-3.8.3-4].
        out.put(&[self.qos.bits()])
    }

    /// Identifier, filter, requested QoS.
    const fn remaining_length(&self) -> usize {
        self.filter.encoded_len().saturating_add(2 + 1)
    }
}
