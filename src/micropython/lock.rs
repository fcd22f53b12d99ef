//! Locks.

use lock_api::{GuardNoSend, RawMutex};
use portable_atomic::{AtomicBool, Ordering};

use super::sys;
use super::thread::HAS_THREADS;

/// A value that one context uses at a time.
///
/// Hold it for a few instructions, never across a call into the VM: whoever finds it taken
/// spins. What is held longer is to be taken with `try_lock` alone.
pub type Mutex<T> = lock_api::Mutex<Flag, T>;

/// The value of a [`Mutex`], until it is dropped.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, Flag, T>;

/// Whether a [`Mutex`] is taken.
///
/// Without threads there is one context, and others only interrupt it: loads and stores do for
/// atomic exchanges, and no barrier is needed.
pub struct Flag(AtomicBool);

// SAFETY: it is taken by one context at a time: `try_lock` is an atomic exchange, or there is
// only one.
unsafe impl RawMutex for Flag {
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = Self(AtomicBool::new(false));

    type GuardMarker = GuardNoSend;

    #[inline(never)]
    fn lock(&self) {
        if HAS_THREADS {
            while !self.try_lock() {
                core::hint::spin_loop();
            }
            return;
        }
        if self.is_locked() {
            // Who has it cannot go on before this returns.
            // SAFETY: no arguments. Does not return.
            unsafe { sys::mqtt_vm_panic() }
        }
        self.0.store(true, Ordering::Relaxed);
    }

    #[inline(never)]
    fn try_lock(&self) -> bool {
        if HAS_THREADS {
            return !self.0.swap(true, Ordering::Acquire);
        }
        let taken = self.0.load(Ordering::Relaxed);
        self.0.store(true, Ordering::Relaxed);
        !taken
    }

    unsafe fn unlock(&self) {
        let ordering = if HAS_THREADS {
            Ordering::Release
        } else {
            Ordering::Relaxed
        };
        self.0.store(false, ordering);
    }

    fn is_locked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
