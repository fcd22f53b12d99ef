//! Values on MicroPython's heap that several contexts share, one at a time.

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use crate::sync::{Notice, Seen};

use super::exception::Exception;
use super::lock::{Mutex, MutexGuard};
use super::sys;
use super::vm::{Event, MicroPython};

/// A value in a block of MicroPython's heap of its own, used by one context at a time.
///
/// A copy refers to the same value, which lives as long as the collector finds a copy: on
/// the stack of a thread or in another block. It finds the objects that the value refers to. There
/// is no
/// `Drop`: the collector frees.
pub struct GcMutex<T>(NonNull<Place<T>>);

struct Place<T> {
    value: Mutex<T>,
    /// Happens when a context is done with the value.
    free: Event,
}

/// The value, for the context that uses it. Dropping it wakes the contexts that wait for it.
pub struct GcMutexGuard<'a, T> {
    // Dropped in this order: the value is free before a waiting context wakes.
    value: MutexGuard<'a, T>,
    _notice: Notice<'a, MicroPython>,
}

impl<T> Deref for GcMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for GcMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> fmt::Debug for GcMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GcMutex")
    }
}

impl<T> Clone for GcMutex<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for GcMutex<T> {}

impl<T> GcMutex<T> {
    /// Puts `value` on the heap. Gives `None` when the heap has no room for it. May collect.
    pub fn new(value: T) -> Option<Self> {
        // The heap's blocks are aligned for words, of which such a value is made.
        const { assert!(align_of::<Place<T>>() <= align_of::<[usize; 2]>() * 2) };
        // SAFETY: a plain size. Does not raise.
        let block = unsafe { sys::mqtt_vm_alloc(size_of::<Place<T>>()) };
        let place = NonNull::new(block.cast::<Place<T>>())?;
        let new = Place {
            value: Mutex::new(value),
            free: Event::new(),
        };
        // SAFETY: the block is new and large enough. Does not raise.
        unsafe { place.write(new) };
        Some(Self(place))
    }

    /// Takes the value.
    ///
    /// # Errors
    ///
    /// Another context uses the value: the moment that [`Self::wait`] is to wait from.
    pub fn try_lock(&self) -> Result<GcMutexGuard<'_, T>, Seen> {
        let place = self.place();
        let seen = place.free.seen();
        let value = place.value.try_lock().ok_or(seen)?;
        Ok(GcMutexGuard {
            value,
            _notice: Notice(&place.free),
        })
    }

    /// Waits until the context that used the value is done, for at most `timeout_ms`, with the GIL
    /// released. May return early.
    ///
    /// # Errors
    ///
    /// A pending exception (Ctrl-C).
    pub fn wait(&self, seen: Seen, timeout_ms: u32) -> Result<(), Exception> {
        self.place().free.wait(seen, timeout_ms)
    }

    fn place(&self) -> &Place<T> {
        // SAFETY: `new` has written it, and the collector does not free it while `self` refers to
        // it. Does not raise.
        unsafe { self.0.as_ref() }
    }
}
