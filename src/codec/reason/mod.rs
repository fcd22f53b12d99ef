//! Reason codes: section 2.4 of the standard of MQTT 5. MQTT 3.1.1 has none but the return codes of
//! CONNACK and SUBACK.

#[cfg(feature = "v5")]
mod codes;

#[cfg(feature = "v5")]
pub(super) use codes::decode_reason;

use super::{Properties, Version};

/// The code that says how an operation ended. In MQTT 3.1.1 it is always [`Self::SUCCESS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReasonCode {
    #[cfg(feature = "v5")]
    code: u8,
}

impl ReasonCode {
    /// Success, or a normal end of the connection.
    pub const SUCCESS: Self = Self {
        #[cfg(feature = "v5")]
        code: 0,
    };

    /// The code of a refusal in a SUBACK, which [`decode`](super::decode()) has checked.
    #[cfg_attr(not(feature = "v5"), allow(unused_variables))]
    pub(crate) const fn of_suback(code: u8) -> Self {
        Self {
            #[cfg(feature = "v5")]
            code,
        }
    }

    /// The code with a number that [`Self::get`] has given.
    #[cfg(feature = "v5")]
    #[must_use]
    pub const fn known(code: u8) -> Self {
        Self { code }
    }

    /// The number in a packet.
    #[must_use]
    pub const fn get(self) -> u8 {
        #[cfg(feature = "v5")]
        return self.code;
        #[cfg(not(feature = "v5"))]
        0
    }

    /// Whether the operation failed: 0x80 and above.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        self.get() >= 0x80
    }
}

/// The code and the properties of an acknowledgement, or of the end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'a> {
    /// How it ended.
    pub code: ReasonCode,
    /// The properties that come with the code; `None` in MQTT 3.1.1.
    pub properties: Option<Properties<'a>>,
}

impl Reason<'_> {
    /// Success without properties, as an acknowledgement of the identifier alone says it.
    pub(super) const fn success(version: Version) -> Self {
        Self {
            code: ReasonCode::SUCCESS,
            properties: version.no_properties(),
        }
    }
}

/// The packets that a reason code may stand in, in bits.
#[cfg_attr(not(feature = "v5"), allow(dead_code))]
pub(super) mod packets {
    pub const CONNACK: u8 = 1 << 0;
    /// PUBACK and PUBREC.
    pub const PUBACK: u8 = 1 << 1;
    /// PUBREL and PUBCOMP.
    pub const PUBREL: u8 = 1 << 2;
    pub const SUBACK: u8 = 1 << 3;
    pub const UNSUBACK: u8 = 1 << 4;
    /// DISCONNECT from a server.
    pub const GOODBYE: u8 = 1 << 5;
    /// DISCONNECT to a server.
    pub const DISCONNECT: u8 = 1 << 6;
    /// AUTH from a server.
    pub const AUTH: u8 = 1 << 7;
    /// AUTH to a server alone, whose codes [`ReasonCode::of_auth`](super::ReasonCode) knows.
    #[cfg(feature = "v5")]
    pub const NOT_RECEIVED: u8 = 0;
}
