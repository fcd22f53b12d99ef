//! Roles: the permission to read, write, connect or deliver, held by one context at a time.

use core::ops::{Deref, DerefMut};

use portable_atomic::AtomicUsize;

use crate::micropython::{Event, HAS_THREADS, Mutex, MutexGuard, ORDERING, current_thread, now};
use crate::time::Deadline;

use super::error::{Error, Reason, Result};

/// The error of a caller that has waited in vain for the role of reader, writer or of connecting.
pub const LATE: Error = Error::because(Reason::ConnectionInUse);

/// The identity of no thread.
const NO_THREAD: usize = 0;

/// A role, and the state that belongs to it.
///
/// Unlike a lock over memory it is held across waits, and the role of delivery across Python
/// code. So no context ever spins for it: a context that does not get it waits for the client's
/// event, with the GIL released, and up to a deadline.
pub struct ExclusiveRole<T> {
    state: Mutex<T>,
    holder: Holder,
}

/// The identity of the thread that has a role: one word on a port with threads, and none elsewhere.
type Holder = [AtomicUsize; HAS_THREADS as usize];

/// The role, until this is dropped; then the contexts that wait for it are woken.
pub struct RoleGuard<'a, T> {
    holder: &'a Holder,
    // Dropped in this order: the role is free before a context is woken.
    guard: MutexGuard<'a, T>,
    _notice: Notice<'a>,
}

impl<T> Drop for RoleGuard<'_, T> {
    fn drop(&mut self) {
        if let Some(holder) = self.holder.first() {
            holder.store(NO_THREAD, ORDERING);
        }
    }
}

struct Notice<'a>(&'a Event);

impl Drop for Notice<'_> {
    fn drop(&mut self) {
        self.0.signal();
    }
}

impl<T> ExclusiveRole<T> {
    /// A role that no context has.
    pub const fn new(value: T) -> Self {
        Self {
            state: Mutex::new(value),
            holder: [const { AtomicUsize::new(NO_THREAD) }; HAS_THREADS as usize],
        }
    }

    /// The role, if no context has it.
    pub fn try_take<'a>(&'a self, changed: &'a Event) -> Option<RoleGuard<'a, T>> {
        let guard = self.state.try_lock()?;
        if let Some(holder) = self.holder.first() {
            holder.store(current_thread(), ORDERING);
        }
        Some(RoleGuard {
            holder: &self.holder,
            guard,
            _notice: Notice(changed),
        })
    }

    /// The role, when the context that has it is done with it.
    ///
    /// # Errors
    ///
    /// `late` after the deadline. [`Reason::Interrupts`] at once if the caller runs on top of the
    /// context that has the role, which can only go on when the caller returns.
    pub fn take<'a>(
        &'a self,
        changed: &'a Event,
        deadline: Deadline,
        late: Error,
    ) -> Result<RoleGuard<'a, T>> {
        loop {
            let seen = changed.seen();
            if let Some(guard) = self.try_take(changed) {
                return Ok(guard);
            }
            if self.is_mine() {
                return Err(Error::because(Reason::Interrupts));
            }
            let left = deadline.remaining(now()).ok_or(late)?;
            changed.wait(seen, left)?;
        }
    }

    /// Whether a context has the role.
    pub fn is_taken(&self) -> bool {
        self.state.is_locked()
    }

    /// Whether the calling context has the role, or runs on top of the one that has it. Without
    /// threads there is one stack: every caller runs on top.
    pub fn is_mine(&self) -> bool {
        let mut holder = self.holder.iter();
        self.is_taken() && holder.all(|holder| holder.load(ORDERING) == current_thread())
    }
}

impl<T> Deref for RoleGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for RoleGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}
