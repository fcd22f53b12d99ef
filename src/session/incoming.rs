//! Messages that arrive: which of them are new, and when they may be acknowledged.

use crate::codec::{Ack, Delivery, PacketId};
use crate::limits::INCOMING_QOS2;

use super::Table;

/// Stands for one message that arrived; handed back when the application has had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    delivery: Delivery,
    /// The connection on which it arrived.
    connection: u32,
}

impl Receipt {
    pub(super) fn new(delivery: Delivery, connection: u32) -> Self {
        Self {
            delivery,
            connection,
        }
    }
}

/// A QoS 2 message whose PUBREL has not come.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    id: PacketId,
    /// The connection on which its PUBLISH came last.
    connection: u32,
    /// The application has had it.
    delivered: bool,
}

/// The table of QoS 2 messages is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// The stored packet identifiers of QoS 2 messages ("method B" of section 4.3.3).
#[derive(Debug)]
pub(super) struct Incoming<T> {
    stored: T,
    /// The connection that began the present session: older receipts mean other messages.
    session_since: u32,
}

/// Whether there is a place for one more QoS 2 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// There is, or none is needed.
    Free,
    /// The table has to grow.
    ToBeMade,
    /// The table must not grow any more.
    None,
}

impl<T: Table<Stored>> Incoming<T> {
    pub(super) const fn new(table: T) -> Self {
        Self {
            stored: table,
            session_since: 0,
        }
    }

    pub(super) fn table_mut(&mut self) -> &mut T {
        &mut self.stored
    }

    /// Whether the application had or will have a QoS 2 message with this identifier.
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
        } else if self.stored.len() >= INCOMING_QOS2 {
            Place::None
        } else if self.stored.has_room() {
            Place::Free
        } else {
            Place::ToBeMade
        }
    }

    /// A whole PUBLISH arrived: the application gets it exactly if this is its first time.
    /// Its receipt, or the PUBREC of a duplicate that was delivered before.
    pub(super) fn arrived(&mut self, receipt: Receipt) -> Result<Option<Ack>, Full> {
        let Delivery::ExactlyOnce { id, .. } = receipt.delivery else {
            return Ok(None);
        };
        if let Some(stored) = self.stored.iter_mut().find(|s| s.id == id) {
            stored.connection = receipt.connection;
            return Ok(stored.delivered.then_some(Ack::PubRec(id)));
        }
        let stored = Stored {
            id,
            connection: receipt.connection,
            delivered: false,
        };
        self.stored.push(stored).map_err(|_| Full)?;
        Ok(None)
    }

    /// The application has had the message: its acknowledgement, if it is due on the
    /// connection that is now up.
    ///
    /// A PUBACK belongs to the connection of its PUBLISH: on a later one the broker may
    /// have given the identifier to another message.
    // [MQTT-4.3.2-2] PUBACK with the identifier of the PUBLISH.
    // [MQTT-4.3.3-2] PUBREC with the identifier of the PUBLISH.
    pub(super) fn delivered(&mut self, receipt: Receipt, connection: u32) -> Option<Ack> {
        match receipt.delivery {
            Delivery::AtMostOnce => None,
            Delivery::AtLeastOnce { id, .. } => {
                (receipt.connection == connection).then_some(Ack::PubAck(id))
            }
            Delivery::ExactlyOnce { id, .. } => {
                if self.is_of_older_session(receipt) {
                    return None;
                }
                let stored = self.stored.iter_mut().find(|s| s.id == id)?;
                stored.delivered = true;
                (stored.connection == connection).then_some(Ack::PubRec(id))
            }
        }
    }

    /// PUBREL: the identifier is free again. One that is unknown is answered all the same:
    /// the broker must get rid of it.
    pub(super) fn released(&mut self, id: PacketId) -> Ack {
        if let Some(index) = self.stored.iter().position(|s| s.id == id) {
            self.stored.remove(index);
        }
        Ack::PubComp(id)
    }

    /// A new session begins with this connection.
    pub(super) fn start_over(&mut self, connection: u32) {
        self.stored.clear();
        self.session_since = connection;
    }

    fn is_of_older_session(&self, receipt: Receipt) -> bool {
        // Connection numbers wrap; those that are compared are near each other.
        let age = self.session_since.wrapping_sub(receipt.connection);
        age != 0 && age <= u32::MAX / 2
    }
}
