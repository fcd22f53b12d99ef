//! MicroPython's errno numbers: its own on bare metal, the operating system's elsewhere.
//!
//! A build for several firmwares uses MicroPython's own numbers inside, and translates those that come
//! from the firmware or go to the program.

use super::sys;

macro_rules! errnos {
    ($($name:ident = $mp:ident),* $(,)?) => {$(
        #[allow(missing_docs)]
        pub const $name: u16 = sys::$mp as u16;
    )*};
}

errnos! {
    EACCES = MP_EACCES,
    EAGAIN = MP_EAGAIN,
    EALREADY = MP_EALREADY,
    ECONNABORTED = MP_ECONNABORTED,
    ECONNREFUSED = MP_ECONNREFUSED,
    ECONNRESET = MP_ECONNRESET,
    EHOSTUNREACH = MP_EHOSTUNREACH,
    EINPROGRESS = MP_EINPROGRESS,
    EINVAL = MP_EINVAL,
    EIO = MP_EIO,
    EISCONN = MP_EISCONN,
    ENOBUFS = MP_ENOBUFS,
    ENOMEM = MP_ENOMEM,
    ENOTCONN = MP_ENOTCONN,
    EOPNOTSUPP = MP_EOPNOTSUPP,
    EPIPE = MP_EPIPE,
    ETIMEDOUT = MP_ETIMEDOUT,
}

/// Protocol error, as Linux numbers it; MicroPython has no name for it.
pub const EPROTO: u16 = 71;

/// The number that the constants here have for an errno of the firmware.
#[inline(always)]
pub fn from_firmware(number: u16) -> u16 {
    if sys::MQTT_ERRNO_VARIES == 0 {
        return number;
    }
    // SAFETY: plain numbers. Does not raise.
    unsafe { sys::mqtt_vm_errno(number, false) }
}

/// The firmware's number for an errno of the constants here.
#[inline(always)]
pub fn to_firmware(number: u16) -> u16 {
    if sys::MQTT_ERRNO_VARIES == 0 {
        return number;
    }
    // SAFETY: plain numbers. Does not raise.
    unsafe { sys::mqtt_vm_errno(number, true) }
}
