//! The commands about outgoing QoS 1 and QoS 2 messages.

use crate::codec::{AckedQos, PacketId};

#[cfg(feature = "v5")]
use super::NotAllowed;
use super::outgoing::Owner;
use super::{
    Application, CommandError, ConnectionState, HandshakeStatus, Redelivery, Session, Ticket,
};

impl<A: Application> Session<A> {
    /// Takes in a message whose PUBLISH the caller must send at once.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotConnected`]; [`CommandError::Full`] while the window is full, or messages wait in
    /// the outbox, which come first.
    pub fn publish(
        &mut self,
        qos: AckedQos,
        message: A::Message,
    ) -> Result<(Ticket, PacketId), CommandError> {
        if self.state != ConnectionState::Up {
            return Err(CommandError::NotConnected);
        }
        if self.window_is_full() || !self.outbox_is_empty() {
            return Err(CommandError::Full);
        }
        let id = self.allocate_id().ok_or(CommandError::Full)?;
        self.unsaved = true;
        let ticket = self.outgoing.new_ticket();
        self.outgoing
            .insert(id, qos, message, Owner::Caller(ticket));
        Ok((ticket, id))
    }

    /// The status of a message's handshake. Once it is not pending, the ticket is used up.
    pub fn poll_handshake(&mut self, ticket: Ticket) -> HandshakeStatus {
        self.outgoing.poll(ticket)
    }

    /// Tells the session that the caller waits for the handshake no longer. The handshake goes on.
    pub fn forget_handshake(&mut self, ticket: Ticket) {
        self.outgoing.forget(ticket);
    }

    /// Takes back a [`Self::publish`] of whose packet nothing has left.
    pub fn withdraw(&mut self, ticket: Ticket) {
        self.outgoing.withdraw(ticket);
        self.unsaved = true;
    }

    /// Ends the handshake of a message that breaks the broker's terms, as if the broker had refused it. The
    /// caller does not send the packet of this identifier.
    #[cfg(feature = "v5")]
    pub fn refuse_message(&mut self, id: PacketId, term: NotAllowed) {
        self.outgoing.acknowledge(id, term.reason_code());
        self.unsaved = true;
    }

    /// Whether [`Self::publish`] has to wait for the broker. (Whether it has to wait for the outbox,
    /// [`Self::outbox_is_empty`] says.)
    pub fn window_is_full(&self) -> bool {
        self.outgoing.is_full(&self.terms)
    }

    /// Number of messages whose handshake is not complete, those kept for the next connection
    /// included, those in the outbox not.
    pub fn unacknowledged(&self) -> usize {
        self.outgoing.unacknowledged()
    }

    /// The next packet to send again after a connection was accepted. The caller sends all of
    /// them before it publishes anything new.
    ///
    /// A broker of MQTT 5 may allow fewer messages in flight than there are. Then the rest comes when it has
    /// acknowledged some: see [`Self::has_redelivery`].
    pub fn poll_redelivery(&mut self) -> Option<Redelivery<A::Message>> {
        self.outgoing.poll_redelivery(&self.terms)
    }

    /// Whether [`Self::poll_redelivery`] has a packet now.
    pub fn redelivery_is_due(&self) -> bool {
        self.state == ConnectionState::Up && self.outgoing.redelivery_is_due(&self.terms)
    }

    /// Whether there is a packet to send again, now or later.
    pub fn has_redelivery(&self) -> bool {
        self.state == ConnectionState::Up && self.outgoing.has_redelivery()
    }
}
