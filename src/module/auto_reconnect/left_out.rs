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

    /// The pause after `last`, which nothing takes.
    pub fn next_pause(&self, _last: u32) -> u32 {
        match *self {}
    }
}

/// The same pause.
pub fn shortened(_client: &Client, pause: u32) -> u32 {
    pause
}
