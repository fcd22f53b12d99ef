//! UNSUBSCRIBE packets that await their UNSUBACK.

use heapless::Vec;

use crate::codec::{PacketId, ReasonCode};
use crate::limits::UNSUBSCRIBES;

use super::HandshakeStatus;
use super::table::{remove_at, retain};

#[derive(Debug)]
pub(super) struct Unsubscribes {
    sent: Vec<(PacketId, UnsubscribeState), UNSUBSCRIBES>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnsubscribeState {
    /// A caller waits for the UNSUBACK.
    Awaited,
    /// No caller waits any longer; the packet identifier is in use until the UNSUBACK comes.
    Forgotten,
    /// The UNSUBACK has come, with this reason code of MQTT 5.
    Answered(ReasonCode),
    /// The connection ended before the UNSUBACK came.
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
        self.sent.push((id, UnsubscribeState::Awaited)).is_ok()
    }

    /// Takes in the UNSUBACK for `id` with its reason code; whether a caller waits for it.
    pub(super) fn answered(&mut self, id: PacketId, code: ReasonCode) -> bool {
        let Some(index) = self.position(id) else {
            return false;
        };
        match self.sent.get_mut(index) {
            Some((_, state @ UnsubscribeState::Awaited)) => {
                *state = UnsubscribeState::Answered(code);
                true
            }
            Some((_, UnsubscribeState::Forgotten)) => {
                let _ = remove_at(&mut self.sent, index);
                false
            }
            _ => false,
        }
    }

    /// The status of the request. Once it is not pending, it is forgotten.
    pub(super) fn poll(&mut self, id: PacketId) -> HandshakeStatus {
        let Some(index) = self.position(id) else {
            return HandshakeStatus::Lost;
        };
        match self.sent.get(index).map(|(_, state)| *state) {
            Some(UnsubscribeState::Awaited) => HandshakeStatus::Pending,
            Some(UnsubscribeState::Answered(code)) => {
                let _ = remove_at(&mut self.sent, index);
                match code.is_failure() {
                    #[cfg(feature = "v5")]
                    true => HandshakeStatus::Refused(code),
                    _ => HandshakeStatus::Complete,
                }
            }
            Some(UnsubscribeState::Lost) => {
                let _ = remove_at(&mut self.sent, index);
                HandshakeStatus::Lost
            }
            Some(UnsubscribeState::Forgotten) | None => HandshakeStatus::Lost,
        }
    }

    /// The caller waits for `id` no longer.
    pub(super) fn forget(&mut self, id: PacketId) {
        let Some(index) = self.position(id) else {
            return;
        };
        match self.sent.get_mut(index) {
            Some((_, state @ UnsubscribeState::Awaited)) => *state = UnsubscribeState::Forgotten,
            _ => {
                let _ = remove_at(&mut self.sent, index);
            }
        }
    }

    /// The connection has ended.
    pub(super) fn connection_lost(&mut self) {
        retain(&mut self.sent, |(_, state)| {
            *state != UnsubscribeState::Forgotten
        });
        for (_, state) in &mut self.sent {
            if *state == UnsubscribeState::Awaited {
                *state = UnsubscribeState::Lost;
            }
        }
    }

    fn position(&self, id: PacketId) -> Option<usize> {
        self.sent.iter().position(|(sent, _)| *sent == id)
    }
}
