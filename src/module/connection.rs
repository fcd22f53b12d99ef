//! `connect`, `reconnect`, `disconnect`, and the end of a connection.

use crate::codec::{
    Ack, Binary, Connect, Credentials, DISCONNECT, Output as _, ReturnCode, TopicName, Utf8String,
    Will,
};
use crate::micropython::{
    HAS_THREADS, ORDERING, current_thread, handle_pending, now, wake_function,
};
use crate::session::Redelivery;
use crate::time::Deadline;
use crate::transport::{MicroPythonStack, Socket, dial};

use embedded_nal::TcpClientStack;

use super::args::Parameter;
use super::client::{Client, Endpoint, NO_CONNACK, Reader, Security, Settings};
use super::error::{Error, Reason, Result};
use super::input::{Input, Reading};
use super::output::Output;
use super::publish::write_kept;
#[cfg(feature = "tls")]
use super::ssl::ssl_context_of;

/// How long a DISCONNECT may wait for room in the network's buffers, in ms. It is a
/// courtesy: the broker sees the end of the connection all the same.
const DISCONNECT_PATIENCE: u32 = 200;

const LATE: Error = Error::because(Reason::ConnectionInUse);

impl Client {
    /// Connects, calls `aconnect_cb`, subscribes again what was registered, starts the
    /// loop. The CONNACK return code.
    pub fn connect(&self, endpoint: Endpoint, start_loop: bool) -> Result<u8> {
        let code = {
            let _dialing = self
                .dialing
                .take(&self.changed, self.command_deadline(), LATE)?;
            if self.is_up() {
                return Err(Error::because(Reason::AlreadyConnected));
            }
            self.settings.lock().endpoint = Some(endpoint);
            self.establish(&endpoint)?
        };
        if code == ReturnCode::Accepted {
            let cancelled = self.cancelled.load(ORDERING);
            self.settle(&endpoint)?;
            // A connection that is lost already is for the loop to report; one that
            // `aconnect_cb` has ended is not.
            let wanted = self.cancelled.load(ORDERING) == cancelled;
            if start_loop && (wanted || self.is_up()) {
                self.start_loop()?;
            }
            self.deliver_without_loop()?;
        }
        Ok(code as u8)
    }

    /// Connects again with the parameters of the last [`Self::connect`].
    pub fn reconnect(&self) -> Result<u8> {
        let endpoint = self.settings.lock().endpoint;
        let Some(endpoint) = endpoint else {
            return Err(Error::because(Reason::NeverConnected));
        };
        if let Some(callback) = endpoint.breconnect_cb {
            self.call_back(callback)?;
        }
        let code = {
            let _dialing = self
                .dialing
                .take(&self.changed, self.command_deadline(), LATE)?;
            self.say_goodbye(self.command_deadline());
            self.establish(&endpoint)?
        };
        if code == ReturnCode::Accepted {
            self.settle(&endpoint)?;
            // Those that came meanwhile: a loop that waits for the next one does not see them.
            self.deliver_waiting()?;
        }
        Ok(code as u8)
    }

    /// Ends the connection and the loop, and waits for the latter, for `timeout` ms if
    /// that is given.
    pub fn disconnect(&self, timeout: Option<u32>) -> Result<()> {
        self.stop_loop();
        // Attempts to connect and writes that are under way end with ECONNABORTED.
        self.cancelled.fetch_add(1, ORDERING);
        let patience = timeout.unwrap_or(self.command_timeout);
        self.say_goodbye(Deadline::after(now(), patience.min(DISCONNECT_PATIENCE)));
        self.try_close();
        if self.in_loop() {
            return Ok(());
        }
        let deadline = timeout.map(|timeout| Deadline::after(now(), timeout));
        loop {
            let seen = self.changed.seen();
            if !self.loop_is_ending() {
                break;
            }
            let left = match deadline {
                None => self.command_timeout,
                Some(deadline) => deadline
                    .left(now())
                    .ok_or(Error::because(Reason::LoopStillRuns))?,
            };
            self.changed.wait(seen, left)?;
        }
        self.try_close();
        Ok(())
    }

    /// The connection with this number has ended because of `error`. Who uses its socket
    /// is woken; who waited for the broker finds out.
    pub fn fail(&self, connection: u32, error: Error) {
        {
            let mut session = self.session.lock();
            if session.connection() != connection || session.is_down() {
                return;
            }
            *self.failure.lock() = Some(error);
            session.connection_lost();
        }
        self.shutdown_socket();
        self.changed.signal();
        self.try_close();
    }

