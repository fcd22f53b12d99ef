//! The session as an application drives it, and the other end of the wire.
//!
//! Shared by the session's own tests, the property tests and the fuzz targets; each of them
//! uses a part of it.
#![allow(dead_code)]

pub mod broker;
pub mod client;
pub mod client_packet;
pub mod simulation;
