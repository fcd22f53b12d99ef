//! `connect`, `reconnect`: a connection of the network, then of MQTT.

use crate::codec::{
    Ack, Binary, Connect, Credentials, Output as _, ReturnCode, TopicName, Utf8String, Version,
    Will,
};
use crate::micropython::{ORDERING, handle_pending, has_threads, now, wake_function};
use crate::session::Redelivery;
use crate::time::Deadline;
use crate::transport::{MicroPythonStack, Socket, connect};

#[cfg(any(feature = "port-tls", feature = "tls"))]
use super::client::Security;
use super::client::{Client, Endpoint, NO_CONNACK, Settings};
use super::delivery::{call_back, deliver_waiting, deliver_without_loop};
use super::disconnect::DISCONNECT_PATIENCE;
use super::error::{Error, Reason, Result};
use super::inbox::reserve_inbox;
use super::output::Output;
use super::properties::Block;
use super::publish::write_kept;
use super::read_loop;
use super::reader::{Input, Reader, Reading};
use super::role::{LATE, RoleGuard};
#[cfg(feature = "tls")]
use super::ssl::ssl_context_of;
use super::writer::Writer;

/// A connection that the broker has accepted or refused, with the roles that its maker still has.
struct Attempt<'a> {
    code: ReturnCode,
    /// Messages that come from now on are delivered when this is given back. `None`: a function is
    /// running, and its context delivers them.
    delivery: Option<RoleGuard<'a, ()>>,
}

impl Client {
    /// Connects, calls `aconnect_cb`, subscribes again to the registered filters, starts the loop. The
    /// CONNACK return code.
    ///
    /// # Errors
    ///
    /// [`Reason::AlreadyConnected`]; the network's errors; the exception of `aconnect_cb`, or of
    /// starting the thread. After an error there is no connection.
    pub fn connect(&self, endpoint: Endpoint, start_loop: bool) -> Result<u8> {
        let attempt = {
            let _connecting = self
                .connecting
                .take(&self.changed, self.command_deadline(), LATE)?;
            if self.is_up() {
                return Err(Error::because(Reason::AlreadyConnected));
            }
            self.settings.lock().endpoint = Some(endpoint);
            self.establish(&endpoint)?
        };
        let code = attempt.code;
        if code == ReturnCode::Accepted {
            let cancelled = self.cancelled.load(ORDERING);
            self.settle(&endpoint, attempt)?;
            // The loop reports a connection that is lost already, but not one that `aconnect_cb`
            // has ended.
            let wanted = self.cancelled.load(ORDERING) == cancelled;
            if start_loop && (wanted || self.is_up()) {
                let started = read_loop::start(self);
                if started.is_err() {
                    self.hang_up();
                }
                started?;
            }
            deliver_without_loop(self)?;
        }
        Ok(code.get())
    }

    /// Connects again with the parameters of the last [`Self::connect`].
    ///
    /// # Errors
    ///
    /// [`Reason::NeverConnected`], the exception of `breconnect_cb`, and those of [`Self::connect`].
    pub fn reconnect(&self) -> Result<u8> {
        let endpoint = self.settings.lock().endpoint;
        let Some(endpoint) = endpoint else {
            return Err(Error::because(Reason::NeverConnected));
        };
        if let Some(callback) = endpoint.breconnect_cb {
            call_back(self, callback)?;
        }
        let attempt = {
            let _connecting = self
                .connecting
                .take(&self.changed, self.command_deadline(), LATE)?;
            self.send_disconnect(self.command_deadline());
            self.establish(&endpoint)?
        };
        let code = attempt.code;
        if code == ReturnCode::Accepted {
            self.settle(&endpoint, attempt)?;
            // Those that came meanwhile: a loop that waits for the next one does not see them.
            deliver_waiting(self)?;
        }
        Ok(code.get())
    }

