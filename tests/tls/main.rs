//! TLS against servers that keep to the standard and servers that do not.

mod certificates;
mod contexts;
mod good;
mod hostile;
mod key_update;
mod link;
mod refused_certificates;
mod scripted;
mod standard;
mod suites;
mod texts;
