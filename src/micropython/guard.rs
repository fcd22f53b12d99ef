//! Other people's code that may panic.

use core::ffi::c_void;

use super::sys;

/// Calls `function`; `None` if it panicked.
///
/// A panic leaves it at once: nothing that it had is dropped, so that locks stay taken and
/// memory that is not the collector's is lost. It must not hold what others need.
pub fn guarded<T>(function: impl FnOnce() -> T) -> Option<T> {
    let mut call = Call {
        function: Some(function),
        result: None,
    };
    let argument = (&raw mut call).cast::<c_void>();
    // SAFETY: `trampoline` is for such a call, which outlives it. Does not raise.
    unsafe { sys::mqtt_vm_guard(Some(trampoline_of(&call)), argument) };
    call.result
}

struct Call<F, T> {
    function: Option<F>,
    result: Option<T>,
}

type Trampoline = unsafe extern "C" fn(*mut c_void);

fn trampoline_of<T, F: FnOnce() -> T>(_: &Call<F, T>) -> Trampoline {
    trampoline::<T, F>
}

/// # Safety
///
/// `call` points to a `Call<F, T>` that nobody else is using.
unsafe extern "C" fn trampoline<T, F: FnOnce() -> T>(call: *mut c_void) {
    // SAFETY: the caller's promise.
    let call = unsafe { &mut *call.cast::<Call<F, T>>() };
    if let Some(function) = call.function.take() {
        call.result = Some(function());
    }
}
