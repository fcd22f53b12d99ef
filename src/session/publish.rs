//! Outgoing QoS 1 and QoS 2 messages.

use crate::codec::{PacketId, QoS};

use super::{Application, CommandError, Handshake, Link, Redelivery, Session, Ticket};

impl<A: Application> Session<A> {
    /// Takes a QoS 1 or QoS 2 message in; its PUBLISH is to be sent at once.
    pub fn publish(
        &mut self,
        qos: QoS,
        message: A::Message,
    ) -> Result<(Ticket, PacketId), CommandError> {
        if self.link != Link::Up {
            return Err(CommandError::NotConnected);
        }
        if self.outgoing.is_full() {
            return Err(CommandError::Full);
        }
        let id = self.allocate_id().ok_or(CommandError::Full)?;
        self.outgoing
            .insert(id, qos, message)
            .map(|ticket| (ticket, id))
            .map_err(|_| CommandError::Full)
    }

    /// How the handshake of a message stands. Once it is not pending, the ticket is used up.
    pub fn poll_handshake(&mut self, ticket: Ticket) -> Handshake {
        self.outgoing.poll(ticket)
    }

    /// Nobody waits for the handshake any longer.
    pub fn forget_handshake(&mut self, ticket: Ticket) {
        self.outgoing.forget(ticket);
    }

    /// Whether [`Self::publish`] has to wait for the broker.
    pub fn window_is_full(&self) -> bool {
        self.outgoing.is_full()
    }

    /// Messages whose handshake is not complete, those kept for the next connection
    /// included.
    pub fn unacknowledged(&self) -> usize {
        self.outgoing.unacknowledged()
    }

    /// The next thing to send again after a connection was accepted. Comes before
    /// anything new is published.
    pub fn poll_redelivery(&mut self) -> Option<Redelivery<A::Message>> {
        self.outgoing.poll_redelivery()
    }
}
