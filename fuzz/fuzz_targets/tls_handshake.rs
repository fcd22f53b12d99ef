//! Gives the TLS handshake any bytes of a server.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    mqtt_fuzz::tls::handshake(data);
});
