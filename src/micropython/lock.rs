//! Locks over memory.

use core::cell::UnsafeCell;
use core::fmt;
use core::ops::{Deref, DerefMut};

use portable_atomic::{AtomicBool, Ordering};

use super::sys;

/// Whether no two contexts ever run Rust code of the module at once: under a GIL, or where
/// there is one thread. They then change only where the VM is called, so a lock needs no
/// atomic exchange.
const TAKES_TURNS: bool = sys::MQTT_TAKES_TURNS != 0;

/// A value that one context uses at a time.
///
/// Hold it for a few instructions, never across a call into the VM: whoever finds it taken
/// spins. What is held longer is to be taken with [`Lock::try_lock`] alone.
pub struct Lock<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `taken` lets one context at a time to the value.
unsafe impl<T: Send> Sync for Lock<T> {}

/// The value of a [`Lock`], until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a Lock<T>,
}

impl<T> Lock<T> {
    /// A free lock.
    pub const fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// The value, as soon as it is free.
    #[inline]
    pub fn lock(&self) -> Guard<'_, T> {
        take(&self.taken);
        Guard { lock: self }
    }

    /// The value, if it is free.
    #[inline]
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        // Lazily: a guard that is dropped frees the lock.
        try_take(&self.taken).then(|| Guard { lock: self })
    }

    /// Whether somebody has it.
    pub fn is_locked(&self) -> bool {
        self.taken.load(Ordering::Relaxed)
    }
}

// Once in a small firmware, at every place in a fast one.
#[inline]
fn take(taken: &AtomicBool) {
    while !try_take(taken) {
        core::hint::spin_loop();
    }
}

#[inline]
fn try_take(taken: &AtomicBool) -> bool {
    if TAKES_TURNS {
        let free = !taken.load(Ordering::Relaxed);
        taken.store(true, Ordering::Relaxed);
        free
    } else {
        !taken.swap(true, Ordering::Acquire)
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let order = if TAKES_TURNS {
            Ordering::Relaxed
        } else {
            Ordering::Release
        };
        self.lock.taken.store(false, order);
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard is the only one while `taken` is set. Does not raise.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`. Does not raise.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lock")
    }
}
