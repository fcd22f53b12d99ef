//! Plain memory on MicroPython's heap.

use core::ptr::NonNull;
use core::slice;

use super::sys;

/// Bytes in a block of MicroPython's heap of their own, zeroed.
///
/// The collector leaves them alone as long as it finds this, on the stack of a thread or in
/// another block. There is no `Drop`: the collector frees.
#[derive(Clone, Copy, Debug)]
pub struct HeapBytes {
    head: NonNull<u8>,
    len: usize,
}

impl HeapBytes {
    /// `len` bytes; `None` without the memory for them. May collect.
    pub fn new(len: usize) -> Option<Self> {
        // SAFETY: a plain size. Does not raise.
        let block = unsafe { sys::mqtt_vm_alloc(len.max(1)) };
        let head = NonNull::new(block.cast::<u8>())?;
        Some(Self { head, len })
    }

    /// The bytes. Nobody may be changing them.
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `new` has got so many, zeroed.
        unsafe { slice::from_raw_parts(self.head.as_ptr(), self.len) }
    }

    /// The bytes, for one owner who keeps `self` for as long as it uses them.
    pub fn claim(self) -> &'static mut [u8] {
        // SAFETY: as in `as_bytes`. Their owner is the only one to use them, and the
        // collector finds `self`.
        unsafe { slice::from_raw_parts_mut(self.head.as_ptr(), self.len) }
    }

    /// Gives the memory back at once.
    pub fn free(self) {
        // SAFETY: the block came from `mqtt_vm_alloc` with this size, and nobody uses it any
        // longer. Does not raise.
        unsafe { sys::mqtt_vm_free(self.head.as_ptr().cast(), self.len.max(1)) };
    }
}
