//! The version of the protocol.

use super::Properties;

/// The version of MQTT, which CONNECT names and every later packet follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Version {
    /// MQTT 3.1.1.
    #[default]
    V3_1_1 = 4,
    /// MQTT 5.0.
    #[cfg(feature = "v5")]
    V5 = 5,
}

impl Version {
    /// The versions of this build.
    pub const ALL: &[Self] = &[
        Self::V3_1_1,
        #[cfg(feature = "v5")]
        Self::V5,
    ];

    /// No properties, as a packet of the version has them: an empty block of MQTT 5, nothing of MQTT 3.1.1.
    #[must_use]
    pub const fn no_properties(self) -> Option<Properties<'static>> {
        match self {
            Self::V3_1_1 => None,
            #[cfg(feature = "v5")]
            Self::V5 => Some(Properties::EMPTY),
        }
    }

    /// The protocol level of a CONNECT: 4 or 5 (section 3.1.2.2).
    #[must_use]
    pub const fn level(self) -> u8 {
        self as u8
    }

    /// Whether it is MQTT 5. Always false in a build without it, so the compiler leaves out all that
    /// only MQTT 5 needs.
    #[must_use]
    pub const fn is_5(self) -> bool {
        match self {
            Self::V3_1_1 => false,
            #[cfg(feature = "v5")]
            Self::V5 => true,
        }
    }
}
