//! Whether small packets leave at once, or, where many follow each other, several together.
#![forbid(unsafe_code)]

use crate::time::Instant;

/// Writes within a millisecond that make a burst.
const BURST: u8 = 32;

/// The pace of writes to a connection.
///
/// A packet that leaves at once costs the network stack a segment of its own, and comes soon. In a
/// burst few care for that, and Nagle's algorithm (RFC 9293, section 3.7.4) lets more than twice as
/// many through; what comes last may then wait for an acknowledgement of TCP's, 40 ms at most on
/// Linux. A connection begins with Nagle's algorithm off.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The millisecond of the last write.
    last: Instant,
    /// How many there were in it.
    writes: u8,
    together: bool,
}

impl Pace {
    /// That of a connection which is new.
    pub const NEW: Self = Self {
        last: Instant::from_ms(0),
        writes: 0,
        together: false,
    };

    /// Something was written at `present`. `Some`: from now on, Nagle's algorithm is to be on
    /// (true) or off.
    pub fn wrote(&mut self, present: Instant) -> Option<bool> {
        if present == self.last {
            self.writes = self.writes.saturating_add(1);
            return self.change(self.together || self.writes >= BURST);
        }
        let goes_on = self.writes >= BURST && present.since(self.last) == 1;
        self.last = present;
        self.writes = 1;
        self.change(self.together && goes_on)
    }

    fn change(&mut self, together: bool) -> Option<bool> {
        let changes = together != self.together;
        self.together = together;
        changes.then_some(together)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `count` writes in the millisecond `ms` change.
    fn write(pace: &mut Pace, ms: u32, count: u8) -> std::vec::Vec<bool> {
        (0..count)
            .filter_map(|_| pace.wrote(Instant::from_ms(ms)))
            .collect()
    }

    #[test]
    fn packets_now_and_then_leave_at_once() {
        let mut pace = Pace::NEW;
        for ms in 0..100 {
            assert_eq!(write(&mut pace, ms, BURST - 1), []);
        }
    }

    #[test]
    fn a_burst_leaves_together_until_it_is_over() {
        let mut pace = Pace::NEW;
        assert_eq!(write(&mut pace, 10, BURST), [true]);
        assert_eq!(write(&mut pace, 11, u8::MAX), []);
        assert_eq!(write(&mut pace, 12, 2), []);
        assert_eq!(write(&mut pace, 13, 1), [false]);
        assert_eq!(write(&mut pace, 14, BURST), [true]);
    }

    #[test]
    fn the_first_packet_after_a_pause_leaves_at_once() {
        let mut pace = Pace::NEW;
        assert_eq!(write(&mut pace, 10, BURST), [true]);
        assert_eq!(write(&mut pace, 12, 1), [false]);
    }

    #[test]
    fn more_writes_than_are_counted_are_a_burst() {
        let mut pace = Pace::NEW;
        for _ in 0..3 {
            write(&mut pace, 10, u8::MAX);
        }
        assert_eq!(write(&mut pace, 11, 1), []);
    }
}
