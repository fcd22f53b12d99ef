//! A growable table on MicroPython's heap.

use core::ops::{Deref, DerefMut};
use core::{ptr, slice};

use super::sys;

/// Entries in one block of MicroPython's heap, where the collector sees the objects that
/// they refer to.
///
/// It only sees them while the `Block` itself lies where the collector looks. Room is made
/// with [`Block::room_for`] and [`Block::grow`], apart from [`Block::push`], so that no
/// allocation need happen under a lock. There is no `Drop`: the collector frees.
#[derive(Debug)]
pub struct Block<T> {
    entries: *mut T,
    len: usize,
    capacity: usize,
}

/// Entries of a fresh block: most inboxes never hold more than one.
const FIRST: usize = 1;

impl<T: Copy> Default for Block<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy> Block<T> {
    /// An empty table without memory.
    pub const fn new() -> Self {
        Self {
            entries: ptr::null_mut(),
            len: 0,
            capacity: 0,
        }
    }

    /// The capacity to ask [`Block::with_capacity`] for before one more entry fits; `None`
    /// if it does already.
    pub fn room_for(&self) -> Option<usize> {
        (self.len >= self.capacity).then(|| self.capacity.saturating_mul(2).max(FIRST))
    }

    /// An empty table with room for `capacity` entries; `None` without the memory for it.
    /// May collect.
    pub fn with_capacity(capacity: usize) -> Option<Self> {
        let size = capacity.checked_mul(size_of::<T>())?;
        // SAFETY: a plain size. Does not raise. The heap's blocks are aligned for any entry
        // made of words.
        let entries = unsafe { sys::mqtt_vm_alloc(size) }.cast::<T>();
        (!entries.is_null()).then_some(Self {
            entries,
            len: 0,
            capacity,
        })
    }

    /// Moves everything into `larger`, if that is larger. Gives back the table that is left
    /// over, for [`Block::free`].
    #[must_use]
    pub fn grow(&mut self, mut larger: Self) -> Self {
        if larger.capacity <= self.capacity {
            return larger;
        }
        // SAFETY: both blocks hold at least `self.len` entries and do not overlap.
        unsafe { ptr::copy_nonoverlapping(self.entries, larger.entries, self.len) };
        larger.len = self.len;
        core::mem::replace(self, larger)
    }

    /// Gives the memory back at once.
    pub fn free(self) {
        if !self.entries.is_null() {
            let size = self.capacity.saturating_mul(size_of::<T>());
            // SAFETY: the block came from `mqtt_vm_alloc` with this size, and `self` was the
            // only one to know it. Does not raise.
            unsafe { sys::mqtt_vm_free(self.entries.cast(), size) };
        }
    }

    /// Appends `entry`; gives it back when there is no room.
    pub fn push(&mut self, entry: T) -> Result<(), T> {
        if self.len >= self.capacity {
            return Err(entry);
        }
        // SAFETY: `len` is less than `capacity`, so the place is within the block.
        unsafe { self.entries.add(self.len).write(entry) };
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Removes the entry at `index` and keeps the order of the others.
    pub fn remove(&mut self, index: usize) -> Option<T> {
        let entry = *self.get(index)?;
        self.close_gap(index, 1);
        Some(entry)
    }

    /// Removes the first `n` entries.
    pub fn remove_first(&mut self, n: usize) {
        self.close_gap(0, n);
    }

    /// Removes `n` entries from `index` on, if there are that many.
    fn close_gap(&mut self, index: usize, n: usize) {
        let Some(rest) = self.len.checked_sub(index.saturating_add(n)) else {
            return;
        };
        // SAFETY: all `len` entries are within the block, and `index + n + rest` is `len`.
        unsafe {
            let gap = self.entries.add(index);
            ptr::copy(gap.add(n), gap, rest);
        }
        self.truncate(index.saturating_add(rest));
    }
}

impl<T> Block<T> {
    /// Keeps the first `len` entries. Objects that nothing else refers to must not be kept
    /// alive from the places of the others: they are zeroed.
    pub fn truncate(&mut self, len: usize) {
        while self.len > len {
            self.len = self.len.saturating_sub(1);
            // SAFETY: the place behind the last entry is within the block.
            unsafe { self.entries.add(self.len).write_bytes(0, 1) };
        }
    }
}

impl<T> Deref for Block<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the first `len` entries of the block have been written.
        unsafe { slice::from_raw_parts(self.entries, self.len) }
    }
}

impl<T> DerefMut for Block<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: the first `len` entries of the block have been written, and `self` is the
        // only one to know the block.
        unsafe { slice::from_raw_parts_mut(self.entries, self.len) }
    }
}
