//! Removing from bounded tables: nothing of what is removed stays behind.

use core::mem::MaybeUninit;

use heapless::Vec;

/// Removes the entry at `index`, if there is one, and keeps the order of the others. (The
/// table's own way to do it is a panic if there is none.)
///
/// The place that is free then is zeroed: a collector that takes for a reference whatever looks like
/// one would keep alive what the entry referred to.
pub(super) fn remove_at<T, const N: usize>(table: &mut Vec<T, N>, index: usize) -> Option<T> {
    let mut rest = table.get_mut(index..).filter(|rest| !rest.is_empty())?;
    while let [entry, later @ ..] = rest
        && let Some(next) = later.first_mut()
    {
        core::mem::swap(entry, next);
        rest = later;
    }
    let removed = table.pop();
    if let Some(place) = free_places(table).first_mut() {
        *place = MaybeUninit::zeroed();
    }
    removed
}

/// Removes the entries that are not to be kept, in the same way.
pub(super) fn retain<T, const N: usize>(table: &mut Vec<T, N>, keep: impl FnMut(&T) -> bool) {
    table.retain(keep);
    free_places(table).fill_with(MaybeUninit::zeroed);
}

/// Those behind the last entry.
fn free_places<T, const N: usize>(table: &mut Vec<T, N>) -> &mut [MaybeUninit<T>] {
    // Never so, but the compiler does not know it, and would have the table panic.
    if table.len() > N {
        return &mut [];
    }
    table.spare_capacity_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_keep_their_order() {
        let mut table = Vec::<u8, 4>::from_array([1, 2, 3, 4]);
        assert_eq!(remove_at(&mut table, 1), Some(2));
        assert_eq!(table, [1, 3, 4]);
        assert_eq!(remove_at(&mut table, 2), Some(4));
        assert_eq!(remove_at(&mut table, 2), None);
        assert_eq!(table, [1, 3]);
    }
}
