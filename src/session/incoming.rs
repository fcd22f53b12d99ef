//! Incoming messages: which of them are new, and when the client may acknowledge them.

use crate::codec::{Ack, Delivery, PacketId, first_byte};
use crate::limits::INCOMING_QOS2;

use super::Table;

/// QoS, RETAIN flag and DUP flag of an incoming message, as they stand in the first byte of its PUBLISH
/// (section 3.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageFlags(u8);

impl MessageFlags {
    const QOS: u8 = 0b11 << 1;
    const RETAIN: u8 = 1;
    const DUP: u8 = 1 << 3;

    fn new(delivery: Delivery, retain: bool) -> Self {
        let dup = delivery.dup();
        Self(delivery.qos().bits() << 1 | u8::from(retain) | u8::from(dup) << 3)
    }

    /// The flags that [`Self::bits`] has given.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// A number that stands for them.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The first byte of the PUBLISH.
    pub const fn first_byte(self) -> u8 {
        first_byte::PUBLISH | self.0
    }

    /// The QoS: 0, 1 or 2.
    pub const fn qos(self) -> u8 {
        (self.0 & Self::QOS) >> 1
    }

    /// The RETAIN flag.
    pub const fn retain(self) -> bool {
        self.0 & Self::RETAIN != 0
    }

    /// The DUP flag.
    pub const fn dup(self) -> bool {
        self.0 & Self::DUP != 0
    }
}

/// Stands for one incoming message. The caller gives it back when the application has had the
/// message.
///
/// It is small, because it is copied at each step of the message's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    flags: MessageFlags,
    /// `None` with QoS 0.
    id: Option<PacketId>,
    /// Number of the connection on which it arrived.
    connection: u32,
}

const _: () = assert!(size_of::<Receipt>() == 8);

impl Receipt {
    pub(super) fn new(delivery: Delivery, retain: bool, connection: u32) -> Self {
        Self {
            flags: MessageFlags::new(delivery, retain),
            id: delivery.id(),
            connection,
        }
    }

    /// Stands for no message: nothing is acknowledged.
    pub const NONE: Self = Self {
        flags: MessageFlags(0),
        id: None,
        connection: 0,
    };

    /// Stands for a part of the message that is not the last one: nothing is acknowledged.
    #[must_use]
    pub fn of_part(self) -> Self {
        Self { id: None, ..self }
    }

    /// QoS, RETAIN flag and DUP flag of the message.
    pub fn flags(self) -> MessageFlags {
        self.flags
    }

    /// The packet identifier of a QoS 2 message; `None` with any other QoS.
    pub(super) fn exactly_once(self) -> Option<PacketId> {
        self.id.filter(|_| self.flags.qos() == 2)
    }

    /// Whether the message arrived on `connection`.
    pub(super) fn is_of(self, connection: u32) -> bool {
        self.connection == connection
    }
}

/// The packet identifier of a QoS 2 message whose PUBREL has not come.
#[derive(Clone, Copy, Debug)]
pub struct StoredId {
    id: PacketId,
    /// Number of the connection on which its PUBLISH came last.
    connection: u32,
    /// Whether the application has had the message.
    delivered: bool,
}

/// The table of QoS 2 messages is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// The stored packet identifiers of QoS 2 messages ("method B" of section 4.3.3).
#[derive(Debug)]
pub(super) struct Incoming<T> {
    stored: T,
    /// Number of the connection that began the present session. Older receipts stand for messages
    /// of an older session.
    session_since: u32,
    /// Entries that the table may have.
    #[cfg(feature = "v5")]
    most: u16,
}

/// Whether there is a place for one more QoS 2 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// There is one, or the message needs none.
    Free,
    /// The table must grow first.
    ToBeMade,
    /// The table must not grow any more.
    None,
}

impl<T: Table<StoredId>> Incoming<T> {
    pub(super) const fn new(table: T) -> Self {
        Self {
            stored: table,
            session_since: 0,
            #[cfg(feature = "v5")]
            most: u16::MAX,
        }
    }

    /// Sets how many messages of QoS 2 may be open at once, at most [`INCOMING_QOS2`].
    #[cfg(feature = "v5")]
    pub(super) fn set_most(&mut self, most: u16) {
        self.most = most;
    }

