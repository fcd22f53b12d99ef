use super::DecodeError;
use super::inbound::Inbound;
use super::remaining_length::RemainingLength;

/// The fixed header of a packet from the server, section 2.2, with a length that its type can have.
#[derive(Clone, Copy)]
pub(super) struct FixedHeader {
    pub(super) inbound: Inbound,
    /// Bytes of the fixed header itself.
    pub(super) len: usize,
    /// Bytes of the packet that follow it.
    pub(super) remaining_length: usize,
}

impl FixedHeader {
    /// The fixed header at the front of `input`; `None` while bytes of it are missing.
    pub(super) fn decode(input: &[u8]) -> Result<Option<Self>, DecodeError> {
        let Some((&first_byte, rest)) = input.split_first() else {
            return Ok(None);
        };
        let inbound = Inbound::from_first_byte(first_byte)?;
        let Some(length) = RemainingLength::decode(rest) else {
            return Ok(None);
        };
        inbound.check_length(length)?;
        Ok(length.value()?.map(|remaining_length| Self {
            inbound,
            len: length.len.saturating_add(1),
            remaining_length,
        }))
    }

    /// Bytes of the whole packet.
    pub(super) const fn packet_len(&self) -> usize {
        self.len.saturating_add(self.remaining_length)
    }

    /// What is there of the packet after the fixed header, and nothing of the next packet.
    pub(super) fn body<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        let packet = input.get(..self.packet_len()).unwrap_or(input);
        packet.get(self.len..).unwrap_or_default()
    }
}
