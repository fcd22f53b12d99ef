//! The port's clock.

use crate::time::Instant;

use super::sys;

/// The present time.
pub fn now() -> Instant {
    // SAFETY: no arguments. Does not raise.
    Instant::from_ms(unsafe { sys::mqtt_vm_ticks_ms() })
}
