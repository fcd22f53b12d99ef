//! bindgen's view of MicroPython's headers and of `port/*.h`.
#![allow(
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    dead_code,
    unsafe_op_in_unsafe_fn,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

use super::obj::Obj as mqtt_arg_t;

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
