//! A session that is saved, item by item.

use crate::codec::{AckedQos, PacketId, Properties, QoS, Version};

use super::{
    END, FILTER, MORE, PUBLISHED, QUEUED, RECEIVED, RELEASED, RETAIN, SavedFilter, SavedItem,
    SavedMessage, format_of,
};

/// Puts a session together, item by item, in the order of their kinds.
pub struct Writer<'a> {
    put: &'a mut dyn FnMut(&[u8]),
}

impl<'a> Writer<'a> {
    /// Puts the front of a state. The items are those of a session of `version`.
    pub fn begin(
        put: &'a mut dyn FnMut(&[u8]),
        version: Version,
        client_id: &str,
        next: PacketId,
    ) -> Self {
        let mut writer = Self { put };
        (writer.put)(&[format_of(version)]);
        writer.text(client_id);
        (writer.put)(&next.get().to_be_bytes());
        writer
    }

    /// Puts an item.
    pub fn item(&mut self, item: SavedItem<'_>) {
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
            SavedItem::Filter(filter, qos) => self.filter(filter, qos),
        }
    }

    /// Puts the end of the items. The check sum comes behind it.
    pub fn end(self) {
        (self.put)(&[END]);
    }

    fn id(&mut self, kind: u8, id: PacketId) {
        (self.put)(&[kind]);
        (self.put)(&id.get().to_be_bytes());
    }

    fn message(&mut self, message: SavedMessage<'_>) {
        self.text(message.topic);
        let block = bytes_of(message.properties);
        if !block.is_empty() {
            self.bytes(block);
        }
        self.bytes(message.payload);
    }

    fn filter(&mut self, filter: SavedFilter<'_>, qos: QoS) {
        let (options, block) = (filter.options.bits(), bytes_of(filter.properties));
        let more = options != 0 || !block.is_empty();
        (self.put)(&[FILTER | qos.bits() | if more { MORE } else { 0 }]);
        self.text(filter.text);
        if more {
            (self.put)(&[options]);
            self.bytes(block);
        }
    }

    /// `text` has at most 65,535 bytes, as every text of MQTT.
    fn text(&mut self, text: &str) {
        (self.put)(&(text.len() as u16).to_be_bytes());
        (self.put)(text.as_bytes());
    }

    /// `bytes` are at most `MAX_REMAINING_LENGTH`.
    fn bytes(&mut self, bytes: &[u8]) {
        (self.put)(&(bytes.len() as u32).to_be_bytes());
        (self.put)(bytes);
    }
}

fn flags(qos: AckedQos, message: SavedMessage<'_>) -> u8 {
    let mut flags = qos as u8;
    if message.retain {
        flags |= RETAIN;
    }
    if !bytes_of(message.properties).is_empty() {
        flags |= MORE;
    }
    flags
}

/// The bytes of the properties: none of a session of MQTT 3.1.1.
fn bytes_of(properties: Option<Properties<'_>>) -> &[u8] {
    properties.map_or(&[], Properties::as_bytes)
}
