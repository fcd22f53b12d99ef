//! Milliseconds on a clock that wraps, as microcontrollers have it.
#![forbid(unsafe_code)]

/// The longest span of time that [`Instant`]s can tell apart, in ms (about 24 days).
///
/// Every timeout a user sets stays well below it.
pub const MAX_SPAN_MS: u32 = i32::MAX as u32;

/// A point in time: milliseconds of a monotonic clock with an arbitrary start, modulo 2^32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(u32);

impl Instant {
    /// The instant at which the clock shows `ms` milliseconds.
    pub const fn from_ms(ms: u32) -> Self {
        Self(ms)
    }

    /// The instant `ms` milliseconds later; at most [`MAX_SPAN_MS`].
    #[must_use]
    pub const fn after(self, ms: u32) -> Self {
        Self(self.0.wrapping_add(ms))
    }

    /// Milliseconds since `earlier`; 0 if that is still to come.
    pub const fn since(self, earlier: Self) -> u32 {
        let span = self.0.wrapping_sub(earlier.0);
        if span > MAX_SPAN_MS { 0 } else { span }
    }

    /// The later of the two.
    #[must_use]
    pub const fn max(self, other: Self) -> Self {
        if other.since(self) > 0 { other } else { self }
    }
}

/// A point in time after which waiting is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline `timeout_ms` after `now`; at most [`MAX_SPAN_MS`].
    pub const fn after(now: Instant, timeout_ms: u32) -> Self {
        Self(now.after(timeout_ms))
    }

    /// Milliseconds that are left at `now`; `None` once the deadline has passed.
    pub const fn left(self, now: Instant) -> Option<u32> {
        match self.0.since(now) {
            0 => None,
            left => Some(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_when_the_clock_wraps() {
        let before = Instant::from_ms(u32::MAX - 9);
        let after = before.after(30);
        assert_eq!(after, Instant::from_ms(20));
        assert_eq!(after.since(before), 30);
        assert_eq!(before.since(after), 0);
        assert_eq!(before.max(after), after);
        assert_eq!(after.max(before), after);
    }

    #[test]
    fn a_deadline_passes_once_and_stays_passed() {
        let start = Instant::from_ms(u32::MAX - 5);
        let deadline = Deadline::after(start, 10);
        assert_eq!(deadline.left(start), Some(10));
        assert_eq!(deadline.left(start.after(9)), Some(1));
        assert_eq!(deadline.left(start.after(10)), None);
        assert_eq!(deadline.left(start.after(1_000_000)), None);
    }
}
