//! The abilities of the port. A firmware knows its own when it is built. A native module for several
//! firmwares asks when it runs.

use super::sys;

/// Whether the port has `feature`, one of `MQTT_FEATURE_...`; `known` is the build's own answer.
#[inline(always)]
pub(super) fn port_has(known: u32, feature: u32) -> bool {
    match known {
        sys::MQTT_NO => false,
        sys::MQTT_YES => true,
        // SAFETY: a plain number. Does not raise.
        _ => unsafe { sys::mqtt_vm_port_has(feature) },
    }
}
