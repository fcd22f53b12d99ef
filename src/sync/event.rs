//! Waiting for a change of state, and waking.

use super::{Atomic as _, Counter as _, Vm};

/// Counts changes, and wakes the contexts that wait for the next one.
#[derive(Debug)]
pub struct Event<V: Vm> {
    count: V::Counter,
    /// The number of threads that wait; without threads, whether a change wakes the scheduler.
    waiting: V::Counter,
}

/// The number of changes at one moment. Take it before you look at the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen(u32);

impl<V: Vm> Default for Event<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: Vm> Event<V> {
    /// Makes an event that has not happened.
    pub fn new() -> Self {
        Self {
            count: V::Counter::new(0),
            waiting: V::Counter::new(0),
        }
    }

    /// The number of changes so far.
    pub fn seen(&self) -> Seen {
        Seen(self.count.load())
    }

    /// Counts a change of the state.
    pub fn signal(&self) {
        // In this order, and `wait` in the other: one of the two sees the other.
        self.count.increment();
        if self.waiting.load() != 0 {
            V::wake(&self.count);
        }
    }

    /// Makes the next change wake the scheduler too, on ports without threads, or no longer.
    pub fn watch(&self, on: bool) {
        self.waiting.store(on.into());
    }

    /// Waits for a change since `seen`, for at most `timeout_ms`, with the GIL released. May return
    /// early.
    ///
    /// # Errors
    ///
    /// A pending exception (Ctrl-C).
    pub fn wait(&self, seen: Seen, timeout_ms: u32) -> Result<(), V::Exception> {
        if V::has_threads() {
            self.waiting.increment();
        }
        let result = V::wait(&self.count, seen.0, timeout_ms);
        if V::has_threads() {
            self.waiting.decrement();
        }
        result
    }
}

/// Signals an event when it is dropped. The last field of a guard: the value is free before a waiting
/// context wakes.
pub struct Notice<'a, V: Vm>(pub &'a Event<V>);

impl<V: Vm> Drop for Notice<'_, V> {
    fn drop(&mut self) {
        self.0.signal();
    }
}
