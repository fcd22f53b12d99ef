//! Values on MicroPython's heap that several contexts use in turn.

use core::fmt;
use core::ptr::NonNull;

use super::lock::{Mutex, MutexGuard};
use super::sys;

/// A value in a block of MicroPython's heap of its own, used by one context at a time.
///
/// A copy refers to the same value, which lives as long as the collector finds a copy: on
/// the stack of a thread or in another block. It finds what the value refers to. There is no
/// `Drop`: the collector frees.
pub struct Shared<T>(NonNull<Mutex<T>>);

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

impl<T> Shared<T> {
    /// Puts `value` on the heap; `None` without the memory for it. May collect.
    pub fn new(value: T) -> Option<Self> {
        // The heap's blocks are aligned for words, of which such a value is made.
        const { assert!(align_of::<Mutex<T>>() <= align_of::<[usize; 2]>() * 2) };
        // SAFETY: a plain size. Does not raise.
        let block = unsafe { sys::mqtt_vm_alloc(size_of::<Mutex<T>>()) };
        let place = NonNull::new(block.cast::<Mutex<T>>())?;
        // SAFETY: the block is fresh, and as large as that.
        unsafe { place.write(Mutex::new(value)) };
        Some(Self(place))
    }

    /// The value, unless another context is using it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        // SAFETY: written by `new`, and not freed while `self` refers to it.
        unsafe { self.0.as_ref() }.try_lock()
    }
}
