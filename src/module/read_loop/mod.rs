//! The background loop. A thread drives it, or MicroPython's scheduler.

mod scheduled;
mod thread;

use crate::micropython::{
    ORDERING, Obj, handle_pending, has_threads, now, print_exception, print_text,
};
use crate::time::{Deadline, Instant};

use super::auto_reconnect::auto_reconnect_of;
use super::client::Client;
use super::delivery::{deliver_next, deliver_or_queue, keep_up, pass_on};
use super::error::{Error, Result};
use super::inbox::reserve_inbox;
#[cfg(feature = "into")]
use super::parts;
use super::reader::{Input, Reading};

pub use scheduled::{run_all, run_while_waiting, unlist};
pub use thread::run as run_thread;

/// The value of `mqtt.RECOVERED`: `loop_failure` returns it to keep the loop alive.
pub const RECOVERED: u16 = 1;
/// The value of `mqtt.BREAK_LOOP`.
#[cfg(feature = "auto-reconnect")]
pub const BREAK_LOOP: u16 = 0;

/// The state of the background loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopState {
    /// The thread in which it runs, 0 when it does not.
    pub thread: usize,
    /// `disconnect` has asked it to end.
    pub stop: bool,
    /// A caller has asked for the loop since `loop_failure` was called last.
    wanted: bool,
    /// `failed_at` holds. This and the next one are no `Option`s: those would take two words more.
    has_failed: bool,
    /// `rests_until` holds.
    rests: bool,
    /// When `loop_failure` was called last.
    failed_at: Instant,
    /// The last pause between two attempts of `auto_reconnect` to connect again, in ms; 0 while the
    /// connection is up.
    pub pause: u32,
    /// The next client whose loop is run by the scheduler.
    next: Option<Obj>,
    /// Until when the loop that is run by the scheduler rests.
    rests_until: Deadline,
}

impl LoopState {
    /// A loop that does not run.
    pub const NEW: Self = Self {
        thread: 0,
        stop: false,
        wanted: false,
        has_failed: false,
        rests: false,
        failed_at: Instant::from_ms(0),
        pause: 0,
        next: None,
        rests_until: Deadline::after(Instant::from_ms(0), 0),
    };
}

/// The result of one step of the loop.
enum Step {
    /// Something was done; there may be more.
    Busy,
    /// Nothing came in time.
    Idle,
    /// Nothing can be done now: the next step comes after so many milliseconds.
    Rest(u32),
    /// The loop has ended.
    End,
}

/// Starts the loop; one that runs goes on.
///
/// # Errors
///
/// The exception of starting a thread.
pub fn start(client: &Client) -> Result<()> {
    {
        let mut read_loop = client.read_loop.lock();
        read_loop.wanted = true;
        read_loop.stop = false;
        if read_loop.thread != 0 {
            return Ok(());
        }
    }
    if has_threads() {
        thread::start(client)
    } else {
        scheduled::start(client);
        Ok(())
    }
}

/// Asks the loop to end. Nothing happens if it does not run.
pub fn stop(client: &Client) {
    if !has_threads() && !client.in_loop() {
        // It stands nowhere in the middle of anything: this is its end.
        client.read_loop.lock().thread = 0;
        unlist(client);
    }
    let mut read_loop = client.read_loop.lock();
    read_loop.stop = read_loop.thread != 0;
}

/// Does one step: waits up to `timeout` ms for the broker. When it says `End`, the loop counts as
/// ended already.
fn step(client: &Client, timeout: u32) -> Step {
    if let Err(exception) = handle_pending() {
        pass_on(exception);
    }
    {
        let mut read_loop = client.read_loop.lock();
        if read_loop.stop {
            read_loop.thread = 0;
            return Step::End;
        }
    }
    let (up, connection) = {
        let session = client.session.lock();
        (session.is_up(), session.connection())
    };
    if !up {
        return step_without_connection(client);
    }
    match step_with_connection(client, timeout) {
        Ok(step) => step,
        Err(error) if error.ends_connection() => {
            client.fail(connection, error);
            Step::Busy
        }
        Err(error) => {
            // Without the memory for a message, reading waits until some were delivered.
            if let Some(exception) = error.exception()
                && !exception.is_memory_error()
            {
                pass_on(exception);
            }
            Step::Rest(cycle(client))
        }
    }
}

