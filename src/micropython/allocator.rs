//! Rust's allocator: MicroPython's heap. Only RSA needs one.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::null_mut;

use super::sys;

/// The alignment of every block of MicroPython's heap.
const ALIGNED: usize = 4 * size_of::<usize>();

/// The collector finds the blocks that Rust uses as it finds others: on the stack and in
/// other blocks. Those that a panic leaves behind it frees.
struct Heap;

#[global_allocator]
static HEAP: Heap = Heap;

// SAFETY: a block is at least as large as asked for, aligned as checked, and stays where it is.
// Neither call raises.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNED {
            return null_mut();
        }
        // SAFETY: a plain size.
        unsafe { sys::mqtt_vm_alloc(layout.size()) }.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise. The VM's blocks are zeroed.
        unsafe { self.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: it came from `alloc`, with this size.
        unsafe { sys::mqtt_vm_free(block.cast(), layout.size()) }
    }
}
