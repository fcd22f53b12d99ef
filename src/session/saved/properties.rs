//! The part of a saved session that only MQTT 5 has: properties and options, checked as those of a packet.

use crate::codec::{Place, Properties, PropertyId, SubscriptionOptions, TopicFilter};

use super::SavedError;
use super::read::Bytes;

impl<'a> Bytes<'a> {
    /// The properties of a message. The alias of its topic is none of them: that belongs to a connection.
    pub(super) fn properties(&mut self) -> Result<Option<Properties<'a>>, SavedError> {
        let properties = self.block(Place::Publish)?;
        let has_alias = properties.get(PropertyId::TOPIC_ALIAS).is_some();
        if has_alias {
            return Err(SavedError::Damaged);
        }
        Ok(Some(properties))
    }

    /// The options and the properties of the SUBSCRIBE with `filter`.
    pub(super) fn options(
        &mut self,
        filter: TopicFilter<'_>,
    ) -> Result<(SubscriptionOptions, Option<Properties<'a>>), SavedError> {
        let [bits] = self.number()?;
        let options = SubscriptionOptions::from_bits(bits, filter).ok_or(SavedError::Damaged)?;
        Ok((options, Some(self.block(Place::Subscribe)?)))
    }

    fn block(&mut self, place: Place) -> Result<Properties<'a>, SavedError> {
        Properties::new(self.bytes()?, place).map_err(|_| SavedError::Damaged)
    }
}
