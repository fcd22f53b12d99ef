//! The topic aliases of a broker of MQTT 5: numbers that stand for topic names on one connection.

use core::num::NonZeroU16;

use crate::limits::TOPIC_ALIASES;
use crate::micropython::{Text, take_and_zero};
use crate::module::error::Result;
use crate::session;

/// The topic names, each at the place of its alias.
pub struct Aliases([Option<Text>; TOPIC_ALIASES]);

impl Aliases {
    /// No names.
    pub const NONE: Self = Self([None; TOPIC_ALIASES]);

    /// Forgets all names: a new connection begins without [MQTT5-3.3.2-7].
    pub fn clear(&mut self) {
        for name in &mut self.0 {
            take_and_zero(name);
        }
    }

    /// Notes `topic`, if the packet has one, for `alias`. The topic name that the alias stands for.
    ///
    /// # Errors
    ///
    /// [`session::Error::TopicAlias`]: it stands for none.
    // [MQTT5-3.3.2-10] every alias up to the maximum that the client has told is taken.
    pub fn resolve(&mut self, alias: NonZeroU16, topic: Option<Text>) -> Result<Option<Text>> {
        let place = usize::from(alias.get()).saturating_sub(1);
        let name = self.0.get_mut(place).ok_or(session::Error::TopicAlias)?;
        if topic.is_some() {
            *name = topic;
        }
        Ok(Some(name.ok_or(session::Error::TopicAlias)?))
    }
}
