//! Making a connection: of the network, then of MQTT.

use crate::codec::{
    Ack, Binary, Connect, Credentials, Output as _, ReturnCode, TopicName, Utf8String, Will,
};
use crate::micropython::{HAS_THREADS, ORDERING, handle_pending, now, wake_function};
use crate::session::Redelivery;
use crate::time::Deadline;
use crate::transport::{MicroPythonStack, Socket, connect};

use super::client::{Client, Endpoint, NO_CONNACK, Reader, Security, Settings};
use super::error::{Error, Reason, Result};
use super::input::{Input, Reading};
use super::output::{Output, Writing};
use super::publish::write_kept;
use super::role::LATE;
#[cfg(feature = "tls")]
use super::ssl::ssl_context_of;

impl Client {
    /// Makes a network connection and an MQTT connection on it. For who has the role of
    /// connecting.
    pub fn establish(&self, endpoint: &Endpoint) -> Result<ReturnCode> {
        self.set_return_code(NO_CONNACK);
        let cancelled = self.cancelled.load(ORDERING);
        let deadline = self.command_deadline();
        let mut reader = self.reader.take(&self.changed, deadline, LATE)?;
        let mut writer = self.writer.take(&self.written, deadline, LATE)?;
        *writer = Writing::NEW;
        self.close_socket(&mut reader);
        // The loop needs it from its first step on: a connection that is up takes no memory
        // of its own accord.
        let result = self
            .reserve_inbox()
            .and_then(|()| self.open_socket(endpoint, deadline))
            .and_then(|socket| {
                self.session.lock().connect(endpoint.keepalive, now());
                // `disconnect` counts, then ends the connection that it finds. This one may not
                // have been there yet.
                if self.cancelled.load(ORDERING) == cancelled {
                    self.handshake(endpoint, socket, &mut reader, deadline)
                } else {
                    Err(Error::because(Reason::Disconnected))
                }
            });
        match result {
            // A loop that runs goes on with it.
            Ok(ReturnCode::Accepted) => self.read_loop.lock().stop = false,
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
        let left = deadline.remaining(now()).ok_or(LATE)?;
        let mut socket = connect(&mut stack, endpoint.host.as_str(), endpoint.port, left)?;
        *self.socket.lock() = Some(socket);
        if !HAS_THREADS {
            // Where the port cannot tell of data, the loop looks from time to time.
            let _told = socket.call_on_data(&mut stack, wake_function())?;
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
        let clean_session = self.session.lock().is_clean();
        let mut output = Output::new(self, socket, deadline);
        // [MQTT-3.1.0-1] CONNECT comes first.
        connect_packet(&settings, endpoint, clean_session).encode(&mut output)?;
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
                .remaining(now())
                .ok_or(Error::because(Reason::NoConnAck))?;
            let how = Reading {
                timeout,
                may_drop: true,
                may_write: false,
            };
            let read = self.read(reader, how).map_err(Error::of_first_packet)?;
            if let Input::ConnAck(code) = read {
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
}

/// The CONNECT packet of these settings, all of which were checked when they were set.
fn connect_packet<'a>(
    settings: &'a Settings,
    endpoint: &Endpoint,
    clean_session: bool,
) -> Connect<'a> {
    let will = settings.will.as_ref().map(|will| Will {
        topic: TopicName::new_unchecked(will.topic.as_str()),
        payload: Binary::new_unchecked(will.payload.as_bytes()),
        qos: will.qos,
        retain: will.retain,
    });
    let password = settings.password.as_ref();
    let credentials = settings.username.as_ref().map(|username| Credentials {
        username: Utf8String::new_unchecked(username.as_str()),
        password: password.map(|password| Binary::new_unchecked(password.as_bytes())),
    });
    Connect {
        client_id: Utf8String::new_unchecked(settings.client_id.as_str()),
        clean_session,
        keep_alive: endpoint.keepalive,
        will,
        credentials,
    }
}
