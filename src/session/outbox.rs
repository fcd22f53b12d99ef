//! Outgoing messages that wait for a place in the window.

use crate::codec::{AckedQos, Delivery, PacketId};
use crate::limits::OUTBOX;

use super::outgoing::Owner;
use super::{Application, CommandError, ConnectionState, HandshakeStatus, Session};

/// The application's record of one outgoing message, which learns how the message ends.
pub trait Tracker: Clone {
    /// Notes the end of the handshake, any status but [`HandshakeStatus::Pending`]. The first one counts.
    fn settle(&self, status: HandshakeStatus);
}

/// A message in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued<M, T> {
    /// The quality of service.
    pub qos: AckedQos,
    /// The message.
    pub message: M,
    /// The record of its end.
    pub tracker: T,
}

/// A queue of outgoing messages, first in, first out. The session does not allocate: the application
/// owns the memory.
pub trait Outbox<M, T>: Default {
    /// Appends a message. The application has made sure that there is memory for it.
    fn push(&mut self, queued: Queued<M, T>);
    /// The message that has waited longest.
    fn first(&self) -> Option<Queued<M, T>>;
    /// Removes that message.
    fn pop(&mut self);
    /// Whether no message waits.
    fn is_empty(&self) -> bool;
    /// Calls `visit` for every message, in order.
    fn for_each(&self, visit: impl FnMut(&Queued<M, T>));
}

/// The outbox of an application that has none: it is always empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoOutbox;

/// The record of such an application's messages, of which there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTracker {}

impl Tracker for NoTracker {
    fn settle(&self, _status: HandshakeStatus) {}
}

impl<M, T> Outbox<M, T> for NoOutbox {
    fn push(&mut self, _queued: Queued<M, T>) {}

    fn first(&self) -> Option<Queued<M, T>> {
        None
    }

    fn pop(&mut self) {}

    fn is_empty(&self) -> bool {
        true
    }

    fn for_each(&self, _visit: impl FnMut(&Queued<M, T>)) {}
}

/// A packet of the outbox, which the caller writes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedPacket<M> {
    /// The packet's identifier.
    pub delivery: Delivery,
    /// The packet's message.
    pub message: M,
    /// The number of bytes at the front of the packet that have left already.
    pub sent: usize,
}

/// The messages that wait, and the one of them that is being written.
#[derive(Debug)]
pub(super) struct Waiting<Q> {
    queue: Q,
    /// The number of bytes of the first message's packet that have left.
    sent: usize,
    /// The identifier of the first message, while its packet is being written.
    writing: Option<PacketId>,
    /// Memory of the messages that wait, in units of [`UNIT`].
    units: u16,
}

/// The unit of memory, in bytes. A heap gives memory in pieces of about this size anyway.
const UNIT: usize = 16;
/// The most memory that messages may take, in such units.
const ROOM: u16 = (OUTBOX / UNIT) as u16;
const _: () = assert!(
    OUTBOX / UNIT < u16::MAX as usize,
    "MQTT_OUTBOX is too large"
);

impl<Q: Default> Waiting<Q> {
    pub(super) fn new() -> Self {
        Self {
            queue: Q::default(),
            sent: 0,
            writing: None,
            units: 0,
        }
    }
}

impl<A: Application> Session<A> {
    /// Takes a message into the outbox, connected or not. It goes out in its turn, when
    /// [`Self::next_queued`] gives it, and `tracker` learns how it ends.
    ///
    /// `bounded`: the outbox takes at most [`OUTBOX`] bytes, but for a message that can go out at once.
    /// A caller that waits for the end of its message has the memory in hand anyway, and needs no limit.
    ///
    /// # Errors
    ///
    /// [`CommandError::Full`].
    pub fn enqueue(
        &mut self,
        qos: AckedQos,
        message: A::Message,
        tracker: A::Tracker,
        bounded: bool,
    ) -> Result<(), CommandError> {
        let units = self.outbox.units.saturating_add(Self::units_of(&message));
        let at_once = self.outbox.queue.is_empty()
            && self.state == ConnectionState::Up
            && !self.window_is_full();
        if bounded && units > ROOM && !at_once {
            return Err(CommandError::Full);
        }
        self.unsaved = true;
        self.outbox.units = units;
        self.outbox.queue.push(Queued {
            qos,
            message,
            tracker,
        });
        Ok(())
    }

