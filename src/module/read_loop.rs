//! The background loop: a thread, on ports that have threads.

use crate::limits::LOOP_STACK;
use crate::micropython::{
    Obj, current_thread, handle_pending, has_threads, now, print_exception, print_line,
    start_thread,
};
use crate::time::Deadline;

use super::client::Client;
use super::entry::loop_function;
use super::error::{Error, Result};
use super::input::{Input, Reading};

/// What `loop_failure` returns to keep the loop alive (`mqtt.RECOVERED`).
const RECOVERED: isize = 1;

/// Stands for a loop whose thread has not begun to run.
const STARTING: usize = usize::MAX;

/// What the loop does next.
enum Next {
    GoOn,
    End,
}

impl Client {
    /// Starts the loop; one that runs goes on.
    pub fn start_loop(&self) -> Result<()> {
        {
            let mut read_loop = self.read_loop.lock();
            read_loop.starts = read_loop.starts.wrapping_add(1);
            read_loop.stop = false;
            if read_loop.thread != 0 {
                return Ok(());
            }
            read_loop.thread = STARTING;
        }
        let started = if has_threads() {
            start_thread(loop_function(), self.obj(), LOOP_STACK).map_err(Error::from)
        } else {
            Err(Error::NotImplemented(
                c"the read loop needs a port with threads",
            ))
        };
        if started.is_err() {
            self.read_loop.lock().thread = 0;
        }
        started
    }

    /// The body of the loop's thread.
    pub fn run_loop(&self) {
        self.read_loop.lock().thread = current_thread();
        while let Next::GoOn = self.loop_cycle() {}
        self.changed.signal();
    }

    /// One cycle. When it says `End`, the loop counts as ended already.
    fn loop_cycle(&self) -> Next {
        if let Err(Error::Raised(raised)) = handle_pending().map_err(Error::from) {
            print_exception(raised);
        }
        {
            let mut read_loop = self.read_loop.lock();
            if read_loop.stop {
                read_loop.thread = 0;
                return Next::End;
            }
        }
        let (up, connection) = {
            let session = self.session.lock();
            (session.is_up(), session.connection())
        };
        if !up {
            return self.loop_without_connection();
        }
        match self.loop_read() {
            Ok(()) => {}
            Err(error) if error.ends_connection() => self.fail(connection, error),
            Err(error) => {
                // No memory to queue a message: reading waits until some was delivered.
                if let Error::Raised(raised) = error
                    && !raised.is_memory_error()
                {
                    print_exception(raised);
                }
                self.pause();
            }
        }
        Next::GoOn
    }

    /// Delivers what waits, reads, delivers.
    fn loop_read(&self) -> Result<()> {
        self.deliver_inbox()?;
        let seen = self.changed.seen();
        let Some(mut reader) = self.reader.try_take(&self.changed) else {
            // Somebody reads for their own answer; messages come through the inbox, unless
            // they are for later: then whoever reads needs the GIL more than we do.
            if self.inbox.lock().is_empty() || self.delivery.is_taken() {
                self.changed.wait(seen, self.cycle())?;
            }
            return Ok(());
        };
        self.reserve_inbox()?;
        if !self.inbox.lock().is_empty() && !self.delivery.is_taken() {
            // Put there since we looked, by who had the role before us.
            return Ok(());
        }
        let how = Reading {
            timeout: self.cycle(),
            may_drop: true,
            may_write: true,
        };
        match self.read(&mut reader, how)? {
            Input::Message(message) => self.deliver_or_queue(message, reader),
            Input::Nothing | Input::Answer | Input::ConnAck(_) => Ok(()),
        }
    }

    /// There is no connection, and nobody has asked the loop to end.
    fn loop_without_connection(&self) -> Next {
        if self.dialing.is_taken() {
            // A new one is on its way.
            self.pause();
            return Next::GoOn;
        }
        self.try_close();
        let starts = self.read_loop.lock().starts;
        let verdict = self.ask_loop_failure();
        let recovered = match &verdict {
            Some(verdict) => verdict.as_int() == Ok(Some(RECOVERED)),
            None => false,
        };
        let ended = {
            let mut read_loop = self.read_loop.lock();
            // Who has asked for a loop meanwhile gets this one.
            let go_on = !read_loop.stop && (recovered || read_loop.starts != starts);
            if !go_on {
                read_loop.thread = 0;
            }
            !go_on
        };
        if ended {
            return Next::End;
        }
        if !self.session.lock().is_up() {
            self.pause();
        }
        Next::GoOn
    }

    /// What `loop_failure` returned; `None` if it raised or does not exist. No lock is
    /// held.
    fn ask_loop_failure(&self) -> Option<Obj> {
        let endpoint = self.settings.lock().endpoint;
        let callback = endpoint.and_then(|endpoint| endpoint.loop_failure);
        let Some(callback) = callback else {
            let failure = self.last_failure();
            let text = failure.describe().to_str().unwrap_or("");
            print_line(&["mqtt: read loop ended: ", text]);
            return None;
        };
        match callback.call(&[self.obj()]) {
            Ok(verdict) => Some(verdict),
            Err(raised) => {
                print_exception(raised);
                None
            }
        }
    }

    /// Waits for `cycle_timeout`, or for `disconnect` or a new connection.
    fn pause(&self) {
        let deadline = Deadline::after(now(), self.cycle());
        let before = self.present_connection().ok();
        while let Some(left) = deadline.left(now()) {
            let seen = self.changed.seen();
            let present = self.present_connection().ok();
            if self.read_loop.lock().stop || (present.is_some() && present != before) {
                return;
            }
            if let Err(raised) = self.changed.wait(seen, left) {
                print_exception(raised);
                return;
            }
        }
    }

    /// `cycle_timeout`, but at least a millisecond: 0 must not spin.
    fn cycle(&self) -> u32 {
        self.cycle_timeout.max(1)
    }
}
