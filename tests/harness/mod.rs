//! The codec and the session as an application drives them, and the other end of the wire.
//!
//! Shared by the crate's own tests, the property tests and the fuzz targets; each of them uses
//! a part of it.
#![allow(dead_code)]

pub mod application;
pub mod broker;
pub mod client;
pub mod client_packet;
pub mod decoding;
pub mod receiver;
pub mod simulation;
