//! Threads, where the port has them, and atomic operations.

#[cfg(not(target_has_atomic = "ptr"))]
use critical_section::{Impl, RawRestoreState, set_impl};
use portable_atomic::Ordering;

use super::exception::{Exception, catch};
use super::obj::Obj;
use super::port::port_has;
use super::sys;

/// Whether the read loop can be a thread on some port that this build is for.
pub const CAN_HAVE_THREADS: bool = sys::MQTT_HAS_THREADS != sys::MQTT_NO;

/// Whether the read loop can be a thread on this port; elsewhere the scheduler runs it. A firmware
/// knows it when it is built.
#[inline(always)]
pub fn has_threads() -> bool {
    port_has(sys::MQTT_HAS_THREADS, sys::MQTT_FEATURE_THREADS)
}

/// Whether Python programs can start threads.
pub const PYTHON_HAS_THREADS: bool = sys::MQTT_PYTHON_HAS_THREADS != 0;

/// The ordering of all atomic operations. Interrupts touch none of the atomic values: without
/// threads there is one context, which needs no barriers.
pub const ORDERING: Ordering = if PYTHON_HAS_THREADS {
    Ordering::SeqCst
} else {
    Ordering::Relaxed
};

/// The identity of the calling thread; never 0. Without threads, that of the context:
/// [`super::LOOP_CONTEXT`] or the main program's.
pub fn current_thread() -> usize {
    // SAFETY: no arguments. Does not raise.
    unsafe { sys::mqtt_vm_thread_id() }
}

/// Calls `function(arg)` in a new thread, with `stack` bytes of stack. The thread keeps `arg` alive
/// as long as it runs.
///
/// # Errors
///
/// The exception of `_thread.start_new_thread()`; `NotImplementedError` on a port without threads.
pub fn start_thread(function: Obj, arg: Obj, stack: usize) -> Result<(), Exception> {
    // SAFETY: two objects and a size. The C side catches its exceptions.
    catch(|exc| unsafe { sys::mqtt_vm_start_thread(function.raw(), arg.raw(), stack, exc) })
}

/// Bytes of stack that the calling thread has left.
pub fn stack_left() -> usize {
    // SAFETY: no arguments. Does not raise.
    unsafe { sys::mqtt_vm_stack_left() }
}

/// Makes atomic operations on a processor without compare-and-swap (Cortex-M0+): the
/// `portable_atomic` crate uses the port's atomic section instead.
#[cfg(not(target_has_atomic = "ptr"))]
struct AtomicSection;

#[cfg(not(target_has_atomic = "ptr"))]
set_impl!(AtomicSection);

// SAFETY: MicroPython's atomic section keeps out interrupts and, where there is one, the other
// core; it nests.
#[cfg(not(target_has_atomic = "ptr"))]
unsafe impl Impl for AtomicSection {
    unsafe fn acquire() -> RawRestoreState {
        // SAFETY: no arguments. Does not raise.
        unsafe { sys::mqtt_vm_begin_atomic_section() }
    }

    unsafe fn release(state: RawRestoreState) {
        // SAFETY: the state that the matching call of `acquire` gave. Does not raise.
        unsafe { sys::mqtt_vm_end_atomic_section(state) }
    }
}
