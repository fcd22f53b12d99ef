//! The check of a saved session: its sum first, then each item as it is taken out.

use crate::codec::{
    MAX_REMAINING_LENGTH, PacketId, QoS, SubscriptionOptions, TopicFilter, TopicName, Utf8String,
    Version, properties_len,
};
use crate::limits::{IN_FLIGHT, INCOMING_QOS2};

use super::{
    END, FILTER, KIND, MORE, PUBLISHED, QOS, QUEUED, RECEIVED, RELEASED, RETAIN, SavedError,
    SavedFilter, SavedItem, SavedMessage, check_sum,
};

/// Bytes of a PUBLISH besides topic, properties and payload: two lengths, of which the fixed header's is not
/// counted, and the packet identifier.
const PUBLISH_OVERHEAD: usize = 4;

/// A saved session whose check sum is right.
#[derive(Clone, Copy, Debug)]
pub struct SavedSession<'a> {
    /// The version of the protocol.
    pub version: Version,
    /// The client identifier.
    pub client_id: &'a str,
    /// The packet identifier that is looked at first for the next packet.
    pub(in crate::session) next: PacketId,
    items: &'a [u8],
}

impl<'a> SavedSession<'a> {
    /// Checks the sum of `state`, and its beginning.
    ///
    /// # Errors
    ///
    /// [`SavedError::Damaged`], [`SavedError::Version`].
    pub fn parse(state: &'a [u8]) -> Result<Self, SavedError> {
        let (bytes, sum) = state.split_last_chunk().ok_or(SavedError::Damaged)?;
        if check_sum(bytes) != *sum {
            return Err(SavedError::Damaged);
        }
        let mut rest = Bytes(bytes);
        let version = match rest.number()? {
            [1] => Version::V3_1_1,
            #[cfg(feature = "v5")]
            [2] => Version::V5,
            _ => return Err(SavedError::Version),
        };
        let client_id = rest.text()?;
        Utf8String::new(client_id).map_err(|_| SavedError::Damaged)?;
        let next = rest.id()?;
        Ok(Self {
            version,
            client_id,
            next,
            items: rest.0,
        })
    }

    /// The items. The first error ends them, and the whole session is damaged then, or too much.
    pub fn items(&self) -> impl Iterator<Item = Result<SavedItem<'a>, SavedError>> + use<'a> {
        let mut items = Some(Items {
            rest: Bytes(self.items),
            version: self.version,
            window: heapless::Vec::new(),
            received: 0,
            order: 0,
        });
        core::iter::from_fn(move || {
            let item = items.as_mut()?.next().transpose();
            items.take_if(|_| !matches!(item, Some(Ok(_))));
            item
        })
    }
}

/// The items that have not been taken out.
struct Items<'a> {
    rest: Bytes<'a>,
    version: Version,
    /// The packet identifiers in flight so far.
    window: heapless::Vec<PacketId, IN_FLIGHT>,
    /// The number of incoming messages so far.
    received: usize,
    /// The place of the last item in the order of their kinds.
    order: u8,
}

impl<'a> Items<'a> {
    /// The next item; `None` at the end.
    fn next(&mut self) -> Result<Option<SavedItem<'a>>, SavedError> {
        let Some(item) = self.rest.item(self.version)? else {
            let is_whole = self.rest.0.is_empty();
            return is_whole.then_some(None).ok_or(SavedError::Damaged);
        };
        let place = match item {
            SavedItem::Published(id, ..) | SavedItem::Released(id) => {
                if self.window.contains(&id) {
                    return Err(SavedError::Damaged);
                }
                self.window.push(id).map_err(|_| SavedError::TooMuch)?;
                0
            }
            SavedItem::Queued(..) => 1,
            SavedItem::Received(_) => {
                self.received = self.received.saturating_add(1);
                if self.received > INCOMING_QOS2 {
                    return Err(SavedError::TooMuch);
                }
                2
            }
            SavedItem::Filter(..) => 3,
        };
        if place < self.order {
            return Err(SavedError::Damaged);
        }
        self.order = place;
        Ok(Some(item))
    }
}

/// Bytes that have not been looked at.
pub(super) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], SavedError> {
        let (front, rest) = self.0.split_at_checked(len).ok_or(SavedError::Damaged)?;
        self.0 = rest;
        Ok(front)
    }

    pub(super) fn number<const N: usize>(&mut self) -> Result<[u8; N], SavedError> {
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

    /// Bytes behind their length.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], SavedError> {
        let len = u32::from_be_bytes(self.number()?);
        self.take(usize::try_from(len).map_err(|_| SavedError::Damaged)?)
    }

    fn message(&mut self, version: Version, flags: u8) -> Result<SavedMessage<'a>, SavedError> {
        let topic = self.text()?;
        TopicName::new(topic).map_err(|_| SavedError::Damaged)?;
        let properties = match flags & MORE {
            #[cfg(feature = "v5")]
            MORE => self.properties()?,
            _ => None,
        };
        let payload = self.bytes()?;
        let sent = properties.or(version.no_properties());
        let packet = payload
            .len()
            .saturating_add(topic.len())
            .saturating_add(properties_len(sent));
        if packet.saturating_add(PUBLISH_OVERHEAD) > MAX_REMAINING_LENGTH {
            return Err(SavedError::Damaged);
        }
        Ok(SavedMessage {
            topic,
            properties,
            payload,
            retain: flags & RETAIN != 0,
        })
    }

    fn filter(&mut self, flags: u8) -> Result<SavedFilter<'a>, SavedError> {
        let filter = TopicFilter::new(self.text()?).map_err(|_| SavedError::Damaged)?;
        let (options, properties) = match flags & MORE {
            #[cfg(feature = "v5")]
            MORE => self.options(filter)?,
            _ => (SubscriptionOptions::default(), None),
        };
        Ok(SavedFilter {
            text: filter.as_str(),
            options,
            properties,
        })
    }

    /// The next item of a session of `version`; `None` at the end.
    fn item(&mut self, version: Version) -> Result<Option<SavedItem<'a>>, SavedError> {
        let [first] = self.number()?;
        if first & MORE != 0 && !version.is_5() {
            return Err(SavedError::Damaged);
        }
        let qos = QoS::from_bits(first & QOS).ok_or(SavedError::Damaged)?;
        let acked = || qos.acked().ok_or(SavedError::Damaged);
        Ok(Some(match first & KIND {
            PUBLISHED => {
                let id = self.id()?;
                SavedItem::Published(id, acked()?, self.message(version, first)?)
            }
            QUEUED => SavedItem::Queued(acked()?, self.message(version, first)?),
            FILTER if first & RETAIN == 0 => SavedItem::Filter(self.filter(first)?, qos),
            RELEASED if first == RELEASED => SavedItem::Released(self.id()?),
            RECEIVED if first == RECEIVED => SavedItem::Received(self.id()?),
            _ if first == END => return Ok(None),
            _ => return Err(SavedError::Damaged),
        }))
    }
}
