//! CONNECT, with its Will and its credentials, and the CONNACK that answers it.

use super::fixed_header::{first_byte, packet_len, put_fixed_header};
use super::properties::{properties_len, put_properties};
use super::{
    Binary, DecodeError, Halt, Output, Packet, Partial, Properties, QoS, TopicName, Utf8String,
    Version,
};
#[cfg(feature = "v5")]
use super::{
    ReasonCode,
    fixed_header::Length,
    properties::{Place, decode_properties},
    reason::packets,
};

/// Protocol name with its length before it (section 3.1.2.1).
const PROTOCOL: [u8; 6] = [0, 4, b'M', b'Q', b'T', b'T'];

/// Bytes of the variable header: protocol, its level, connect flags, keep alive.
const VARIABLE_HEADER_LEN: usize = PROTOCOL.len() + 1 + 1 + 2;

// The connect flags, section 3.1.2.3. Bit 0 is reserved and stays clear.
const USER_NAME: u8 = 1 << 7;
const PASSWORD: u8 = 1 << 6;
const WILL_RETAIN: u8 = 1 << 5;
const WILL_QOS_SHIFT: u8 = 3;
const WILL: u8 = 1 << 2;
const CLEAN_SESSION: u8 = 1 << 1;

/// The acknowledge flag of a CONNACK (section 3.2.2.1). Bits 7-1 are reserved.
const SESSION_PRESENT: u8 = 1;

/// CONNECT, which opens a session: section 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connect<'a> {
    /// The version of the protocol.
    pub version: Version,
    /// Name of the session at the server. Empty: the server chooses one.
    pub client_id: Utf8String<'a>,
    /// Whether the session begins empty and, in MQTT 3.1.1, ends with the connection.
    ///
    /// With an empty `client_id` a packet of MQTT 3.1.1 says so in any case [MQTT-3.1.3-7].
    pub clean_session: bool,
    /// Longest time between two packets from the client, in seconds. 0: no limit.
    pub keep_alive: u16,
    /// Message that the server publishes if the connection ends without DISCONNECT.
    pub will: Option<Will<'a>>,
    /// User name and password, if the client has any.
    pub credentials: Option<Credentials<'a>>,
    /// The properties of MQTT 5, and of no other version.
    pub properties: Option<Properties<'a>>,
}

/// The Will message, section 3.1.2.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Will<'a> {
    /// Topic name that the server publishes it under.
    pub topic: TopicName<'a>,
    /// Its payload.
    pub payload: Binary<'a>,
    /// Its quality of service.
    pub qos: QoS,
    /// Whether the server keeps it as the topic's retained message.
    pub retain: bool,
    /// The properties of MQTT 5, and of no other version.
    pub properties: Option<Properties<'a>>,
}

/// User name and password, sections 3.1.3.4 and 3.1.3.5. There is no password without a user name
/// [MQTT-3.1.2-22].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// User name. It may be empty.
    pub username: Utf8String<'a>,
    /// Password, of any bytes.
    pub password: Option<Binary<'a>>,
}

impl Connect<'_> {
    /// Bytes of the packet.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        packet_len(self.remaining_length())
    }

    /// Puts the packet into `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        put_fixed_header(first_byte::CONNECT, self.remaining_length(), out)?;
        out.put(&self.variable_header())?;
        put_properties(self.properties, out)?;
        // The order is that of [MQTT-3.1.3-1]; the identifier is always there [MQTT-3.1.3-3].
        self.client_id.encode(out)?;
        if let Some(will) = &self.will {
            // [MQTT-3.1.2-9]
            put_properties(will.properties, out)?;
            will.topic.encode(out)?;
            will.payload.encode(out)?;
        }
        if let Some(credentials) = &self.credentials {
            credentials.username.encode(out)?; // [MQTT-3.1.2-19]
            if let Some(password) = credentials.password {
                password.encode(out)?; // [MQTT-3.1.2-21]
            }
        }
        Ok(())
    }

    fn variable_header(&self) -> [u8; VARIABLE_HEADER_LEN] {
        let [p0, p1, p2, p3, p4, p5] = PROTOCOL;
        let level = self.version.level();
        let [high, low] = self.keep_alive.to_be_bytes();
        [p0, p1, p2, p3, p4, p5, level, self.flags(), high, low]
    }

    fn flags(&self) -> u8 {
        let mut flags = 0;
        // [MQTT-3.1.3-7] In MQTT 5 the server assigns an identifier, and the session can be kept under it.
        let nameless = !self.version.is_5() && self.client_id.as_str().is_empty();
        if self.clean_session || nameless {
            flags |= CLEAN_SESSION;
        }
        // Without a Will its QoS and retain bits stay clear [MQTT-3.1.2-11].
        if let Some(will) = &self.will {
            flags |= WILL | (will.qos.bits() << WILL_QOS_SHIFT);
            if will.retain {
                flags |= WILL_RETAIN;
            }
        }
        if let Some(credentials) = &self.credentials {
            flags |= USER_NAME;
            if credentials.password.is_some() {
                flags |= PASSWORD;
            }
        }
        flags
    }

    /// At most five fields of 65537 bytes, and two blocks of properties, which the application bounds: so
    /// always below the limit of a remaining length.
    fn remaining_length(&self) -> usize {
        let mut len = self
            .client_id
            .encoded_len()
            .wrapping_add(VARIABLE_HEADER_LEN)
            .wrapping_add(properties_len(self.properties));
        if let Some(will) = &self.will {
            len = len
                .wrapping_add(properties_len(will.properties))
                .wrapping_add(will.topic.encoded_len())
                .wrapping_add(will.payload.encoded_len());
        }
        if let Some(credentials) = &self.credentials {
            len = len
                .wrapping_add(credentials.username.encoded_len())
                .wrapping_add(credentials.password.map_or(0, Binary::encoded_len));
        }
        len
    }
}

