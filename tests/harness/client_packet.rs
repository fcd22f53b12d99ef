//! A client as the broker sees it: the packets that clients send, decoded strictly.

use std::string::String;
use std::vec::Vec;

use mqtt::codec::Version;

/// A packet from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientPacket {
    Connect(Connect),
    Publish(Publish),
    PubAck(u16),
    PubRec(u16),
    PubRel(u16),
    PubComp(u16),
    Subscribe { id: u16, filter: String, qos: u8 },
    Unsubscribe { id: u16, filter: String },
    PingReq,
    Disconnect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    pub client_id: String,
    pub clean_session: bool,
    pub keep_alive: u16,
    pub will: Option<Will>,
    pub username: Option<String>,
    pub password: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Will {
    pub topic: String,
    pub payload: Vec<u8>,
    pub qos: u8,
    pub retain: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// 0 with QoS 0.
    pub id: u16,
    pub qos: u8,
    pub dup: bool,
    pub retain: bool,
    pub topic: String,
    /// The block of properties of MQTT 5, as bytes.
    pub properties: Vec<u8>,
    pub payload: Vec<u8>,
}

/// Takes the packet at the front of `bytes` out of them; `None` while it is not all there.
///
/// Panics at bytes that a client must not send. The properties of MQTT 5 are not checked.
pub fn take(version: Version, bytes: &mut Vec<u8>) -> Option<ClientPacket> {
    let (&first_byte, rest) = bytes.split_first()?;
    let mut remaining_length = 0;
    let mut header_len = 1;
    for (shift, byte) in [0, 7, 14, 21]
        .into_iter()
        .zip(rest.iter().map(Some).chain([None]))
    {
        let byte = usize::from(*byte?);
        remaining_length |= (byte & 0x7F) << shift;
        header_len += 1;
        if byte & 0x80 == 0 {
            break;
        }
        assert!(shift < 21, "a remaining length of more than four bytes");
    }
    let body = bytes.get(header_len..header_len + remaining_length)?;
    let packet = decode(version, first_byte, Fields(body));
    bytes.drain(..header_len + remaining_length);
    Some(packet)
}

/// Takes all packets out of `bytes`, which end with the last of them.
pub fn take_all(version: Version, bytes: &mut Vec<u8>) -> Vec<ClientPacket> {
    let packets = std::iter::from_fn(|| take(version, bytes)).collect();
    assert_eq!(*bytes, [], "a packet that does not end");
    packets
}

fn decode(version: Version, first_byte: u8, mut fields: Fields<'_>) -> ClientPacket {
    let packet = match first_byte {
        0x10 => ClientPacket::Connect(connect(version, &mut fields)),
        0x30..=0x3F => ClientPacket::Publish(publish(version, first_byte, &mut fields)),
        0x40 => ClientPacket::PubAck(fields.id()),
        0x50 => ClientPacket::PubRec(fields.id()),
        0x62 => ClientPacket::PubRel(fields.id()),
        0x70 => ClientPacket::PubComp(fields.id()),
        0x82 => ClientPacket::Subscribe {
            id: fields.id(),
            filter: fields.behind_properties(version).string(),
            qos: fields.byte(),
        },
        0xA2 => ClientPacket::Unsubscribe {
            id: fields.id(),
            filter: fields.behind_properties(version).string(),
        },
        0xC0 => ClientPacket::PingReq,
        0xE0 => ClientPacket::Disconnect,
        _ => panic!("a client does not send {first_byte:#x}"),
    };
    assert_eq!(fields.0, [], "bytes behind the last field of {packet:?}");
    packet
}

fn connect(version: Version, fields: &mut Fields<'_>) -> Connect {
    assert_eq!(fields.binary(), b"MQTT");
    assert_eq!(fields.byte(), version.level(), "protocol level");
    let flags = fields.byte();
    let flag = |bit: u8| flags & 1 << bit != 0;
    assert!(!flag(0), "the reserved flag");
    let keep_alive = fields.number();
    let client_id = fields.behind_properties(version).string();
    let will = flag(2).then(|| Will {
        topic: fields.behind_properties(version).string(),
        payload: fields.binary().to_vec(),
        qos: flags >> 3 & 3,
        retain: flag(5),
    });
    assert!(
        will.is_some() || flags & 0b0011_1000 == 0,
        "flags of no Will"
    );
    Connect {
        client_id,
        clean_session: flag(1),
        keep_alive,
        will,
        username: flag(7).then(|| fields.string()),
        password: flag(6).then(|| fields.binary().to_vec()),
    }
}

fn publish(version: Version, first_byte: u8, fields: &mut Fields<'_>) -> Publish {
    let qos = first_byte >> 1 & 3;
    assert!(qos < 3, "QoS 3");
    Publish {
        topic: fields.string(),
        id: if qos > 0 { fields.id() } else { 0 },
        qos,
        dup: first_byte & 8 != 0,
        retain: first_byte & 1 != 0,
        properties: fields.properties(version).to_vec(),
        payload: core::mem::take(&mut fields.0).to_vec(),
    }
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (front, rest) = self.0.split_at_checked(n).expect("a field is missing");
        self.0 = rest;
        front
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn number(&mut self) -> u16 {
        u16::from_be_bytes(self.take(2).try_into().unwrap())
    }

    fn id(&mut self) -> u16 {
        let id = self.number();
        assert_ne!(id, 0, "packet identifier 0");
        id
    }

    fn binary(&mut self) -> &'a [u8] {
        let len = self.number();
        self.take(len.into())
    }

    /// The properties of MQTT 5; none of MQTT 3.1.1.
    fn properties(&mut self, version: Version) -> &'a [u8] {
        if !version.is_5() {
            return &[];
        }
        let len = self.byte();
        assert!(len < 0x80, "a client of these tests has few properties");
        self.take(len.into())
    }

    /// Leaves out the properties of MQTT 5.
    fn behind_properties(&mut self, version: Version) -> &mut Self {
        self.properties(version);
        self
    }

    fn string(&mut self) -> String {
        String::from_utf8(self.binary().to_vec()).expect("UTF-8")
    }
}
