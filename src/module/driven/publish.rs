//! `publish` where the program drives the loop: it does not wait.

use crate::codec::QoS;
use crate::micropython::{Obj, now};
use crate::module::client::Client;
use crate::module::error::{Reason, Result};
use crate::module::publish::NewMessage;

use super::step::TURN;
use super::ticket::{ABSENT, Call, GIVEN, ticket};

impl Client {
    /// Whether a coroutine has published for so long that the other tasks of the program have waited long enough.
    fn is_step_due(&self) -> bool {
        let stepped_at = self.driven().map(|it| it.stepped_at);
        stepped_at.is_some_and(|it| now().duration_since(it) > TURN)
    }

    /// Publishes, and waits for the end of the handshake. Where the program drives the loop, the call does not wait:
    /// it returns a ticket if the coroutine has something to wait for, and `None` if not.
    ///
    /// # Errors
    ///
    /// As [`Client::publish`], and as [`Client::publish_later`] where the program drives the loop.
    pub fn submit(&self, message: &NewMessage, qos: QoS) -> Result<Obj> {
        let Some(acked) = qos.acked().filter(|_| self.is_driven()) else {
            return match self.publish(message, qos) {
                // The program looks after the connection before it gets the error.
                Err(error) if self.is_driven() && error.ends_connection() => {
                    Ok(if error.is(Reason::NotConnected) {
                        ticket(ABSENT, Call::Room)
                    } else {
                        ticket(GIVEN, Call::Room)
                    })
                }
                Ok(()) if self.is_driven() && (self.has_rest() || self.is_step_due()) => {
                    Ok(ticket(GIVEN, Call::Room))
                }
                result => result.map(|()| Obj::none()),
            };
        };
        self.present_connection()?;
        match self.publish_later(message, acked) {
            Err(error) if error.is(Reason::WindowFull) => {
                let units = self.session.lock().outbox_units();
                Ok(ticket(units.into(), Call::Outbox))
            }
            taken => taken,
        }
    }
}