/// Delivers a message that waits, or else reads, and delivers the message that this gives.
fn step_with_connection(client: &Client, timeout: u32) -> Result<Step> {
    let seen = client.changed.seen();
    let reader = client.try_reader();
    // In this order: the context that had the role before may have put a message there.
    let inbox_empty = client.inbox.lock().is_empty();
    if !inbox_empty && !client.delivery.is_taken() {
        drop(reader);
        deliver_next(client)?;
        return Ok(Step::Busy);
    }
    let Some(mut reader) = reader else {
        // Another context reads for its own answer; messages come through the inbox, unless
        // they are for later: then the reader needs the GIL more than the loop does.
        client.changed.wait(seen, timeout)?;
        return Ok(Step::Idle);
    };
    if !inbox_empty && has_threads() {
        // The loop delivers when the other context is done, of which a socket would not tell.
        drop(reader);
        return wait_for_delivery(client, timeout);
    }
    if !reserve_inbox(client)? {
        return Ok(Step::Idle);
    }
    let how = Reading {
        timeout,
        // While a function runs there will be a better time for it: when that is over.
        may_drop: !client.delivery.is_taken(),
        may_write: true,
    };
    match reader.read(client, how)? {
        Input::Message(message) => {
            deliver_or_queue(client, message, reader)?;
            Ok(Step::Busy)
        }
        Input::Progress | Input::ConnAck(_) => Ok(Step::Busy),
        Input::Nothing => Ok(Step::Idle),
        #[cfg(feature = "into")]
        Input::Part => {
            parts::deliver(client, reader)?;
            Ok(Step::Busy)
        }
        #[cfg(feature = "into")]
        Input::Blocked => {
            drop(reader);
            parts::tell_lost(client)?;
            if has_threads() {
                wait_for_delivery(client, timeout)
            } else {
                Ok(Step::Idle)
            }
        }
    }
}

/// Waits while another context delivers, and keeps the connection alive meanwhile.
fn wait_for_delivery(client: &Client, timeout: u32) -> Result<Step> {
    keep_up(client, now())?;
    let seen = client.changed.seen();
    if !client.delivery.is_taken() {
        return Ok(Step::Busy);
    }
    let check = client.session.lock().next_check(now());
    let patience = check.map_or(timeout, |check| timeout.min(check));
    client.changed.wait(seen, patience.max(1))?;
    Ok(Step::Idle)
}

/// Reports that there is no connection, if no context has asked the loop to end.
fn step_without_connection(client: &Client) -> Step {
    #[cfg(feature = "into")]
    if let Err(error) = parts::tell_lost(client) {
        pass_on(error.to_exception());
    }
    if client.connecting.is_taken() {
        // A new one is on its way.
        return Step::Rest(cycle(client));
    }
    if client.is_up() {
        // It has come since the look at it.
        return Step::Busy;
    }
    {
        let mut read_loop = client.read_loop.lock();
        let present = now();
        // A broker that accepts and closes again must not be asked as fast as it can.
        if read_loop.pause == 0
            && read_loop.has_failed
            && let Some(left) =
                Deadline::after(read_loop.failed_at, cycle(client)).remaining(present)
            && left <= cycle(client)
        {
            return Step::Rest(left);
        }
        read_loop.has_failed = true;
        read_loop.failed_at = present;
        read_loop.wanted = false;
    }
    let verdict = ask_loop_failure(client);
    let ended = {
        let mut read_loop = client.read_loop.lock();
        // A caller that has asked for a loop meanwhile gets this one.
        let go_on = !read_loop.stop && (verdict != Verdict::Break || read_loop.wanted);
        if !go_on {
            read_loop.thread = 0;
        }
        !go_on
    };
    match (ended, client.is_up(), verdict) {
        (true, _, _) => Step::End,
        (false, true, _) => Step::Busy,
        (false, false, Verdict::Pause(pause)) => Step::Rest(pause),
        (false, false, _) => Step::Rest(cycle(client)),
    }
}

/// How the loop goes on without a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Recovered,
    /// `loop_failure` is asked again after so many milliseconds.
    Pause(u32),
    Break,
}

/// Calls `loop_failure`. No lock is held.
fn ask_loop_failure(client: &Client) -> Verdict {
    let endpoint = client.settings.lock().endpoint;
    let callback = endpoint.and_then(|endpoint| endpoint.loop_failure);
    let Some(callback) = callback else {
        print_text(&["mqtt: read loop ended: "]);
        print_exception(client.last_failure().to_exception());
        return Verdict::Break;
    };
    let verdict = match auto_reconnect_of(callback) {
        Some(function) => function.attempt(client).map(|connected| {
            if connected {
                return Verdict::Recovered;
            }
            Verdict::Pause(function.pause(client))
        }),
        None => callback
            .call(&[client.obj()])
            .map_err(Error::from)
            .map(|value| match value.as_int() {
                Ok(Some(value)) if value == RECOVERED as isize => Verdict::Recovered,
                _ => Verdict::Break,
            }),
    };
    verdict.unwrap_or_else(|error| {
        pass_on(error.to_exception());
        Verdict::Break
    })
}

/// Waits for `span` ms, or for `disconnect` or a new connection. `cancelled` is the number of calls
/// that ended attempts to connect, as the caller has seen it.
///
/// # Errors
///
/// An exception that came while waiting (Ctrl-C).
pub fn rest(client: &Client, span: u32, cancelled: u32) -> Result<()> {
    let deadline = Deadline::after(now(), span);
    let before = client.present_connection().ok();
    while let Some(left) = deadline.remaining(now()) {
        let seen = client.changed.seen();
        let present = client.present_connection().ok();
        let new_connection = present.is_some() && present != before;
        let ended = client.read_loop.lock().stop || client.cancelled.load(ORDERING) != cancelled;
        if new_connection || ended {
            break;
        }
        client.changed.wait(seen, left)?;
        handle_pending()?;
    }
    Ok(())
}

/// `cycle_timeout`, but at least a millisecond: 0 must not spin.
fn cycle(client: &Client) -> u32 {
    client.cycle_timeout.max(1)
}
