use super::{DecodeError, Packet, packet_id};

/// The server refuses the subscription.
const FAILURE: u8 = 0x80;

/// Decodes the SUBACK, section 3.9, whose variable header and payload take `len` bytes and begin
/// with `body`; `None` while bytes are missing.
pub(super) fn decode(body: &[u8], len: usize) -> Result<Option<Packet<'_>>, DecodeError> {
    let Some(id) = packet_id::decode(body)? else {
        return Ok(None);
    };
    let codes = body.get(2..).unwrap_or_default();
    // [MQTT-3.9.3-2]
    if codes.iter().any(|code| !matches!(code, 0..=2 | &FAILURE)) {
        return Err(DecodeError::SubAckCode);
    }
    Ok((body.len() == len).then_some(Packet::SubAck { id, codes }))
}
