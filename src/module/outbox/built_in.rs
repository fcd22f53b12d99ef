//! The outbox as the commands and the writer use it.

use crate::codec::AckedQos;
use crate::micropython::{Native, Obj, now};
use crate::module::application::Kept;
use crate::module::client::Client;
use crate::module::error::{Error, Reason, Result};
use crate::module::output::Output;
use crate::module::publish::{NewMessage, write_kept};
use crate::module::wait::wait_for;
use crate::module::writer::flush_if_free;
#[cfg(feature = "store")]
use crate::session::Queued;
use crate::session::QueuedPacket;
use crate::time::Deadline;
use crate::transport::Socket;

use super::delivery::Delivery;

pub use super::delivery::{Line, OVERHEAD};

/// The record of a message that no caller waits for.
pub type Tracker = Native<Delivery>;

impl Client {
    /// Publishes without waiting for anything: the message leaves at once if it can, or else in its
    /// turn. Its `Delivery`.
    ///
    /// # Errors
    ///
    /// `ValueError` for a packet that is too long, or that the broker does not allow; [`Reason::WindowFull`];
    /// `MemoryError`; a pending exception (Ctrl-C).
    pub fn publish_later(&self, message: &NewMessage, qos: AckedQos) -> Result<Obj> {
        let kept = message.checked(self, qos)?;
        Ok(self.enqueue(kept, qos, true)?.as_obj())
    }

    /// Publishes behind the messages in the outbox, and waits for the end of the handshake.
    ///
    /// # Errors
    ///
    /// `late`; the end of the connection; those of [`wait_for`]; `MemoryError`.
    pub fn publish_behind(
        &self,
        kept: Kept,
        qos: AckedQos,
        deadline: Deadline,
        late: Error,
    ) -> Result<()> {
        let connection = self.present_connection()?;
        let delivery = self.enqueue(kept, qos, false)?;
        wait_for(self, deadline, late, &mut |session| {
            delivery.is_done() || !session.is_up() || session.connection() != connection
        })?;
        if delivery.is_done() {
            delivery.result()
        } else {
            Err(self.last_failure())
        }
    }

    fn enqueue(&self, kept: Kept, qos: AckedQos, bounded: bool) -> Result<Native<Delivery>> {
        let delivery = Native::new(Native::of(self)).ok_or_else(Error::no_memory)?;
        self.session
            .lock()
            .enqueue(qos, kept, delivery, bounded)
            .map_err(|_| Error::because(Reason::WindowFull))?;
        self.flush_outbox()?;
        Ok(delivery)
    }

    /// Sends messages of the outbox for which there is room. Of the end of the connection, their
    /// `Delivery` tells.
    ///
    /// # Errors
    ///
    /// A pending exception (Ctrl-C).
    pub fn flush_outbox(&self) -> Result<()> {
        match flush_if_free(self) {
            Err(error) if !error.ends_connection() => Err(error),
            _ => Ok(()),
        }
    }

    /// Ends all messages that no caller waits for, because of `disconnect`.
    pub fn give_up_deliveries(&self) {
        let error = Error::because(Reason::Disconnected);
        self.session
            .lock()
            .give_up(|delivery| delivery.end(Err(error)));
        self.changed.signal();
    }
}

/// Makes an entry of the outbox again.
///
/// # Errors
///
/// `MemoryError`.
#[cfg(feature = "store")]
pub fn restored(client: &Client, qos: AckedQos, message: Kept) -> Result<Queued<Kept, Tracker>> {
    let tracker = Native::new(Native::of(client)).ok_or_else(Error::no_memory)?;
    Ok(Queued {
        qos,
        message,
        tracker,
    })
}

/// Writes a packet of the outbox. The caller has the role of writer. Without a `deadline` it writes as
/// much as the network takes at once. The number of bytes that have left; `None`: all of them.
///
/// # Errors
///
/// The connection is lost, or takes no bytes up to the deadline.
#[inline(never)]
pub fn write_packet(
    client: &Client,
    socket: Socket,
    packet: QueuedPacket<Kept>,
    deadline: Option<Deadline>,
) -> Result<Option<usize>> {
    let mut output = Output::resume(client, socket, packet.sent, deadline);
    let written = write_kept(client, &packet.message, packet.delivery, &mut output)
        .and_then(|()| output.flush());
    let sent = match written {
        Ok(()) => None,
        Err(error) if error.is(Reason::WouldWait) => Some(output.sent()),
        Err(error) => return Err(error),
    };
    let mut session = client.session.lock();
    session.queued_written(sent);
    if sent != Some(packet.sent) {
        session.sent(now());
    }
    Ok(sent)
}
