//! Delivery: calling the application's functions with the messages that came.

use crate::micropython::{
    Exception, Obj, has_threads, now, print_exception, print_line, print_number, print_text,
    raise_in_main,
};
use crate::session::{Receipt, Registration};
use crate::time::{Deadline, Instant};

use super::client::Client;
use super::error::Result;
use super::inbox::{Content, Intake, Message, queue, read_into_inbox};
#[cfg(feature = "into")]
use super::parts;
use super::reader::{Reader, Reading};
use super::role::SocketRole;
use super::writer::flush_output;

/// How long a context that waits for room to write reads from the socket before it looks for that
/// room again, in ms.
const TURN: u32 = 20;

/// Gives `message` to the application, then acknowledges it. The caller has the role of delivery.
///
/// # Errors
///
/// The exception of a function that is not the application's to raise here: `KeyboardInterrupt`
/// and its like. Every other one is printed. The connection has ended.
pub fn deliver(client: &Client, message: Message) -> Result<()> {
    let begin = now();
    let interrupt = message.content.and_then(|content| {
        client.delivered.set(&content, message.receipt);
        let interrupt = dispatch(client, content, message.receipt);
        if !client.is_held() {
            client.delivered.clear();
        }
        interrupt
    });
    if client.is_held() && message.content.is_some() {
        // Its function goes on with it.
        return interrupt.map_or(Ok(()), |exception| Err(exception.into()));
    }
    let (keep_alive, is_queued) = {
        let mut session = client.session.lock();
        (session.keep_alive_ms(), session.delivered(message.receipt))
    };
    if keep_alive > 0 {
        let present = now();
        let took = present.duration_since(begin);
        if took > keep_alive
            && let Some(content) = message.content
            && client.warns_of_slow_function()
        {
            report_slow(content.topic.as_str(), took, keep_alive);
        }
        keep_up(client, present)?;
    }
    let acknowledged = if is_queued {
        Ok(())
    } else {
        acknowledge(client, message.receipt)
    };
    match interrupt {
        Some(exception) => Err(exception.into()),
        None => acknowledged,
    }
}

/// Keeps the connection alive between two functions, while nothing is read.
///
/// # Errors
///
/// An exception that came while waiting. A connection that ends here is reported, and is no error.
pub fn keep_up(client: &Client, present: Instant) -> Result<()> {
    let awaits = client.session.lock().awaits_ping_response();
    if awaits && let Some(mut reader) = client.try_reader() {
        reader.look_ahead(client, present);
    }
    let (connection, ping_is_due) = {
        let mut session = client.session.lock();
        let checked = session.check_timers(present, client.command_timeout);
        (
            session.connection(),
            checked.map(|()| session.ping_is_due()),
        )
    };
    match ping_is_due {
        Ok(false) => Ok(()),
        Ok(true) => match flush_output(client) {
            Err(error) if !error.ends_connection() => Err(error),
            _ => Ok(()),
        },
        Err(error) => {
            client.fail(connection, error.into());
            Ok(())
        }
    }
}

/// Calls every function whose filter matches, in the order of their registration; if there is none, the
/// function of `set_callback`.
fn dispatch(client: &Client, content: Content, receipt: Receipt) -> Option<Exception> {
    let mut interrupt = None;
    let mut has_function = false;
    let mut after = None;
    let mut last = None;
    while let Some((registration, function)) = next_function(client, &content, after, &mut last) {
        after = Some(registration);
        if !function.is_none() {
            has_function = true;
            // An answer that came too late for its request: no caller waits for it any longer.
            #[cfg(feature = "v5")]
            if function == client.native() {
                continue;
            }
            call_function(client, function, &content, receipt, &mut interrupt);
        }
        if after == last {
            break;
        }
    }
    if !has_function && let Some(function) = client.callback.get() {
        call_function(client, function, &content, receipt, &mut interrupt);
    }
    interrupt
}

/// The next registration after `after` whose filter matches. `last` is the last one that there was when the
/// message came: it is not for functions that are registered while it is delivered.
fn next_function(
    client: &Client,
    content: &Content,
    after: Option<Registration>,
    last: &mut Option<Registration>,
) -> Option<(Registration, Obj)> {
    let session = client.session.lock();
    *last = last.or_else(|| session.last_registration());
    session.next_match(content.topic.as_str(), after, (*last)?)
}

/// Calls one function with a message. An ordinary exception of the function is printed. `interrupt` gets the
/// first one of another kind (Ctrl-C), which the caller raises.
#[cfg_attr(not(feature = "aio"), allow(unused_variables))]
fn call_function(
    client: &Client,
    function: Obj,
    content: &Content,
    receipt: Receipt,
    interrupt: &mut Option<Exception>,
) {
    let args = [client.obj(), content.payload.obj(), content.topic.obj()];
    #[cfg(feature = "into")]
    let called = if client.delivered.parts.is_used() {
        parts::call(client, function, &args)
    } else {
        function.call(&args)
    };
    #[cfg(not(feature = "into"))]
    let called = function.call(&args);
    #[cfg(feature = "aio")]
    let called = match called {
        // A function that gets the payload in parts returns itself.
        Ok(value) if !value.is_none() && value != function && client.is_driven() => {
            client.hold(receipt, value)
        }
        called => called.map(|_| ()),
    };
    if let Err(exception) = called {
        if exception.is_ordinary() || client.in_loop() {
            pass_on(exception);
        } else {
            interrupt.get_or_insert(exception);
        }
    }
}

