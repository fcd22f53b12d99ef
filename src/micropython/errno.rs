//! MicroPython's errno numbers: its own on bare metal, the operating system's elsewhere.

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
