//! Milliseconds on a clock that wraps, as microcontrollers have it.
#![forbid(unsafe_code)]

use core::ops::Add;

/// The longest span of time that [`Instant`]s can tell apart, in ms (about 24 days).
///
/// Every timeout that a user sets is well below it.
pub const MAX_SPAN_MS: u32 = i32::MAX as u32;

/// A point in time: milliseconds of a monotonic clock with an arbitrary start, modulo 2^32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(u32);

impl Instant {
    /// The instant at which the clock shows `ms` milliseconds.
    pub const fn from_ms(ms: u32) -> Self {
        Self(ms)
    }

    /// Milliseconds since `earlier`; 0 if that is still to come.
    pub const fn duration_since(self, earlier: Self) -> u32 {
        let span = self.0.wrapping_sub(earlier.0);
        if span > MAX_SPAN_MS { 0 } else { span }
    }

    /// The later of the two.
    #[must_use]
    pub const fn max(self, other: Self) -> Self {
        if other.duration_since(self) > 0 {
            other
        } else {
            self
        }
    }
}

impl Add<u32> for Instant {
    type Output = Self;

    /// The instant `ms` milliseconds later; at most [`MAX_SPAN_MS`].
    fn add(self, ms: u32) -> Self {
        Self(self.0.wrapping_add(ms))
    }
}

/// A point in time after which waiting is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline `timeout_ms` after `now`; at most [`MAX_SPAN_MS`].
    pub const fn after(now: Instant, timeout_ms: u32) -> Self {
        Self(Instant(now.0.wrapping_add(timeout_ms)))
    }

    /// Milliseconds that are left at `now`; `None` once the deadline has passed.
    pub const fn remaining(self, now: Instant) -> Option<u32> {
        match self.0.duration_since(now) {
            0 => None,
            left => Some(left),
        }
    }
}

/// Seconds since 1970 began in UTC, of a year, month (1 to 12), day, hour, minute and second;
/// `None` before that.
pub fn seconds_since_1970(date: [u16; 6]) -> Option<u64> {
    // Of sixteen bits each, nothing overflows.
    let [year, month, day, hour, minute, second] = date.map(u32::from);
    // Years that begin in March: a leap day is the last of its year.
    let year = year.checked_sub(u32::from(month <= 2))?;
    let month = month.wrapping_add(9) % 12;
    let day_of_year = (month.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(day);
    let leap_days = (year / 4).wrapping_sub(year / 100).wrapping_add(year / 400);
    let days = year
        .wrapping_mul(365)
        .wrapping_add(leap_days)
        .wrapping_add(day_of_year)
        .checked_sub(DAYS_BEFORE_1970)?;
    let minutes = hour.wrapping_mul(60).wrapping_add(minute);
    let seconds = minutes.wrapping_mul(60).wrapping_add(second);
    Some(
        u64::from(days)
            .wrapping_mul(86_400)
            .wrapping_add(seconds.into()),
    )
}

/// From the last of February of the year 0.
const DAYS_BEFORE_1970: u32 = 719_469;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_when_the_clock_wraps() {
        let before = Instant::from_ms(u32::MAX - 9);
        let after = before + 30;
        assert_eq!(after, Instant::from_ms(20));
        assert_eq!(after.duration_since(before), 30);
        assert_eq!(before.duration_since(after), 0);
        assert_eq!(before.max(after), after);
        assert_eq!(after.max(before), after);
    }

    #[test]
    fn a_deadline_passes_once_and_stays_passed() {
        let start = Instant::from_ms(u32::MAX - 5);
        let deadline = Deadline::after(start, 10);
        assert_eq!(deadline.remaining(start), Some(10));
        assert_eq!(deadline.remaining(start + 9), Some(1));
        assert_eq!(deadline.remaining(start + 10), None);
        assert_eq!(deadline.remaining(start + 1_000_000), None);
    }

    #[test]
    fn dates_count_as_in_unix() {
        let dates = [
            ([1970, 1, 1, 0, 0, 0], 0),
            ([1970, 3, 1, 0, 0, 1], 59 * 86400 + 1),
            ([2000, 1, 1, 0, 0, 0], 946_684_800),
            ([2000, 2, 29, 23, 59, 59], 951_868_799),
            ([2000, 3, 1, 0, 0, 0], 951_868_800),
            ([2024, 12, 31, 12, 30, 15], 1_735_648_215),
            ([2100, 3, 1, 0, 0, 0], 4_107_542_400),
        ];
        for (date, seconds) in dates {
            assert_eq!(seconds_since_1970(date), Some(seconds), "{date:?}");
        }
        assert_eq!(seconds_since_1970([1969, 12, 31, 23, 59, 59]), None);
        assert_eq!(seconds_since_1970([0; 6]), None);
        // The latest date there can be: nothing overflows.
        let latest = [u16::MAX, 12, u16::MAX, u16::MAX, u16::MAX, u16::MAX];
        assert_eq!(seconds_since_1970(latest), Some(2_011_848_528_435));
    }
}
