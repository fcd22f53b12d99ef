//! A test named `mqtt_x_y_z_n_...` proves the normative statement `[MQTT-x.y.z-n]`, or the part of
//! it that lies with the codec.

mod ack;
mod connack;
mod connect;
mod decode_error;
mod fields;
mod inbound_publish;
mod matching;
mod output;
mod publish;
mod remaining_length;
mod suback;
mod subscribe;
mod support;
mod topic_filter;
mod unsubscribe;
