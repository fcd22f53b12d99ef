//! Panics. Lints keep this crate's own code from panicking; code of other crates may.

#[cfg(feature = "tls")]
use core::ffi::c_void;
use core::panic::PanicInfo;

use super::sys;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: no arguments. Does not return.
    unsafe { sys::mqtt_vm_panic() }
}

/// Calls `function`; gives `None` if it panicked.
///
/// A panic leaves the function at once and drops nothing: locks stay taken, and memory that is not
/// the collector's is lost. So the function must not hold anything that others need.
#[cfg(feature = "tls")]
pub fn guarded<T>(function: impl FnOnce() -> T) -> Option<T> {
    let mut call = Call {
        function: Some(function),
        result: None,
    };
    let argument = (&raw mut call).cast::<c_void>();
    // SAFETY: the trampoline belongs to this type of call, and the call outlives it. Does not raise.
    unsafe { sys::mqtt_vm_guard(Some(trampoline_of(&call)), argument) };
    call.result
}

#[cfg(feature = "tls")]
struct Call<F, T> {
    function: Option<F>,
    result: Option<T>,
}

#[cfg(feature = "tls")]
type Trampoline = unsafe extern "C" fn(*mut c_void);

#[cfg(feature = "tls")]
fn trampoline_of<T, F: FnOnce() -> T>(_: &Call<F, T>) -> Trampoline {
    trampoline::<T, F>
}

/// # Safety
///
/// `call` points to a `Call<F, T>` that nothing else uses.
#[cfg(feature = "tls")]
unsafe extern "C" fn trampoline<T, F: FnOnce() -> T>(call: *mut c_void) {
    // SAFETY: the caller's promise. Does not raise.
    let call = unsafe { &mut *call.cast::<Call<F, T>>() };
    if let Some(function) = call.function.take() {
        call.result = Some(function());
    }
}
