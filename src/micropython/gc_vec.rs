//! A growable table on MicroPython's heap.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::{ptr, slice};

use super::lock::MappedMutexGuard;
use super::sys;

/// Entries in one block of MicroPython's heap, where the collector sees the objects that
/// they refer to.
///
/// It only sees them while the `GcVec` itself lies where the collector looks. [`GcVec::push`]
/// never allocates: [`GcVec::reserve`] makes room before. There is no `Drop`: the collector
/// frees.
#[derive(Debug)]
pub struct GcVec<T> {
    raw: Raw,
    entries: PhantomData<T>,
}

/// A [`GcVec`] without the type of its entries: the code that all of them share.
#[derive(Debug)]
struct Raw {
    start: *mut u8,
    len: usize,
    capacity: usize,
}

/// MicroPython's heap has no room for a larger block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

/// The capacity of the first block: most inboxes never hold more than one entry.
const FIRST: usize = 1;

impl Raw {
    const fn new() -> Self {
        Self {
            start: ptr::null_mut(),
            len: 0,
            capacity: 0,
        }
    }

    fn next_capacity(&self) -> Option<usize> {
        (self.len >= self.capacity).then(|| self.capacity.saturating_mul(2).max(FIRST))
    }

    fn with_capacity(capacity: usize, entry: usize) -> Option<Self> {
        let size = capacity.checked_mul(entry)?;
        // SAFETY: a plain size. Does not raise. The heap's blocks are aligned for any entry
        // made of words.
        let start = unsafe { sys::mqtt_vm_alloc(size) }.cast::<u8>();
        (!start.is_null()).then_some(Self {
            start,
            len: 0,
            capacity,
        })
    }

    /// Makes room for one more entry; see [`GcVec::reserve`].
    ///
    /// # Safety
    ///
    /// Entries of the table that `lock` gives access to take `entry` bytes.
    unsafe fn reserve<'a>(
        lock: &dyn Fn() -> MappedMutexGuard<'a, Self>,
        entry: usize,
    ) -> Result<(), NoMemory> {
        let wanted = lock().next_capacity();
        let Some(capacity) = wanted else {
            return Ok(());
        };
        let mut other = Self::with_capacity(capacity, entry).ok_or(NoMemory)?;
        // SAFETY: entries of both take `entry` bytes, and afterwards `other` is the block that
        // nobody uses. Neither call raises.
        unsafe {
            lock().grow(&mut other, entry);
            other.free(entry);
        }
        Ok(())
    }

    /// Moves all entries into `larger` and swaps the two, if that is larger.
    ///
    /// # Safety
    ///
    /// Entries of both take `entry` bytes.
    unsafe fn grow(&mut self, larger: &mut Self, entry: usize) {
        if larger.capacity > self.capacity {
            let used = self.len.saturating_mul(entry);
            // SAFETY: both blocks hold at least `self.len` entries and do not overlap. Does not
            // raise.
            unsafe { ptr::copy_nonoverlapping(self.start, larger.start, used) };
            larger.len = self.len;
            core::mem::swap(self, larger);
        }
    }

    /// Gives the block back.
    ///
    /// # Safety
    ///
    /// Entries take `entry` bytes, and nothing uses the block afterwards.
    unsafe fn free(&self, entry: usize) {
        if !self.start.is_null() {
            let size = self.capacity.saturating_mul(entry);
            // SAFETY: the block came from `mqtt_vm_alloc` with this size, and `self` alone referred
            // to it. Does not raise.
            unsafe { sys::mqtt_vm_free(self.start.cast(), size) };
        }
    }

    /// Removes `n` entries from `index` on, if there are that many.
    ///
    /// # Safety
    ///
    /// Entries take `entry` bytes.
    unsafe fn close_gap(&mut self, index: usize, n: usize, entry: usize) {
        let Some(rest) = self.len.checked_sub(index.saturating_add(n)) else {
            return;
        };
        // SAFETY: all `len` entries are within the block, and `index + n + rest` is `len`.
        // The places that become free are zeroed: they must not keep objects alive. Does not
        // raise.
        unsafe {
            let gap = self.start.add(index.wrapping_mul(entry));
            let n = n.wrapping_mul(entry);
            let rest = rest.wrapping_mul(entry);
            ptr::copy(gap.add(n), gap, rest);
            gap.add(rest).write_bytes(0, n);
        }
        self.len = index.saturating_add(rest);
    }
}

impl<T: Copy> Default for GcVec<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy> GcVec<T> {
    /// Makes an empty table without memory.
    pub const fn new() -> Self {
        Self {
            raw: Raw::new(),
            entries: PhantomData,
        }
    }

    /// Whether one more entry fits.
    pub fn has_room(&self) -> bool {
        self.raw.next_capacity().is_none()
    }

    /// Makes room for one more entry in the table that `lock` gives access to. The lock is
    /// held to look and to move the entries, and is free while memory is allocated or given
    /// back: either may collect. Another context may take the room before the caller does.
    ///
    /// # Errors
    ///
    /// [`NoMemory`]: the heap has no block for twice as many entries. The table is as it was.
    pub fn reserve<'a>(lock: impl Fn() -> MappedMutexGuard<'a, Self>) -> Result<(), NoMemory>
    where
        T: 'a,
    {
        // SAFETY: entries are `T`.
        unsafe {
            Raw::reserve(
                &|| MappedMutexGuard::map(lock(), |table| &mut table.raw),
                size_of::<T>(),
            )
        }
    }

    /// Appends `entry`.
    ///
    /// # Errors
    ///
    /// The entry, when there is no room for it.
    pub fn push(&mut self, entry: T) -> Result<(), T> {
        if self.raw.len >= self.raw.capacity {
            return Err(entry);
        }
        // SAFETY: `len` is less than `capacity`, so the place is within the block. Does not raise.
        unsafe { self.start().add(self.raw.len).write(entry) };
        self.raw.len = self.raw.len.saturating_add(1);
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

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.close_gap(0, self.raw.len);
    }

    /// Removes `n` entries from `index` on, if there are that many.
    fn close_gap(&mut self, index: usize, n: usize) {
        // SAFETY: entries are `T`. Does not raise.
        unsafe { self.raw.close_gap(index, n, size_of::<T>()) };
    }
}

impl<T> GcVec<T> {
    const fn start(&self) -> *mut T {
        self.raw.start.cast()
    }
}

impl<T> Deref for GcVec<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        if self.raw.len == 0 {
            return &[];
        }
        // SAFETY: the first `len` entries of the block have been written. Does not raise.
        unsafe { slice::from_raw_parts(self.start(), self.raw.len) }
    }
}

impl<T> DerefMut for GcVec<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        if self.raw.len == 0 {
            return &mut [];
        }
        // SAFETY: the first `len` entries of the block have been written, and `self` alone refers to
        // the block. Does not raise.
        unsafe { slice::from_raw_parts_mut(self.start(), self.raw.len) }
    }
}
