//! The allocation of packet identifiers.

use crate::codec::PacketId;

/// Hands out packet identifiers 1 to 65535 in turn.
#[derive(Debug)]
pub(super) struct PacketIds {
    next: PacketId,
}

impl PacketIds {
    pub(super) const fn new() -> Self {
        Self {
            next: PacketId::MIN,
        }
    }

    /// The identifier that is looked at first for the next packet.
    pub(super) const fn next(&self) -> PacketId {
        self.next
    }

    /// Goes on at `next`.
    pub(super) fn start_at(&mut self, next: PacketId) {
        self.next = next;
    }

    /// The next identifier for which `in_use` is false.
    ///
    /// `None` when all 65,535 are in use, which the sizes in [`crate::limits`] rule out.
    // [MQTT-2.3.1-2] a new packet takes a currently unused identifier.
    // [MQTT-2.3.1-1] it is not zero: `PacketId` cannot be.
    pub(super) fn allocate(&mut self, in_use: impl Fn(PacketId) -> bool) -> Option<PacketId> {
        let first = self.next;
        loop {
            let id = self.next;
            self.next = id.checked_add(1).unwrap_or(PacketId::MIN);
            if !in_use(id) {
                return Some(id);
            }
            if self.next == first {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore)]
    fn mqtt_2_3_1_1_identifiers_wrap_from_65535_to_1() {
        let mut ids = PacketIds::new();
        let mut last = 0;
        for _ in 0..65_535 {
            last += 1;
            assert_eq!(ids.allocate(|_| false).map(PacketId::get), Some(last));
        }
        assert_eq!(ids.allocate(|_| false).map(PacketId::get), Some(1));
    }

    #[test]
    fn mqtt_2_3_1_2_identifiers_in_use_are_skipped() {
        let mut ids = PacketIds::new();
        let busy = |id: PacketId| id.get() <= 3 || id.get() == 5;
        assert_eq!(ids.allocate(busy).map(PacketId::get), Some(4));
        assert_eq!(ids.allocate(busy).map(PacketId::get), Some(6));
    }

    #[test]
    #[cfg_attr(miri, ignore)]
    fn none_is_left_when_all_are_in_use() {
        assert_eq!(PacketIds::new().allocate(|_| true), None);
    }
}
