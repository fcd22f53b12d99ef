//! The window of outgoing QoS 1 and QoS 2 messages that are not acknowledged yet.

use heapless::Vec;

use crate::codec::{AckedQos, Delivery, PacketId, ReasonCode};
use crate::limits::IN_FLIGHT;

use super::table::{remove_at, retain};
use super::{Terms, Tracker};

/// The name of one outgoing message while a caller waits for its handshake.
///
/// Unlike a packet identifier, a ticket is not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u32);

/// The status of a handshake: of a message, or of an UNSUBSCRIBE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeStatus {
    /// The broker's next packet has not come yet.
    Pending,
    /// The broker has acknowledged the message or the request.
    Complete,
    /// The broker has acknowledged a QoS 2 message as if it were one of QoS 1. It has the message.
    Downgraded,
    /// The broker of MQTT 5 has refused the message or the request, for this reason.
    #[cfg(feature = "v5")]
    Refused(ReasonCode),
    /// The connection on which the packet was sent has ended.
    Lost,
}

/// A packet to send again on a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redelivery<M> {
    /// A PUBLISH with the message.
    Publish(Delivery, M),
    /// The PUBREL of a QoS 2 message that the broker has.
    Release(PacketId),
}

/// Whether an acknowledgement was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acknowledged {
    /// It moved a handshake on.
    Expected,
    /// No message awaits it.
    Unknown,
}

#[derive(Debug)]
enum Phase<M> {
    /// PUBLISH sent; PUBACK (QoS 1) or PUBREC (QoS 2) is awaited.
    Published(M),
    /// PUBREL sent; PUBCOMP is awaited. The broker has the message, so the client keeps it no
    /// longer.
    Released,
    /// The handshake is over, in this way; the caller that waits has not polled yet.
    Over(HandshakeStatus),
}

/// The party that learns the end of a handshake.
#[derive(Debug)]
pub(super) enum Owner<T> {
    /// There is none.
    None,
    /// A caller that is going to poll the handshake.
    Caller(Ticket),
    /// The record of the application's.
    Tracker(T),
}

#[derive(Debug)]
struct Entry<M, T> {
    phase: Phase<M>,
    owner: Owner<T>,
    id: PacketId,
    qos: AckedQos,
    /// Set while the packet must be sent again on the present connection.
    resend: Option<Resend>,
}

#[derive(Clone, Copy, Debug)]
enum Resend {
    /// To a broker that may have it already: with DUP.
    Duplicate,
    /// To a broker that has lost the session: without DUP.
    Anew,
}

/// The window. Entries stand in the order in which they are sent again: messages in the order
/// of their first PUBLISH, releases in the order in which their PUBRECs came.
#[derive(Debug)]
pub(super) struct Outgoing<M, T> {
    entries: Vec<Entry<M, T>, IN_FLIGHT>,
    next_ticket: u32,
}

impl<M: Clone, T: Tracker> Outgoing<M, T> {
    pub(super) const fn new() -> Self {
        Self {
            entries: Vec::new(),
            next_ticket: 0,
        }
    }

    /// Whether no more messages may be in flight.
    pub(super) fn is_full(&self, terms: &Terms) -> bool {
        self.entries.is_full() || !terms.allow_another(|| self.unacknowledged())
    }

    /// Messages that were sent on the present connection and are not acknowledged.
    fn in_flight(&self) -> usize {
        let sent = |e: &&Entry<M, T>| e.is_open() && e.resend.is_none();
        self.entries.iter().filter(sent).count()
    }

    /// Messages whose handshake is not complete.
    pub(super) fn unacknowledged(&self) -> usize {
        self.entries.iter().filter(|e| e.is_open()).count()
    }

    pub(super) fn uses(&self, id: PacketId) -> bool {
        self.entries.iter().any(|e| e.is_open() && e.id == id)
    }

