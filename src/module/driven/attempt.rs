//! An attempt to connect, in steps that never wait. The steps themselves are those of `connect`.

#[cfg(feature = "tls")]
use embedded_nal::TcpClientStack as _;
use embedded_nal::nb;

use super::step::unless_interrupt;
use crate::codec::ReturnCode;
use crate::micropython::{GcMutex, ORDERING, Obj, StreamError, now};
#[cfg(feature = "tls")]
use crate::module::client::Security;
use crate::module::client::{Client, Endpoint};
use crate::module::error::{Error, Reason, Result};
use crate::module::inbox::reserve_inbox;
use crate::module::output::Output;
use crate::module::properties::Block;
use crate::module::reader::{Input, Reader, Reading};
use crate::module::role::LATE;
#[cfg(feature = "tls")]
use crate::module::ssl::ssl_context_of;
use crate::module::writer::{Writer, clear_the_way};
use crate::time::Deadline;
use crate::transport::{Connector, MicroPythonStack, Socket};
#[cfg(feature = "tls")]
use crate::transport::{Interest, Securing};

/// An attempt that is under way.
pub struct Attempt {
    endpoint: Endpoint,
    /// Those of CONNECT.
    properties: Block,
    deadline: Deadline,
    /// The count of calls that end attempts, at the beginning.
    cancelled: u32,
    /// The addresses of the broker; `None` when there is a network connection.
    connector: Option<Connector<Socket, StreamError>>,
    /// The resolver's answer, which has these addresses.
    answer: Option<Obj>,
    /// The broker has sent something that does not end the attempt.
    is_busy: bool,
    /// The handshake of the built-in TLS.
    #[cfg(feature = "tls")]
    securing: Option<Securing>,
}

/// The event that an attempt waits for.
#[derive(Clone, Copy)]
pub enum Awaits {
    /// Room to send on the socket, for at most so many milliseconds.
    Network(u32),
    /// The broker's answer.
    Broker(u32),
}

/// The largest number of an attempt: Python gets it as a small int, with the bits of a ticket.
const MOST_ATTEMPTS: u32 = (1 << 24) - 1;

impl Attempt {
    /// The socket that is connecting. Once it has connected, the client has it.
    pub fn socket(&self) -> Option<Socket> {
        #[cfg(feature = "tls")]
        if let Some(securing) = &self.securing {
            return Some(securing.socket());
        }
        self.connector.as_ref()?.socket().copied()
    }

    /// Gives the attempt up.
    pub fn close(&mut self, stack: &mut MicroPythonStack<'_>) {
        if let Some(connector) = &mut self.connector {
            connector.close(stack);
        }
        #[cfg(feature = "tls")]
        if let Some(mut securing) = self.securing.take() {
            securing.end();
            let _ = stack.close(securing.socket());
        }
    }

    /// The event that it waits for.
    pub fn awaits(&self) -> Awaits {
        let left = self.deadline.remaining(now()).unwrap_or(0);
        #[cfg(feature = "tls")]
        if let Some(securing) = &self.securing
            && securing.interest() == Interest::Send
        {
            return Awaits::Network(left);
        }
        match &self.connector {
            Some(connector) => Awaits::Network(connector.remaining(now())),
            // The reader may have more bytes, of which the socket would not tell.
            None if self.is_busy => Awaits::Broker(0),
            None => Awaits::Broker(left),
        }
    }
}

