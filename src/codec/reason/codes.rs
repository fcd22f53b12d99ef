//! Which reason codes there are, and in which packets: table 2-6 of the standard of MQTT 5, and the tables
//! of the packets.

use super::{Reason, ReasonCode, packets};
use crate::codec::fixed_header::Length;
use crate::codec::properties::{Place, decode_properties};
use crate::codec::{DecodeError, Halt, Partial, Properties, Version};

/// Makes the list of all codes: number, name, packets.
macro_rules! codes {
    ($($code:literal $name:literal $($packet:ident)|+,)+) => {
        static CODES: &[Code] = &[$(Code {
            number: $code,
            packets: $(packets::$packet)|+,
            #[cfg(not(feature = "terse"))]
            name: $name,
        }),+];
    };
}

/// A code with the packets that it may stand in.
struct Code {
    number: u8,
    packets: u8,
    #[cfg(not(feature = "terse"))]
    name: &'static str,
}

codes! {
    0x00 "Success" CONNACK | PUBACK | PUBREL | SUBACK | UNSUBACK | GOODBYE | DISCONNECT | AUTH,
    0x01 "Granted QoS 1" SUBACK,
    0x02 "Granted QoS 2" SUBACK,
    0x04 "Disconnect with Will Message" DISCONNECT,
    0x10 "No matching subscribers" PUBACK,
    0x11 "No subscription existed" UNSUBACK,
    0x18 "Continue authentication" AUTH,
    0x19 "Re-authenticate" NOT_RECEIVED,
    0x80 "Unspecified error" CONNACK | PUBACK | SUBACK | UNSUBACK | GOODBYE | DISCONNECT,
    0x81 "Malformed Packet" CONNACK | GOODBYE | DISCONNECT,
    0x82 "Protocol Error" CONNACK | GOODBYE | DISCONNECT,
    0x83 "Implementation specific error" CONNACK | PUBACK | SUBACK | UNSUBACK | GOODBYE | DISCONNECT,
    0x84 "Unsupported Protocol Version" CONNACK,
    0x85 "Client Identifier not valid" CONNACK,
    0x86 "Bad User Name or Password" CONNACK,
    0x87 "Not authorized" CONNACK | PUBACK | SUBACK | UNSUBACK | GOODBYE,
    0x88 "Server unavailable" CONNACK,
    0x89 "Server busy" CONNACK | GOODBYE,
    0x8A "Banned" CONNACK,
    0x8B "Server shutting down" GOODBYE,
    0x8C "Bad authentication method" CONNACK | GOODBYE,
    0x8D "Keep Alive timeout" GOODBYE,
    0x8E "Session taken over" GOODBYE,
    0x8F "Topic Filter invalid" SUBACK | UNSUBACK | GOODBYE,
    0x90 "Topic Name invalid" CONNACK | PUBACK | GOODBYE | DISCONNECT,
    0x91 "Packet Identifier in use" PUBACK | SUBACK | UNSUBACK,
    0x92 "Packet Identifier not found" PUBREL,
    0x93 "Receive Maximum exceeded" GOODBYE | DISCONNECT,
    0x94 "Topic Alias invalid" GOODBYE | DISCONNECT,
    0x95 "Packet too large" CONNACK | GOODBYE | DISCONNECT,
    0x96 "Message rate too high" GOODBYE | DISCONNECT,
    0x97 "Quota exceeded" CONNACK | PUBACK | SUBACK | GOODBYE | DISCONNECT,
    0x98 "Administrative action" GOODBYE | DISCONNECT,
    0x99 "Payload format invalid" CONNACK | PUBACK | GOODBYE | DISCONNECT,
    0x9A "Retain not supported" CONNACK | GOODBYE,
    0x9B "QoS not supported" CONNACK | GOODBYE,
    0x9C "Use another server" CONNACK | GOODBYE,
    0x9D "Server moved" CONNACK | GOODBYE,
    0x9E "Shared Subscriptions not supported" SUBACK | GOODBYE,
    0x9F "Connection rate exceeded" CONNACK | GOODBYE,
    0xA0 "Maximum connect time" GOODBYE,
    0xA1 "Subscription Identifiers not supported" SUBACK | GOODBYE,
    0xA2 "Wildcard Subscriptions not supported" SUBACK | GOODBYE,
}

impl ReasonCode {
    /// The code of a DISCONNECT to the server, section 3.14.2.1; `None` if it is the server's alone, or
    /// reserved.
    #[must_use]
    pub fn of_disconnect(code: u8) -> Option<Self> {
        Self::new(code, packets::DISCONNECT)
    }

    /// The code of a packet of the kinds `packets`.
    fn new(code: u8, packets: u8) -> Option<Self> {
        let known = Self { code };
        (known.entry()?.packets & packets != 0).then_some(known)
    }

    fn entry(self) -> Option<&'static Code> {
        CODES.iter().find(|known| known.number == self.code)
    }

    /// The name that the standard gives the code; empty in a build without texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        #[cfg(feature = "terse")]
        return "";
        #[cfg(not(feature = "terse"))]
        self.entry().map_or("Reserved", |known| known.name)
    }

    /// The code of an AUTH to the server: "Re-authenticate", or "Continue authentication".
    pub(in crate::codec) const fn of_auth(anew: bool) -> Self {
        Self {
            code: if anew { 0x19 } else { 0x18 },
        }
    }

    /// The code at the front of `bytes`, which are those of a packet of the kinds `packets`.
    pub(in crate::codec) fn decode(bytes: &[u8], packets: u8) -> Partial<Self> {
        let &code = bytes.first().ok_or(Halt::Missing)?;
        Self::new(code, packets).ok_or(Halt::Fault(DecodeError::ReasonCode))
    }
}

/// Decodes reason code and properties, the last `room` bytes of a packet of the kind `packets`, of which
/// `body` is the front.
///
/// Both may be left out, and the properties alone: then the code is 0, and there are no properties
/// (sections 3.4.2.1, 3.14.2.1 and 3.15.2.1).
pub fn decode_reason(body: &[u8], room: usize, packets: u8, place: Place) -> Partial<Reason<'_>> {
    let Some(room) = room.checked_sub(1) else {
        return Ok(Reason::success(Version::V5));
    };
    let code = ReasonCode::decode(body, packets)?;
    let properties = if room == 0 {
        Properties::EMPTY
    } else {
        let rest = body.get(1..).unwrap_or_default();
        decode_properties(rest, room, Length::Exactly(0), place)?.0
    };
    Ok(Reason {
        code,
        properties: Some(properties),
    })
}
