//! Interned names that the Rust side uses. `port/modmqtt.c` names them too: MicroPython
//! finds names in C only.

pub use super::sys::{
    MP_QSTR_IPPROTO_TCP as IPPROTO_TCP, MP_QSTR_SOL_SOCKET as SOL_SOCKET,
    MP_QSTR_TCP_NODELAY as TCP_NODELAY, MP_QSTR_connect as CONNECT,
    MP_QSTR_getaddrinfo as GETADDRINFO, MP_QSTR_setblocking as SETBLOCKING,
    MP_QSTR_setsockopt as SETSOCKOPT, MP_QSTR_sockaddr as SOCKADDR, MP_QSTR_socket as SOCKET,
};
