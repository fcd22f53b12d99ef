//! Who may do what: a role is held by one context at a time, for as long as it takes.

use core::ops::{Deref, DerefMut};

use crate::micropython::{Event, HAS_THREADS, Mutex, MutexGuard, now};
use crate::time::Deadline;

use super::error::{Error, Reason, Result};

/// For who has waited for a role of reading, writing or connecting in vain.
pub const LATE: Error = Error::because(Reason::ConnectionInUse);

/// A role and what belongs to it.
///
/// Unlike a lock over memory it is held across waits and, that of delivery, across Python
/// code. So nobody ever spins for it: whoever does not get it waits for the client's
/// event, with the GIL released, and up to a deadline.
pub struct ExclusiveRole<T>(Mutex<T>);

/// The role, until it is dropped; whoever waits is told.
pub struct RoleGuard<'a, T> {
    // Dropped in this order: the role is free before anybody is woken.
    guard: MutexGuard<'a, T>,
    _notice: Notice<'a>,
}

struct Notice<'a>(&'a Event);

impl Drop for Notice<'_> {
    fn drop(&mut self) {
        self.0.signal();
    }
}

impl<T> ExclusiveRole<T> {
    pub const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// The role, if nobody has it.
    pub fn try_take<'a>(&'a self, changed: &'a Event) -> Option<RoleGuard<'a, T>> {
        Some(RoleGuard {
            guard: self.0.try_lock()?,
            _notice: Notice(changed),
        })
    }

    /// The role, when whoever has it is done with it; `late` after the deadline.
    ///
    /// Without threads who has it is interrupted by who wants it, and can only go on when
    /// that gives up: at once.
    pub fn take<'a>(
        &'a self,
        changed: &'a Event,
        deadline: Deadline,
        late: Error,
    ) -> Result<RoleGuard<'a, T>> {
        loop {
            let seen = changed.seen();
            if let Some(held) = self.try_take(changed) {
                return Ok(held);
            }
            if !HAS_THREADS {
                return Err(Error::because(Reason::Interrupts));
            }
            let left = deadline.remaining(now()).ok_or(late)?;
            changed.wait(seen, left)?;
        }
    }

    /// Whether somebody has it.
    pub fn is_taken(&self) -> bool {
        self.0.is_locked()
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
