//! A build without `auto_reconnect` (`MQTT_AUTO_RECONNECT=0`): there are no such functions.

use crate::micropython::Obj;
use crate::module::client::Client;
use crate::module::error::Result;

/// A function that `auto_reconnect` has made: none.
pub enum AutoReconnect {}

/// `None`, always.
pub fn auto_reconnect_of<'a>(_obj: Obj) -> Option<&'a AutoReconnect> {
    None
}

impl AutoReconnect {
    /// One attempt, which nothing makes.
    ///
    /// # Errors
    ///
    /// None.
    pub fn attempt(&self, _client: &Client) -> Result<bool> {
        match *self {}
    }

    /// The pause of the loop, which nothing takes.
    pub fn pause(&self, _client: &Client) -> u32 {
        match *self {}
    }
}
