//! The tables of the session: one trait for those that grow, and removal from bounded ones that
//! leaves nothing of the removed entry behind.

use core::mem::MaybeUninit;
use core::ops::DerefMut;

use heapless::Vec;

/// A growable table. The session does not allocate: the application owns the memory.
pub trait Table<T>: DerefMut<Target = [T]> {
    /// Appends `entry`.
    ///
    /// # Errors
    ///
    /// There is no room: `entry` comes back.
    fn push(&mut self, entry: T) -> Result<(), T>;
    /// Whether there is room for one more entry.
    fn has_room(&self) -> bool;
    /// Removes the entry at `index` and keeps the order of the others.
    fn remove(&mut self, index: usize) -> Option<T>;
    /// Removes all entries.
    fn clear(&mut self);
}

/// A table of at most `N` entries.
impl<T, const N: usize> Table<T> for Vec<T, N> {
    fn push(&mut self, entry: T) -> Result<(), T> {
        Self::push(self, entry)
    }

    fn has_room(&self) -> bool {
        !self.is_full()
    }

    fn remove(&mut self, index: usize) -> Option<T> {
        remove_at(self, index)
    }

    fn clear(&mut self) {
        retain(self, |_| false);
    }
}

/// The table has no room for one more subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// Removes the entry at `index`, if there is one, and keeps the order of the others.
///
/// The freed place is zeroed: a collector that treats every word as a possible reference would
/// otherwise keep alive the objects that the entry referred to.
pub(super) fn remove_at<T, const N: usize>(table: &mut Vec<T, N>, index: usize) -> Option<T> {
    // `Vec::remove` would panic.
    if index >= table.len() {
        return None;
    }
    let removed = table.remove(index);
    if let Some(place) = free_places(table).first_mut() {
        *place = MaybeUninit::zeroed();
    }
    Some(removed)
}

/// Removes the entries for which `keep` is false, in the same way.
pub(super) fn retain<T, const N: usize>(table: &mut Vec<T, N>, keep: impl Fn(&T) -> bool) {
    while let Some(index) = table.iter().position(|entry| !keep(entry)) {
        let _ = remove_at(table, index);
    }
}

/// The places behind the last entry.
fn free_places<T, const N: usize>(table: &mut Vec<T, N>) -> &mut [MaybeUninit<T>] {
    // Never true. The compiler does not know that, and would make `spare_capacity_mut` panic.
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

    #[test]
    fn a_bounded_table_says_when_it_is_full() {
        let mut table = Vec::<u8, 2>::new();
        assert!(table.has_room());
        assert_eq!(Table::push(&mut table, 1), Ok(()));
        assert_eq!(Table::push(&mut table, 2), Ok(()));
        assert!(!table.has_room());
        assert_eq!(Table::push(&mut table, 3), Err(3));
        assert_eq!(Table::remove(&mut table, 0), Some(1));
        assert_eq!(table, [2]);
        Table::clear(&mut table);
        assert!(table.is_empty() && table.has_room());
    }
}
