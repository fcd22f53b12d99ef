//! Restores a session from any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    mqtt_fuzz::saved(data);
});
