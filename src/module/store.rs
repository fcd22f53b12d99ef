//! `save`, `restore`, `set_store`: sessions that outlive the power.
//!
//! The context with the role of writer calls the function of `set_store` before it gives bytes to the
//! network, whenever the session has changed since the last time. So one call follows the other, and no
//! packet leaves before the change that it depends on is stored (see the table in `session/save.rs`).

use crate::micropython::{Buffer, GcVec, Immutable, MutexGuard, Obj, Text, UnfilledBytes};
use crate::session::saved::{SavedError, SavedItem, SavedMessage, SavedSession, seal};
use crate::session::{Restored, Session};

use super::application::{Filter, Kept, Python};
use super::args::{Fault, parameter};
use super::client::Client;
use super::error::Result;
use super::outbox;
use super::properties::Block;
use super::writer::flush_output;

impl Client {
    /// The session as bytes.
    ///
    /// # Errors
    ///
    /// `ValueError`: the session is clean. `MemoryError`.
    pub fn save(&self) -> Result<Obj> {
        self.has_session()?;
        Ok(self.saved()?.obj())
    }

    /// Takes over a saved session, before the first connection.
    ///
    /// # Errors
    ///
    /// `TypeError` or `ValueError`: `state` is not the saved session of this client, or this client is not
    /// new. `MemoryError`. The client is as before then.
    pub fn restore(&self, state: Obj) -> Result<()> {
        self.has_session()?;
        let refuse = |fault| parameter!(state).refuse(fault);
        let buffer = Buffer::of(state)?.ok_or_else(|| refuse(Fault::NotText))?;
        // The program may change it while objects are made of its parts.
        let state = Immutable::new(state, buffer)?;
        let saved = SavedSession::parse(state.as_bytes()).map_err(|error| refuse(fault(error)))?;
        let client_id = self.settings.lock().client_id;
        if saved.client_id != client_id.as_str() {
            return Err(refuse(Fault::OtherClient));
        }
        // Its messages may have properties.
        #[cfg(feature = "v5")]
        if saved.version.is_5() && !self.version().is_5() {
            return Err(refuse(Fault::NeedsVersion5));
        }
        if !self.session.lock().begin_restore(&saved) {
            return Err(refuse(Fault::NotNew));
        }
        let restored = saved.items().try_for_each(|item| {
            let item = item.map_err(|error| refuse(fault(error)))?;
            let item = self.restored(item)?;
            let taken = self.session.lock().restore(item);
            taken.map_err(|error| refuse(fault(error)))
        });
        if restored.is_err() {
            self.session.lock().abandon_restore();
        }
        restored
    }

    /// Sets the function that is called with the session as bytes whenever it has changed; `None`: no
    /// function.
    ///
    /// # Errors
    ///
    /// `ValueError`: the session is clean. Those of the function, which is called at once if something is
    /// unsaved.
    pub fn set_store(&self, function: Option<Obj>) -> Result<()> {
        self.has_session()?;
        self.store.set(function);
        flush_output(self)
    }

    /// # Errors
    ///
    /// `ValueError`: the session is clean.
    fn has_session(&self) -> Result<()> {
        if self.session.lock().is_clean() {
            return Err(parameter!(clean_session).refuse(Fault::NotFalse));
        }
        Ok(())
    }

    fn saved(&self) -> Result<Immutable> {
        let client_id = self.settings.lock().client_id;
        loop {
            let len = self.session.lock().saved_len(client_id.as_str());
            let mut state = UnfilledBytes::new(len)?;
            // Another thread may have changed the session meanwhile.
            if self.session.lock().save(client_id.as_str(), state.rest()) {
                seal(state.rest());
                return Ok(state.finish());
            }
        }
    }

    /// Makes the objects of an item, and room for it.
    fn restored(&self, item: SavedItem<'_>) -> Result<Restored<Python>> {
        Ok(match item {
            SavedItem::Published(id, qos, message) => Restored::Published(id, qos, kept(message)?),
            SavedItem::Released(id) => Restored::Released(id),
            SavedItem::Queued(qos, message) => {
                Restored::Queued(outbox::restored(self, qos, kept(message)?)?)
            }
            SavedItem::Received(id) => {
                GcVec::reserve(|| MutexGuard::map(self.session.lock(), Session::incoming_mut))?;
                Restored::Received(id)
            }
            SavedItem::Filter(filter, qos) => {
                self.reserve_subscription()?;
                let filter = Filter {
                    text: Text::copy(filter.text)?,
                    options: filter.options,
                    properties: Block::copy(filter.properties)?,
                };
                Restored::Filter(filter, Obj::none(), qos)
            }
        })
    }

    /// Calls the function of `set_store`, if the session has changed. The caller has the role of writer.
    ///
    /// # Errors
    ///
    /// The exception of the function; `MemoryError`. The session counts as unsaved then.
    #[inline(always)]
    pub fn store_changes(&self) -> Result<()> {
        match self.store.get() {
            Some(function) => self.store_in(function),
            None => Ok(()),
        }
    }

    /// Whether the function of `set_store` has to be called.
    pub fn has_unstored(&self) -> bool {
        self.store.get().is_some() && self.session.lock().is_unsaved()
    }

    #[cold]
    #[inline(never)]
    fn store_in(&self, function: Obj) -> Result<()> {
        if !self.session.lock().take_unsaved() {
            return Ok(());
        }
        // A change that comes meanwhile counts as unsaved again.
        let stored = self
            .saved()
            .and_then(|state| Ok(function.call(&[state.obj()])?));
        if stored.is_err() {
            self.session.lock().set_unsaved();
        }
        stored.map(|_| ())
    }
}

fn fault(error: SavedError) -> Fault {
    match error {
        SavedError::Damaged => Fault::Damaged,
        SavedError::Version => Fault::OtherVersion,
        SavedError::TooMuch => Fault::TooMuch,
    }
}

fn kept(message: SavedMessage<'_>) -> Result<Kept> {
    Ok(Kept {
        topic: Text::copy(message.topic)?,
        payload: Immutable::copy(message.payload)?,
        retain: message.retain,
        properties: Block::copy(message.properties)?,
    })
}