    /// DISCONNECT and the end of TLS, if the connection is up and there is room for them by
    /// `deadline`; then the end of it.
    fn say_goodbye(&self, deadline: Deadline) {
        let connection = {
            let session = self.session.lock();
            if session.is_down() {
                return;
            }
            session.connection()
        };
        // [MQTT-3.14.4-1] the connection ends after a DISCONNECT, and [MQTT-3.14.4-2]
        // nothing is sent after it: the session is down before the lock is free.
        if let Ok(_role) = self.writer.take(&self.changed, deadline, LATE) {
            let socket = *self.socket.lock();
            let up = self.is_up();
            let mut told = None;
            if let Some(socket) = socket
                && up
            {
                let mut output = Output::new(self, socket, deadline);
                // What the application has had need not be sent again. Best effort: the
                // connection ends either way.
                let sent = self
                    .put_acks(&mut output)
                    .and_then(|()| output.put(&DISCONNECT))
                    .and_then(|()| output.flush());
                told = sent.is_ok().then_some(socket);
            }
            self.session.lock().connection_lost();
            if let Some(mut socket) = told {
                // RFC 8446, section 6.1: close_notify, before the network connection ends.
                // Best effort, too.
                let _ = socket.finish(&mut MicroPythonStack::new(&self.cancelled), deadline);
            }
        }
        self.fail(connection, Error::because(Reason::Disconnected));
        self.shutdown_socket();
        self.changed.signal();
    }

    /// Makes a network connection and an MQTT connection on it. For who has the role of
    /// dialing.
    fn establish(&self, endpoint: &Endpoint) -> Result<ReturnCode> {
        self.set_return_code(NO_CONNACK);
        let deadline = self.command_deadline();
        let mut reader = self.reader.take(&self.changed, deadline, LATE)?;
        let writer = self.writer.take(&self.changed, deadline, LATE)?;
        self.close_socket(&mut reader);
        // The loop needs it from its first step on: a connection that is up takes no memory
        // of its own accord.
        let result = self
            .reserve_inbox()
            .and_then(|()| self.open_socket(endpoint, deadline))
            .and_then(|socket| self.handshake(endpoint, socket, &mut reader, deadline));
        match result {
            Ok(ReturnCode::Accepted) => {
                self.after_connack();
            }
            Ok(_) => self.close_socket(&mut reader),
            Err(error) => {
                *self.failure.lock() = Some(error);
                self.close_socket(&mut reader);
                self.session.lock().connection_lost();
            }
        }
        drop(writer);
        drop(reader);
        result
    }

    /// The network connection.
    fn open_socket(&self, endpoint: &Endpoint, deadline: Deadline) -> Result<Socket> {
        let mut stack = MicroPythonStack::new(&self.cancelled);
        let left = deadline.left(now()).ok_or(LATE)?;
        let mut socket = dial(&mut stack, endpoint.host.as_str(), endpoint.port, left)?;
        *self.socket.lock() = Some(socket);
        if !HAS_THREADS {
            // Where the port cannot tell of data, the loop looks from time to time.
            let _told = socket.call_on_data(wake_function())?;
        }
        match endpoint.ssl_ctx {
            None => return Ok(socket),
            Some(Security::Port(context)) => socket.wrap(context, endpoint.host.obj())?,
            #[cfg(feature = "tls")]
            Some(Security::BuiltIn(context)) => {
                if let Some(context) = ssl_context_of(context) {
                    let host = endpoint.host.as_str();
                    socket.secure(&mut stack, &context.context(), host, deadline)?;
                }
            }
        }
        *self.socket.lock() = Some(socket);
        Ok(socket)
    }

    /// CONNECT, CONNACK, and what is to be sent again.
    fn handshake(
        &self,
        endpoint: &Endpoint,
        socket: Socket,
        reader: &mut Reader,
        deadline: Deadline,
    ) -> Result<ReturnCode> {
        let settings = *self.settings.lock();
        self.session.lock().connect(endpoint.keepalive, now());
        let clean_session = self.session.lock().is_clean();
        let mut output = Output::new(self, socket, deadline);
        // [MQTT-3.1.0-1] CONNECT comes first.
        connect_packet(&settings, endpoint, clean_session)?.encode(&mut output)?;
        output.flush()?;
        let code = self.await_connack(reader, deadline)?;
        self.set_return_code(i16::from(code as u8));
        if code == ReturnCode::Accepted {
            self.redeliver(&mut output)?;
        }
        Ok(code)
    }

    fn await_connack(&self, reader: &mut Reader, deadline: Deadline) -> Result<ReturnCode> {
        loop {
            let timeout = deadline
                .left(now())
                .ok_or(Error::because(Reason::NoConnAck))?;
            let how = Reading {
                timeout,
                may_drop: true,
                may_write: false,
            };
            if let Input::ConnAck(code) = self.read(reader, how)? {
                return Ok(code);
            }
            handle_pending()?;
        }
    }

