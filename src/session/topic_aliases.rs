//! Topic aliases of MQTT 5: numbers that stand for topic names on one connection (section 3.3.2.3.4 of its
//! standard).

use core::num::NonZeroU16;

use heapless::Vec;

use crate::codec::{Alias, Properties, PropertyId};
use crate::limits::TOPIC_ALIASES;

use super::{Application, Error, Session};

/// The topic names that have an alias in packets to the broker. The alias of an entry is its place, from 1.
#[derive(Debug)]
pub(super) struct TopicAliases<T> {
    topics: Vec<T, TOPIC_ALIASES>,
    /// The entry that the next new topic name replaces, when the table is full.
    oldest: usize,
}

impl<T: Clone> TopicAliases<T> {
    pub(super) const fn new() -> Self {
        Self {
            topics: Vec::new(),
            oldest: 0,
        }
    }

    /// A new connection begins without aliases [MQTT5-3.3.2-7].
    pub(super) fn clear(&mut self) {
        super::table::retain(&mut self.topics, |_| false);
        self.oldest = 0;
    }

    /// The alias of `topic`, of at most `maximum` ones; `None` if there may be none.
    ///
    /// A topic name without one takes the place of that which has had its own for the longest time, so that
    /// the topic names of the program's present work become short.
    fn of(&mut self, topic: &T, maximum: u16, are_same: impl Fn(&T, &T) -> bool) -> Option<Alias> {
        let room = usize::from(maximum).min(TOPIC_ALIASES);
        if room == 0 {
            return None;
        }
        let found = self.topics.iter().position(|known| are_same(known, topic));
        let place = match found {
            Some(place) => place,
            None if self.topics.len() < room => {
                let _ = self.topics.push(topic.clone());
                self.topics.len().saturating_sub(1)
            }
            None => {
                let place = self.oldest;
                *self.topics.get_mut(place)? = topic.clone();
                self.oldest = if place.saturating_add(1) < room {
                    place.saturating_add(1)
                } else {
                    0
                };
                place
            }
        };
        Some(Alias {
            number: NonZeroU16::MIN.saturating_add(place as u16),
            is_known: found.is_some(),
        })
    }
}

impl<A: Application> Session<A> {
    /// The alias for the topic name of a PUBLISH that the caller writes at once; `None` if the broker allows
    /// none. If nothing of the packet leaves, the caller says so with [`Self::forget_topic_aliases`].
    pub fn topic_alias(&mut self, topic: &A::Filter) -> Option<Alias> {
        let maximum = self.terms.topic_alias_maximum();
        self.topic_aliases.of(topic, maximum, A::have_same_text)
    }

    /// Forgets all aliases, because the broker may not have been told of one. The next packets tell it again.
    pub fn forget_topic_aliases(&mut self) {
        self.topic_aliases.clear();
    }

    /// Sets the Topic Alias Maximum that the next CONNECT tells the broker; 0: it may use no aliases.
    pub fn set_topic_alias_maximum(&mut self, maximum: u16) {
        self.topic_alias_maximum = maximum;
    }

    /// Sets the Receive Maximum that the next CONNECT tells the broker: so many QoS 2 messages may be open at
    /// once [MQTT5-3.3.4-9].
    pub fn set_receive_maximum(&mut self, maximum: u16) {
        self.incoming.set_most(maximum);
    }

    /// The alias in a message of the broker's.
    ///
    /// # Errors
    ///
    /// [`Error::TopicAlias`]: it is larger than the broker was told [MQTT5-3.1.2-26].
    pub(super) fn incoming_alias(
        &self,
        properties: Option<Properties<'_>>,
    ) -> Result<Option<NonZeroU16>, Error> {
        let number = properties.and_then(|block| block.number(PropertyId::TOPIC_ALIAS));
        // A value of two bytes, and not 0: the codec has checked it.
        let alias = number.and_then(|number| NonZeroU16::new(number as u16));
        match alias {
            Some(alias) if alias.get() > self.topic_alias_maximum => Err(Error::TopicAlias),
            alias => Ok(alias),
        }
    }
}
