//! DISCONNECT with a reason, and AUTH: the packets of MQTT 5 that consist of a reason code and properties.

use super::fixed_header::{first_byte, packet_len, put_fixed_header};
use super::properties::Place;
use super::properties::{properties_len, put_properties};
use super::reason::{decode_reason, packets};
use super::{DecodeError, Output, Partial, Properties, Reason, ReasonCode};

/// Decodes the AUTH of `len` bytes behind the fixed header that begins with `body`.
/// Only a success needs no Authentication Method: sections 3.15.2.1 and 3.15.2.2.2.
pub(super) fn decode_auth(body: &[u8], len: usize) -> Partial<Reason<'_>> {
    let reason = decode_reason(body, len, packets::AUTH, Place::Auth)?;
    if reason.code != ReasonCode::SUCCESS && reason.properties == Some(Properties::EMPTY) {
        return Err(DecodeError::NoAuthenticationMethod.into());
    }
    Ok(reason)
}

/// DISCONNECT to the server with a reason, section 3.14.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnect<'a> {
    /// Why the client goes: one that [`ReasonCode::of_disconnect`] has made.
    pub code: ReasonCode,
    /// Its properties.
    pub properties: Properties<'a>,
}

/// AUTH, a step of enhanced authentication: section 3.15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Auth<'a> {
    /// Whether a new authentication begins. Otherwise the present one goes on.
    pub anew: bool,
    /// Its properties, the Authentication Method among them.
    pub properties: Properties<'a>,
}

impl Disconnect<'_> {
    /// Puts the packet into `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        put_reason(first_byte::DISCONNECT, self.code, self.properties, out)
    }

    /// Bytes of the packet.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        reason_packet_len(self.properties)
    }
}

impl Auth<'_> {
    /// Puts the packet into `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        let code = ReasonCode::of_auth(self.anew);
        put_reason(first_byte::AUTH, code, self.properties, out)
    }

    /// Bytes of the packet.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        reason_packet_len(self.properties)
    }
}

const fn reason_packet_len(properties: Properties<'_>) -> usize {
    packet_len(properties_len(Some(properties)).wrapping_add(1))
}

fn put_reason<O: Output>(
    first_byte: u8,
    code: ReasonCode,
    properties: Properties<'_>,
    out: &mut O,
) -> Result<(), O::Error> {
    let len = properties_len(Some(properties)).wrapping_add(1);
    put_fixed_header(first_byte, len, out)?;
    out.put(&[code.get()])?;
    put_properties(Some(properties), out)
}
