//! Interned names that the Rust side uses. `port/modmqtt.c` names them too: MicroPython
//! finds names in C only.

pub use super::sys::{
    MP_QSTR_IPPROTO_TCP as IPPROTO_TCP, MP_QSTR_SOL_SOCKET as SOL_SOCKET,
    MP_QSTR_TCP_NODELAY as TCP_NODELAY, MP_QSTR_args as ARGS, MP_QSTR_connect as CONNECT,
    MP_QSTR_do_handshake_on_connect as DO_HANDSHAKE_ON_CONNECT, MP_QSTR_getaddrinfo as GETADDRINFO,
    MP_QSTR_gmtime as GMTIME, MP_QSTR_os as OS, MP_QSTR_server_hostname as SERVER_HOSTNAME,
    MP_QSTR_setblocking as SETBLOCKING, MP_QSTR_setsockopt as SETSOCKOPT,
    MP_QSTR_sockaddr as SOCKADDR, MP_QSTR_socket as SOCKET, MP_QSTR_time as TIME,
    MP_QSTR_urandom as URANDOM, MP_QSTR_wrap_socket as WRAP_SOCKET,
};
