//! A hash of a topic filter that rules most filters out before their text is compared.
//!
//! Each level of a filter that is no wildcard must be equal to the topic's level at the same place.
//! The session compares the sums of the hashes of these levels first, which costs a few
//! instructions for each filter. It compares the text only where the sums are equal.

use crate::codec::{levels, without_share_name};

const SEPARATOR: u8 = b'/';
/// Number of levels that enter the hash; further ones do not.
const LEVELS: usize = 8;
/// Number of sums that are kept for a topic: enough for all combinations of three levels.
const SUMS: usize = 8;

/// The hash of a filter; a topic that matches has the same sum for the same levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FilterHash {
    /// Sum of the hashes of the levels that are no wildcards.
    sum: u32,
    /// Which levels these are: bit 0 stands for the first.
    levels: u8,
}

/// The hashes of a topic's levels, and the sums that were made of them.
pub(super) struct TopicHashes {
    hashes: [u32; LEVELS],
    /// Which levels the topic has: bit 0 stands for the first.
    levels: u8,
    /// The sum that was compared last: most filters have the levels of the filter before them.
    last: FilterHash,
    /// The sums that were compared earlier.
    sums: [FilterHash; SUMS],
}

impl FilterHash {
    const ANY: Self = Self { sum: 0, levels: 0 };

    pub(super) fn of(filter: &str) -> Self {
        let mut filter_hash = Self::ANY;
        let mut bit = 1_u8;
        let mut place = FIRST_PLACE;
        let filter = without_share_name(filter.as_bytes());
        for level in levels(filter).take(LEVELS) {
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
    /// The hashes of no topic yet.
    pub(super) const NONE: Self = Self {
        hashes: [0; LEVELS],
        levels: 0,
        last: FilterHash::ANY,
        sums: [FilterHash::ANY; SUMS],
    };

    /// Computes the hashes of `topic`, in place because the value is large.
    #[inline(never)]
    pub(super) fn compute(&mut self, topic: &str) {
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

    /// The hash of a filter that has these levels and matches.
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

/// The start value of the hash of the first level (FNV-1a).
const FIRST_PLACE: u32 = 0x811c_9dc5;

/// The start value of the hash of the next level: the same text has another hash there.
#[inline(always)]
fn next_place(place: u32) -> u32 {
    place.wrapping_add(0x9e37_79b9)
}

/// One step of FNV-1a.
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
        hashes.compute(topic);
        hashes
    }

    #[test]
    fn no_filter_that_matches_is_ruled_out() {
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
            "$share/g/a/b",
            "$share/g/a/+",
            "$share/g/#",
            "$share/g//a",
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
    fn the_same_level_at_another_place_has_another_hash() {
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
