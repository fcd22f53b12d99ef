//! MicroPython's errno numbers: its own on bare metal, the system's elsewhere.

use super::sys;

macro_rules! errnos {
    ($($name:ident = $mp:ident),* $(,)?) => {$(
        #[allow(missing_docs)]
        pub const $name: u16 = sys::$mp as u16;
    )*};
}

errnos! {
    EAGAIN = MP_EAGAIN,
    EALREADY = MP_EALREADY,
    ECONNABORTED = MP_ECONNABORTED,
    ECONNRESET = MP_ECONNRESET,
    EHOSTUNREACH = MP_EHOSTUNREACH,
    EINPROGRESS = MP_EINPROGRESS,
    EIO = MP_EIO,
    EISCONN = MP_EISCONN,
    ENOBUFS = MP_ENOBUFS,
    ENOTCONN = MP_ENOTCONN,
    EOPNOTSUPP = MP_EOPNOTSUPP,
    ETIMEDOUT = MP_ETIMEDOUT,
}