impl Client {
    /// Begins to connect. Every [`step`](super::step::step()) goes on with it. Only the resolver may block. The
    /// number of the attempt.
    ///
    /// # Errors
    ///
    /// [`Reason::AlreadyConnected`]; those of the resolver; `MemoryError`.
    pub fn begin(&self, endpoint: Endpoint) -> Result<u32> {
        if self.is_up() {
            return Err(Error::because(Reason::AlreadyConnected));
        }
        // One whose caller waits for it no longer.
        self.end_attempt();
        let deadline = self.command_deadline();
        let properties = self.connect_properties()?;
        {
            let mut reader = self.wait_for_reader(deadline)?;
            let mut writer = self.wait_for_writer(deadline)?;
            self.make_way(&mut reader, &mut writer);
        }
        self.settings.lock().endpoint = Some(endpoint);
        reserve_inbox(self)?;
        let mut stack = MicroPythonStack::new(&self.cancelled);
        let host = endpoint.host.as_str();
        let connector = Connector::new(&mut stack, host, endpoint.port, deadline)?;
        let attempt = Attempt {
            endpoint,
            properties,
            deadline,
            cancelled: self.cancelled.load(ORDERING),
            connector: Some(connector),
            answer: stack.answer(),
            is_busy: false,
            #[cfg(feature = "tls")]
            securing: None,
        };
        let attempt = GcMutex::new(attempt).ok_or_else(Error::no_memory)?;
        let mut number = 0;
        if let Some(mut driven) = self.driven() {
            number = driven.attempts.wrapping_add(1) & MOST_ATTEMPTS;
            driven.attempts = number;
            driven.error = None;
            driven.renewing = false;
            driven.attempt = Some(attempt);
        }
        Ok(number)
    }

    /// Ends the connection, or the attempt to make one, and begins again with the parameters of the last
    /// [`Self::begin`]. The number of the attempt.
    ///
    /// # Errors
    ///
    /// Those of [`Self::begin`].
    pub fn begin_again(&self) -> Result<u32> {
        self.end_attempt();
        self.hang_up();
        let endpoint = self.settings.lock().endpoint;
        self.begin(endpoint.ok_or(Error::because(Reason::NeverConnected))?)
    }

    /// Whether the attempt of this number is under way.
    ///
    /// # Errors
    ///
    /// [`Reason::ConnectedAgain`].
    pub fn is_attempting_as(&self, number: u32) -> Result<bool> {
        match self.driven() {
            Some(driven) if driven.attempts == number => Ok(driven.attempt.is_some()),
            _ => Err(Error::because(Reason::ConnectedAgain)),
        }
    }

    /// Whether the last attempt waits for nothing but `aconnect_cb`. False: filters are being subscribed again.
    ///
    /// # Errors
    ///
    /// The attempt has failed, or the connection is lost again.
    pub fn has_connected(&self) -> Result<bool> {
        let Some((error, is_renewing)) = self
            .driven()
            .map(|it| (it.error, it.renewing && !it.settling))
        else {
            return Ok(true);
        };
        if let Some(error) = error {
            return Err(error);
        }
        let is_refused = self.return_code().is_some_and(|code| code > 0);
        if !is_refused && !self.is_up() {
            return Err(self.own_failure());
        }
        Ok(!is_renewing)
    }

    /// Notes that `aconnect_cb` of the attempt of this number is done.
    pub fn settled(&self, number: u32) {
        if let Some(mut driven) = self.driven()
            && driven.attempts == number
        {
            driven.settling = false;
        }
    }

    /// Ends the attempt of this number, if it has not come to its end.
    pub fn give_up_attempt(&self, number: u32) {
        let is_open = self.driven().is_some_and(|it| {
            it.attempts == number && (it.attempt.is_some() || it.settling || it.renewing)
        });
        if is_open {
            self.end_attempt();
            self.set_renewing(false);
            self.hang_up();
        }
    }

    /// Goes on with the attempt to connect that is under way, if there is one. Its end is for [`Self::has_connected`].
    ///
    /// # Errors
    ///
    /// `KeyboardInterrupt` and its like.
    pub fn go_on_connecting(&self) -> Result<()> {
        let Some(shared) = self.present_attempt() else {
            return Ok(());
        };
        let Ok(mut attempt) = shared.try_lock() else {
            return Ok(());
        };
        let code = match self.advance(&mut attempt) {
            Ok(None) => return Ok(()),
            Ok(Some(code)) => Ok(code),
            Err(error) => Err(self.name_last_packet(error)),
        };
        drop(attempt);
        self.end_attempt();
        let Some(mut driven) = self.driven() else {
            return Ok(());
        };
        match code {
            Ok(ReturnCode::Accepted) => {
                driven.renewing = true;
                driven.settling = true;
            }
            Ok(_) => return Ok(()),
            Err(error) => {
                driven.error = Some(error);
                return unless_interrupt(error);
            }
        }
        drop(driven);
        self.read_loop.lock().pause = 0;
        Ok(())
    }

