//! A session as bytes, for a memory that outlives the power: their format, and the check of bytes from
//! such a memory.
//!
//! All numbers are big-endian; a text or a client identifier has its length in two bytes before it, a
//! payload in four. The state begins with the version ([`VERSION`]), the client identifier and the next
//! packet identifier. Items follow, in the order of their kinds, then a zero, then the CRC-32 (that of
//! Ethernet) of all these bytes.
//!
//! | first byte of an item | item | its bytes |
//! |---|---|---|
//! | `0x10` + flags | a message whose PUBACK or PUBREC has not come | packet identifier, topic, payload |
//! | `0x20` | a message whose PUBCOMP has not come | packet identifier |
//! | `0x30` + flags | a message in the outbox | topic, payload |
//! | `0x40` | an incoming QoS 2 message that the application has had | packet identifier |
//! | `0x50` + QoS | a topic filter that the broker has granted | the filter |
//!
//! The flags of a message are its QoS, and 4 for RETAIN. Messages stand in the order in which they are sent
//! again; those of the first two kinds may alternate.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

use crate::codec::{
    AckedQos, MAX_REMAINING_LENGTH, PacketId, QoS, TopicFilter, TopicName, Utf8String,
};
use crate::limits::{IN_FLIGHT, INCOMING_QOS2};

/// The version of the format.
pub const VERSION: u8 = 1;

const PUBLISHED: u8 = 0x10;
const RELEASED: u8 = 0x20;
const QUEUED: u8 = 0x30;
const RECEIVED: u8 = 0x40;
const FILTER: u8 = 0x50;
const END: u8 = 0;

const KIND: u8 = 0xF0;
const QOS: u8 = 0x03;
const RETAIN: u8 = 0x04;
const UNUSED: u8 = 0x08;

/// Bytes of a PUBLISH besides topic and payload: two lengths, of which the fixed header's is not counted,
/// and the packet identifier.
const PUBLISH_OVERHEAD: usize = 4;

/// Bytes of the check sum.
pub(super) const SUM_LEN: usize = 4;

/// The check sum, bit by bit: a table would take 1 kB.
const SUM: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// The reason why bytes are no saved session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedError {
    /// Bytes are missing or wrong.
    Damaged,
    /// Another version of this library has saved it.
    Version,
    /// It has more than this build has room for.
    TooMuch,
}

/// A message of a saved session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedMessage<'a> {
    /// The topic name.
    pub topic: &'a str,
    /// The payload.
    pub payload: &'a [u8],
    /// The RETAIN flag.
    pub retain: bool,
}

/// An item of a saved session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedItem<'a> {
    /// A message whose PUBACK or PUBREC has not come.
    Published(PacketId, AckedQos, SavedMessage<'a>),
    /// A QoS 2 message whose PUBCOMP has not come.
    Released(PacketId),
    /// A message in the outbox.
    Queued(AckedQos, SavedMessage<'a>),
    /// An incoming QoS 2 message that the application has had.
    Received(PacketId),
    /// A topic filter that the broker has granted.
    Filter(&'a str, QoS),
}

/// Puts a session together, item by item, in the order of their kinds.
pub(super) struct Writer<'a> {
    put: &'a mut dyn FnMut(&[u8]),
}

impl<'a> Writer<'a> {
    /// Puts the front of a state.
    pub(super) fn begin(put: &'a mut dyn FnMut(&[u8]), client_id: &str, next: PacketId) -> Self {
        let mut writer = Self { put };
        (writer.put)(&[VERSION]);
        writer.text(client_id);
        (writer.put)(&next.get().to_be_bytes());
        writer
    }

    /// Puts an item.
    pub(super) fn item(&mut self, item: SavedItem<'_>) {
        match item {
            SavedItem::Published(id, qos, message) => {
                (self.put)(&[PUBLISHED | flags(qos, message)]);
                (self.put)(&id.get().to_be_bytes());
                self.message(message);
            }
            SavedItem::Released(id) => self.id(RELEASED, id),
            SavedItem::Queued(qos, message) => {
                (self.put)(&[QUEUED | flags(qos, message)]);
                self.message(message);
            }
            SavedItem::Received(id) => self.id(RECEIVED, id),
            SavedItem::Filter(filter, qos) => {
                (self.put)(&[FILTER | qos.bits()]);
                self.text(filter);
            }
        }
    }

    /// Puts the end of the items. The check sum comes behind it.
    pub(super) fn end(self) {
        (self.put)(&[END]);
    }

    fn id(&mut self, kind: u8, id: PacketId) {
        (self.put)(&[kind]);
        (self.put)(&id.get().to_be_bytes());
    }

    fn message(&mut self, message: SavedMessage<'_>) {
        self.text(message.topic);
        // At most MAX_REMAINING_LENGTH.
        (self.put)(&(message.payload.len() as u32).to_be_bytes());
        (self.put)(message.payload);
    }

    /// `text` has at most 65,535 bytes, as every text of MQTT.
    fn text(&mut self, text: &str) {
        (self.put)(&(text.len() as u16).to_be_bytes());
        (self.put)(text.as_bytes());
    }
}

fn flags(qos: AckedQos, message: SavedMessage<'_>) -> u8 {
    qos as u8 | if message.retain { RETAIN } else { 0 }
}

/// The check sum of `bytes`, which stands behind them.
pub(super) fn check_sum(bytes: &[u8]) -> [u8; SUM_LEN] {
    SUM.checksum(bytes).to_be_bytes()
}

/// Puts the check sum behind the bytes that [`Session::save`](super::Session::save) has filled in. It takes
/// the longer part of the time, and needs no session.
pub fn seal(state: &mut [u8]) {
    if let Some((bytes, sum)) = state.split_last_chunk_mut() {
        *sum = check_sum(bytes);
    }
}

/// A saved session whose bytes are in order.
#[derive(Clone, Copy, Debug)]
pub struct SavedSession<'a> {
    /// The client identifier.
    pub client_id: &'a str,
    /// The packet identifier that is looked at first for the next packet.
    pub(super) next: PacketId,
    items: &'a [u8],
}

