//! Values on MicroPython's heap that few objects have.

use core::marker::PhantomData;
use core::ptr::{self, NonNull};

use portable_atomic::AtomicPtr;

use super::lock::{Mutex, MutexGuard};
use super::sys;
use super::thread::ORDERING;

/// A value in a block of MicroPython's heap of its own, used by one context at a time; or none yet. A
/// value stays once it is there.
///
/// The collector finds it through the object that has the place. There is no `Drop`: the collector
/// frees.
pub struct GcOnce<T> {
    place: AtomicPtr<Mutex<T>>,
    value: PhantomData<Mutex<T>>,
}

impl<T> GcOnce<T> {
    /// A place without a value.
    pub const fn nothing() -> Self {
        Self {
            place: AtomicPtr::new(ptr::null_mut()),
            value: PhantomData,
        }
    }

    /// Whether there is a value.
    pub fn is_there(&self) -> bool {
        !self.place.load(ORDERING).is_null()
    }

    /// The value, if there is one.
    pub fn lock(&self) -> Option<MutexGuard<'_, T>> {
        let place = NonNull::new(self.place.load(ORDERING))?;
        // SAFETY: `put` has written it, nothing replaces it, and the collector does not free it while
        // the object with this place lives. Does not raise.
        Some(unsafe { place.as_ref() }.lock())
    }

    /// Puts `value` there, unless there is one. One context at a time may call this. False: the heap has
    /// no room for it. May collect.
    pub fn put(&self, value: T) -> bool {
        // The heap's blocks are aligned for words, of which such a value is made.
        const { assert!(align_of::<Mutex<T>>() <= align_of::<[usize; 2]>() * 2) };
        if self.is_there() {
            return true;
        }
        // SAFETY: a plain size. Does not raise.
        let block = unsafe { sys::mqtt_vm_alloc(size_of::<Mutex<T>>()) };
        let Some(place) = NonNull::new(block.cast::<Mutex<T>>()) else {
            return false;
        };
        // SAFETY: the block is new and large enough. Does not raise.
        unsafe { place.write(Mutex::new(value)) };
        self.place.store(place.as_ptr(), ORDERING);
        true
    }
}
