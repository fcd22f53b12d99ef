//! Enhanced authentication: section 4.12 of the standard of MQTT 5.
//!
//! The reader keeps the data of a challenge. The context that waits for the end of the authentication gives them to
//! the program's function, and sends the answer: `connect`, `reauthenticate`, or a step of a client that the program
//! drives.

use crate::codec::{
    Auth, Binary, Place, Properties, PropertyId, Reason as BrokersReason, ReasonCode, Value,
};
use crate::micropython::{Immutable, Obj, Text, now};
use crate::session;
use crate::time::Deadline;

use super::args::{Fault, parameter};
use super::client::Client;
use super::error::{Error, Reason, Result};
use super::output::Output;
use super::properties::{Block, Draft, to_block};
use super::version::Goodbye;
use super::wait::wait_for;
use super::writer::{Writer, write};

/// "Unspecified error" (table 2-6 of the standard).
const UNSPECIFIED: ReasonCode = ReasonCode::known(0x80);

/// The parameters of `set_authentication`.
#[derive(Clone, Copy, Debug)]
pub struct Authentication {
    pub method: Text,
    pub function: Obj,
}

impl Client {
    /// Sets the method of authentication from the next connection on; `None`: there is none.
    ///
    /// # Errors
    ///
    /// [`Reason::AlreadyConnected`].
    pub fn set_authentication(&self, authentication: Option<Authentication>) -> Result<()> {
        if !self.is_down() {
            return Err(Error::because(Reason::AlreadyConnected));
        }
        self.settings.lock().authentication = authentication;
        Ok(())
    }

    /// The properties of CONNECT: those of `set_version`, and the method with its first data, for which the function
    /// is asked unless `set_version` has given them.
    ///
    /// # Errors
    ///
    /// `ValueError`: the version or the method does not fit. As [`Self::ask`].
    pub fn connect_properties(&self) -> Result<Block> {
        let (given, authentication) = {
            let settings = self.settings.lock();
            (settings.properties, settings.authentication)
        };
        let Some(Authentication { method, .. }) = authentication else {
            return Ok(given);
        };
        if !self.version().is_5() {
            return Err(parameter!(set_authentication).refuse(Fault::NeedsVersion5));
        }
        match given.properties().text(PropertyId::AUTHENTICATION_METHOD) {
            None => self.ask(Draft::new(given, Place::Connect), Obj::none(), true),
            Some(name) if name == method.as_str() => Ok(given),
            Some(_) => Err(parameter!(authentication_method).refuse(Fault::OtherMethod)),
        }
    }

    /// Notes that an authentication begins. False: one is under way.
    pub fn begin_authentication(&self) -> bool {
        let mut session = self.session.lock();
        let begins = session.begin_authentication();
        if begins {
            self.challenge.set(None);
        }
        begins
    }

    /// Authenticates again, on the running connection. A client that the program drives only begins.
    ///
    /// # Errors
    ///
    /// `ENOTCONN`; `ValueError` without a method; [`Reason::Interrupts`] while another call authenticates; as
    /// [`Self::ask`]. As soon as there is an AUTH to send, every error ends the connection.
    pub fn reauthenticate(&self) -> Result<()> {
        let connection = self.present_connection()?;
        if !self.begin_authentication() {
            return Err(Error::because(Reason::Interrupts));
        }
        let deadline = self.command_deadline();
        let first = self.ask_within_terms(Obj::none(), true);
        if first.is_err() {
            let mut session = self.session.lock();
            if session.connection() == connection {
                session.end_authentication();
            }
        }
        let result = self
            .send_auth(first?, true, connection, deadline)
            .and_then(|()| self.await_authentication(connection, deadline));
        self.unless_authenticated(connection, result)
    }

    /// Answers challenges until the broker ends the authentication.
    fn await_authentication(&self, connection: u32, deadline: Deadline) -> Result<()> {
        let late = Error::because(Reason::NoAuth);
        let mut goes_on = !self.is_driven();
        while goes_on {
            // A broker that asks and asks does not make the call longer.
            deadline.remaining(now()).ok_or(late)?;
            wait_for(self, deadline, late, &mut |session| {
                goes_on = session.is_authenticating() && session.connection() == connection;
                !goes_on || self.challenge.get().is_some()
            })?;
            self.go_on(connection, deadline)?;
        }
        Ok(())
    }

