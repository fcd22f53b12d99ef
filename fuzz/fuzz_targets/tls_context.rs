//! Parses any certificates and keys.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mqtt_fuzz::tls::context(data));
