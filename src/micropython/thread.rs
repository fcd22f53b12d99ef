//! Threads, where the port has them.

use portable_atomic::Ordering;

use super::exception::{Exception, catch};
use super::obj::Obj;
use super::sys;

/// Whether the read loop can be a thread on this port; elsewhere the scheduler runs it.
pub const HAS_THREADS: bool = sys::MQTT_HAS_THREADS != 0;

/// Whether Python programs can start threads.
pub const PYTHON_HAS_THREADS: bool = sys::MQTT_PYTHON_HAS_THREADS != 0;

/// How atomic values are read and written. Interrupts touch none of them: without threads there
/// is one context, which needs no barriers.
pub const ORDERING: Ordering = if PYTHON_HAS_THREADS {
    Ordering::SeqCst
} else {
    Ordering::Relaxed
};

/// The identity of the thread that calls; never 0. Without threads, that of the context:
/// [`super::LOOP_CONTEXT`] or the main program's.
pub fn current_thread() -> usize {
    // SAFETY: no arguments. Does not raise.
    unsafe { sys::mqtt_vm_thread_id() }
}

/// Calls `function(arg)` in a new thread, with `stack` bytes of stack. The thread refers to
/// `arg` as long as it runs.
pub fn start_thread(function: Obj, arg: Obj, stack: usize) -> Result<(), Exception> {
    // SAFETY: two objects and a size. The C side catches what it raises.
    catch(|exc| unsafe { sys::mqtt_vm_start_thread(function.raw(), arg.raw(), stack, exc) })
}

/// Bytes of stack that the calling thread has left.
pub fn stack_left() -> usize {
    // SAFETY: no arguments. Does not raise.
    unsafe { sys::mqtt_vm_stack_left() }
}
