//! A build without the steps that never wait (`MQTT_AIO=0`).

use crate::codec::QoS;
use crate::micropython::{Exception, ExceptionKind, Obj};
use crate::module::client::{Client, Endpoint};
use crate::module::error::Result;
use crate::module::publish::NewMessage;
use crate::transport::Socket;

impl Client {
    /// Stands for `connect()` with the client as `start_loop`.
    ///
    /// # Errors
    ///
    /// `NotImplementedError`, always.
    pub fn begin(&self, _endpoint: Endpoint) -> Result<u32> {
        let text = "asyncio was not built in (MQTT_AIO)";
        Err(Exception::with_text(ExceptionKind::NotImplementedError, text).into())
    }

    /// Stands for `reconnect()` of a client that a program drives. No client is one.
    ///
    /// # Errors
    ///
    /// None.
    pub fn begin_again(&self) -> Result<u32> {
        Ok(0)
    }

    /// Whether the program drives the loop: never.
    pub fn is_driven(&self) -> bool {
        false
    }

    /// Publishes, and waits for the end of the handshake. `None`.
    ///
    /// # Errors
    ///
    /// As [`Client::publish`].
    pub fn submit(&self, message: &NewMessage, qos: QoS) -> Result<Obj> {
        self.publish(message, qos)?;
        Ok(Obj::none())
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