impl<'a> SavedSession<'a> {
    /// Checks `state`, all of it.
    ///
    /// # Errors
    ///
    /// Any [`SavedError`].
    pub fn parse(state: &'a [u8]) -> Result<Self, SavedError> {
        let (bytes, sum) = state.split_last_chunk().ok_or(SavedError::Damaged)?;
        if check_sum(bytes) != *sum {
            return Err(SavedError::Damaged);
        }
        let mut rest = Bytes(bytes);
        if rest.number()? != [VERSION] {
            return Err(SavedError::Version);
        }
        let client_id = rest.text()?;
        Utf8String::new(client_id).map_err(|_| SavedError::Damaged)?;
        let next = rest.id()?;
        let saved = Self {
            client_id,
            next,
            items: rest.0,
        };
        saved.check()?;
        Ok(saved)
    }

    /// The items.
    pub fn items(&self) -> impl Iterator<Item = SavedItem<'a>> + use<'a> {
        let mut rest = Bytes(self.items);
        core::iter::from_fn(move || rest.item().ok().flatten())
    }

    /// Checks all items.
    fn check(&self) -> Result<(), SavedError> {
        let mut rest = Bytes(self.items);
        let (mut window, mut received) = (heapless::Vec::<PacketId, IN_FLIGHT>::new(), 0_usize);
        let mut order = 0;
        while let Some(item) = rest.item()? {
            let place = match item {
                SavedItem::Published(id, ..) | SavedItem::Released(id) => {
                    if window.contains(&id) {
                        return Err(SavedError::Damaged);
                    }
                    window.push(id).map_err(|_| SavedError::TooMuch)?;
                    0
                }
                SavedItem::Queued(..) => 1,
                SavedItem::Received(_) => {
                    received = received.saturating_add(1);
                    2
                }
                SavedItem::Filter(..) => 3,
            };
            if place < order {
                return Err(SavedError::Damaged);
            }
            order = place;
        }
        if received > INCOMING_QOS2 {
            return Err(SavedError::TooMuch);
        }
        rest.0.is_empty().then_some(()).ok_or(SavedError::Damaged)
    }
}

/// Bytes that have not been looked at.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], SavedError> {
        let (front, rest) = self.0.split_at_checked(len).ok_or(SavedError::Damaged)?;
        self.0 = rest;
        Ok(front)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], SavedError> {
        let (front, rest) = self.0.split_first_chunk().ok_or(SavedError::Damaged)?;
        self.0 = rest;
        Ok(*front)
    }

    fn id(&mut self) -> Result<PacketId, SavedError> {
        PacketId::new(u16::from_be_bytes(self.number()?)).ok_or(SavedError::Damaged)
    }

    fn text(&mut self) -> Result<&'a str, SavedError> {
        let len = u16::from_be_bytes(self.number()?);
        core::str::from_utf8(self.take(len.into())?).map_err(|_| SavedError::Damaged)
    }

    fn message(&mut self, flags: u8) -> Result<SavedMessage<'a>, SavedError> {
        let topic = self.text()?;
        TopicName::new(topic).map_err(|_| SavedError::Damaged)?;
        let len = u32::from_be_bytes(self.number()?);
        let payload = self.take(usize::try_from(len).map_err(|_| SavedError::Damaged)?)?;
        let packet = payload.len().saturating_add(topic.len());
        if packet.saturating_add(PUBLISH_OVERHEAD) > MAX_REMAINING_LENGTH {
            return Err(SavedError::Damaged);
        }
        Ok(SavedMessage {
            topic,
            payload,
            retain: flags & RETAIN != 0,
        })
    }

    /// The next item; `None` at the end.
    fn item(&mut self) -> Result<Option<SavedItem<'a>>, SavedError> {
        let [first] = self.number()?;
        if first & UNUSED != 0 {
            return Err(SavedError::Damaged);
        }
        let qos = QoS::from_bits(first & QOS).ok_or(SavedError::Damaged)?;
        let acked = || qos.acked().ok_or(SavedError::Damaged);
        Ok(Some(match first & KIND {
            PUBLISHED => {
                let id = self.id()?;
                SavedItem::Published(id, acked()?, self.message(first)?)
            }
            QUEUED => SavedItem::Queued(acked()?, self.message(first)?),
            FILTER if first & RETAIN == 0 => {
                let filter = self.text()?;
                TopicFilter::new(filter).map_err(|_| SavedError::Damaged)?;
                SavedItem::Filter(filter, qos)
            }
            RELEASED if first == RELEASED => SavedItem::Released(self.id()?),
            RECEIVED if first == RECEIVED => SavedItem::Received(self.id()?),
            _ if first == END => return Ok(None),
            _ => return Err(SavedError::Damaged),
        }))
    }
}
