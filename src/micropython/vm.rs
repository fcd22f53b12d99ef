//! MicroPython as the VM of [`crate::sync`].

use portable_atomic::{AtomicU32, AtomicUsize};

use crate::sync::{self, Atomic, Counter, Vm};
use crate::time::Instant;

use super::clock::now;
use super::exception::{Exception, catch};
use super::lock::{Locking, Python, Raw};
use super::sys;
use super::thread::{CAN_HAVE_THREADS, ORDERING, current_thread, has_threads};

/// The VM that the port has.
#[derive(Debug)]
pub struct MicroPython;

/// See [`sync::Event`].
pub type Event = sync::Event<MicroPython>;

/// See [`sync::ExclusiveRole`].
pub type ExclusiveRole<T> = sync::ExclusiveRole<T, MicroPython>;

/// See [`sync::RoleGuard`].
pub type RoleGuard<'a, T> = sync::RoleGuard<'a, T, MicroPython>;

impl Atomic<u32> for AtomicU32 {
    fn new(value: u32) -> Self {
        Self::new(value)
    }

    fn load(&self) -> u32 {
        self.load(ORDERING)
    }

    fn store(&self, value: u32) {
        self.store(value, ORDERING);
    }
}

impl Counter for AtomicU32 {
    fn increment(&self) {
        self.fetch_add(1, ORDERING);
    }

    fn decrement(&self) {
        self.fetch_sub(1, ORDERING);
    }
}

impl Atomic<usize> for AtomicUsize {
    fn new(value: usize) -> Self {
        Self::new(value)
    }

    fn load(&self) -> usize {
        self.load(ORDERING)
    }

    fn store(&self, value: usize) {
        self.store(value, ORDERING);
    }
}

/// No number, where no port has threads.
impl Atomic<usize> for () {
    fn new(_: usize) {}

    fn load(&self) -> usize {
        0
    }

    fn store(&self, _: usize) {}
}

impl Vm for MicroPython {
    type Counter = AtomicU32;
    type Holder = <Python<CAN_HAVE_THREADS> as Locking>::Holder;
    type Lock = Raw;
    type Exception = Exception;

    fn has_threads() -> bool {
        has_threads()
    }

    fn now() -> Instant {
        now()
    }

    fn current_thread() -> usize {
        current_thread()
    }

    fn wait(count: &AtomicU32, seen: u32, timeout_ms: u32) -> Result<(), Exception> {
        // SAFETY: the word lives as long as `count`. The C side catches its exceptions.
        catch(|exc| unsafe { sys::mqtt_vm_wait_word(count.as_ptr(), seen, timeout_ms, exc) })
    }

    fn wake(count: &AtomicU32) {
        // SAFETY: C uses the address of the word alone. Does not raise.
        unsafe { sys::mqtt_vm_wake(count.as_ptr()) };
    }
}
