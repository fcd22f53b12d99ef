use super::DecodeError;

/// Packet identifier, section 2.3.1. Never 0 [MQTT-2.3.1-1].
pub type PacketId = core::num::NonZeroU16;

/// The packet identifier at the front of `bytes`, or `None` while not both of its bytes are there.
pub(super) fn decode(bytes: &[u8]) -> Result<Option<PacketId>, DecodeError> {
    let Some(&id) = bytes.first_chunk() else {
        return Ok(None);
    };
    match PacketId::new(u16::from_be_bytes(id)) {
        Some(id) => Ok(Some(id)),
        // [MQTT-2.3.1-1]
        None => Err(DecodeError::PacketId),
    }
}
