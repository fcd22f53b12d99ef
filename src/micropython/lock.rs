//! Locks.

use core::cell::Cell;

use lock_api::{GuardNoSend, RawMutex};
use portable_atomic::AtomicUsize;

use crate::sync::Atomic;

use super::sys;
use super::thread::PYTHON_HAS_THREADS;

/// A value that one context uses at a time.
///
/// Hold it for a few instructions, never across a call into the VM: a context that finds it taken
/// spins. Take a lock that is held longer with `try_lock` alone.
pub type Mutex<T> = lock_api::Mutex<Raw, T>;

/// The value of a [`Mutex`], until it is dropped.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, Raw, T>;

/// A part of the value of a [`Mutex`], until it is dropped.
pub type MappedMutexGuard<'a, T> = lock_api::MappedMutexGuard<'a, Raw, T>;

pub(super) type Raw = <Python<PYTHON_HAS_THREADS> as Locking>::Raw;

/// Python, with threads or without.
pub struct Python<const THREADS: bool>;

/// The kind of lock and of role that a Python needs, with threads or without.
pub trait Locking {
    /// The lock.
    type Raw: RawMutex;
    /// The identity of the thread that has a role.
    type Holder: Atomic<usize>;
}

impl Locking for Python<true> {
    type Raw = spin::Mutex<()>;
    type Holder = AtomicUsize;
}

impl Locking for Python<false> {
    type Raw = Flag;
    // No word, and no word's alignment.
    type Holder = ();
}

/// Whether a [`Mutex`] is taken, on a port without threads. There is one context; functions that
/// interrupt it end before it goes on, so that nothing has to be atomic.
pub struct Flag(Cell<bool>);

// SAFETY: without threads nothing else looks at it.
unsafe impl Sync for Flag {}

impl Flag {
    /// False: it was taken before.
    #[inline(always)]
    fn take(&self) -> bool {
        !self.0.replace(true)
    }
}

// SAFETY: one context at a time takes it, as there is only one.
unsafe impl RawMutex for Flag {
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = Self(Cell::new(false));

    type GuardMarker = GuardNoSend;

    #[inline(never)]
    fn lock(&self) {
        if !self.take() {
            // The context that has it cannot go on before this one returns.
            // SAFETY: no arguments. Does not return.
            unsafe { sys::mqtt_vm_panic() }
        }
    }

    #[inline(never)]
    fn try_lock(&self) -> bool {
        self.take()
    }

    unsafe fn unlock(&self) {
        self.0.set(false);
    }

    fn is_locked(&self) -> bool {
        self.0.get()
    }
}
