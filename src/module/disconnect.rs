//! `disconnect`, and every other end of a connection.

use embedded_nal::TcpClientStack;

use crate::micropython::{
    ORDERING, current_thread, handle_pending, has_threads, now, take_and_zero,
};
use crate::time::Deadline;
use crate::transport::MicroPythonStack;

use super::client::Client;
use super::error::{Error, Reason, Result};
use super::output::Output;
#[cfg(feature = "into")]
use super::parts;
use super::read_loop;
use super::reader::Reader;
use super::version::Goodbye;
use super::writer::{finish_partial, put_acks};

/// How long a DISCONNECT may wait for room in the network's buffers, in ms. It is a courtesy: the
/// broker sees the end of the connection all the same.
pub const DISCONNECT_PATIENCE: u32 = 200;

impl Client {
    /// Ends the connection and the loop, and waits for the latter, for `timeout` ms if that is given.
    ///
    /// # Errors
    ///
    /// [`Reason::LoopStillRuns`], or an exception that came while waiting (Ctrl-C).
    pub fn disconnect(&self, timeout: Option<u32>, goodbye: Goodbye) -> Result<()> {
        read_loop::stop(self);
        self.give_up_deliveries();
        // Attempts to connect and writes that are under way end with ECONNABORTED.
        self.cancelled.fetch_add(1, ORDERING);
        self.end_attempt();
        let patience = timeout.unwrap_or(self.command_timeout);
        let deadline = Deadline::after(now(), patience.min(DISCONNECT_PATIENCE));
        self.say_goodbye(goodbye, deadline);
        // That of a connection that had ended before is of no interest any longer.
        *self.failure.lock() = Some(Error::because(Reason::Disconnected));
        let deadline = timeout.map(|timeout| Deadline::after(now(), timeout));
        loop {
            let seen = self.changed.seen();
            if !self.other_loop_is_ending() {
                break;
            }
            let left = match deadline {
                None => self.command_timeout,
                Some(deadline) => deadline
                    .remaining(now())
                    .ok_or(Error::because(Reason::LoopStillRuns))?,
            };
            handle_pending()?;
            self.changed.wait(seen, left)?;
        }
        #[cfg(feature = "into")]
        parts::tell_lost(self)?;
        Ok(())
    }

    /// Whether a loop other than the caller's runs that was asked to end.
    fn other_loop_is_ending(&self) -> bool {
        let read_loop = self.read_loop.lock();
        read_loop.stop && read_loop.thread != 0 && read_loop.thread != current_thread()
    }

    /// The same as [`Self::say_goodbye`], without a reason.
    pub fn send_disconnect(&self, deadline: Deadline) {
        self.say_goodbye(Goodbye::NORMAL, deadline);
    }

    /// Sends DISCONNECT and ends TLS, if the connection is up and there is room for them by
    /// `deadline`; then ends the connection.
    fn say_goodbye(&self, goodbye: Goodbye, deadline: Deadline) {
        let connection = {
            let session = self.session.lock();
            if session.is_down() {
                return;
            }
            session.connection()
        };
        // [MQTT-3.14.4-1] the connection ends after a DISCONNECT, and [MQTT-3.14.4-2]
        // nothing is sent after it: the session is down before the lock is free.
        if let Ok(mut writer) = self.wait_for_writer(deadline) {
            let socket = *self.socket.lock();
            let up = self.is_up();
            let mut told = None;
            if let Some(socket) = socket
                && up
            {
                let mut output = Output::new(self, socket, deadline);
                // Messages that the application has had need not be sent again. Best effort: the
                // connection ends either way.
                let sent = finish_partial(self, &mut writer, socket, deadline)
                    .and_then(|()| put_acks(self, &mut output))
                    .and_then(|()| goodbye.write(self, &mut output))
                    .and_then(|()| output.flush());
                told = sent.is_ok().then_some(socket);
            }
            *self.failure.lock() = Some(Error::because(Reason::Disconnected));
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

    /// Ends the connection with this number because of `error`. Contexts that use its socket are
    /// woken, and the last of them closes it; those that wait for the broker find out.
    pub fn fail(&self, connection: u32, error: Error) {
        self.tell_fault(connection, error);
        let ends = {
            let mut session = self.session.lock();
            let ends = session.connection() == connection && !session.is_down();
            if ends {
                *self.failure.lock() = Some(self.name_last_packet(error));
                session.connection_lost();
            }
            ends
        };
        if ends {
            self.shutdown_socket();
            self.changed.signal();
            self.written.signal();
            self.try_close();
        }
    }

    /// Closes the socket of a connection that has ended, unless a context is using it. Each context
    /// calls it when it does not use the socket any longer.
    #[cold]
    #[inline(never)]
    pub fn try_close(&self) {
        // In this order. A context whose role stands in the way here either comes later, and finds
        // that the connection has ended; or it has given its role back, and the next round finds that.
        while self.is_down() && self.socket.lock().is_some() && !self.writer.is_taken() {
            let Some(mut reader) = self.reader.try_take(&self.changed) else {
                return;
            };
            if let Some(mut writer) = self.writer.try_take(&self.written)
                && self.is_down()
            {
                writer.reset(self);
                self.close_socket(&mut reader);
            }
        }
    }

    /// Closes the socket. The caller has the roles of reader and writer.
    pub fn close_socket(&self, reader: &mut Reader) {
        reader.reset();
        // The memory of the socket is free when it is closed.
        let socket = take_and_zero(&mut self.socket.lock());
        if let Some(socket) = socket {
            // There is nothing to be done about a socket that does not close.
            let _ = MicroPythonStack::new(&self.cancelled).close(socket);
        }
    }

    fn shutdown_socket(&self) {
        // Under the lock: the context that closes it takes it out first.
        if let Some(socket) = &*self.socket.lock() {
            socket.shutdown();
        }
    }

    /// Closes the socket of an object that is garbage: no context has it.
    pub fn finalise(&self) {
        if !has_threads() {
            // A soft reset finalises all objects, those with running loops too.
            read_loop::unlist(self);
        }
        let socket = self.socket.lock().take();
        if let Some(socket) = socket {
            socket.close_now();
        }
    }
}