    /// Calls `visit` for every message in the outbox.
    pub(super) fn for_each_queued(&self, visit: impl FnMut(&Queued<A::Message, A::Tracker>)) {
        self.outbox.queue.for_each(visit);
    }

    /// The memory of the messages that wait, in units of this module's own.
    pub fn outbox_units(&self) -> u16 {
        self.outbox.units
    }

    /// Whether the first message in the outbox is being written.
    pub(super) fn outbox_is_writing(&self) -> bool {
        self.outbox.writing.is_some()
    }

    /// Whether no message waits in the outbox.
    pub fn outbox_is_empty(&self) -> bool {
        self.outbox.queue.is_empty()
    }

    /// Whether [`Self::next_queued`] gives a packet that has been begun.
    pub fn is_writing(&self) -> bool {
        self.outbox.writing.is_some()
    }

    /// Whether [`Self::next_queued`] has a packet, apart from the protocol's own ones.
    pub(super) fn has_queued(&self) -> bool {
        !self.outbox_is_empty() && (self.outbox.writing.is_some() || !self.window_is_full())
    }

    /// The packet of the outbox that the caller must write now. The caller has sent again all that
    /// [`Self::poll_redelivery`] gave. It says with [`Self::queued_written`] how far it came; up to the
    /// end of the packet this gives the same one.
    ///
    /// The protocol's own packets come first, unless a part of a packet has left.
    // [MQTT-4.6.0-1] messages leave in the order in which the application published them.
    pub fn next_queued(&mut self) -> Option<QueuedPacket<A::Message>> {
        if self.state != ConnectionState::Up {
            return None;
        }
        let Queued {
            qos,
            message,
            tracker,
        } = self.outbox.queue.first()?;
        let id = match self.outbox.writing {
            Some(id) => id,
            None if self.window_is_full() || self.has_protocol_output() => return None,
            None => {
                let id = self.allocate_id()?;
                let owner = Owner::Tracker(tracker);
                self.outgoing.insert(id, qos, message.clone(), owner);
                self.outbox.sent = 0;
                self.unsaved = true;
                *self.outbox.writing.insert(id)
            }
        };
        Some(QueuedPacket {
            delivery: qos.delivery(id, false),
            message,
            sent: self.outbox.sent,
        })
    }

    /// Notes that `sent` bytes of the packet of [`Self::next_queued`] have left; `None`: all of them.
    /// Nothing comes of it if the connection has ended meanwhile.
    pub fn queued_written(&mut self, sent: Option<usize>) {
        match sent {
            Some(sent) => self.outbox.sent = sent,
            None => self.end_writing(),
        }
    }

    /// The message that was being written belongs to the window alone from now on.
    fn end_writing(&mut self) {
        if self.outbox.writing.take().is_some() {
            self.pop_queued();
        }
    }

    fn pop_queued(&mut self) {
        if let Some(queued) = self.outbox.queue.first() {
            let units = Self::units_of(&queued.message);
            self.outbox.units = self.outbox.units.saturating_sub(units);
            self.outbox.queue.pop();
        }
    }

    /// The memory of a message; that of a very large one, which takes all the room, is cut short.
    fn units_of(message: &A::Message) -> u16 {
        let units = A::memory_of(message).div_ceil(UNIT);
        units.try_into().unwrap_or(u16::MAX)
    }

    /// A connection has ended. `all`: the messages that wait end with it.
    pub(super) fn outbox_connection_lost(&mut self, all: bool) {
        self.end_writing();
        if all {
            while let Some(queued) = self.outbox.queue.first() {
                queued.tracker.settle(HandshakeStatus::Lost);
                self.pop_queued();
            }
        }
    }

    /// Gives up all messages that have a record: `fail` is called for each of these. Those of a stored
    /// session stay for the next connection all the same, as [MQTT-3.1.2-4] has it.
    pub fn give_up(&mut self, mut fail: impl FnMut(&A::Tracker)) {
        self.outgoing.for_each_tracker(&mut fail);
        self.outbox.queue.for_each(|queued| fail(&queued.tracker));
        if self.clean && self.state != ConnectionState::Up {
            self.outbox_connection_lost(true);
        }
    }
}
