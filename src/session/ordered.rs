//! Removing from the middle of a bounded table.

use heapless::Vec;

/// Removes the entry at `index`, if there is one, and keeps the order of the others. (The
/// table's own way to do it is a panic if there is none.)
pub(super) fn remove_at<T, const N: usize>(table: &mut Vec<T, N>, index: usize) -> Option<T> {
    let mut rest = table.get_mut(index..).filter(|rest| !rest.is_empty())?;
    while let [entry, later @ ..] = rest
        && let Some(next) = later.first_mut()
    {
        core::mem::swap(entry, next);
        rest = later;
    }
    table.pop()
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
