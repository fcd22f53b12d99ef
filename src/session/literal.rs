//! Telling filters without wildcards apart at a glance.

use core::num::NonZeroU32;

/// A hash of `filter`, unless it has wildcards: such a filter matches the topic that has the
/// same text, and so the same hash, and no other. One that is `None` has to be compared level
/// by level.
pub(super) fn literal_hash(filter: &str) -> Option<NonZeroU32> {
    let wildcard = |byte: &u8| matches!(byte, b'+' | b'#');
    if filter.as_bytes().iter().any(wildcard) {
        return None;
    }
    Some(hash(filter))
}

/// The hash of a topic name (FNV-1a).
pub(super) fn hash(text: &str) -> NonZeroU32 {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in text.as_bytes() {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    NonZeroU32::MIN | hash
}
