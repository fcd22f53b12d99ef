//! A test named `mqtt_x_y_z_n_...` proves the normative statement `[MQTT-x.y.z-n]`, or the part of
//! it that concerns the codec. `mqtt5_x_y_z_n_...` does so for MQTT 5.

mod ack;
mod connect;
mod error;
mod fixed_header;
mod output;
mod publish;
mod strings;
mod subscribe;
mod support;
mod topic;
#[cfg(feature = "v5")]
mod v5;