/// Delivers `message` at once, or queues it while another context delivers. The loop calls it, which
/// has made room in the inbox since it took the role of reader. No other message waits then, unless
/// another context delivers until the loop goes on.
///
/// # Errors
///
/// As [`deliver_next`].
pub fn deliver_or_queue(
    client: &Client,
    message: Message,
    reader: SocketRole<'_, Reader>,
) -> Result<()> {
    if let Some(_role) = client.delivery.try_take(&client.changed) {
        // While functions run, other contexts may read for their answers.
        drop(reader);
        return deliver(client, message);
    }
    queue(client, message)
}

/// Delivers the message that has waited longest in the inbox. False: there is none, or another
/// context is delivering.
///
/// # Errors
///
/// The connection has ended, or the exception of a function that is not the application's to raise
/// here.
pub fn deliver_next(client: &Client) -> Result<bool> {
    if client.inbox.lock().is_empty() {
        return Ok(false);
    }
    let Some(_role) = client.delivery.try_take(&client.changed) else {
        return Ok(false);
    };
    deliver_first(client)
}

/// The same, for the context that has the role of delivery.
fn deliver_first(client: &Client) -> Result<bool> {
    let Some(message) = client.inbox.lock().pop() else {
        return Ok(false);
    };
    deliver(client, message)?;
    Ok(true)
}

/// Delivers all that waits in the inbox, unless another context is doing so, and writes the
/// acknowledgements at once: the context that waits may have its answer already, and not call again.
///
/// # Errors
///
/// As [`deliver_next`], but for the end of the connection.
pub fn deliver_waiting(client: &Client) -> Result<()> {
    #[cfg(feature = "into")]
    parts::tell_lost(client)?;
    while deliver_next(client)? {}
    match flush_output(client) {
        Err(error) if !error.ends_connection() => Err(error),
        _ => Ok(()),
    }
}

/// As [`deliver_waiting`], where there is no loop whose task it would be.
///
/// # Errors
///
/// The same.
pub fn deliver_without_loop(client: &Client) -> Result<()> {
    if client.loop_runs() && !client.in_loop() {
        return Ok(());
    }
    deliver_waiting(client)
}

/// Acknowledges a message that the application has had, or that was thrown away, when the queue of
/// acknowledgements has room again.
///
/// # Errors
///
/// The connection has ended.
#[cold]
fn acknowledge(client: &Client, receipt: Receipt) -> Result<()> {
    let deadline = client.command_deadline();
    loop {
        let seen = client.written.seen();
        if client.session.lock().delivered(receipt) {
            return Ok(());
        }
        // The queue is full.
        flush_output(client)?;
        if client.session.lock().must_write() {
            let Some(left) = deadline.remaining(now()) else {
                // The context that writes has been at it for longer than it may take.
                return Ok(());
            };
            client.written.wait(seen, left)?;
        }
    }
}

/// Does the work that cannot wait while a write waits for room: reads the broker's packets, or the
/// broker might never take anything. Nothing is written. Messages are queued; when the inbox is full,
/// they are delivered if no other context is there to do it.
///
/// The caller has the role of writer, and with `holds_delivery` that of delivery, too. It finds in the
/// session whether the connection has ended.
pub fn work_while_blocked(client: &Client, holds_delivery: bool) {
    let connection = client.connection();
    // A link that takes nothing is noticed here: no other context may look at the clock.
    let result = read_while_blocked(client).and_then(|()| client.check_timers(now()));
    match result {
        Err(error) if error.ends_connection() => client.fail(connection, error),
        // An exception that Python raised shows again when the socket is read next.
        _ => {}
    }
    let other_loop = client.loop_runs() && !client.in_loop();
    if other_loop || !client.inbox.lock().is_full() || client.session.lock().must_write() {
        return;
    }
    let delivered = if holds_delivery {
        deliver_first(client)
    } else {
        deliver_next(client)
    };
    if let Err(error) = delivered
        && let Some(exception) = error.exception()
    {
        pass_on(exception);
    }
}

/// Reads the bytes that are there and queues the messages, without writing and without running
/// Python code.
fn read_while_blocked(client: &Client) -> Result<()> {
    let Some(mut reader) = client.try_reader() else {
        return Ok(());
    };
    let how = Reading {
        timeout: 0,
        may_drop: false,
        may_write: false,
    };
    let end = Deadline::after(now(), TURN);
    while let Intake::Came = read_into_inbox(client, &mut reader, how)?
        && end.remaining(now()).is_some()
    {}
    Ok(())
}

/// Reports an exception in the loop, which has no caller to raise it to: it is printed. One that
/// is for the main program (Ctrl-C) is raised there, if that is the one that was interrupted: a loop
/// in a thread of its own gets none that is not its own.
pub fn pass_on(exception: Exception) {
    if has_threads() || exception.is_ordinary() {
        print_exception(exception);
    } else {
        raise_in_main(exception);
    }
}

/// Calls `callback(client)`.
///
/// # Errors
///
/// The callback's exception.
pub fn call_back(client: &Client, callback: Obj) -> Result<Obj> {
    Ok(callback.call(&[client.obj()])?)
}

/// Says on the console that the functions for a message took too long.
#[cold]
#[inline(never)]
fn report_slow(topic: &str, took: u32, keep_alive: u32) {
    if cfg!(feature = "terse") {
        print_line(&["mqtt: slow: ", topic]);
        return;
    }
    print_text(&["mqtt: the functions for ", topic, " took "]);
    print_number(took);
    print_text(&[" ms, and keepalive is "]);
    print_number(keep_alive);
    print_line(&[" ms"]);
}
