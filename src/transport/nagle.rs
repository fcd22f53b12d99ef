//! Whether small packets leave at once, or, where many follow each other, several together.
#![forbid(unsafe_code)]

use crate::time::Instant;

/// Writes within a millisecond that make a burst.
const BURST: u8 = 32;

/// The choice of TCP_NODELAY for a connection, from the rate of its writes.
///
/// A packet that leaves at once arrives soon, and costs the network stack a segment of its own. In a
/// burst the number of packets counts for more, and Nagle's algorithm (RFC 9293, section 3.7.4) lets
/// more than twice as many through. The last packet may then wait for an acknowledgement of TCP, for
/// 40 ms at most on Linux. A connection begins with Nagle's algorithm off.
#[derive(Clone, Copy, Debug)]
pub struct Nagle {
    /// The millisecond of the last write.
    last: Instant,
    /// The number of writes in it.
    writes: u8,
    nodelay: bool,
}

impl Nagle {
    /// The choice for a new connection.
    pub const NEW: Self = Self {
        last: Instant::from_ms(0),
        writes: 0,
        nodelay: true,
    };

    /// Counts a write at `present`. `Some` is the new value of TCP_NODELAY, `None` leaves it.
    pub fn wrote(&mut self, present: Instant) -> Option<bool> {
        if present == self.last {
            self.writes = self.writes.saturating_add(1);
            return self.change(self.nodelay && self.writes < BURST);
        }
        let goes_on = self.writes >= BURST && present.duration_since(self.last) == 1;
        self.last = present;
        self.writes = 1;
        self.change(self.nodelay || !goes_on)
    }

    fn change(&mut self, nodelay: bool) -> Option<bool> {
        let changes = nodelay != self.nodelay;
        self.nodelay = nodelay;
        changes.then_some(nodelay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The changes that `count` writes in the millisecond `ms` cause.
    fn write(nagle: &mut Nagle, ms: u32, count: u8) -> std::vec::Vec<bool> {
        (0..count)
            .filter_map(|_| nagle.wrote(Instant::from_ms(ms)))
            .collect()
    }

    #[test]
    fn packets_now_and_then_leave_at_once() {
        let mut nagle = Nagle::NEW;
        for ms in 0..100 {
            assert_eq!(write(&mut nagle, ms, BURST - 1), []);
        }
    }

    #[test]
    fn a_burst_leaves_together_until_it_is_over() {
        let mut nagle = Nagle::NEW;
        assert_eq!(write(&mut nagle, 10, BURST), [false]);
        assert_eq!(write(&mut nagle, 11, u8::MAX), []);
        assert_eq!(write(&mut nagle, 12, 2), []);
        assert_eq!(write(&mut nagle, 13, 1), [true]);
        assert_eq!(write(&mut nagle, 14, BURST), [false]);
    }

    #[test]
    fn the_first_packet_after_a_pause_leaves_at_once() {
        let mut nagle = Nagle::NEW;
        assert_eq!(write(&mut nagle, 10, BURST), [false]);
        assert_eq!(write(&mut nagle, 12, 1), [true]);
    }

    #[test]
    fn more_writes_than_are_counted_are_a_burst() {
        let mut nagle = Nagle::NEW;
        for _ in 0..3 {
            write(&mut nagle, 10, u8::MAX);
        }
        assert_eq!(write(&mut nagle, 11, 1), []);
    }
}