    /// Answers the challenge that waits, if one does.
    ///
    /// # Errors
    ///
    /// The connection is lost; as [`Self::ask`] and [`write`](write()).
    fn go_on(&self, connection: u32, deadline: Deadline) -> Result<()> {
        if self.present_connection()? != connection {
            return Err(Error::NOT_CONNECTED);
        }
        match self.answer()? {
            Some(answer) => self.send_auth(answer, false, connection, deadline),
            None => Ok(()),
        }
    }

    /// Goes on with the authentication of a client that the program drives. Whether there was something to do.
    #[cfg(feature = "aio")]
    pub fn go_on_authenticating(&self) -> bool {
        let is_asked = self.challenge.get().is_some();
        if is_asked {
            let connection = self.connection();
            let result = self.go_on(connection, self.command_deadline());
            // The caller of `reauthenticate` finds the error where the connection has it.
            let _ = self.unless_authenticated(connection, result);
        }
        is_asked
    }

    /// Whether the authentication of a client that the program drives has succeeded. `gives_up`: its caller waits no
    /// longer.
    ///
    /// # Errors
    ///
    /// The connection has ended.
    #[cfg(feature = "aio")]
    pub fn has_authenticated(&self, gives_up: bool) -> Result<bool> {
        let goes_on = self.session.lock().is_authenticating();
        match self.present_connection() {
            Ok(connection) if goes_on && gives_up => {
                // Its caller knows.
                let late = Err(Error::because(Reason::NoAuth));
                let _ = self.unless_authenticated(connection, late);
                Ok(true)
            }
            Err(_) if !gives_up => {
                let failure = *self.failure.lock();
                let own = failure.and_then(Error::exception);
                Err(own.map_or_else(|| self.last_failure(), Error::from))
            }
            _ => Ok(!goes_on),
        }
    }

    /// Ends the connection if the authentication has failed.
    // [MQTT5-4.12.1-2]
    fn unless_authenticated(&self, connection: u32, result: Result<()>) -> Result<()> {
        result.map_err(|error| {
            if error.is(Reason::NotConnected) {
                // It has ended already.
                return self.last_failure();
            }
            if self.is_up() {
                self.tell(connection, Goodbye::new(UNSPECIFIED, Block::EMPTY));
            }
            self.fail(connection, error);
            error
        })
    }

    /// Says goodbye to a broker whose authentication of a CONNECT has failed because of `error`, if that can leave at
    /// once (section 4.12 of the standard allows it). The caller has the role of writer.
    pub fn refuse_broker(&self, writer: &mut Writer, error: Error) {
        let is_begun = self.session.lock().is_authenticating() || self.is_up();
        // A broker that has said goodbye itself gets no answer.
        if is_begun && error.reason_code().is_none() {
            let fault = error.protocol_fault().and_then(session::Error::reason_code);
            self.tell_with(
                writer,
                Goodbye::new(fault.unwrap_or(UNSPECIFIED), Block::EMPTY),
            );
        }
    }

    /// Answers the challenge that waits, if one does, before the broker has accepted the client. A CONNACK that does
    /// accept it has the method, too, and perhaps the last data.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`], [`Self::take_data`] and [`Output::flush`].
    pub fn answer_challenge(&self, is_accepted: bool, output: &mut Output<'_>) -> Result<()> {
        if is_accepted {
            let connack = self.told.connack_bytes();
            self.take_data(to_block(connack.as_ref()), None)?;
        }
        if let Some(answer) = self.answer()? {
            auth(&answer, false).encode(output)?;
        }
        output.flush()
    }

