//! The background loop, whoever drives it: a thread, or MicroPython's scheduler.

use crate::micropython::{HAS_THREADS, Obj, handle_pending, now, print_exception, print_text};
use crate::time::Deadline;

use super::client::Client;
use super::error::Result;
use super::input::{Input, Reading};

/// What `loop_failure` returns to keep the loop alive (`mqtt.RECOVERED`).
const RECOVERED: isize = 1;

/// What a step of the loop came to.
pub enum Step {
    /// Something was done; there may be more.
    Busy,
    /// Nothing came in time.
    Idle,
    /// Nothing can be done now: the next step comes after `cycle_timeout`.
    Rest,
    /// The loop has ended.
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
        }
        if HAS_THREADS {
            self.start_loop_thread()
        } else {
            self.start_scheduled_loop();
            Ok(())
        }
    }

    /// One step: waits up to `timeout` ms for the broker. When it says `End`, the loop
    /// counts as ended already.
    pub fn loop_step(&self, timeout: u32) -> Step {
        if let Err(exception) = handle_pending() {
            self.pass_on(exception);
        }
        {
            let mut read_loop = self.read_loop.lock();
            if read_loop.stop {
                read_loop.thread = 0;
                return Step::End;
            }
        }
        let (up, connection) = {
            let session = self.session.lock();
            (session.is_up(), session.connection())
        };
        if !up {
            return self.loop_without_connection();
        }
        match self.loop_read(timeout) {
            Ok(step) => step,
            Err(error) if error.ends_connection() => {
                self.fail(connection, error);
                Step::Busy
            }
            Err(error) => {
                // No memory to queue a message: reading waits until some was delivered.
                if let Some(exception) = error.exception()
                    && !exception.is_memory_error()
                {
                    self.pass_on(exception);
                }
                Step::Rest
            }
        }
    }

    /// Delivers a message that waits, or else reads, and delivers what that gives.
    fn loop_read(&self, timeout: u32) -> Result<Step> {
        if self.deliver_next()? {
            return Ok(Step::Busy);
        }
        let seen = self.changed.seen();
        let Some(mut reader) = self.reader.try_take(&self.changed) else {
            // Somebody reads for their own answer; messages come through the inbox, unless
            // they are for later: then whoever reads needs the GIL more than we do.
            if self.inbox.lock().is_empty() || self.delivery.is_taken() {
                self.changed.wait(seen, timeout)?;
            }
            return Ok(Step::Idle);
        };
        self.reserve_inbox()?;
        if !self.inbox.lock().is_empty() && !self.delivery.is_taken() {
            // Put there since we looked, by who had the role before us.
            return Ok(Step::Busy);
        }
        let how = Reading {
            timeout,
            // While a function runs there will be a better time for it: when that is over.
            may_drop: !self.delivery.is_taken(),
            may_write: true,
        };
        match self.read(&mut reader, how)? {
            Input::Message(message) => {
                self.deliver_or_queue(message, reader)?;
                Ok(Step::Busy)
            }
            Input::Answer | Input::ConnAck(_) => Ok(Step::Busy),
            Input::Nothing => Ok(Step::Idle),
        }
    }

    /// There is no connection, and nobody has asked the loop to end.
    fn loop_without_connection(&self) -> Step {
        if self.connecting.is_taken() {
            // A new one is on its way.
            return Step::Rest;
        }
        if self.is_up() {
            // It has come since we looked.
            return Step::Busy;
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
        match (ended, self.is_up()) {
            (true, _) => Step::End,
            (false, true) => Step::Busy,
            (false, false) => Step::Rest,
        }
    }

    /// What `loop_failure` returned; `None` if it raised or does not exist. No lock is
    /// held.
    fn ask_loop_failure(&self) -> Option<Obj> {
        let endpoint = self.settings.lock().endpoint;
        let callback = endpoint.and_then(|endpoint| endpoint.loop_failure);
        let Some(callback) = callback else {
            print_text(&["mqtt: read loop ended: "]);
            print_exception(self.last_failure().to_exception());
            return None;
        };
        match callback.call(&[self.obj()]) {
            Ok(verdict) => Some(verdict),
            Err(exception) if exception.is_ordinary() => {
                print_exception(exception);
                None
            }
            Err(exception) => {
                self.pass_on(exception);
                None
            }
        }
    }

    /// Waits for `cycle_timeout`, or for `disconnect` or a new connection.
    pub fn rest(&self) {
        let deadline = Deadline::after(now(), self.cycle());
        let before = self.present_connection().ok();
        while let Some(left) = deadline.remaining(now()) {
            let seen = self.changed.seen();
            let present = self.present_connection().ok();
            if self.read_loop.lock().stop || (present.is_some() && present != before) {
                return;
            }
            if let Err(exception) = self.changed.wait(seen, left) {
                self.pass_on(exception);
                return;
            }
        }
    }

    /// `cycle_timeout`, but at least a millisecond: 0 must not spin.
    pub fn cycle(&self) -> u32 {
        self.cycle_timeout.max(1)
    }
}
