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

/// The names of parameters.
pub mod parameters {
    pub use super::super::sys::{
        MP_QSTR_aconnect_cb as ACONNECT_CB, MP_QSTR_breconnect_cb as BRECONNECT_CB,
        MP_QSTR_clean_session as CLEAN_SESSION, MP_QSTR_client_id as CLIENT_ID,
        MP_QSTR_command_timeout as COMMAND_TIMEOUT, MP_QSTR_cycle_timeout as CYCLE_TIMEOUT,
        MP_QSTR_function as FUNCTION, MP_QSTR_host as HOST, MP_QSTR_keepalive as KEEPALIVE,
        MP_QSTR_loop_failure as LOOP_FAILURE, MP_QSTR_password as PASSWORD,
        MP_QSTR_payload as PAYLOAD, MP_QSTR_port as PORT, MP_QSTR_qos as QOS,
        MP_QSTR_retain as RETAIN, MP_QSTR_ssl_ctx as SSL_CTX, MP_QSTR_start_loop as START_LOOP,
        MP_QSTR_timeout as TIMEOUT, MP_QSTR_topic as TOPIC, MP_QSTR_username as USERNAME,
    };
    #[cfg(feature = "tls")]
    pub use super::super::sys::{
        MP_QSTR_cacert as CACERT, MP_QSTR_clicert as CLICERT, MP_QSTR_hostname as HOSTNAME,
        MP_QSTR_options as OPTIONS, MP_QSTR_pkey as PKEY,
    };
}
