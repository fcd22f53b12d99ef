//! When to send PINGREQ, and when its answer is overdue.

use crate::time::Instant;

/// The keep-alive clock of one connection (MQTT 3.1.1, section 3.1.2.10).
///
/// **When a PINGREQ is due.** Three quarters of the keep-alive interval after the last packet went
/// out [MQTT-3.1.2-23], while an earlier PINGREQ is unanswered, too: its answer may stand behind a
/// payload or a backlog, and the broker must hear from the client meanwhile. Nothing that comes in
/// postpones it. While no PINGREQ is unanswered, another one is due when nothing has come in for as
/// long, so that a client that only sends notices a dead link.
///
/// **When the connection is dead.** A PINGREQ must leave, and its answer must come, within five
/// eighths of the interval. Together that is less than the one and a half intervals after which a
/// broker gives a client up.
///
/// - A PINGREQ that cannot leave is overdue when the link has moved no byte for that time.
/// - An answer is overdue when no byte has come for that time.
/// - While bytes come, the answer may stand behind them. It is overdue when the patience of the
///   caller is used up. If a payload is then being received, the time begins again at the end of
///   that payload, once.
///
/// An answer is overdue only as of a moment at which the reader [had caught up](Self::caught_up)
/// with the broker: an answer that the client itself leaves unread is not missing. So a slow
/// function, or a flood that never leaves the network empty, ends no connection.
#[derive(Debug)]
pub(super) struct KeepAlive {
    /// Interval in ms; 0 switches the clock off.
    interval: u32,
    last_sent: Instant,
    last_received: Instant,
    /// The last moment at which the network had nothing to read.
    caught_up: Instant,
    /// Since when a PINGREQ must be written.
    due: Option<Instant>,
    /// When the first PINGREQ without an answer was sent.
    asked: Option<Instant>,
    late: Late,
}

/// The place of an answer that has not come when the patience is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Late {
    /// The patience is not used up.
    No,
    /// Behind the payload that is being received.
    BehindPayload,
    /// Behind the payload that ended at that instant.
    AfterPayload(Instant),
}

impl KeepAlive {
    /// A clock that starts at `now`; `seconds` = 0 switches it off.
    pub(super) fn new(seconds: u16, now: Instant) -> Self {
        Self {
            interval: u32::from(seconds).saturating_mul(1000),
            last_sent: now,
            last_received: now,
            caught_up: now,
            due: None,
            asked: None,
            late: Late::No,
        }
    }

    /// Goes on with another interval; `seconds` = 0 switches the clock off.
    pub(super) fn set_interval(&mut self, seconds: u16) {
        self.interval = u32::from(seconds).saturating_mul(1000);
    }

    /// The keep-alive interval in ms; 0: the clock is off.
    pub(super) fn interval(&self) -> u32 {
        self.interval
    }

    /// Notes that bytes went out.
    pub(super) fn sent(&mut self, now: Instant) {
        self.last_sent = now;
    }

    /// Notes that bytes came in.
    pub(super) fn received(&mut self, now: Instant) {
        self.last_received = now;
    }

    /// Notes that the session has taken in every byte that had come by `now`.
    pub(super) fn caught_up(&mut self, now: Instant) {
        self.caught_up = now;
    }

    /// Takes in a PINGRESP. An unasked one changes nothing.
    pub(super) fn answered(&mut self) {
        self.asked = None;
        self.late = Late::No;
    }

    /// Notes that the message that was being received is complete.
    pub(super) fn payload_ended(&mut self) {
        if self.late == Late::BehindPayload {
            self.late = Late::AfterPayload(self.last_received);
        }
    }

    /// Makes a PINGREQ due, also while the clock is off.
    pub(super) fn ask(&mut self, now: Instant) {
        self.due.get_or_insert(now);
    }

    /// Whether a PINGREQ must be written.
    pub(super) fn ping_is_due(&self) -> bool {
        self.due.is_some()
    }

