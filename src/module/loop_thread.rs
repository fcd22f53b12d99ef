//! The loop as a thread, on ports that have threads under a lock.

use crate::limits::LOOP_STACK;
use crate::micropython::{current_thread, start_thread};

use super::client::Client;
use super::entry::loop_function;
use super::error::Result;
use super::read_loop::Step;

/// Stands for a loop whose thread has not begun to run.
const STARTING: usize = usize::MAX;

impl Client {
    /// Starts the thread of a loop that does not run.
    pub fn start_loop_thread(&self) -> Result<()> {
        self.read_loop.lock().thread = STARTING;
        let started = start_thread(loop_function(), self.obj(), LOOP_STACK);
        if started.is_err() {
            self.read_loop.lock().thread = 0;
        }
        Ok(started?)
    }

    /// The body of the thread.
    pub fn run_loop(&self) {
        self.read_loop.lock().thread = current_thread();
        loop {
            match self.loop_step(self.cycle()) {
                Step::Busy | Step::Idle => {}
                Step::Rest => self.rest(),
                Step::End => break,
            }
        }
        self.changed.signal();
    }
}
