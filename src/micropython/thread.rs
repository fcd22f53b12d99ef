//! Threads, where the port has them.

use super::obj::Obj;
use super::raised::{Raised, catch};
use super::sys;

/// Whether the port has threads.
pub fn has_threads() -> bool {
    // SAFETY: no arguments. Does not raise.
    unsafe { sys::mqtt_vm_has_threads() }
}

/// The identity of the thread that calls; never 0.
pub fn current_thread() -> usize {
    // SAFETY: no arguments. Does not raise.
    unsafe { sys::mqtt_vm_thread_id() }
}

/// Calls `function(arg)` in a new thread, with `stack` bytes of stack. The thread refers to
/// `arg` as long as it runs.
pub fn start_thread(function: Obj, arg: Obj, stack: usize) -> Result<(), Raised> {
    // SAFETY: two objects and a size. The C side catches what it raises.
    catch(|exc| unsafe { sys::mqtt_vm_start_thread(function.raw(), arg.raw(), stack, exc) })
}
