//! Locks.

use core::cell::Cell;

use lock_api::{GuardNoSend, RawMutex};

use super::sys;
use super::thread::PYTHON_HAS_THREADS;

/// A value that one context uses at a time.
///
/// Hold it for a few instructions, never across a call into the VM: whoever finds it taken
/// spins. What is held longer is to be taken with `try_lock` alone.
pub type Mutex<T> = lock_api::Mutex<Raw, T>;

/// The value of a [`Mutex`], until it is dropped.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, Raw, T>;

type Raw = <Python<PYTHON_HAS_THREADS> as Locking>::Raw;

/// Python, with threads or without.
pub struct Python<const THREADS: bool>;

/// What keeps contexts out of each other's way.
pub trait Locking {
    /// The lock.
    type Raw: RawMutex;
}

impl Locking for Python<true> {
    type Raw = spin::Mutex<()>;
}

impl Locking for Python<false> {
    type Raw = Flag;
}

/// Whether a [`Mutex`] is taken, where there is one context, which others interrupt: nothing has
/// to be atomic then.
pub struct Flag(Cell<bool>);

// SAFETY: without threads nobody else looks.
unsafe impl Sync for Flag {}

impl Flag {
    /// False: it was taken before.
    #[inline(always)]
    fn take(&self) -> bool {
        !self.0.replace(true)
    }
}

// SAFETY: it is taken by one context at a time, as there is only one.
unsafe impl RawMutex for Flag {
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = Self(Cell::new(false));

    type GuardMarker = GuardNoSend;

    #[inline(never)]
    fn lock(&self) {
        if !self.take() {
            // Who has it cannot go on before this returns.
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
