//! `set_version`.

use crate::codec::{Place, PropertyId, Version};
use crate::limits::{INCOMING_QOS2, TOPIC_ALIASES};
use crate::micropython::Obj;
use crate::module::args::{Fault, parameter};
use crate::module::client::Client;
use crate::module::error::{Error, Reason, Result};
use crate::module::properties::{Block, Draft, needs_version_5, of_dict};

/// The session lasts until the program ends it (section 3.1.2.11.2).
const FOR_EVER: u32 = u32::MAX;

/// Incoming messages of QoS 1 and 2 that may be open at once: those of QoS 2 need a place in a table.
const MOST_INCOMING: u16 = if INCOMING_QOS2 < 65535 {
    INCOMING_QOS2 as u16
} else {
    u16::MAX
};

/// The properties that `set_version` takes, in the order of its parameters.
static OPTIONS: [PropertyId; 9] = [
    PropertyId::SESSION_EXPIRY_INTERVAL,
    PropertyId::RECEIVE_MAXIMUM,
    PropertyId::MAXIMUM_PACKET_SIZE,
    PropertyId::TOPIC_ALIAS_MAXIMUM,
    PropertyId::REQUEST_RESPONSE_INFORMATION,
    PropertyId::REQUEST_PROBLEM_INFORMATION,
    PropertyId::USER_PROPERTY,
    PropertyId::AUTHENTICATION_METHOD,
    PropertyId::AUTHENTICATION_DATA,
];

impl Client {
    /// Speaks `version` from the next connection on. `given` are the properties of a CONNECT of MQTT 5, those of
    /// [`OPTIONS`]: each the program's, or `None`.
    ///
    /// # Errors
    ///
    /// `TypeError` or `ValueError` for a property; [`Reason::AlreadyConnected`]; `MemoryError`.
    pub fn set_version(&self, version: Version, given: [Obj; OPTIONS.len()]) -> Result<()> {
        let is_clean = self.session.lock().is_clean();
        let mut draft = Draft::new(Block::EMPTY, Place::Connect);
        for (&id, value) in OPTIONS.iter().zip(given) {
            let value = match id {
                _ if !value.is_none() && !version.is_5() => return Err(needs_version_5(id)),
                _ if !value.is_none() => value,
                // As in MQTT 3.1.1, a session that is not clean is kept.
                PropertyId::SESSION_EXPIRY_INTERVAL if !is_clean => Obj::from_u32(FOR_EVER)?,
                PropertyId::RECEIVE_MAXIMUM if MOST_INCOMING < u16::MAX => {
                    Obj::from_u16(MOST_INCOMING)
                }
                _ => continue,
            };
            draft.add(id, value);
        }
        let block = draft.finish()?;
        let number = |id, otherwise| block.properties().number(id).unwrap_or(otherwise);
        let aliases = number(PropertyId::TOPIC_ALIAS_MAXIMUM, 0);
        if aliases as usize > TOPIC_ALIASES {
            return Err(parameter!(topic_alias_maximum).refuse(Fault::OutOfRange));
        }
        let incoming = number(PropertyId::RECEIVE_MAXIMUM, MOST_INCOMING.into());
        if incoming > MOST_INCOMING.into() {
            return Err(parameter!(receive_maximum).refuse(Fault::OutOfRange));
        }
        let mut session = self.session.lock();
        if !session.is_down() {
            return Err(Error::because(Reason::AlreadyConnected));
        }
        session.set_version(version);
        session.set_topic_alias_maximum(aliases as u16);
        session.set_receive_maximum(incoming as u16);
        drop(session);
        self.settings.lock().properties = block;
        Ok(())
    }

    /// Takes the properties of a call for a packet of the kind `place`, or `None`.
    ///
    /// # Errors
    ///
    /// As [`of_dict`]; `ValueError` with MQTT 3.1.1, which has no properties.
    pub fn properties_of(&self, given: Obj, place: Place) -> Result<Block> {
        if given.is_none() {
            return Ok(Block::EMPTY);
        }
        if !self.version().is_5() {
            return Err(parameter!(properties).refuse(Fault::NeedsVersion5));
        }
        of_dict(given, place)
    }
}