    /// Whether the table must not grow any more.
    fn is_full(&self) -> bool {
        #[cfg(feature = "v5")]
        if self.stored.len() >= usize::from(self.most) {
            return true;
        }
        self.stored.len() >= INCOMING_QOS2
    }

    pub(super) fn table_mut(&mut self) -> &mut T {
        &mut self.stored
    }

    /// Whether the application has had, or will get, a QoS 2 message with this identifier.
    // [MQTT-4.3.3-2] until PUBREL comes, the same identifier means the same message.
    pub(super) fn is_duplicate(&self, delivery: Delivery) -> bool {
        match delivery {
            Delivery::ExactlyOnce { id, .. } => self.stored.iter().any(|s| s.id == id),
            Delivery::AtMostOnce | Delivery::AtLeastOnce { .. } => false,
        }
    }

    /// Whether a new message with this delivery can be taken in.
    pub(super) fn place_for(&self, delivery: Delivery) -> Place {
        if !matches!(delivery, Delivery::ExactlyOnce { .. }) || self.is_duplicate(delivery) {
            Place::Free
        } else if self.is_full() {
            Place::None
        } else if self.stored.has_room() {
            Place::Free
        } else {
            Place::ToBeMade
        }
    }

    /// Notes that a whole PUBLISH has arrived. Returns the PUBREC of a duplicate whose message the
    /// application has had before.
    pub(super) fn arrived(&mut self, receipt: Receipt) -> Result<Option<Ack>, Full> {
        let Some(id) = receipt.exactly_once() else {
            return Ok(None);
        };
        if let Some(stored) = self.stored.iter_mut().find(|s| s.id == id) {
            stored.connection = receipt.connection;
            return Ok(stored.delivered.then_some(Ack::PubRec(id)));
        }
        let stored = StoredId {
            id,
            connection: receipt.connection,
            delivered: false,
        };
        self.stored.push(stored).map_err(|_| Full)?;
        Ok(None)
    }

    /// Notes that the application has had the message. Returns its acknowledgement, if that is due
    /// on `connection`, the present one.
    ///
    /// A PUBACK belongs to the connection of its PUBLISH: on a later one the broker may
    /// have given the identifier to another message.
    // [MQTT-4.3.2-2] PUBACK with the identifier of the PUBLISH.
    // [MQTT-4.3.3-2] PUBREC with the identifier of the PUBLISH.
    pub(super) fn delivered(&mut self, receipt: Receipt, connection: u32) -> Option<Ack> {
        let id = receipt.id?;
        if receipt.exactly_once().is_none() {
            return receipt.is_of(connection).then_some(Ack::PubAck(id));
        }
        if self.is_of_older_session(receipt) {
            return None;
        }
        let stored = self.stored.iter_mut().find(|s| s.id == id)?;
        stored.delivered = true;
        (stored.connection == connection).then_some(Ack::PubRec(id))
    }

    /// Whether no packet identifier is stored.
    pub(super) fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }

    /// Calls `visit` for every stored packet identifier whose message the application has had. Of the
    /// others the broker sends the messages again.
    pub(super) fn for_each_delivered(&self, mut visit: impl FnMut(PacketId)) {
        for stored in self.stored.iter().filter(|s| s.delivered) {
            visit(stored.id);
        }
    }

    /// Takes in a packet identifier of a saved session. False: there is no room.
    pub(super) fn restore(&mut self, id: PacketId) -> bool {
        let stored = StoredId {
            id,
            connection: self.session_since,
            delivered: true,
        };
        self.stored.push(stored).is_ok()
    }

    /// Takes in a PUBREL: the identifier is free again. An unknown one is answered, too: otherwise
    /// the broker would keep its state.
    pub(super) fn released(&mut self, id: PacketId) -> Ack {
        if let Some(index) = self.stored.iter().position(|s| s.id == id) {
            self.stored.remove(index);
        }
        Ack::PubComp(id)
    }

    /// Begins a new session, with `connection`.
    pub(super) fn start_over(&mut self, connection: u32) {
        self.stored.clear();
        self.session_since = connection;
    }

    fn is_of_older_session(&self, receipt: Receipt) -> bool {
        // Connection numbers wrap; those compared here are near each other.
        let age = self.session_since.wrapping_sub(receipt.connection);
        age != 0 && age <= u32::MAX / 2
    }
}
