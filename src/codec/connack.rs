use super::{DecodeError, Packet};

const SESSION_PRESENT: u8 = 1;

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
}

/// Decodes the CONNACK, section 3.2, whose variable header begins with `body`; `None` while bytes
/// are missing.
pub(super) fn decode<'a>(body: &[u8]) -> Result<Option<Packet<'a>>, DecodeError> {
    let Some((&flags, rest)) = body.split_first() else {
        return Ok(None);
    };
    // Bits 7-1 are reserved [MQTT-2.2.2-1].
    if flags & !SESSION_PRESENT != 0 {
        return Err(DecodeError::ConnAckFlags);
    }
    let session_present = flags == SESSION_PRESENT;

    let Some(&code) = rest.first() else {
        return Ok(None);
    };
    let return_code = ReturnCode::from_u8(code).ok_or(DecodeError::ReturnCode)?;
    // [MQTT-3.2.2-4]
    if session_present && return_code != ReturnCode::Accepted {
        return Err(DecodeError::SessionPresent);
    }
    Ok(Some(Packet::ConnAck {
        session_present,
        return_code,
    }))
}
