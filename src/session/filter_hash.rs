//! Telling filters apart from those that match a topic, at a glance.
//!
//! A level of a filter that is no wildcard has to be the topic's at the same place. The sum of the
//! hashes of these levels is compared first, which costs a few instructions for each filter; only
//! where it is equal is the text looked at.

const SEPARATOR: u8 = b'/';
/// The levels that count. Further ones do not tell filters apart.
const LEVELS: usize = 8;
/// All combinations of three levels.
const SUMS: usize = 8;

/// What a topic must have for a filter to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FilterHash {
    /// The sum of the hashes of the levels that are no wildcards.
    sum: u32,
    /// Which these are: the first one is bit 0.
    levels: u8,
}

/// What is known of a topic.
pub(super) struct TopicHashes {
    hashes: [u32; LEVELS],
    /// Which levels there are.
    levels: u8,
    /// The sum for the levels of the last hash: most filters have those of the one before.
    last: FilterHash,
    /// And for those of some before.
    sums: [FilterHash; SUMS],
}

impl FilterHash {
    const ANY: Self = Self { sum: 0, levels: 0 };

    pub(super) fn of(filter: &str) -> Self {
        let mut filter_hash = Self::ANY;
        let mut bit = 1_u8;
        let mut place = FIRST_PLACE;
        let levels = filter.as_bytes().split(|byte| *byte == SEPARATOR);
        for level in levels.take(LEVELS) {
            if !matches!(level, b"+" | b"#") {
                let hash = level.iter().fold(place, |hash, byte| step(hash, *byte));
                filter_hash.levels |= bit;
                filter_hash.sum = filter_hash.sum.wrapping_add(hash);
            }
            bit = bit.wrapping_shl(1);
            place = next_place(place);
        }
        filter_hash
    }
}

impl TopicHashes {
    /// At nothing yet.
    pub(super) const NONE: Self = Self {
        hashes: [0; LEVELS],
        levels: 0,
        last: FilterHash::ANY,
        sums: [FilterHash::ANY; SUMS],
    };

    /// Has a first look. In place: it is not small.
    #[inline(never)]
    pub(super) fn look_at(&mut self, topic: &str) {
        let mut rest = topic.as_bytes().iter();
        let mut place = FIRST_PLACE;
        for known in &mut self.hashes {
            self.levels = self.levels.wrapping_shl(1) | 1;
            let mut hash = place;
            loop {
                match rest.next() {
                    Some(&SEPARATOR) => break,
                    Some(byte) => hash = step(hash, *byte),
                    None => {
                        *known = hash;
                        return;
                    }
                }
            }
            *known = hash;
            place = next_place(place);
        }
    }

    /// False: the filter does not match. True: it probably does.
    #[inline]
    pub(super) fn may_match(&mut self, filter: FilterHash) -> bool {
        if filter.levels != self.last.levels {
            self.last = self.hash(filter.levels);
        }
        filter.sum == self.last.sum && filter.levels & !self.levels == 0
    }

    /// What a filter with these levels has if it matches.
    #[inline(never)]
    fn hash(&mut self, levels: u8) -> FilterHash {
        let place = usize::from(levels) % SUMS;
        let Some(known) = self.sums.get_mut(place) else {
            return FilterHash::ANY;
        };
        if known.levels != levels {
            let mut sum = 0_u32;
            let mut left = levels;
            for hash in &self.hashes {
                if left & 1 != 0 {
                    sum = sum.wrapping_add(*hash);
                }
                left >>= 1;
            }
            *known = FilterHash { sum, levels };
        }
        *known
    }
}

/// What the hash of the first level begins with (FNV-1a).
const FIRST_PLACE: u32 = 0x811c_9dc5;

/// What the hash of the next level begins with: the same text there is another level.
#[inline(always)]
fn next_place(place: u32) -> u32 {
    place.wrapping_add(0x9e37_79b9)
}

/// FNV-1a.
#[inline(always)]
fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::topic_matches;

    fn at(topic: &str) -> TopicHashes {
        let mut hashes = TopicHashes::NONE;
        hashes.look_at(topic);
        hashes
    }

    #[test]
    fn no_filter_that_matches_is_passed_over() {
        let texts = [
            "",
            "a",
            "b",
            "a/b",
            "b/a",
            "/",
            "//",
            "a/",
            "/a",
            "$a",
            "a/b/c/d/e/f/g/h/i/j",
        ];
        let wild = [
            "#",
            "+",
            "+/+",
            "a/+",
            "+/b",
            "a/#",
            "a/b/#",
            "+/#",
            "/+",
            "+/",
            "a/b/c/d/e/f/g/h/+/j",
            "a/b/c/d/e/f/g/h/i/#",
        ];
        for topic in texts {
            let mut hashes = at(topic);
            for filter in texts.into_iter().chain(wild) {
                let may_match = hashes.may_match(FilterHash::of(filter));
                assert!(
                    may_match || !topic_matches(filter, topic),
                    "{filter} {topic}"
                );
            }
        }
    }

    #[test]
    fn places_count() {
        for (filter, topic) in [
            ("a/b", "b/a"),
            ("+/a", "a/b"),
            ("a/+", "b/a"),
            ("a/b", "a"),
            ("+/+/a", "a/a"),
            ("a/b", "ab"),
        ] {
            assert!(
                !at(topic).may_match(FilterHash::of(filter)),
                "{filter} {topic}"
            );
        }
    }
}
