//! Waiting for a change of state, and waking.

use portable_atomic::AtomicU32;

use super::exception::{Exception, catch};
use super::sys;
use super::thread::{HAS_THREADS, ORDERING};

/// Counts changes, and wakes the contexts that wait for the next one.
#[derive(Debug)]
pub struct Event {
    count: AtomicU32,
    /// The number of threads that wait; without threads, whether a change wakes the scheduler.
    waiting: AtomicU32,
}

/// The number of changes at one moment. Take it before you look at the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen(u32);

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

impl Event {
    /// Makes an event that has not happened.
    pub const fn new() -> Self {
        Self {
            count: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
        }
    }

    /// The number of changes so far.
    pub fn seen(&self) -> Seen {
        Seen(self.count.load(ORDERING))
    }

    /// Counts a change of the state.
    pub fn signal(&self) {
        // In this order, and `wait` in the other: one of the two sees the other.
        self.count.fetch_add(1, ORDERING);
        if self.waiting.load(ORDERING) != 0 {
            // SAFETY: C uses the address of the word alone. Does not raise.
            unsafe { sys::mqtt_vm_wake(self.count.as_ptr()) };
        }
    }

    /// Makes the next change wake the scheduler too, on ports without threads, or no longer.
    pub fn watch(&self, on: bool) {
        self.waiting.store(on.into(), ORDERING);
    }

    /// Waits for a change since `seen`, for at most `timeout_ms`, with the GIL released. May return
    /// early.
    ///
    /// # Errors
    ///
    /// A pending exception (Ctrl-C).
    pub fn wait(&self, seen: Seen, timeout_ms: u32) -> Result<(), Exception> {
        if HAS_THREADS {
            self.waiting.fetch_add(1, ORDERING);
        }
        // SAFETY: the word lives as long as `self`. The C side catches its exceptions.
        let result = catch(|exc| unsafe {
            sys::mqtt_vm_wait_word(self.count.as_ptr(), seen.0, timeout_ms, exc)
        });
        if HAS_THREADS {
            self.waiting.fetch_sub(1, ORDERING);
        }
        result
    }
}
