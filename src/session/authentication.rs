//! Enhanced authentication: when a broker of MQTT 5 may send AUTH (section 4.12 of its standard). The application
//! keeps the method and the data.

use crate::codec::{Reason, ReasonCode};

use super::{Application, Error, Session, SessionEvent};

impl<A: Application> Session<A> {
    /// Notes that an authentication begins: the caller is about to send CONNECT with a method, or AUTH. False: one
    /// is under way.
    #[must_use]
    pub fn begin_authentication(&mut self) -> bool {
        !core::mem::replace(&mut self.authenticating, true)
    }

    /// Notes that the authentication that was under way has ended.
    pub fn end_authentication(&mut self) {
        self.authenticating = false;
    }

    /// Whether an authentication is under way. It ends with the CONNACK, with [`Self::end_authentication`], and with
    /// the connection.
    pub fn is_authenticating(&self) -> bool {
        self.authenticating
    }

    /// Takes in an AUTH. The authentication of a CONNECT ends with a CONNACK, and with no AUTH.
    pub(super) fn on_auth<'a>(&self, reason: Reason<'a>) -> Result<SessionEvent<'a>, Error> {
        if !self.authenticating || (reason.code == ReasonCode::SUCCESS && !self.is_up()) {
            return Err(Error::Auth);
        }
        Ok(SessionEvent::Auth(reason))
    }
}
