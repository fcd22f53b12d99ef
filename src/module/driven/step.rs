//! A step of the loop, as the program's own event loop drives it: it never waits.

use crate::micropython::{Obj, now, print_exception};
use crate::module::client::Client;
use crate::module::delivery::{deliver_next, keep_up, pass_on};
use crate::module::error::{Error, Reason, Result};
use crate::module::inbox::{Intake, read_into_inbox};
#[cfg(feature = "into")]
use crate::module::parts;
use crate::module::reader::Reading;
use crate::module::writer::{clear_the_way, flush_output};
use crate::time::Deadline;

use super::attempt::Awaits;
use super::state::Held;

/// How long a step goes on while there is something to do, and how long a coroutine publishes without one, in ms.
pub const TURN: u32 = 4;

/// The longest time until the next step, in ms: the result is a small int on every port.
const LONGEST: u32 = 1 << 25;

/// The bits of the result of a step, below the milliseconds until the next one.
const READS: u32 = 1;
const WRITES: u32 = 2;
const HAS_OTHER_SOCKET: u32 = 4;
const IS_UP: u32 = 8;
const BITS: u32 = 4;

/// Does all that can be done without waiting. `done`: the functions that went on with a message are done.
///
/// The result says when the next step is due: when the socket is ready to be read (bit 0) or written (bit
/// 1), or after so many milliseconds (the number above the bits). Bit 2: it is another socket than after the
/// last step. Bit 3: there is a connection, and its filters are subscribed.
///
/// # Errors
///
/// `KeyboardInterrupt` and its like; `MemoryError` of the first step. Every other exception is printed.
pub fn step(client: &Client, done: bool) -> Result<u32> {
    // The first one declares that the program drives the loop.
    if !client.is_driven()
        && !client.is_up()
        && let Some(_writer) = client.try_writer()
    {
        client.drive()?;
    }
    client.release(done);
    client.go_on_connecting()?;
    let (mut due, mut bits) = match work(client) {
        Ok(wait) => wait,
        Err(error) => {
            unless_interrupt(error)?;
            if !error.is_memory_error() {
                print_exception(error.to_exception());
            }
            (client.cycle_timeout.max(1), 0)
        }
    };
    #[cfg(feature = "into")]
    parts::tell_lost(client)?;
    if let Some(writer) = client.try_writer()
        && let Some(left) = writer.waits()
        && !client.is_down()
    {
        due = due.min(left.saturating_add(1));
        bits |= if client.reads_first() { READS } else { WRITES };
    }
    bits |= look_at_socket(client);
    if let Some(attempt) = client.present_attempt()
        && let Ok(attempt) = attempt.try_lock()
    {
        let left = match attempt.awaits() {
            Awaits::Network(left) => {
                bits |= WRITES;
                left
            }
            Awaits::Broker(left) => {
                bits |= READS;
                left
            }
        };
        due = due.min(left.saturating_add(1));
    }
    let is_up = client.is_up();
    if let Some(mut driven) = client.driven() {
        driven.is_blocked = is_up && bits & (READS | WRITES) == 0;
        driven.stepped_at = now();
        if is_up && driven.attempt.is_none() && !driven.settling && !driven.renewing {
            bits |= IS_UP;
        }
    }
    Ok(due.min(LONGEST) << BITS | bits)
}

/// Nothing, of an error that is the client's own affair.
///
/// # Errors
///
/// `KeyboardInterrupt` and its like.
pub fn unless_interrupt(error: Error) -> Result<()> {
    match error.exception() {
        Some(exception) if !exception.is_ordinary() => Err(error),
        _ => Ok(()),
    }
}

/// Reads, writes and delivers. Milliseconds until the next step, and the bit for reading.
fn work(client: &Client) -> Result<(u32, u32)> {
    let Ok(connection) = client.present_connection() else {
        client.set_renewing(false);
        return Ok((LONGEST, 0));
    };
    match exchange(client) {
        Err(error) if error.ends_connection() => {
            client.fail(connection, error);
            Ok((LONGEST, 0))
        }
        result => result,
    }
}

fn exchange(client: &Client) -> Result<(u32, u32)> {
    let end = Deadline::after(now(), TURN);
    let mut came = false;
    loop {
        // Behind a message comes mostly another one. Its acknowledgement leaves with others, before the reader looks
        // at the network again.
        let delivered = came && deliver(client)?;
        let mut is_busy = false;
        if !delivered {
            write(client)?;
            is_busy = renew(client)? | deliver(client)?;
            #[cfg(feature = "v5")]
            {
                is_busy |= client.go_on_authenticating();
            }
        }
        came = false;
        if end.remaining(now()).is_none() {
            return Ok((0, READS));
        }
        if is_busy {
            continue;
        }
        let Some(mut reader) = client.try_reader() else {
            return Ok((LONGEST, READS));
        };
        let how = Reading {
            timeout: 0,
            may_drop: !client.is_held(),
            may_write: true,
        };
        let intake = read_into_inbox(client, &mut reader, how)?;
        match intake {
            Intake::Came => came = true,
            Intake::Nothing => {
                let stalls = reader.stall_remaining(client, now())?;
                let check = client.check_timers(now())?.unwrap_or(LONGEST);
                return Ok((check.min(stalls), READS));
            }
            #[cfg(feature = "into")]
            Intake::Part => parts::deliver(client, reader)?,
            // Messages wait for a function that is at work on another one.
            _ => {
                drop(reader);
                if delivered {
                    write(client)?;
                }
                keep_up(client, now())?;
                let check = client.check_timers(now())?;
                return Ok((check.unwrap_or(LONGEST), 0));
            }
        }
    }
}

/// Writes all that the network takes.
fn write(client: &Client) -> Result<()> {
    let socket = *client.socket.lock();
    if let Some(socket) = socket
        && let Some(mut writer) = client.try_writer()
        && !clear_the_way(client, &mut writer, socket)?
    {
        return match writer.waits() {
            Some(0) => Err(Error::because(Reason::SendTimedOut)),
            _ => Ok(()),
        };
    }
    flush_output(client)
}

/// Subscribes again to the filters that the broker does not know of, once `aconnect_cb` is done. Whether it
/// has sent something.
fn renew(client: &Client) -> Result<bool> {
    let is_free = client
        .driven()
        .is_some_and(|it| it.renewing && !it.settling && it.attempt.is_none());
    if !is_free {
        return Ok(false);
    }
    if client.subscribe_next(client.command_deadline())? {
        return Ok(true);
    }
    if !client.session.lock().awaits_suback() {
        client.set_renewing(false);
        client.report_refused();
    }
    Ok(false)
}

/// Delivers a message, unless a function is at work on another one. Whether it has.
fn deliver(client: &Client) -> Result<bool> {
    let is_free = client
        .driven()
        .is_some_and(|it| it.attempt.is_none() && !it.settling && it.held == Held::Nothing);
    if !is_free || client.session.lock().must_write() {
        return Ok(false);
    }
    match deliver_next(client) {
        Err(error) if error.ends_connection() => Err(error),
        Err(error) => {
            pass_on(error.to_exception());
            Ok(true)
        }
        delivered => delivered,
    }
}

/// The bit that says whether the client has another socket than after the last step.
fn look_at_socket(client: &Client) -> u32 {
    let socket: Option<Obj> = client.polled_socket().and_then(|socket| socket.obj());
    let before = client
        .driven()
        .and_then(|mut it| core::mem::replace(&mut it.polled, socket));
    if before == socket {
        0
    } else {
        HAS_OTHER_SOCKET
    }
}
