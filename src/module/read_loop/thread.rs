//! The loop as a thread, on ports that have threads under a lock.

use crate::limits::LOOP_STACK;
use crate::micropython::{ORDERING, current_thread, start_thread};
use crate::module::client::Client;
use crate::module::delivery::pass_on;
use crate::module::entry::loop_function;
use crate::module::error::Result;

use super::{Step, cycle, rest, step};

/// Stands for a loop whose thread has not begun to run.
const STARTING: usize = usize::MAX;

/// Starts the thread of a loop that does not run.
///
/// # Errors
///
/// The exception of the `_thread` module: there is no memory, or no thread, for it.
pub fn start(client: &Client) -> Result<()> {
    client.read_loop.lock().thread = STARTING;
    let started = start_thread(loop_function(), client.native(), LOOP_STACK);
    if started.is_err() {
        client.read_loop.lock().thread = 0;
    }
    Ok(started?)
}

/// Runs the loop to its end: the body of the thread.
pub fn run(client: &Client) {
    client.read_loop.lock().thread = current_thread();
    loop {
        match step(client, cycle(client)) {
            Step::Busy | Step::Idle => {}
            Step::Rest(span) => {
                if let Err(error) = rest(client, span, client.cancelled.load(ORDERING)) {
                    pass_on(error.to_exception());
                }
            }
            Step::End => break,
        }
    }
    client.changed.signal();
}