    /// Makes a network connection and an MQTT connection on it. The caller has the role of connecting.
    fn establish(&self, endpoint: &Endpoint) -> Result<Attempt<'_>> {
        let cancelled = self.cancelled.load(ORDERING);
        let deadline = self.command_deadline();
        let properties = self.connect_properties()?;
        let mut reader = self.wait_for_reader(deadline)?;
        let mut writer = self.wait_for_writer(deadline)?;
        self.make_way(&mut reader, &mut writer);
        // The loop needs it from its first step on: a connection that is up takes no memory
        // by itself.
        let opened = reserve_inbox(self).and_then(|_| self.open_socket(endpoint, deadline));
        let mut output = None;
        let result = opened.and_then(|socket| {
            self.session.lock().connect(endpoint.keepalive, now());
            // `disconnect` counts, then ends the connection that it finds. This one may not
            // have been there yet.
            if self.cancelled.load(ORDERING) == cancelled {
                let output = output.insert(Output::new(self, socket, deadline));
                self.greet(endpoint, properties, output)?;
                self.await_connack(&mut reader, output, deadline)
            } else {
                Err(Error::because(Reason::Disconnected))
            }
        });
        let (code, delivery) = match result {
            Ok(ReturnCode::Accepted) => {
                // A loop that runs goes on with it.
                let mut read_loop = self.read_loop.lock();
                read_loop.stop = false;
                read_loop.pause = 0;
                drop(read_loop);
                (ReturnCode::Accepted, self.delivery.try_take(&self.changed))
            }
            Ok(code) => {
                self.close_socket(&mut reader);
                (code, None)
            }
            Err(error) => {
                let error = self.name_last_packet(error);
                #[cfg(feature = "v5")]
                self.refuse_broker(&mut writer, error);
                self.close_socket(&mut reader);
                self.session.lock().connection_lost();
                return Err(error);
            }
        };
        // Some brokers take the messages that are sent again only when their own have been read.
        drop(reader);
        if let Some(output) = &mut output
            && code == ReturnCode::Accepted
        {
            let connection = self.connection();
            output.holds_delivery(delivery.is_some());
            let redelivered = self.redeliver(output);
            drop(writer);
            if let Err(error) = redelivered {
                self.fail(connection, error);
                return Err(error);
            }
            self.flush_outbox()?;
        }
        Ok(Attempt { code, delivery })
    }

    /// Leaves nothing of the last connection to a new one.
    pub fn make_way(&self, reader: &mut Reader, writer: &mut Writer) {
        self.set_return_code(NO_CONNACK);
        writer.reset(self);
        self.close_socket(reader);
    }

    /// Makes the network connection.
    fn open_socket(&self, endpoint: &Endpoint, deadline: Deadline) -> Result<Socket> {
        let mut stack = MicroPythonStack::new(&self.cancelled);
        let left = deadline.remaining(now()).ok_or(LATE)?;
        let socket = connect(&mut stack, endpoint.host.as_str(), endpoint.port, left)?;
        if !has_threads() {
            // Where the port cannot tell of data, the loop looks from time to time.
            *self.socket.lock() = Some(socket);
            let _told = socket.call_on_data(&mut stack, wake_function())?;
        }
        self.dress(endpoint, socket, deadline)
    }

    /// Puts TLS on top of a socket that has connected, if there is to be TLS. The caller has the roles of
    /// reader and writer; the client has the socket from now on, and they close it after an error.
    ///
    /// # Errors
    ///
    /// Those of TLS and of the network.
    #[cfg_attr(not(feature = "tls"), allow(unused_variables, unused_mut))]
    pub fn dress(
        &self,
        endpoint: &Endpoint,
        mut socket: Socket,
        deadline: Deadline,
    ) -> Result<Socket> {
        *self.socket.lock() = Some(socket);
        let security = endpoint.ssl_ctx;
        match security {
            None => {}
            #[cfg(feature = "port-tls")]
            Some(Security::Port(context)) => socket.wrap(context, endpoint.host.obj())?,
            #[cfg(feature = "tls")]
            Some(Security::BuiltIn(context)) => {
                // The steps of a handshake may be over already.
                if !socket.is_secured()
                    && let Some(context) = ssl_context_of(context)
                {
                    let host = endpoint.host.as_str();
                    let mut stack = MicroPythonStack::new(&self.cancelled);
                    socket.secure(&mut stack, &context.context(), host, deadline)?;
                }
            }
        }
        *self.socket.lock() = Some(socket);
        Ok(socket)
    }

    /// Sends CONNECT with these properties.
    ///
    /// # Errors
    ///
    /// The connection is lost, or takes no bytes up to the deadline.
    pub fn greet(
        &self,
        endpoint: &Endpoint,
        properties: Block,
        output: &mut Output<'_>,
    ) -> Result<()> {
        let settings = Settings {
            properties,
            ..*self.settings.lock()
        };
        #[cfg(feature = "v5")]
        if settings.authentication.is_some() {
            self.begin_authentication();
        }
        let clean_session = self.session.lock().is_clean();
        // [MQTT-3.1.0-1] CONNECT comes first.
        connect_packet(self.version(), &settings, endpoint, clean_session).encode(output)?;
        output.flush()
    }

    fn await_connack(
        &self,
        reader: &mut Reader,
        output: &mut Output<'_>,
        deadline: Deadline,
    ) -> Result<ReturnCode> {
        loop {
            let timeout = deadline
                .remaining(now())
                .ok_or(Error::because(Reason::NoConnAck))?;
            let how = Reading {
                timeout,
                may_drop: true,
                may_write: false,
            };
            let read = reader.read(self, how).map_err(Error::of_first_packet)?;
            if let Some(code) = self.take_greeting(read, output)? {
                return Ok(code);
            }
            // They may call any method: it finds the roles that this context has.
            handle_pending()?;
        }
    }

    /// Answers a broker that wants to know more before it accepts the client. The code of a CONNACK.
    ///
    /// # Errors
    ///
    /// As [`Self::greet`]; the exception of the function of `set_authentication`.
    pub fn take_greeting(
        &self,
        input: Input,
        output: &mut Output<'_>,
    ) -> Result<Option<ReturnCode>> {
        let code = if let Input::ConnAck(code) = input {
            self.set_return_code(i16::from(code.get()));
            Some(code)
        } else {
            None
        };
        self.answer_challenge(code == Some(ReturnCode::Accepted), output)?;
        Ok(code)
    }

    /// Sends again the messages that the session has kept, before a caller can publish anything
    /// new. The caller has the role of writer.
    ///
    /// # Errors
    ///
    /// The connection is lost, or takes no bytes up to the deadline.
    // [MQTT-4.4.0-1]
    pub fn redeliver(&self, output: &mut Output<'_>) -> Result<()> {
        loop {
            let next = self.session.lock().poll_redelivery();
            match next {
                None => break,
                Some(Redelivery::Publish(delivery, kept)) => {
                    write_kept(self, &kept, delivery, output)?;
                }
                Some(Redelivery::Release(id)) => output.put(&Ack::PubRel(id).encode())?,
            }
        }
        output.flush()
    }

    /// Ends an attempt that the broker has accepted: calls `aconnect_cb`, then makes the
    /// subscriptions that it did not make.
    fn settle(&self, endpoint: &Endpoint, attempt: Attempt<'_>) -> Result<()> {
        let connection = self.connection();
        let called = endpoint
            .aconnect_cb
            .map(|callback| call_back(self, callback));
        let result = called.transpose().map(|_| ());
        // Messages that came meanwhile have waited until here.
        drop(attempt.delivery);
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
        if result.is_err() && self.connection() == connection {
            self.hang_up();
        }
        result
    }

    /// Ends a connection that is of no use to its maker.
    pub fn hang_up(&self) {
        self.send_disconnect(Deadline::after(now(), DISCONNECT_PATIENCE));
    }
}

/// The CONNECT packet of these settings, all of which were checked when they were set.
fn connect_packet<'a>(
    version: Version,
    settings: &'a Settings,
    endpoint: &Endpoint,
    clean_session: bool,
) -> Connect<'a> {
    let will = settings.will.as_ref().map(|will| Will {
        topic: TopicName::new_unchecked(will.topic.as_str()),
        payload: Binary::new_unchecked(will.payload.as_bytes()),
        qos: will.qos,
        retain: will.retain,
        properties: will.properties.of_version(version),
    });
    let password = settings.password.as_ref();
    let credentials = settings.username.as_ref().map(|username| Credentials {
        username: Utf8String::new_unchecked(username.as_str()),
        password: password.map(|password| Binary::new_unchecked(password.as_bytes())),
    });
    Connect {
        version,
        client_id: Utf8String::new_unchecked(settings.client_id.as_str()),
        clean_session,
        keep_alive: endpoint.keepalive,
        will,
        credentials,
        properties: settings.properties.of_version(version),
    }
}
