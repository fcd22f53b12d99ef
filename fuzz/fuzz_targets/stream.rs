//! Splits a stream of bytes anywhere.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mqtt_fuzz::stream(data));
