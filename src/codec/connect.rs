use super::remaining_length::{packet_len, put_fixed_header};
use super::{Binary, Output, QoS, TopicName, Utf8String, first_byte};

/// Protocol name, its length before it, and level (sections 3.1.2.1 and 3.1.2.2).
const PROTOCOL: [u8; 7] = [0, 4, b'M', b'Q', b'T', b'T', 4];

/// Bytes of the variable header: protocol, connect flags, keep alive.
const VARIABLE_HEADER_LEN: usize = PROTOCOL.len() + 1 + 2;

// The connect flags, section 3.1.2.3. Bit 0 is reserved and stays clear.
const USER_NAME: u8 = 1 << 7;
const PASSWORD: u8 = 1 << 6;
const WILL_RETAIN: u8 = 1 << 5;
const WILL_QOS_SHIFT: u8 = 3;
const WILL: u8 = 1 << 2;
const CLEAN_SESSION: u8 = 1 << 1;

/// Opens a session, section 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connect<'a> {
    /// Names the session at the server. Empty: the server invents one.
    pub client_id: Utf8String<'a>,
    /// Whether the session begins empty and ends with the connection.
    ///
    /// With an empty `client_id` the packet says so in any case [MQTT-3.1.3-7].
    pub clean_session: bool,
    /// Longest time between two packets from the client, in seconds. 0: no limit.
    pub keep_alive: u16,
    /// Message that the server publishes if the connection ends without DISCONNECT.
    pub will: Option<Will<'a>>,
    /// Who asks.
    pub credentials: Option<Credentials<'a>>,
}

/// The Will message, section 3.1.2.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Will<'a> {
    /// Where it is published.
    pub topic: TopicName<'a>,
    /// What is published.
    pub payload: Binary<'a>,
    /// With which QoS.
    pub qos: QoS,
    /// Whether the server keeps it as the topic's retained message.
    pub retain: bool,
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

    /// Puts the packet.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn encode<O: Output>(&self, out: &mut O) -> Result<(), O::Error> {
        put_fixed_header(first_byte::CONNECT, self.remaining_length(), out)?;
        out.put(&self.variable_header())?;
        // The order is that of [MQTT-3.1.3-1]; the identifier is always there [MQTT-3.1.3-3].
        self.client_id.encode(out)?;
        if let Some(will) = &self.will {
            // [MQTT-3.1.2-9]
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
        let [p0, p1, p2, p3, p4, p5, p6] = PROTOCOL;
        let [high, low] = self.keep_alive.to_be_bytes();
        [p0, p1, p2, p3, p4, p5, p6, self.flags(), high, low]
    }

    fn flags(&self) -> u8 {
        let mut flags = 0;
        // [MQTT-3.1.3-7]
        if self.clean_session || self.client_id.as_str().is_empty() {
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

    /// At most five fields of 65537 bytes, so always below the limit of a remaining length.
    fn remaining_length(&self) -> usize {
        let mut len = self
            .client_id
            .encoded_len()
            .saturating_add(VARIABLE_HEADER_LEN);
        if let Some(will) = &self.will {
            len = len
                .saturating_add(will.topic.encoded_len())
                .saturating_add(will.payload.encoded_len());
        }
        if let Some(credentials) = &self.credentials {
            len = len
                .saturating_add(credentials.username.encoded_len())
                .saturating_add(credentials.password.map_or(0, Binary::encoded_len));
        }
        len
    }
}
