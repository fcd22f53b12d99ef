//! A build without the outbox (`MQTT_OUTBOX=0`).

use crate::codec::AckedQos;
use crate::micropython::{Exception, ExceptionKind, Obj};
use crate::module::application::Kept;
use crate::module::client::Client;
use crate::module::error::{Error, Reason, Result};
use crate::module::publish::NewMessage;
#[cfg(feature = "store")]
use crate::session::Queued;
use crate::session::QueuedPacket;
use crate::time::Deadline;
use crate::transport::Socket;

pub use crate::session::{NoOutbox as Line, NoTracker as Tracker};

/// The memory of a message in the outbox besides its bytes.
pub const OVERHEAD: usize = 0;

fn not_built_in() -> Error {
    let text = "wait=False was not built in (MQTT_OUTBOX)";
    Exception::with_text(ExceptionKind::NotImplementedError, text).into()
}

impl Client {
    /// Stands for `publish(wait=False)`.
    ///
    /// # Errors
    ///
    /// `NotImplementedError`, always.
    pub fn publish_later(&self, _message: &NewMessage, _qos: AckedQos) -> Result<Obj> {
        Err(not_built_in())
    }

    /// Nothing: the outbox is empty, and never stands in the way.
    ///
    /// # Errors
    ///
    /// [`Reason::WindowFull`], always.
    pub fn publish_behind(
        &self,
        _kept: Kept,
        _qos: AckedQos,
        _deadline: Deadline,
        _late: Error,
    ) -> Result<()> {
        Err(Error::because(Reason::WindowFull))
    }

    /// Nothing: the outbox is empty.
    ///
    /// # Errors
    ///
    /// None.
    pub fn flush_outbox(&self) -> Result<()> {
        Ok(())
    }

    /// Nothing: no message is open that no caller waits for.
    pub fn give_up_deliveries(&self) {}
}

/// Stands for an entry of the outbox, which this build has no room for.
///
/// # Errors
///
/// `NotImplementedError`, always.
#[cfg(feature = "store")]
pub fn restored(_client: &Client, _qos: AckedQos, _message: Kept) -> Result<Queued<Kept, Tracker>> {
    Err(not_built_in())
}

/// Nothing: there is no such packet.
///
/// # Errors
///
/// None.
pub fn write_packet(
    _client: &Client,
    _socket: Socket,
    _packet: QueuedPacket<Kept>,
    _deadline: Option<Deadline>,
) -> Result<Option<usize>> {
    Ok(None)
}
