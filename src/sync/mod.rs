//! Waiting, waking and roles, over any VM that runs the contexts.
//!
//! Nothing here knows MicroPython: [`Vm`] is all that it needs of a VM. `micropython` has the real one;
//! `tests/loom.rs` has models of it, under which `loom` runs this very code in every interleaving.
//!
//! [`Event`]: waiting for a change of state. [`ExclusiveRole`]: the permission to do one kind of work.
//! [`Notice`]: a change that is told of when a value is dropped.
#![forbid(unsafe_code)]

mod event;
mod role;

use lock_api::RawMutex;

use crate::time::Instant;

pub use event::{Event, Notice, Seen};
pub use role::{ExclusiveRole, HeldByCaller, RoleGuard};

/// A number that several contexts use at once. All operations on all such numbers have one order, the
/// same for every context.
pub trait Atomic<N> {
    /// Makes the number.
    fn new(value: N) -> Self;
    /// The number.
    fn load(&self) -> N;
    /// Changes the number.
    fn store(&self, value: N);
}

/// A number that counts, and wraps.
pub trait Counter: Atomic<u32> {
    /// Adds one.
    fn increment(&self);
    /// Takes one away.
    fn decrement(&self);
}

/// The VM, as far as contexts wait for each other.
pub trait Vm {
    /// A count of changes.
    type Counter: Counter;
    /// The identity of a thread; without threads nothing.
    type Holder: Atomic<usize>;
    /// A lock over memory.
    type Lock: RawMutex;
    /// An exception that comes while a context waits.
    type Exception;

    /// Whether contexts are threads, which wait. Without, there is one stack: a context runs on top of
    /// another one, and the scheduler runs the loops.
    fn has_threads() -> bool;
    /// The present time.
    fn now() -> Instant;
    /// The identity of the calling thread; never 0.
    fn current_thread() -> usize;
    /// Waits until `count` is another number than `seen`, for at most `timeout_ms`, with the GIL
    /// released. May return early.
    ///
    /// # Errors
    ///
    /// A pending exception (Ctrl-C).
    fn wait(count: &Self::Counter, seen: u32, timeout_ms: u32) -> Result<(), Self::Exception>;
    /// Wakes the contexts that wait for another `count`. Its number has changed before.
    fn wake(count: &Self::Counter);
}
