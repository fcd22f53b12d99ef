//! When to send PINGREQ, and when its answer is overdue.

use crate::time::Instant;

/// The keep-alive clock of one connection ([MQTT 3.1.1, section 3.1.2.10]).
///
/// A PINGREQ goes out after three quarters of the keep-alive interval in which nothing
/// was sent, so that scheduling delays do not make it late, or in which nothing was
/// received, so that a link that swallows everything is noticed by a busy publisher too.
/// It must be answered within five eighths of the interval, and leave within as much once
/// the link takes no bytes any more. Together that is less than
/// the one and a half intervals after which a broker gives a client up.
#[derive(Debug)]
pub(super) struct KeepAlive {
    /// Interval in ms; 0 switches the clock off.
    interval: u32,
    last_sent: Instant,
    last_received: Instant,
    ping: Ping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ping {
    None,
    /// To be sent with the next output; since that instant.
    Due(Instant),
    /// Sent at that instant, not answered.
    Sent(Instant),
}

impl KeepAlive {
    /// A clock that starts at `now`; `seconds` = 0 switches it off.
    pub(super) fn new(seconds: u16, now: Instant) -> Self {
        Self {
            interval: u32::from(seconds).saturating_mul(1000),
            last_sent: now,
            last_received: now,
            ping: Ping::None,
        }
    }

    /// Bytes went out.
    pub(super) fn sent(&mut self, now: Instant) {
        self.last_sent = now;
    }

    /// Bytes came in.
    pub(super) fn received(&mut self, now: Instant) {
        self.last_received = now;
    }

    /// A PINGRESP came. One that nobody asked for is harmless.
    pub(super) fn answered(&mut self) {
        if let Ping::Sent(_) = self.ping {
            self.ping = Ping::None;
        }
    }

    /// Whether a PINGREQ is to be written.
    pub(super) fn ping_is_due(&self) -> bool {
        matches!(self.ping, Ping::Due(_))
    }

    /// Whether a PINGREQ is to be written now; it counts as sent from then on.
    pub(super) fn take_ping(&mut self, now: Instant) -> bool {
        let due = self.ping_is_due();
        if due {
            self.ping = Ping::Sent(now);
        }
        due
    }

    /// Milliseconds until [`Self::check`] has something to do; `None`: never.
    pub(super) fn next_check(&self, now: Instant) -> Option<u32> {
        if self.interval == 0 {
            return None;
        }
        let (since, span) = match self.ping {
            Ping::None => (self.quiet_since(), self.ping_after()),
            Ping::Due(at) => (self.stuck_since(at), self.answer_within()),
            Ping::Sent(at) => (at.max(self.last_received), self.answer_within()),
        };
        Some(span.saturating_sub(now.duration_since(since)))
    }

    /// Looks at the clock: a PINGREQ may become due. False once an answer is overdue.
    ///
    /// Whatever arrives shows that the link lives, so it puts the deadline off: the answer
    /// may stand in line behind messages. `patience` ms after the PINGREQ it is overdue
    /// whatever else arrives.
    pub(super) fn check(&mut self, now: Instant, patience: u32) -> bool {
        if self.interval == 0 {
            return true;
        }
        match self.ping {
            // [MQTT-3.1.2-23] a control packet goes out at least every keep-alive interval.
            Ping::None if now.duration_since(self.quiet_since()) >= self.ping_after() => {
                self.ping = Ping::Due(now);
                true
            }
            Ping::None => true,
            // A packet that the link does not take stands before it.
            Ping::Due(at) => now.duration_since(self.stuck_since(at)) < self.answer_within(),
            Ping::Sent(at) => {
                now.duration_since(at.max(self.last_received)) < self.answer_within()
                    && now.duration_since(at) < patience.max(self.answer_within())
            }
        }
    }

    /// Since when at least one direction has been quiet.
    fn quiet_since(&self) -> Instant {
        if self.last_received.duration_since(self.last_sent) > 0 {
            self.last_sent
        } else {
            self.last_received
        }
    }

    /// Since when the link has not moved a byte, at the earliest since `at`.
    #[inline(never)]
    fn stuck_since(&self, at: Instant) -> Instant {
        at.max(self.last_received).max(self.last_sent)
    }

    fn ping_after(&self) -> u32 {
        // Exact: the interval is a multiple of 1000 and at most 65,535,000.
        (self.interval / 4).saturating_mul(3)
    }