    /// Whether a PINGREQ is unanswered.
    pub(super) fn awaits_answer(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether a PINGREQ must be written now. It counts as sent from then on.
    pub(super) fn take_ping(&mut self, now: Instant) -> bool {
        let due = self.due.take().is_some();
        if due {
            self.last_sent = now;
            self.asked.get_or_insert(now);
        }
        due
    }

    /// Milliseconds until [`Self::check`] has something to do; `None`: never.
    ///
    /// An answer that is overdue does not count: it takes [`Self::caught_up`] to say so, and not
    /// time.
    pub(super) fn next_check(&self, now: Instant) -> Option<u32> {
        if self.interval == 0 {
            return None;
        }
        let left = |since, span: u32| span.saturating_sub(now.duration_since(since));
        let ping = match self.due {
            Some(at) => left(self.stuck_since(at), self.answer_within()),
            None => left(self.quiet_since(), self.ping_after()),
        };
        match self.asked {
            Some(at) => match left(at.max(self.last_received), self.answer_within()) {
                0 => Some(ping),
                answer => Some(answer.min(ping)),
            },
            None => Some(ping),
        }
    }

    /// Looks at the clock: a PINGREQ may become due. False once a PINGREQ or its answer is overdue.
    ///
    /// `patience`, in ms, bounds the wait for an answer behind other packets. `in_payload`: a
    /// message is being received. It costs a few comparisons: the caller can afford it for each
    /// packet.
    pub(super) fn check(&mut self, now: Instant, patience: u32, in_payload: bool) -> bool {
        if self.interval == 0 {
            return true;
        }
        match self.due {
            // A packet that the link does not take stands before it.
            Some(at) if now.duration_since(self.stuck_since(at)) >= self.answer_within() => {
                return false;
            }
            Some(_) => {}
            // [MQTT-3.1.2-23] a control packet goes out at least every keep-alive interval.
            None if now.duration_since(self.quiet_since()) >= self.ping_after() => {
                self.due = Some(now);
            }
            None => {}
        }
        match self.asked {
            Some(at) => self.may_be_answered(at, patience, in_payload),
            None => true,
        }
    }

    /// Whether the answer to the PINGREQ of `at` is not overdue.
    fn may_be_answered(&mut self, at: Instant, patience: u32, in_payload: bool) -> bool {
        let (seen, span) = (self.caught_up, self.answer_within());
        if seen.duration_since(at.max(self.last_received)) >= span {
            return false;
        }
        if seen.duration_since(at) < patience.max(span) {
            return true;
        }
        match self.late {
            Late::No if in_payload => {
                self.late = Late::BehindPayload;
                true
            }
            Late::No => false,
            Late::BehindPayload => true,
            Late::AfterPayload(end) => seen.duration_since(end) < span,
        }
    }

    /// Since when a direction that asks for a PINGREQ has been quiet.
    fn quiet_since(&self) -> Instant {
        if self.asked.is_some() || self.last_received.duration_since(self.last_sent) > 0 {
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

    /// Looks at the clock when the network has nothing to read.
    fn check(clock: &mut KeepAlive, now: Instant) -> bool {
        clock.caught_up(now);
        clock.check(now, PATIENCE, false)
    }

    #[test]
    fn mqtt_3_1_2_23_a_ping_is_due_before_the_interval_ends() {
        let mut clock = KeepAlive::new(4, START);
        assert_eq!(clock.next_check(START), Some(3000));
        assert!(check(&mut clock, at(2999)));
        assert!(!clock.take_ping(at(2999)));
        assert!(check(&mut clock, at(3000)));
        assert_eq!(clock.next_check(at(3000)), Some(2500));
        assert!(clock.take_ping(at(3000)));
        assert!(!clock.take_ping(at(3000)), "one PINGREQ is enough");
    }

    #[test]
    fn a_ping_that_cannot_leave_is_the_end_unless_bytes_still_move() {
        let mut clock = KeepAlive::new(4, START);
        assert!(check(&mut clock, at(3000)));
        assert!(check(&mut clock, at(5000)));
        clock.sent(at(5000));
        assert!(check(&mut clock, at(7499)));
        assert!(!check(&mut clock, at(7500)));
    }

    #[test]
    fn sending_alone_does_not_put_the_ping_off() {
        let mut clock = KeepAlive::new(4, START);
        clock.sent(at(2900));
        assert!(check(&mut clock, at(3000)));
        assert!(clock.take_ping(at(3000)));
    }

    #[test]
    fn receiving_alone_does_not_put_the_ping_off() {
        let mut clock = KeepAlive::new(4, START);
        clock.received(at(2900));
        assert!(check(&mut clock, at(3000)));
        assert!(clock.take_ping(at(3000)));
    }

    #[test]
    fn traffic_both_ways_puts_the_ping_off() {
        let mut clock = KeepAlive::new(4, START);
        clock.sent(at(2000));
        clock.received(at(2500));
        assert!(check(&mut clock, at(4999)));
        assert!(!clock.take_ping(at(4999)));
        assert!(check(&mut clock, at(5000)));
        assert!(clock.take_ping(at(5000)));
    }

    #[test]
    fn a_missing_answer_is_noticed_within_one_and_a_half_intervals() {
        let mut clock = KeepAlive::new(4, START);
        check(&mut clock, at(3000));
        assert!(clock.take_ping(at(3000)));
        assert_eq!(clock.next_check(at(3000)), Some(2500));
        assert!(check(&mut clock, at(5499)));
        assert!(!check(&mut clock, at(5500)));
    }

    #[test]
    fn an_answer_ends_the_wait() {
        let mut clock = KeepAlive::new(4, START);
        check(&mut clock, at(3000));
        clock.take_ping(at(3000));
        clock.sent(at(3000));
        clock.received(at(3100));
        clock.answered();
        assert!(check(&mut clock, at(5999)));
        assert!(check(&mut clock, at(6000)));
        assert!(clock.take_ping(at(6000)));
    }

    #[test]
    fn messages_before_the_answer_postpone_its_deadline_but_not_for_ever() {
        let mut clock = KeepAlive::new(4, START);
        check(&mut clock, at(3000));
        clock.take_ping(at(3000));
        for s in 4..60 {
            clock.received(at(s * 1000));
            assert!(check(&mut clock, at(s * 1000 + 500)));
        }
        clock.received(at(62_900));
        assert!(!check(&mut clock, at(63_000)));
    }

    #[test]
    fn zero_switches_it_off() {
        let mut clock = KeepAlive::new(0, START);
        assert_eq!(clock.next_check(at(70_000_000)), None);
        assert!(check(&mut clock, at(70_000_000)));
        assert!(!clock.take_ping(at(70_000_000)));
    }

    #[test]
    fn a_ping_that_the_application_asks_for_leaves_although_the_clock_is_off() {
        let mut clock = KeepAlive::new(0, START);
        clock.ask(at(10));
        assert!(clock.ping_is_due());
        assert!(clock.take_ping(at(20)) && clock.awaits_answer());
        assert!(check(&mut clock, at(70_000_000)), "no answer is overdue");
        clock.answered();
        assert!(!clock.awaits_answer());
    }

    #[test]
    fn the_longest_interval_fits_the_clock() {
        let mut clock = KeepAlive::new(u16::MAX, START);
        assert!(check(&mut clock, at(49_151_249)));
        assert!(!clock.take_ping(at(49_151_249)));
        assert!(check(&mut clock, at(49_151_250)));
        assert!(clock.take_ping(at(49_151_250)));
    }

    #[test]
    fn mqtt_3_1_2_23_a_further_ping_is_due_while_an_answer_is_missing() {
        let mut clock = KeepAlive::new(4, START);
        for ping in 1..=10 {
            let due = ping * 3000;
            // Bytes come all the time: the answer is behind them.
            clock.received(at(due - 1));
            assert!(check(&mut clock, at(due - 1)) && !clock.ping_is_due());
            clock.received(at(due));
            assert!(check(&mut clock, at(due)));
            assert!(clock.take_ping(at(due)));
        }
    }

    #[test]
    fn only_a_reader_that_has_caught_up_misses_an_answer() {
        let mut clock = KeepAlive::new(4, START);
        clock.check(at(3000), PATIENCE, false);
        assert!(clock.take_ping(at(3000)));
        clock.caught_up(at(5499));
        for s in 0..100 {
            assert!(clock.check(at(6000 + s * 1000), 1000, false));
            clock.take_ping(at(6000 + s * 1000));
        }
        clock.caught_up(at(105_000));
        assert!(!clock.check(at(105_000), 1000, false));
    }

    #[test]
    fn an_overdue_answer_alone_wakes_no_caller() {
        let mut clock = KeepAlive::new(4, START);
        clock.check(at(3000), PATIENCE, false);
        clock.take_ping(at(3000));
        assert_eq!(clock.next_check(at(5499)), Some(1));
        assert_eq!(clock.next_check(at(5500)), Some(500), "the next PINGREQ");
    }

    #[test]
    fn a_payload_postpones_the_answer_to_its_end() {
        let mut clock = KeepAlive::new(4, START);
        check(&mut clock, at(3000));
        clock.take_ping(at(3000));
        let look = |clock: &mut KeepAlive, ms: u32, in_payload| {
            clock.caught_up(at(ms));
            clock.check(at(ms), 10_000, in_payload)
        };
        for s in 4..100 {
            clock.received(at(s * 1000));
            assert!(look(&mut clock, s * 1000 + 500, true));
        }
        clock.payload_ended();
        // Further payloads change nothing.
        clock.received(at(100_000));
        assert!(look(&mut clock, 101_000, true));
        clock.payload_ended();
        clock.received(at(101_400));
        assert!(look(&mut clock, 101_499, false));
        assert!(!look(&mut clock, 101_500, true));
    }
}