    /// Sends again what the session has kept, before anybody can publish anything new.
    // [MQTT-4.4.0-1]
    fn redeliver(&self, output: &mut Output<'_>) -> Result<()> {
        loop {
            let next = self.session.lock().poll_redelivery();
            match next {
                None => break,
                Some(Redelivery::Publish(delivery, kept)) => {
                    write_kept(&kept, delivery, output)?;
                }
                Some(Redelivery::Release(id)) => output.put(&Ack::PubRel(id).encode())?,
            }
        }
        output.flush()
    }

    /// What comes after an accepted connection: `aconnect_cb`, then the subscriptions that
    /// it did not make.
    fn settle(&self, endpoint: &Endpoint) -> Result<()> {
        let connection = self.connection();
        // Messages that come meanwhile are for afterwards.
        let delivery = self.delivery.try_take(&self.changed);
        let result = match endpoint.aconnect_cb {
            Some(callback) => self.call_back(callback).map(|_| ()),
            None => Ok(()),
        };
        let result = result.and_then(|()| {
            let session = self.session.lock();
            let same = session.is_up() && session.connection() == connection;
            drop(session);
            if same {
                self.subscribe_registered()
            } else {
                Ok(())
            }
        });
        drop(delivery);
        if result.is_err() && self.connection() == connection {
            self.say_goodbye(Deadline::after(now(), DISCONNECT_PATIENCE));
            self.try_close();
        }
        result
    }

    /// Closes the socket unless somebody is using it: they, or the next connection, will.
    pub fn try_close(&self) {
        if !self.is_down() {
            return;
        }
        let Some(mut reader) = self.reader.try_take(&self.changed) else {
            return;
        };
        let Some(_writer) = self.writer.try_take(&self.changed) else {
            return;
        };
        if self.is_down() {
            self.close_socket(&mut reader);
        }
    }

    /// Closes the socket. For who has the roles of reader and writer.
    fn close_socket(&self, reader: &mut Reader) {
        reader.reset();
        let socket = self.socket.lock().take();
        if let Some(socket) = socket {
            // There is nothing to be done about a socket that does not close.
            let _ = MicroPythonStack::new(&self.cancelled).close(socket);
        }
    }

    fn shutdown_socket(&self) {
        // Under the lock: whoever closes it takes it out first.
        if let Some(socket) = &*self.socket.lock() {
            socket.shutdown();
        }
    }

    /// The object is garbage: nobody else has it.
    pub fn finalise(&self) {
        if !HAS_THREADS {
            // A soft reset finalises all objects, those with running loops too.
            self.unlist();
        }
        let socket = self.socket.lock().take();
        if let Some(socket) = socket {
            socket.close_now();
        }
    }

    /// The loop is to end. Nothing if it does not run.
    fn stop_loop(&self) {
        if !HAS_THREADS && !self.in_loop() {
            // It stands nowhere in the middle of anything: this is its end.
            self.read_loop.lock().thread = 0;
            self.unlist();
        }
        let mut read_loop = self.read_loop.lock();
        read_loop.stop = read_loop.thread != 0;
    }

    /// Whether a loop other than the caller's runs that was asked to end.
    fn loop_is_ending(&self) -> bool {
        let read_loop = self.read_loop.lock();
        read_loop.stop && read_loop.thread != 0 && read_loop.thread != current_thread()
    }

    /// A connection was accepted: a loop that runs goes on with it.
    fn after_connack(&self) {
        self.read_loop.lock().stop = false;
    }
}

/// The CONNECT packet of these settings.
fn connect_packet<'a>(
    settings: &'a Settings,
    endpoint: &Endpoint,
    clean_session: bool,
) -> Result<Connect<'a>> {
    let will = match &settings.will {
        None => None,
        Some(will) => Some(Will {
            topic: Parameter::Topic.check(TopicName::new(will.topic.as_str()))?,
            payload: Parameter::Payload.check(Binary::new(will.payload.as_bytes()))?,
            qos: will.qos,
            retain: will.retain,
        }),
    };
    let credentials = match &settings.username {
        None => None,
        Some(username) => Some(Credentials {
            username: Parameter::Username.check(Utf8String::new(username.as_str()))?,
            password: match &settings.password {
                None => None,
                Some(password) => {
                    Some(Parameter::Password.check(Binary::new(password.as_bytes()))?)
                }
            },
        }),
    };
    Ok(Connect {
        client_id: Parameter::ClientId.check(Utf8String::new(settings.client_id.as_str()))?,
        clean_session,
        keep_alive: endpoint.keepalive,
        will,
        credentials,
    })
}