    /// A name for the next message.
    pub(super) fn new_ticket(&mut self) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        ticket
    }

    /// Takes a message in. The caller has found room for it.
    pub(super) fn insert(&mut self, id: PacketId, qos: AckedQos, message: M, owner: Owner<T>) {
        let _ = self.entries.push(Entry {
            phase: Phase::Published(message),
            owner,
            id,
            qos,
            resend: None,
        });
    }

    /// Takes in a handshake of a saved session: with its message, or, after PUBREC, without. False: the
    /// window is full.
    pub(super) fn restore(&mut self, id: PacketId, qos: AckedQos, message: Option<M>) -> bool {
        let entry = Entry {
            phase: message.map_or(Phase::Released, Phase::Published),
            owner: Owner::None,
            id,
            qos,
            resend: None,
        };
        self.entries.push(entry).is_ok()
    }

    /// Takes out a message whose PUBLISH has not been sent, nor will be.
    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        if let Some(index) = self.position_of(ticket) {
            self.remove(index);
        }
    }

    /// Takes in the PUBACK for `id` with its reason.
    ///
    /// Some brokers without QoS 2 (RabbitMQ) answer a QoS 2 message with it. They have the message,
    /// and send no PUBREC: so its handshake is over.
    // [MQTT-4.3.2-1] a QoS 1 message is unacknowledged until its PUBACK comes.
    #[inline(never)]
    pub(super) fn acknowledge(&mut self, id: PacketId, reason: ReasonCode) -> Acknowledged {
        let found = self
            .entries
            .iter()
            .position(|e| e.id == id && matches!(e.phase, Phase::Published(_)));
        #[cfg(not(feature = "v5"))]
        let _ = reason;
        let status = match found.and_then(|index| self.entries.get(index)) {
            #[cfg(feature = "v5")]
            _ if reason.is_failure() => HandshakeStatus::Refused(reason),
            Some(entry) if entry.qos == AckedQos::ExactlyOnce => HandshakeStatus::Downgraded,
            _ => HandshakeStatus::Complete,
        };
        self.finish(found, status)
    }

    /// Takes in the PUBREC for `id` that refuses the message: its handshake is over (section 4.3.3 of the
    /// standard of MQTT 5).
    #[cfg(feature = "v5")]
    pub(super) fn refused(&mut self, id: PacketId, reason: ReasonCode) -> Acknowledged {
        let found = self.entries.iter().position(|e| {
            e.id == id && e.qos == AckedQos::ExactlyOnce && matches!(e.phase, Phase::Published(_))
        });
        self.finish(found, HandshakeStatus::Refused(reason))
    }

    /// Takes in the PUBREC for `id`.
    // [MQTT-4.3.3-1] PUBREL follows PUBREC, and the message is not sent again after it.
    // [MQTT-4.6.0-4] releases keep the order of their PUBRECs: the entry moves to the end.
    pub(super) fn receive(&mut self, id: PacketId) -> Acknowledged {
        let Some(index) = self
            .entries
            .iter()
            .position(|e| e.id == id && e.qos == AckedQos::ExactlyOnce && e.is_open())
        else {
            return Acknowledged::Unknown;
        };
        if let Some(entry) = self.entries.get(index)
            && matches!(entry.phase, Phase::Published(_))
            && let Some(entry) = remove_at(&mut self.entries, index)
        {
            // The new entry is made in a zeroed place, so nothing of the message is left. There is
            // room: one entry was taken out.
            let _ = self.entries.push(Entry {
                phase: Phase::Released,
                owner: entry.owner,
                id: entry.id,
                qos: entry.qos,
                resend: None,
            });
        }
        Acknowledged::Expected
    }

    /// Takes in the PUBCOMP for `id`.
    pub(super) fn complete(&mut self, id: PacketId) -> Acknowledged {
        let found = self
            .entries
            .iter()
            .position(|e| e.id == id && matches!(e.phase, Phase::Released));
        self.finish(found, HandshakeStatus::Complete)
    }

    fn finish(&mut self, found: Option<usize>, status: HandshakeStatus) -> Acknowledged {
        let Some(index) = found else {
            return Acknowledged::Unknown;
        };
        if let Some(entry) = self.entries.get_mut(index) {
            if let Owner::Caller(_) = entry.owner {
                entry.phase = Phase::Over(status);
                entry.resend = None;
            } else {
                entry.settle(status);
                self.remove(index);
            }
        }
        Acknowledged::Expected
    }

    /// The status of the handshake of `ticket`. Once it is not pending, the ticket is used up.
    pub(super) fn poll(&mut self, ticket: Ticket) -> HandshakeStatus {
        let Some(index) = self.position_of(ticket) else {
            return HandshakeStatus::Lost;
        };
        match self.entries.get(index) {
            Some(&Entry {
                phase: Phase::Over(status),
                ..
            }) => {
                self.remove(index);
                status
            }
            _ => HandshakeStatus::Pending,
        }
    }

    /// The caller waits for `ticket` no longer. The handshake goes on.
    ///
    /// The packet identifier stays in use until the broker has acknowledged it: a late
    /// acknowledgement must not count for another message.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        let Some(index) = self.position_of(ticket) else {
            return;
        };
        match self.entries.get_mut(index) {
            Some(entry) if entry.is_open() => entry.owner = Owner::None,
            _ => self.remove(index),
        }
    }

    /// The message for which a caller has this ticket.
    fn position_of(&self, ticket: Ticket) -> Option<usize> {
        self.entries
            .iter()
            .position(|e| matches!(e.owner, Owner::Caller(t) if t == ticket))
    }

    /// Calls `visit` for every handshake that is not complete, with the message if it is still needed.
    pub(super) fn for_each_open(&self, mut visit: impl FnMut(PacketId, AckedQos, Option<&M>)) {
        for entry in &self.entries {
            match &entry.phase {
                Phase::Published(message) => visit(entry.id, entry.qos, Some(message)),
                Phase::Released => visit(entry.id, entry.qos, None),
                Phase::Over(_) => {}
            }
        }
    }

    /// Calls `visit` for the record of every message that has one.
    pub(super) fn for_each_tracker(&self, mut visit: impl FnMut(&T)) {
        for entry in &self.entries {
            if let Owner::Tracker(tracker) = &entry.owner {
                visit(tracker);
            }
        }
    }

    /// The connection has ended. `keep`: the messages stay for the next one.
    // [MQTT-3.1.2-6] a later session does not reuse the state of a clean one.
    pub(super) fn connection_lost(&mut self, keep: bool) {
        retain(&mut self.entries, |e| {
            let ends = !keep && e.is_open();
            if ends {
                e.settle(HandshakeStatus::Lost);
            }
            !ends
        });
        for entry in &mut self.entries {
            if entry.is_open()
                && let Owner::Caller(_) = entry.owner
            {
                entry.owner = Owner::None;
            }
            entry.resend = None;
        }
    }

    /// The broker has kept the session: every open handshake is sent again.
    // [MQTT-4.4.0-1] unacknowledged PUBLISH and PUBREL packets are sent again, with their
    // packet identifiers.
    pub(super) fn resume(&mut self) {
        for entry in &mut self.entries {
            if entry.is_open() {
                entry.resend = Some(Resend::Duplicate);
            }
        }
    }

    /// The broker has no session: messages without PUBREC are sent as new ones.
    ///
    /// A QoS 2 message for which the broker sent PUBREC belonged to the broker from then on. If
    /// the client sent it again, it could be delivered twice.
    pub(super) fn start_over(&mut self) {
        retain(&mut self.entries, |e| {
            let ends = matches!(e.phase, Phase::Released);
            if ends {
                e.settle(HandshakeStatus::Lost);
            }
            !ends
        });
        for entry in &mut self.entries {
            if entry.is_open() {
                entry.resend = Some(Resend::Anew);
            }
        }
    }

    /// Whether packets must be sent again that have not been yet.
    pub(super) fn has_redelivery(&self) -> bool {
        self.entries.iter().any(|e| e.resend.is_some())
    }

    /// Whether [`Self::poll_redelivery`] has a packet.
    pub(super) fn redelivery_is_due(&self, terms: &Terms) -> bool {
        self.has_redelivery()
            && (terms.allow_another(|| self.in_flight())
                || self
                    .entries
                    .iter()
                    .any(|e| e.resend.is_some() && !e.is_published()))
    }

    /// The next packet to send again, in order. `None`, too, while the broker allows no more messages in
    /// flight.
    // [MQTT-4.6.0-1] in the order in which they were sent before.
    pub(super) fn poll_redelivery(&mut self, terms: &Terms) -> Option<Redelivery<M>> {
        let another = terms.allow_another(|| self.in_flight());
        let may_go = |e: &&mut Entry<M, T>| e.resend.is_some() && (another || !e.is_published());
        let entry = self.entries.iter_mut().find(may_go)?;
        let resend = entry.resend.take()?;
        match &entry.phase {
            Phase::Published(message) => {
                // [MQTT-3.3.1-1] DUP marks a PUBLISH that may have been sent before.
                let dup = matches!(resend, Resend::Duplicate);
                let delivery = entry.qos.delivery(entry.id, dup);
                Some(Redelivery::Publish(delivery, message.clone()))
            }
            Phase::Released => Some(Redelivery::Release(entry.id)),
            Phase::Over(_) => None,
        }
    }

    fn remove(&mut self, index: usize) {
        let _ = remove_at(&mut self.entries, index);
    }
}

impl<M, T: Tracker> Entry<M, T> {
    fn is_open(&self) -> bool {
        !matches!(self.phase, Phase::Over(_))
    }

    /// Whether the broker's PUBACK or PUBREC is awaited.
    fn is_published(&self) -> bool {
        matches!(self.phase, Phase::Published(_))
    }

    /// Tells the application's record, if there is one.
    fn settle(&self, status: HandshakeStatus) {
        if let Owner::Tracker(tracker) = &self.owner {
            tracker.settle(status);
        }
    }
}
