//! A build without MQTT 5 (`MQTT_V5=0`): MQTT 3.1.1 has no limits and no reasons.

use crate::codec::{DISCONNECT, Delivery, Output as _, PacketId, Publish, QoS, Version};
use crate::micropython::Text;
use crate::module::application::Filter;
use crate::module::client::Client;
use crate::module::error::{Error, Result};
use crate::module::output::Output;
use crate::module::properties::Block;

/// The way in which the client ends a connection: there is one.
#[derive(Clone, Copy)]
pub struct Goodbye;

impl Goodbye {
    /// The program has called `disconnect`, or connects again.
    pub const NORMAL: Self = Self;

    /// Puts the DISCONNECT.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn write(self, _client: &Client, output: &mut Output<'_>) -> Result<()> {
        output.put(&DISCONNECT)
    }
}

impl Client {
    /// The version of the protocol.
    pub fn version(&self) -> Version {
        Version::V3_1_1
    }

    /// The properties of CONNECT: none.
    ///
    /// # Errors
    ///
    /// None.
    pub fn connect_properties(&self) -> Result<Block> {
        Ok(Block::EMPTY)
    }

    /// Nothing: a broker asks for nothing.
    ///
    /// # Errors
    ///
    /// None.
    pub fn answer_challenge(&self, _is_accepted: bool, _output: &mut Output<'_>) -> Result<()> {
        Ok(())
    }

    /// The same error: the broker has no words of its own.
    pub fn explained(&self, error: Error) -> Error {
        error
    }

    /// The same.
    pub fn explained_failure(&self, error: Error) -> Error {
        error
    }

    /// Nothing: MQTT 3.1.1 has no reasons.
    pub fn tell_fault(&self, _connection: u32, _error: Error) {}

    /// Nothing: a broker has no limits.
    ///
    /// # Errors
    ///
    /// None.
    pub fn check_publish(&self, _qos: QoS, _retain: bool, _len: usize) -> Result<()> {
        Ok(())
    }

    /// The same.
    ///
    /// # Errors
    ///
    /// None.
    pub fn check_subscribe(&self, _filter: &Filter) -> Result<()> {
        Ok(())
    }

    /// False: a broker has no limits.
    pub fn gives_up(&self, _packet: &Publish<'_>, _retain: bool, _delivery: Delivery) -> bool {
        false
    }

    /// The same.
    pub fn gives_up_filter(&self, _id: PacketId, _filter: &Filter) -> bool {
        false
    }

    /// The same.
    ///
    /// # Errors
    ///
    /// None.
    pub fn check_unsubscribe(&self, _filter: &Filter) -> Result<()> {
        Ok(())
    }

    /// Nothing: no topic has an alias.
    pub fn alias(&self, _packet: &mut Publish<'_>, _topic: Text) {}
}
