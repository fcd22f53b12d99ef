//! A build without the steps that never wait (`MQTT_AIO=0`).

use crate::micropython::{Exception, ExceptionKind, Obj};
use crate::module::client::{Client, Endpoint};
use crate::module::error::Result;
use crate::transport::Socket;

impl Client {
    /// Stands for `connect()` with the client as `start_loop`.
    ///
    /// # Errors
    ///
    /// `NotImplementedError`, always.
    pub fn begin(&self, _endpoint: Endpoint) -> Result<()> {
        let text = "asyncio was not built in (MQTT_AIO)";
        Err(Exception::with_text(ExceptionKind::NotImplementedError, text).into())
    }

    /// Whether the program drives the loop: never.
    pub fn is_driven(&self) -> bool {
        false
    }

    /// The result of `publish`: `None`, for no program drives the client.
    pub fn has_rest(&self) -> Obj {
        Obj::none()
    }

    /// The socket of the connection.
    pub fn polled_socket(&self) -> Option<Socket> {
        *self.socket.lock()
    }

    /// Whether a function that has returned is still at work on its message: never.
    pub fn is_held(&self) -> bool {
        false
    }

    /// Whether an attempt to connect is under way: never.
    pub fn is_attempting(&self) -> bool {
        false
    }

    /// Nothing: no attempt to connect is under way.
    pub fn end_attempt(&self) {}
}