    /// The code of the CONNACK; `None`: it has not come yet.
    fn advance(&self, attempt: &mut Attempt) -> Result<Option<ReturnCode>> {
        if self.is_cancelled_since(attempt.cancelled) {
            return Err(Error::because(Reason::Disconnected));
        }
        let mut connected = None;
        if let Some(connector) = &mut attempt.connector {
            let stack = MicroPythonStack::new(&self.cancelled);
            match connector.poll(&mut stack.with_answer(attempt.answer)) {
                Ok(socket) => connected = Some(socket),
                Err(nb::Error::WouldBlock) => return Ok(None),
                Err(nb::Error::Other(error)) => return Err(error.into()),
            }
        }
        attempt.connector = None;
        attempt.answer = None;
        #[cfg(feature = "tls")]
        if let Some(socket) = connected
            && let Some(Security::BuiltIn(context)) = attempt.endpoint.ssl_ctx
            && let Some(context) = ssl_context_of(context)
        {
            let host = attempt.endpoint.host;
            let begun = Securing::new(socket, context.context(), host, attempt.deadline);
            if begun.is_err() {
                let _ = MicroPythonStack::new(&self.cancelled).close(socket);
            }
            attempt.securing = Some(begun?);
        }
        #[cfg(feature = "tls")]
        if let Some(securing) = &mut attempt.securing {
            match securing.poll() {
                Ok(socket) => connected = Some(socket),
                Err(nb::Error::WouldBlock) => return Ok(None),
                Err(nb::Error::Other(error)) => return Err(error.into()),
            }
            attempt.securing = None;
        }
        let (Some(mut reader), Some(mut writer)) = (self.try_reader(), self.try_writer()) else {
            // A thread uses the client beside its event loop.
            return Err(LATE);
        };
        let result = self.talk(attempt, connected, &mut reader, &mut writer);
        #[cfg(feature = "v5")]
        if let Err(error) = result {
            self.refuse_broker(&mut writer, error);
        }
        if !matches!(result, Ok(None | Some(ReturnCode::Accepted))) {
            self.close_socket(&mut reader);
            self.session.lock().connection_lost();
        }
        drop(reader);
        drop(writer);
        if let Ok(Some(ReturnCode::Accepted)) = result {
            self.flush_outbox()?;
        }
        result
    }

    /// Sends CONNECT on a socket that has just connected, and looks for the CONNACK.
    fn talk(
        &self,
        attempt: &mut Attempt,
        connected: Option<Socket>,
        reader: &mut Reader,
        writer: &mut Writer,
    ) -> Result<Option<ReturnCode>> {
        let deadline = attempt.deadline;
        if let Some(socket) = connected {
            let socket = self.dress(&attempt.endpoint, socket, deadline)?;
            self.session
                .lock()
                .connect(attempt.endpoint.keepalive, now());
            let mut output = Output::new(self, socket, deadline);
            self.greet(&attempt.endpoint, attempt.properties, &mut output)?;
            writer.keep(self, output.rest());
        }
        let socket = (*self.socket.lock()).ok_or(Error::NOT_CONNECTED)?;
        if self.is_up() {
            return Ok(Some(ReturnCode::Accepted));
        }
        let is_free = clear_the_way(self, writer, socket)?;
        let how = Reading {
            timeout: 0,
            may_drop: true,
            may_write: false,
        };
        let read = reader.read(self, how).map_err(Error::of_first_packet)?;
        attempt.is_busy = !matches!(read, Input::Nothing);
        let mut output = Output::new(self, socket, deadline);
        if !is_free {
            output.stay_behind(self.rest());
        }
        let code = self.take_greeting(read, &mut output)?;
        match code {
            Some(ReturnCode::Accepted) => self.redeliver(&mut output)?,
            None if deadline.remaining(now()).is_none() => {
                return Err(Error::because(Reason::NoConnAck));
            }
            _ => {}
        }
        writer.keep(self, output.rest());
        Ok(code)
    }
}
