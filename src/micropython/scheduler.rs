//! MicroPython's scheduler: functions that run in the main context, between two bytecodes
//! or while it waits.

use core::ptr;

use super::exception::Exception;
use super::obj::Obj;
use super::sys;

/// The value of [`super::current_thread`] while the scheduler runs the module's own function.
pub const LOOP_CONTEXT: usize = sys::MQTT_VM_LOOP_CONTEXT as usize;

/// The object that the module's root pointer refers to, if there is one. The collector keeps it
/// alive.
pub fn first_root() -> Option<Obj> {
    // SAFETY: no arguments. Does not raise.
    Obj::new(unsafe { sys::mqtt_vm_get_root() })
}

/// Changes the object that the module's root pointer refers to.
pub fn set_first_root(obj: Option<Obj>) {
    let raw = obj.map_or(ptr::null_mut(), Obj::raw);
    // SAFETY: an object or nothing. Does not raise.
    unsafe { sys::mqtt_vm_set_root(raw) };
}

/// Makes the scheduler call `mqtt_run_scheduled` after `ms` ms, or earlier when [`super::Event`]
/// wakes it.
pub fn post_after(ms: u32) {
    // SAFETY: a plain number. Does not raise.
    unsafe { sys::mqtt_vm_post_after(ms) };
}

/// Makes the scheduler call `mqtt_run_scheduled` after `ms` ms, and not earlier: the main program
/// has its turn.
pub fn rest_for(ms: u32) {
    // SAFETY: a plain number. Does not raise.
    unsafe { sys::mqtt_vm_rest_for(ms) };
}

/// A Python function of one argument that makes the scheduler call `mqtt_run_scheduled`.
pub fn wake_function() -> Obj {
    // SAFETY: gives an object. Does not raise.
    unsafe { Obj::from_raw(sys::mqtt_vm_wake_function()) }
}

/// Makes the main program raise `exception` at its next bytecode.
pub fn raise_in_main(exception: Exception) {
    // SAFETY: an exception object. Does not raise.
    unsafe { sys::mqtt_vm_raise_in_main(exception.as_obj().raw()) };
}
