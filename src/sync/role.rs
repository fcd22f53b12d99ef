//! Roles: the permission to do one kind of work, held by one context at a time.

use core::ops::{Deref, DerefMut};

use lock_api::{Mutex, MutexGuard};

use crate::time::Deadline;

use super::event::{Event, Notice};
use super::{Atomic as _, Vm};

/// The identity of no thread.
const NO_THREAD: usize = 0;

/// A role, and the state that belongs to it.
///
/// Unlike a lock over memory it is held across waits, and the role of delivery across Python
/// code. So no context ever spins for it: a context that does not get it waits for the client's
/// event, with the GIL released, and up to a deadline.
pub struct ExclusiveRole<T, V: Vm> {
    state: Mutex<V::Lock, T>,
    /// The thread that has the role.
    holder: V::Holder,
}

/// The error of a context that runs on top of the one that has the role, which can only go on when
/// the caller returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldByCaller;

/// The role, until this is dropped; then the contexts that wait for it are woken.
pub struct RoleGuard<'a, T, V: Vm> {
    holder: &'a V::Holder,
    // Dropped in this order: the role is free before a context is woken.
    guard: MutexGuard<'a, V::Lock, T>,
    _notice: Notice<'a, V>,
}

impl<T, V: Vm> Drop for RoleGuard<'_, T, V> {
    fn drop(&mut self) {
        self.holder.store(NO_THREAD);
    }
}

impl<T, V: Vm> ExclusiveRole<T, V> {
    /// A role that no context has.
    pub fn new(value: T) -> Self {
        Self {
            state: Mutex::new(value),
            holder: V::Holder::new(NO_THREAD),
        }
    }

    /// The role, if no context has it.
    pub fn try_take<'a>(&'a self, changed: &'a Event<V>) -> Option<RoleGuard<'a, T, V>> {
        let guard = self.state.try_lock()?;
        if V::has_threads() {
            self.holder.store(V::current_thread());
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
    /// `late` after the deadline. [`HeldByCaller`] at once if the caller runs on top of the context that has
    /// the role. An exception that came while waiting.
    pub fn take<'a, E: From<HeldByCaller> + From<V::Exception>>(
        &'a self,
        changed: &'a Event<V>,
        deadline: Deadline,
        late: E,
    ) -> Result<RoleGuard<'a, T, V>, E> {
        loop {
            let seen = changed.seen();
            if let Some(guard) = self.try_take(changed) {
                return Ok(guard);
            }
            if self.is_mine() {
                return Err(HeldByCaller.into());
            }
            let Some(left) = deadline.remaining(V::now()) else {
                return Err(late);
            };
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
        self.is_taken() && (!V::has_threads() || self.holder.load() == V::current_thread())
    }
}

impl<T, V: Vm> Deref for RoleGuard<'_, T, V> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T, V: Vm> DerefMut for RoleGuard<'_, T, V> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}