    /// Gives the data that wait to the function. The properties of the AUTH that answers them; `None`: there are
    /// none, or the authentication has ended with them.
    fn answer(&self) -> Result<Option<Block>> {
        let (data, goes_on) = {
            let session = self.session.lock();
            (self.challenge.get(), session.is_authenticating())
        };
        let Some(data) = data else {
            return Ok(None);
        };
        self.challenge.set(None);
        let answer = self.ask_within_terms(data, goes_on)?;
        Ok(goes_on.then_some(answer))
    }

    /// As [`Self::ask`], for an AUTH on the present connection.
    fn ask_within_terms(&self, data: Obj, counts: bool) -> Result<Block> {
        let answer = self.ask(Draft::new(Block::EMPTY, Place::Auth), data, counts)?;
        self.check_len(auth(&answer, true).encoded_len())?;
        Ok(answer)
    }

    /// Asks the function for the client's data. The properties of `packet` with the method and the data, or without
    /// data if the result does not count.
    ///
    /// # Errors
    ///
    /// The exception of the function; `TypeError`, `ValueError` for its result; `MemoryError`.
    #[inline(never)]
    fn ask(&self, mut packet: Draft, data: Obj, counts: bool) -> Result<Block> {
        let authentication = self.settings.lock().authentication;
        let Some(Authentication { method, function }) = authentication else {
            // [MQTT5-4.12.0-7] no AUTH without a method in CONNECT.
            return Err(parameter!(reauthenticate).refuse(Fault::NeedsAuthentication));
        };
        let answer = function.call(&[self.obj(), data])?;
        // [MQTT5-4.12.0-5] [MQTT5-4.12.1-1] always the same method.
        let method = Binary::new_unchecked(method.as_str().as_bytes());
        packet.put(PropertyId::AUTHENTICATION_METHOD, Value::Binary(method));
        if counts && !answer.is_none() {
            packet.add(PropertyId::AUTHENTICATION_DATA, answer);
        }
        packet.finish()
    }

    /// Sends an AUTH on a running connection.
    fn send_auth(
        &self,
        properties: Block,
        anew: bool,
        connection: u32,
        deadline: Deadline,
    ) -> Result<()> {
        write(self, deadline, &mut |output| {
            if self.connection() != connection {
                return Err(Error::NOT_CONNECTED);
            }
            auth(&properties, anew).encode(output)
        })
    }

    /// Takes in an AUTH. A challenge always has data: no bytes, if need be.
    ///
    /// # Errors
    ///
    /// As [`Self::take_data`].
    #[cold]
    #[inline(never)]
    pub fn take_auth(&self, reason: &BrokersReason<'_>) -> Result<()> {
        let properties = reason.properties.unwrap_or(Properties::EMPTY);
        let is_success = reason.code == ReasonCode::SUCCESS;
        // A success need not have properties (section 3.15.2.1).
        if !is_success || properties != Properties::EMPTY {
            self.take_data(properties, (!is_success).then_some(&[]))?;
        }
        if is_success {
            self.session.lock().end_authentication();
        }
        Ok(())
    }

    /// Checks the method of a packet, and keeps its data, or else `default`, for the function.
    ///
    /// # Errors
    ///
    /// [`session::Error::Auth`]: the method is another, or the function has not had the data before. `MemoryError`.
    fn take_data(&self, properties: Properties<'_>, default: Option<&[u8]>) -> Result<()> {
        let authentication = self.settings.lock().authentication;
        let Some(Authentication { method, .. }) = authentication else {
            return Ok(());
        };
        let name = properties.text(PropertyId::AUTHENTICATION_METHOD);
        if name != Some(method.as_str()) || self.challenge.get().is_some() {
            return Err(session::Error::Auth.into());
        }
        let data = match properties.get(PropertyId::AUTHENTICATION_DATA) {
            Some(Value::Binary(data)) => Some(data.as_bytes()),
            _ => default,
        };
        if let Some(data) = data {
            self.challenge.set(Some(Immutable::copy(data)?.obj()));
        }
        Ok(())
    }
}

/// The AUTH with these properties.
fn auth(properties: &Block, anew: bool) -> Auth<'_> {
    Auth {
        anew,
        properties: properties.properties(),
    }
}
