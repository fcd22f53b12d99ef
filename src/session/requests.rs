//! UNSUBSCRIBE packets that await their UNSUBACK.

use heapless::Vec;

use crate::codec::PacketId;
use crate::limits::UNSUBSCRIBES;

use super::Handshake;

#[derive(Debug)]
pub(super) struct Unsubscribes {
    pending: Vec<(PacketId, Handshake), UNSUBSCRIBES>,
}

impl Unsubscribes {
    pub(super) const fn new() -> Self {
        Self {
            pending: Vec::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.pending.is_full()
    }

    pub(super) fn uses(&self, id: PacketId) -> bool {
        self.pending.iter().any(|(pending, _)| *pending == id)
    }

    /// Counts the UNSUBSCRIBE with `id` as sent. False when the table is full.
    pub(super) fn insert(&mut self, id: PacketId) -> bool {
        self.pending.push((id, Handshake::Pending)).is_ok()
    }

    /// UNSUBACK for `id`; whether it was expected.
    pub(super) fn answered(&mut self, id: PacketId) -> bool {
        let Some(entry) = self.pending.iter_mut().find(|(pending, _)| *pending == id) else {
            return false;
        };
        entry.1 = Handshake::Complete;
        true
    }

    /// How the request stands. Once it is not pending, it is forgotten.
    pub(super) fn poll(&mut self, id: PacketId) -> Handshake {
        let Some(index) = self.pending.iter().position(|(pending, _)| *pending == id) else {
            return Handshake::Lost;
        };
        match self.pending.get(index) {
            Some((_, Handshake::Pending)) => Handshake::Pending,
            Some((_, standing)) => {
                let standing = *standing;
                self.pending.remove(index);
                standing
            }
            None => Handshake::Lost,
        }
    }

    /// Nobody waits for `id` any longer.
    pub(super) fn forget(&mut self, id: PacketId) {
        self.pending.retain(|(pending, _)| *pending != id);
    }

    /// The connection has ended.
    pub(super) fn connection_lost(&mut self) {
        for (_, standing) in &mut self.pending {
            if *standing == Handshake::Pending {
                *standing = Handshake::Lost;
            }
        }
    }
}
