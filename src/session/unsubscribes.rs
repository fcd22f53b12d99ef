//! UNSUBSCRIBE packets that await their UNSUBACK.

use heapless::Vec;

use crate::codec::PacketId;
use crate::limits::UNSUBSCRIBES;

use super::Handshake;
use super::ordered::remove_at;

#[derive(Debug)]
pub(super) struct Unsubscribes {
    sent: Vec<(PacketId, Standing), UNSUBSCRIBES>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Somebody waits for the answer.
    Awaited,
    /// Nobody waits any longer; the packet identifier is in use until the answer comes.
    Forgotten,
    /// It has come.
    Answered,
    /// The connection ended before it came.
    Lost,
}

impl Unsubscribes {
    pub(super) const fn new() -> Self {
        Self { sent: Vec::new() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.sent.is_full()
    }

    pub(super) fn uses(&self, id: PacketId) -> bool {
        self.position(id).is_some()
    }

    /// Counts the UNSUBSCRIBE with `id` as sent. False when the table is full.
    pub(super) fn insert(&mut self, id: PacketId) -> bool {
        self.sent.push((id, Standing::Awaited)).is_ok()
    }

    /// UNSUBACK for `id`; whether anybody waits for it.
    pub(super) fn answered(&mut self, id: PacketId) -> bool {
        let Some(index) = self.position(id) else {
            return false;
        };
        match self.sent.get_mut(index) {
            Some((_, standing @ Standing::Awaited)) => {
                *standing = Standing::Answered;
                true
            }
            Some((_, Standing::Forgotten)) => {
                let _ = remove_at(&mut self.sent, index);
                false
            }
            _ => false,
        }
    }

    /// How the request stands. Once it is not pending, it is used up.
    pub(super) fn poll(&mut self, id: PacketId) -> Handshake {
        let Some(index) = self.position(id) else {
            return Handshake::Lost;
        };
        match self.sent.get(index).map(|(_, standing)| *standing) {
            Some(Standing::Awaited) => Handshake::Pending,
            Some(Standing::Answered) => {
                let _ = remove_at(&mut self.sent, index);
                Handshake::Complete
            }
            Some(Standing::Lost) => {
                let _ = remove_at(&mut self.sent, index);
                Handshake::Lost
            }
            Some(Standing::Forgotten) | None => Handshake::Lost,
        }
    }

    /// Nobody waits for `id` any longer.
    pub(super) fn forget(&mut self, id: PacketId) {
        let Some(index) = self.position(id) else {
            return;
        };
        match self.sent.get_mut(index) {
            Some((_, standing @ Standing::Awaited)) => *standing = Standing::Forgotten,
            _ => {
                let _ = remove_at(&mut self.sent, index);
            }
        }
    }

    /// The connection has ended.
    pub(super) fn connection_lost(&mut self) {
        self.sent
            .retain(|(_, standing)| *standing != Standing::Forgotten);
        for (_, standing) in &mut self.sent {
            if *standing == Standing::Awaited {
                *standing = Standing::Lost;
            }
        }
    }

    fn position(&self, id: PacketId) -> Option<usize> {
        self.sent.iter().position(|(sent, _)| *sent == id)
    }
}
