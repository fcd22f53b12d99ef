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

/// Seconds since 1970 began in UTC, of a year, month (1 to 12), day, hour, minute and second;
/// `None` before that.
pub fn seconds_since_1970([year, month, day, hour, minute, second]: [u64; 6]) -> Option<u64> {
    // Years that begin in March: a leap day is the last of its year.
    let year = year.checked_sub(u64::from(month <= 2))?;
    let month = month.checked_add(9)?.checked_rem(12)?;
    let day_of_year = month
        .checked_mul(153)?
        .checked_add(2)?
        .checked_div(5)?
        .checked_add(day)?;
    let leap_days = year
        .checked_div(4)?
        .checked_sub(year.checked_div(100)?)?
        .checked_add(year.checked_div(400)?)?;
    let days = year
        .checked_mul(365)?
        .checked_add(leap_days)?
        .checked_add(day_of_year)?
        .checked_sub(DAYS_BEFORE_1970)?;
    let hours = days.checked_mul(24)?.checked_add(hour)?;
    let minutes = hours.checked_mul(60)?.checked_add(minute)?;
    minutes.checked_mul(60)?.checked_add(second)
}

/// From the last of February of the year 0.
const DAYS_BEFORE_1970: u64 = 719_469;

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

    #[test]
    fn dates_are_counted_as_unix_counts_them() {
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
        assert_eq!(seconds_since_1970([u64::MAX; 6]), None);
    }
}
