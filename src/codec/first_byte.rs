//! The first byte of every packet but PUBLISH: type in bits 7-4, reserved flags in bits 3-0.
//!
//! Tables 2.1 and 2.2 of the standard. Packet types that carry reserved flags have exactly one
//! legal first byte, so that comparing whole bytes checks both [MQTT-2.2.2-1].

pub(super) const CONNECT: u8 = 0x10;
pub(super) const CONNACK: u8 = 0x20;
/// PUBLISH with all flags clear; [`PublishFlags`](super::publish_flags::PublishFlags) has the rest.
pub(super) const PUBLISH: u8 = 0x30;
pub(super) const PUBACK: u8 = 0x40;
pub(super) const PUBREC: u8 = 0x50;
pub(super) const PUBREL: u8 = 0x62; // [MQTT-3.6.1-1]
pub(super) const PUBCOMP: u8 = 0x70;
pub(super) const SUBSCRIBE: u8 = 0x82; // [MQTT-3.8.1-1]
pub(super) const SUBACK: u8 = 0x90;
pub(super) const UNSUBSCRIBE: u8 = 0xA2; // [MQTT-3.10.1-1]
pub(super) const UNSUBACK: u8 = 0xB0;
pub(super) const PINGREQ: u8 = 0xC0;
pub(super) const PINGRESP: u8 = 0xD0;
pub(super) const DISCONNECT: u8 = 0xE0;
