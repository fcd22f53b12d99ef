//! The end of a connection.

use embedded_nal::TcpClientStack;

use crate::codec::{DISCONNECT, Output as _};
use crate::micropython::{HAS_THREADS, take_and_zero};
use crate::time::Deadline;
use crate::transport::MicroPythonStack;

use super::client::{Client, Reader};
use super::error::{Error, Reason};
use super::output::Output;
use super::role::LATE;

impl Client {
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
        self.written.signal();
        self.try_close();
    }

    /// DISCONNECT and the end of TLS, if the connection is up and there is room for them by
    /// `deadline`; then the end of it.
    pub fn send_disconnect(&self, deadline: Deadline) {
        let connection = {
            let session = self.session.lock();
            if session.is_down() {
                return;
            }
            session.connection()
        };
        // [MQTT-3.14.4-1] the connection ends after a DISCONNECT, and [MQTT-3.14.4-2]
        // nothing is sent after it: the session is down before the lock is free.
        if let Ok(_role) = self.writer.take(&self.written, deadline, LATE) {
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

    /// Closes the socket unless somebody is using it: they, or the next connection, will.
    pub fn try_close(&self) {
        if !self.is_down() {
            return;
        }
        let Some(mut reader) = self.reader.try_take(&self.changed) else {
            return;
        };
        let Some(_writer) = self.writer.try_take(&self.written) else {
            return;
        };
        if self.is_down() {
            self.close_socket(&mut reader);
        }
    }

    /// Closes the socket. For who has the roles of reader and writer.
    pub fn close_socket(&self, reader: &mut Reader) {
        reader.reset();
        // What it had in memory is free when it is closed.
        let socket = take_and_zero(&mut self.socket.lock());
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
}
