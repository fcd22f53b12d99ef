//! Futures on MicroPython's heap.

use core::future::Future;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};

use super::sys;

/// A future in a block of MicroPython's heap, which its owner polls when something has changed.
///
/// The block lives as long as the collector finds this, on the stack of a thread or in another block. The
/// collector finds the objects that the future refers to.
pub struct GcFuture<T>(NonNull<dyn Future<Output = T>>);

impl<T: 'static> GcFuture<T> {
    /// Puts `future` on the heap. Gives `None` when the heap has no room for it. May collect.
    pub fn new<F: Future<Output = T> + 'static>(future: F) -> Option<Self> {
        // The heap's blocks are aligned like this.
        const { assert!(align_of::<F>() <= align_of::<[usize; 2]>() * 4) };
        // SAFETY: a plain size. Does not raise.
        let block = unsafe { sys::mqtt_vm_alloc(size_of::<F>()) };
        let place = NonNull::new(block.cast::<F>())?;
        // SAFETY: the block is new and large enough. Does not raise.
        unsafe { place.write(future) };
        Some(Self(place))
    }

    /// Goes on with it. Not to be called again after its end.
    pub fn poll(&mut self) -> Poll<T> {
        // SAFETY: the block does not move, and the collector does not free it while `self` refers to it.
        // Nothing else refers to the future. Does not raise, unless the future does.
        let future = unsafe { Pin::new_unchecked(self.0.as_mut()) };
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Drops the values that it holds. One that has panicked must not be dropped.
    pub fn end(self) {
        // SAFETY: `new` has written it, and nobody can use it afterwards. Does not raise.
        unsafe { self.0.drop_in_place() };
    }
}
