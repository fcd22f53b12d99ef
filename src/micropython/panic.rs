//! The end of a panic. Lints keep our own code from ever getting here.

use core::panic::PanicInfo;

use super::sys;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: no arguments. Does not return.
    unsafe { sys::mqtt_vm_panic() }
}
