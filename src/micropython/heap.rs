//! Memory on MicroPython's heap.

#[cfg(feature = "tls-rsa")]
use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
#[cfg(feature = "tls")]
use core::{ptr::NonNull, slice};

#[cfg(feature = "tls")]
use super::sys;

/// Takes the value out of a place on MicroPython's heap, and zeroes the place.
///
/// The collector takes every word that looks like an address for a reference. `None` is only a mark
/// beside the bytes of the old value: without the zeros, the objects that it referred to would stay
/// alive.
pub fn take_and_zero<T>(place: &mut Option<T>) -> Option<T> {
    let taken = place.take();
    let bytes = ptr::from_mut(place);
    // SAFETY: this function alone has the place. `None` needs no drop, and it is there again before
    // anything else looks. Does not raise.
    unsafe {
        bytes.write_bytes(0, 1);
        bytes.write(None);
    }
    taken
}

/// Bytes in a block of their own on MicroPython's heap, zeroed at first.
///
/// The collector keeps the block as long as it finds this value, on the stack of a thread or in
/// another block. There is no `Drop`: the collector frees.
#[cfg(feature = "tls")]
#[derive(Clone, Copy, Debug)]
pub struct HeapBytes {
    start: NonNull<u8>,
    len: usize,
}

#[cfg(feature = "tls")]
impl HeapBytes {
    /// Allocates `len` bytes. Gives `None` when the heap has no room for them. May collect.
    pub fn new(len: usize) -> Option<Self> {
        // SAFETY: a plain size. Does not raise.
        let block = unsafe { sys::mqtt_vm_alloc(len.max(1)) };
        let start = NonNull::new(block.cast::<u8>())?;
        Some(Self { start, len })
    }

    /// The bytes. Nothing may change them meanwhile.
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `new` has allocated and zeroed so many bytes. Does not raise.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// The bytes, for one owner that keeps `self` for as long as it uses them.
    pub fn claim(self) -> &'static mut [u8] {
        // SAFETY: as in `as_bytes`. Their owner alone uses them, and the collector finds `self`.
        // Does not raise.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }

    /// Gives the memory back at once.
    pub fn free(self) {
        // SAFETY: the block came from `mqtt_vm_alloc` with this size, and nothing uses it any
        // longer. Does not raise.
        unsafe { sys::mqtt_vm_free(self.start.as_ptr().cast(), self.len.max(1)) };
    }
}

/// Rust's allocator, which RSA alone needs.
///
/// The collector finds the blocks that Rust uses as it finds others: on the stack and in other
/// blocks. It frees those that a panic leaves behind.
#[cfg(feature = "tls-rsa")]
struct Heap;

#[cfg(feature = "tls-rsa")]
#[global_allocator]
static HEAP: Heap = Heap;

/// The alignment of every block of MicroPython's heap, in bytes.
#[cfg(feature = "tls-rsa")]
const BLOCK_ALIGNMENT: usize = 4 * size_of::<usize>();

// SAFETY: a block is at least as large as asked for, aligned as checked, and stays where it is.
// Neither call raises.
#[cfg(feature = "tls-rsa")]
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > BLOCK_ALIGNMENT {
            return ptr::null_mut();
        }
        // SAFETY: a plain size. Does not raise.
        unsafe { sys::mqtt_vm_alloc(layout.size()) }.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise. `mqtt_vm_alloc` zeroes its blocks. Does not raise.
        unsafe { self.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from `alloc`, with this size. Does not raise.
        unsafe { sys::mqtt_vm_free(block.cast(), layout.size()) }
    }
}
