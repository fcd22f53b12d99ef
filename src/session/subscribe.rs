//! Subscribing and unsubscribing, and whose message it is.

use crate::codec::{PacketId, QoS};

use super::{
    Application, Attempt, CommandError, Handshake, Link, NoRoom, Registration, Session, Standing,
};

/// What became of [`Session::subscribe`].
pub struct Subscribing<H> {
    /// Names this call.
    pub attempt: Attempt,
    /// The packet identifier of the SUBSCRIBE to be sent; `None` without a connection.
    pub id: Option<PacketId>,
    /// Handler and QoS that the same filter had.
    pub before: Option<(H, QoS)>,
}

impl<A: Application> Session<A> {
    /// Registers `handler` for `filter`, or replaces handler and QoS of the same filter.
    ///
    /// With a connection the packet identifier of the SUBSCRIBE to be sent is given, and
    /// what the filter had before.
    pub fn subscribe(
        &mut self,
        filter: A::Filter,
        handler: A::Handler,
        qos: QoS,
    ) -> Result<Subscribing<A::Handler>, NoRoom> {
        let (number, before) = self.subscriptions.register(filter, handler, qos)?;
        let mut id = None;
        if self.link == Link::Up {
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

    /// What became of [`Self::subscribe`].
    pub fn standing(&self, attempt: Attempt) -> Standing {
        self.subscriptions.standing(attempt, self.connection)
    }

    /// Takes back an attempt that came to nothing; `before` is what it gave.
    pub fn restore(&mut self, attempt: Attempt, before: Option<(A::Handler, QoS)>) {
        self.subscriptions.restore(attempt, before);
    }

    /// The next SUBSCRIBE that is to be sent on this connection for a filter registered
    /// before it: packet identifier, filter, QoS.
    pub fn poll_subscribe(&mut self) -> Option<(PacketId, A::Filter, QoS)> {
        if !self.wants_subscribe() {
            return None;
        }
        let id = self.allocate_id()?;
        let (filter, qos) = self.subscriptions.request_next(id)?;
        Some((id, filter, qos))
    }

    /// Whether a SUBSCRIBE is to be sent for a filter registered before this connection.
    pub fn wants_subscribe(&self) -> bool {
        self.link == Link::Up && self.subscriptions.wants_request()
    }

    /// Whether a SUBACK is awaited.
    pub fn awaits_suback(&self) -> bool {
        self.subscriptions.awaits_answer()
    }

    /// Removes one subscription that the broker refused while nobody waited for it, and
    /// gives its filter.
    pub fn take_refused(&mut self) -> Option<A::Filter> {
        self.subscriptions.take_refused()
    }

    /// Where subscriptions are kept, to make room in it.
    pub fn table_mut(&mut self) -> &mut A::Table {
        self.subscriptions.table_mut()
    }

    /// Where the identifiers of incoming QoS 2 messages are kept, to make room in it.
    pub fn incoming_mut(&mut self) -> &mut A::Incoming {
        self.incoming.table_mut()
    }

    /// Registered filters.
    pub fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    /// Removes the registration of `filter`; whether there was one.
    ///
    /// Without a connection only what the broker does not know of can be undone: a filter
    /// of a session that it keeps stays.
    pub fn unregister(&mut self, filter: &str) -> bool {
        if self.link != Link::Up && self.subscriptions.is_granted(filter) {
            return false;
        }
        self.subscriptions.unregister(filter)
    }

    /// The packet identifier of the UNSUBSCRIBE to be sent.
    pub fn unsubscribe(&mut self) -> Result<PacketId, CommandError> {
        if self.link != Link::Up {
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

    /// How an UNSUBSCRIBE stands. Once it is not pending, it is forgotten.
    pub fn poll_unsubscribe(&mut self, id: PacketId) -> Handshake {
        self.unsubscribes.poll(id)
    }

    /// Nobody waits for the UNSUBACK any longer.
    pub fn forget_unsubscribe(&mut self, id: PacketId) {
        self.unsubscribes.forget(id);
    }

    /// Whether [`Self::unsubscribe`] has to wait for the broker.
    pub fn unsubscribes_are_full(&self) -> bool {
        self.unsubscribes.is_full()
    }

    /// The last registration there is now: a message is for nobody who comes later.
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
