//! The commands about subscriptions, and the handlers that a message goes to.

use crate::codec::{PacketId, QoS};

#[cfg(feature = "v5")]
use super::NotAllowed;
use super::{
    Application, Attempt, CommandError, ConnectionState, HandshakeStatus, NoRoom, Registration,
    Session, SubscribeStatus,
};

/// A filter as it was registered before: with its options, its handler and its QoS. `None`: it was not.
pub type Before<A> = Option<(<A as Application>::Filter, <A as Application>::Handler, QoS)>;

/// The result of [`Session::subscribe`].
pub struct Subscribing<A: Application> {
    /// The number of this call.
    pub attempt: Attempt,
    /// Packet identifier of the SUBSCRIBE that the caller must send; `None` without a connection, and if
    /// the broker has the filter in a session that was [restored](Session::restore).
    pub id: Option<PacketId>,
    /// The registration of the same filter before.
    pub before: Before<A>,
}

impl<A: Application> Session<A> {
    /// Registers `handler` for `filter`, or replaces handler and QoS of the same filter.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]: [`Self::table_mut`] must get room first.
    pub fn subscribe(
        &mut self,
        filter: A::Filter,
        handler: A::Handler,
        qos: QoS,
    ) -> Result<Subscribing<A>, NoRoom> {
        let (number, before) = self.subscriptions.register(filter, handler, qos)?;
        let mut id = None;
        if self.state == ConnectionState::Up && self.subscriptions.wants(number) {
            id = self.allocate_id();
            if let Some(id) = id {
                self.subscriptions.request(number, id);
            }
        }
        Ok(Subscribing {
            attempt: Attempt::new(number, self.connection),
            id,
            before,
        })
    }

    /// The call of [`Self::subscribe`] with this number, as if it had been made on this connection.
    pub fn attempt(&self, number: u32) -> Attempt {
        Attempt::new(number, self.connection)
    }

    /// The last call that has registered `filter`, as if it had been made on this connection.
    #[cfg(feature = "v5")]
    pub fn subscription(&self, filter: &str) -> Option<Attempt> {
        let number = self.subscriptions.attempt_of(filter)?;
        Some(self.attempt(number))
    }

    /// The status of a [`Self::subscribe`].
    pub fn subscribe_status(&self, attempt: Attempt) -> SubscribeStatus {
        self.subscriptions.status(attempt, self.connection)
    }

    /// Undoes a [`Self::subscribe`] that has failed; `before` is that of its result.
    pub fn undo_subscribe(&mut self, attempt: Attempt, before: Before<A>) {
        self.subscriptions.undo(attempt, before);
    }

    /// The next SUBSCRIBE that the caller must send on this connection for a filter registered
    /// before it: packet identifier, filter, QoS.
    pub fn poll_subscribe(&mut self) -> Option<(PacketId, A::Filter, QoS)> {
        if !self.wants_subscribe() {
            return None;
        }
        let id = self.allocate_id()?;
        let (filter, qos) = self.subscriptions.request_next(id)?;
        Some((id, filter, qos))
    }

    /// Ends the SUBSCRIBE of [`Self::poll_subscribe`] that breaks the broker's terms, as if the broker had
    /// refused it. The caller does not send it.
    #[cfg(feature = "v5")]
    pub fn refuse_subscription(&mut self, id: PacketId, term: NotAllowed) {
        self.subscriptions.answered(id, Some(term.reason_code()));
    }

    /// Whether a SUBSCRIBE must be sent for a filter registered before this connection.
    pub fn wants_subscribe(&self) -> bool {
        self.state == ConnectionState::Up && self.subscriptions.wants_request()
    }

    /// Whether a SUBACK is awaited.
    pub fn awaits_suback(&self) -> bool {
        self.subscriptions.awaits_answer()
    }

    /// Removes one subscription that the broker refused while no caller waited for it. Returns its
    /// filter.
    pub fn take_refused(&mut self) -> Option<A::Filter> {
        self.subscriptions.take_refused()
    }

    /// The table of subscriptions, in which the caller makes room.
    pub fn table_mut(&mut self) -> &mut A::Table {
        self.subscriptions.table_mut()
    }

    /// The table of the identifiers of incoming QoS 2 messages, in which the caller makes room.
    pub fn incoming_mut(&mut self) -> &mut A::Incoming {
        self.incoming.table_mut()
    }

    /// Number of registered filters.
    pub fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    /// Removes the registration of `filter`. Returns whether there was one.
    ///
    /// Without a connection, a filter that the broker has in a session that it keeps stays.
    pub fn unregister(&mut self, filter: &str) -> bool {
        if self.state != ConnectionState::Up && self.subscriptions.is_granted(filter) {
            return false;
        }
        self.unsaved = true;
        self.subscriptions.unregister(filter)
    }

    /// Counts an UNSUBSCRIBE as sent, which the caller must send at once, with the returned packet
    /// identifier.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotConnected`]; [`CommandError::Full`] while too many await their UNSUBACK.
    pub fn unsubscribe(&mut self) -> Result<PacketId, CommandError> {
        if self.state != ConnectionState::Up {
            return Err(CommandError::NotConnected);
        }
        if self.unsubscribes.is_full() {
            return Err(CommandError::Full);
        }
        let id = self.allocate_id().ok_or(CommandError::Full)?;
        if self.unsubscribes.insert(id) {
            Ok(id)
        } else {
            Err(CommandError::Full)
        }
    }

    /// The status of an UNSUBSCRIBE. Once it is not pending, it is forgotten.
    pub fn poll_unsubscribe(&mut self, id: PacketId) -> HandshakeStatus {
        self.unsubscribes.poll(id)
    }

    /// Tells the session that the caller waits for the UNSUBACK no longer.
    pub fn forget_unsubscribe(&mut self, id: PacketId) {
        self.unsubscribes.forget(id);
    }

    /// Whether [`Self::unsubscribe`] has to wait for the broker.
    pub fn unsubscribes_are_full(&self) -> bool {
        self.unsubscribes.is_full()
    }

    /// The last registration at present. A message that is here now is not for later ones.
    pub fn last_registration(&self) -> Option<Registration> {
        self.subscriptions.last()
    }

    /// The first registration after `after`, and up to `last`, that matches `topic`.
    pub fn next_match(
        &self,
        topic: &str,
        after: Option<Registration>,
        last: Registration,
    ) -> Option<(Registration, A::Handler)> {
        self.subscriptions.next_match(topic, after, last)
    }
}