    fn answer_within(&self) -> u32 {
        (self.interval / 8).saturating_mul(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant::from_ms(u32::MAX - 500);
    const PATIENCE: u32 = 60_000;

    fn at(ms: u32) -> Instant {
        START + ms
    }

    #[test]
    fn mqtt_3_1_2_23_a_ping_is_due_before_the_interval_ends() {
        let mut clock = KeepAlive::new(4, START);
        assert_eq!(clock.next_check(START), Some(3000));
        assert!(clock.check(at(2999), PATIENCE));
        assert!(!clock.take_ping(at(2999)));
        assert!(clock.check(at(3000), PATIENCE));
        assert_eq!(clock.next_check(at(3000)), Some(2500));
        assert!(clock.take_ping(at(3000)));
        assert!(!clock.take_ping(at(3000)), "one PINGREQ at a time");
    }

    #[test]
    fn a_ping_that_cannot_leave_is_the_end_unless_bytes_still_move() {
        let mut clock = KeepAlive::new(4, START);
        assert!(clock.check(at(3000), PATIENCE));
        assert!(clock.check(at(5000), PATIENCE));
        clock.sent(at(5000));
        assert!(clock.check(at(7499), PATIENCE));
        assert!(!clock.check(at(7500), PATIENCE));
    }

    #[test]
    fn sending_alone_does_not_put_the_ping_off() {
        let mut clock = KeepAlive::new(4, START);
        clock.sent(at(2900));
        assert!(clock.check(at(3000), PATIENCE));
        assert!(clock.take_ping(at(3000)));
    }

    #[test]
    fn receiving_alone_does_not_put_the_ping_off() {
        let mut clock = KeepAlive::new(4, START);
        clock.received(at(2900));
        assert!(clock.check(at(3000), PATIENCE));
        assert!(clock.take_ping(at(3000)));
    }

    #[test]
    fn traffic_both_ways_puts_the_ping_off() {
        let mut clock = KeepAlive::new(4, START);
        clock.sent(at(2000));
        clock.received(at(2500));
        assert!(clock.check(at(4999), PATIENCE));
        assert!(!clock.take_ping(at(4999)));
        assert!(clock.check(at(5000), PATIENCE));
        assert!(clock.take_ping(at(5000)));
    }

    #[test]
    fn a_missing_answer_is_noticed_within_one_and_a_half_intervals() {
        let mut clock = KeepAlive::new(4, START);
        clock.check(at(3000), PATIENCE);
        assert!(clock.take_ping(at(3000)));
        assert_eq!(clock.next_check(at(3000)), Some(2500));
        assert!(clock.check(at(5499), PATIENCE));
        assert!(!clock.check(at(5500), PATIENCE));
    }

    #[test]
    fn an_answer_ends_the_wait() {
        let mut clock = KeepAlive::new(4, START);
        clock.check(at(3000), PATIENCE);
        clock.take_ping(at(3000));
        clock.sent(at(3000));
        clock.received(at(3100));
        clock.answered();
        assert!(clock.check(at(5999), PATIENCE));
        assert!(clock.check(at(6000), PATIENCE));
        assert!(clock.take_ping(at(6000)));
    }

    #[test]
    fn messages_in_front_of_the_answer_put_its_deadline_off_but_not_for_ever() {
        let mut clock = KeepAlive::new(4, START);
        clock.check(at(3000), PATIENCE);
        clock.take_ping(at(3000));
        for s in 4..60 {
            clock.received(at(s * 1000));
            assert!(clock.check(at(s * 1000 + 500), PATIENCE));
        }
        clock.received(at(62_900));
        assert!(!clock.check(at(63_000), PATIENCE));
    }

    #[test]
    fn zero_switches_it_off() {
        let mut clock = KeepAlive::new(0, START);
        assert_eq!(clock.next_check(at(70_000_000)), None);
        assert!(clock.check(at(70_000_000), PATIENCE));
        assert!(!clock.take_ping(at(70_000_000)));
    }

    #[test]
    fn the_longest_interval_fits_the_clock() {
        let mut clock = KeepAlive::new(u16::MAX, START);
        assert!(clock.check(at(49_151_249), PATIENCE));
        assert!(!clock.take_ping(at(49_151_249)));
        assert!(clock.check(at(49_151_250), PATIENCE));
        assert!(clock.take_ping(at(49_151_250)));
    }
}
