//! Atomic operations on processors that have no compare-and-swap (Cortex-M0+): the port's
//! atomic section stands in for it, in the `portable_atomic` crate.

use critical_section::{Impl, RawRestoreState, set_impl};

use super::sys;

struct AtomicSection;

set_impl!(AtomicSection);

// SAFETY: MicroPython's atomic section keeps out interrupts and, where there is one, the other
// core; it nests.
unsafe impl Impl for AtomicSection {
    unsafe fn acquire() -> RawRestoreState {
        // SAFETY: no arguments. Does not raise.
        unsafe { sys::mqtt_vm_begin_atomic_section() }
    }

    unsafe fn release(state: RawRestoreState) {
        // SAFETY: what the matching call of `acquire` gave. Does not raise.
        unsafe { sys::mqtt_vm_end_atomic_section(state) }
    }
}
