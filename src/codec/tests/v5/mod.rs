//! MQTT 5, where it differs from MQTT 3.1.1. A test named `mqtt5_x_y_z_n_...` proves the normative statement
//! `[MQTT5-x.y.z-n]`, or the part of it that concerns the codec.

mod ack;
mod connect;
mod disconnect;
mod error;
mod fixed_header;
mod properties;
mod property_values;
mod publish;
mod reason;
mod subscribe;
mod support;
mod variable_byte_integer;