/// The server's answer to a CONNECT, table 3.1 of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// As wide as a word: a `Result` with it is returned in registers.
#[repr(u32)]
pub enum ReturnCode {
    /// Connected.
    Accepted = 0,
    /// The server does not speak MQTT 3.1.1.
    UnacceptableProtocolVersion = 1,
    /// The server does not allow this client identifier.
    IdentifierRejected = 2,
    /// There is no MQTT service at the server now.
    ServerUnavailable = 3,
    /// User name or password are malformed.
    BadUserNameOrPassword = 4,
    /// The client may not connect.
    NotAuthorized = 5,
    /// The server of MQTT 5 refuses, with this reason code. (Its success is [`Self::Accepted`].)
    #[cfg(feature = "v5")]
    Refused(ReasonCode),
}

impl ReturnCode {
    /// The code that `byte` stands for. 6 and above are reserved: `None`.
    #[must_use]
    pub const fn from_u8(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Accepted),
            1 => Some(Self::UnacceptableProtocolVersion),
            2 => Some(Self::IdentifierRejected),
            3 => Some(Self::ServerUnavailable),
            4 => Some(Self::BadUserNameOrPassword),
            5 => Some(Self::NotAuthorized),
            _ => None,
        }
    }

    /// The number in the packet.
    #[must_use]
    pub const fn get(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::UnacceptableProtocolVersion => 1,
            Self::IdentifierRejected => 2,
            Self::ServerUnavailable => 3,
            Self::BadUserNameOrPassword => 4,
            Self::NotAuthorized => 5,
            #[cfg(feature = "v5")]
            Self::Refused(code) => code.get(),
        }
    }
}

/// Decodes the CONNACK, section 3.2, whose variable header takes `len` bytes and begins with `body`.
#[cfg_attr(not(feature = "v5"), allow(unused_variables))]
pub(super) fn decode_connack(version: Version, body: &[u8], len: usize) -> Partial<Packet<'_>> {
    let (&flags, rest) = body.split_first().ok_or(Halt::Missing)?;
    // Bits 7-1 are reserved [MQTT-2.2.2-1].
    if flags & !SESSION_PRESENT != 0 {
        return Err(DecodeError::ConnAckFlags.into());
    }
    let session_present = flags == SESSION_PRESENT;

    let &code = rest.first().ok_or(Halt::Missing)?;
    let return_code = match version {
        Version::V3_1_1 => ReturnCode::from_u8(code).ok_or(DecodeError::ReturnCode)?,
        // A server that does not speak MQTT 5 refuses in its own version [MQTT-3.1.2-2].
        #[cfg(feature = "v5")]
        Version::V5 if len == 2 => match ReturnCode::from_u8(code) {
            None | Some(ReturnCode::Accepted) => return Err(DecodeError::Length.into()),
            Some(code) => code,
        },
        #[cfg(feature = "v5")]
        Version::V5 => match ReasonCode::decode(rest, packets::CONNACK)? {
            ReasonCode::SUCCESS => ReturnCode::Accepted,
            code => ReturnCode::Refused(code),
        },
    };
    // [MQTT-3.2.2-4] [MQTT5-3.2.2-6]
    if session_present && return_code != ReturnCode::Accepted {
        return Err(DecodeError::SessionPresent.into());
    }
    let properties = match version {
        Version::V3_1_1 => None,
        #[cfg(feature = "v5")]
        Version::V5 if len == 2 => None,
        #[cfg(feature = "v5")]
        Version::V5 => {
            let rest = rest.get(1..).unwrap_or_default();
            let room = len.saturating_sub(2);
            let place = Place::ConnAck;
            Some(decode_properties(rest, room, Length::Exactly(0), place)?.0)
        }
    };
    Ok(Packet::ConnAck {
        session_present,
        return_code,
        properties,
    })
}
