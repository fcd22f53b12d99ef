//! `wait_msg` and `ping`: a program that reads message by message, without a read loop.

use crate::codec::first_byte;
use crate::micropython::{ORDERING, now};
use crate::session::MessageFlags;
use crate::time::Deadline;

use super::client::Client;
use super::delivery::deliver_next;
use super::error::{Error, Reason, Result};
use super::wait::{read_for_others, wait_for};
use super::writer::flush_output;

/// The flags of no message.
const NO_MESSAGE: u8 = u8::MAX;

/// How long one round of a wait without a limit lasts, in ms.
const ROUND: u32 = 60_000;

impl Client {
    /// Waits for a message, for `timeout` ms if that is given, and calls its functions. The answer to a
    /// PINGREQ that was sent before ends the wait, too. The first byte of the packet that came; `None`: none
    /// came in time.
    ///
    /// In a function that gets a message it returns at once: messages are delivered one at a time.
    ///
    /// # Errors
    ///
    /// The end of the connection; an exception that came while waiting (Ctrl-C).
    pub fn wait_msg(&self, timeout: Option<u32>) -> Result<Option<u8>> {
        if self.is_delivering() {
            return Ok(None);
        }
        // A context that delivers now has its message in this place.
        if let Some(_role) = self.delivery.try_take(&self.changed) {
            self.delivered.flags.store(NO_MESSAGE, ORDERING);
        }
        deliver_next(self)?;
        let mut awaits_answer = self.session.lock().awaits_ping_response();
        // A packet that is here is taken in, however short the wait is.
        if self.delivered_packet().is_none() {
            self.present_connection()?;
            if let Some(reader) = self.try_reader() {
                read_for_others(self, reader, 0)?;
            }
        }
        let late = Error::because(Reason::WouldWait);
        loop {
            let mut answered = false;
            let mut up = true;
            let deadline = Deadline::after(now(), timeout.unwrap_or(ROUND));
            let waited = wait_for(self, deadline, late, &mut |session| {
                let awaited = awaits_answer;
                awaits_answer = session.awaits_ping_response();
                answered = awaited && !awaits_answer;
                up = session.is_up();
                answered || !up || self.delivered_packet().is_some()
            });
            let packet = self.delivered_packet();
            if packet.is_some() {
                return Ok(packet);
            }
            if answered {
                return Ok(Some(first_byte::PINGRESP));
            }
            if !up {
                return Err(self.last_failure());
            }
            match waited {
                Err(error) if !error.is(Reason::WouldWait) => return Err(error),
                _ if timeout.is_some() => return Ok(None),
                _ => {}
            }
        }
    }

    /// The first byte of the PUBLISH that was delivered since [`Self::wait_msg`] has begun.
    fn delivered_packet(&self) -> Option<u8> {
        let bits = self.delivered.flags.load(ORDERING);
        (bits != NO_MESSAGE).then(|| MessageFlags::from_bits(bits).first_byte())
    }

    /// Sends a PINGREQ; one that the network does not take at once leaves with the next packet.
    ///
    /// # Errors
    ///
    /// `ENOTCONN`; the end of the connection; an exception that came while writing (Ctrl-C).
    pub fn ping(&self) -> Result<()> {
        let connection = self.present_connection()?;
        self.session.lock().ping(now());
        let flushed = flush_output(self);
        if let Err(error) = flushed
            && error.ends_connection()
        {
            self.fail(connection, error);
        }
        flushed
    }
}
