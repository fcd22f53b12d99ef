//! Where the session keeps what there can be many of.

use core::ops::DerefMut;

/// A growable table. The session does not allocate: whoever owns the memory brings it.
pub trait Table<T>: DerefMut<Target = [T]> {
    /// Appends `entry`; gives it back when there is no room.
    fn push(&mut self, entry: T) -> Result<(), T>;
    /// Whether there is room for one more entry.
    fn has_room(&self) -> bool;
    /// Removes the entry at `index` and keeps the order of the others.
    fn remove(&mut self, index: usize) -> Option<T>;
    /// Removes all entries.
    fn clear(&mut self);
}

/// The table has no room for one more subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;
