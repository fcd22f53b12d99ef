//! MicroPython's interned names, each as a constant of that name.
//!
//! MicroPython finds names in C only: those that no table there has stand in
//! `port/mqtt_names.h`.
#![allow(missing_docs, non_camel_case_types, non_upper_case_globals, dead_code)]

include!(concat!(env!("OUT_DIR"), "/qstrs.rs"));
