//! Bytes to MQTT 3.1.1 packets and back.
#![forbid(unsafe_code)]
