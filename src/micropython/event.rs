//! Waking whoever waits for a change of state.

use portable_atomic::AtomicU32;

use super::exception::{Exception, catch};
use super::sys;
use super::thread::{HAS_THREADS, ORDERING};

/// Counts changes, and wakes those who wait for the next one.
#[derive(Debug)]
pub struct Event {
    count: AtomicU32,
    /// Threads that wait; without threads, whether the scheduler is to be woken.
    waiting: AtomicU32,
}

/// The number of changes at one moment. Take it before looking at the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen(u32);

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

impl Event {
    /// An event that has not happened.
    pub const fn new() -> Self {
        Self {
            count: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
        }
    }

    /// How often it has happened.
    pub fn seen(&self) -> Seen {
        Seen(self.count.load(ORDERING))
    }

    /// The state has changed.
    pub fn signal(&self) {
        // In this order, and the other way round in `wait`: one of the two sees the other.
        self.count.fetch_add(1, ORDERING);
        if self.waiting.load(ORDERING) != 0 {
            // SAFETY: nothing is done with the word but to compare its address. Does not raise.
            unsafe { sys::mqtt_vm_wake(self.count.as_ptr()) };
        }
    }

    /// Has the next change wake the scheduler too, on ports without threads; or no longer.
    pub fn watch(&self, on: bool) {
        self.waiting.store(on.into(), ORDERING);
    }

    /// Waits for a change since `seen`, with the GIL released; may return early. A pending
    /// exception (Ctrl-C) comes back.
    pub fn wait(&self, seen: Seen, timeout_ms: u32) -> Result<(), Exception> {
        if HAS_THREADS {
            self.waiting.fetch_add(1, ORDERING);
        }
        // SAFETY: the word lives as long as `self`. The C side catches what it raises.
        let result = catch(|exc| unsafe {
            sys::mqtt_vm_wait_word(self.count.as_ptr(), seen.0, timeout_ms, exc)
        });
        if HAS_THREADS {
            self.waiting.fetch_sub(1, ORDERING);
        }
        result
    }
}
