//! The loop without a thread: MicroPython's scheduler runs it, while the main program
//! sleeps, waits or computes.
//!
//! There is one context. This code runs on top of the main program, at any of its
//! bytecodes: that may be in a method of the same client, with a role that cannot become free
//! before this returns. So a client with a role taken is left alone, and its next
//! [`signal`](crate::micropython::Event::signal) posts the next run.
//!
//! While any client has a packet half written, the application's functions are not called:
//! they may want to write to that client. Then the other clients only read and ping. They do the
//! same while a function that was called from here waits.

use crate::micropython::{LOOP_CONTEXT, first_root, now, post_after, rest_for, set_first_root};
use crate::time::Deadline;

use crate::module::client::{Client, client_of};
use crate::module::writer::flush_output;

use super::{Step, cycle, step};

/// How long the turn of one client may last, in ms, but for the function that is being
/// called.
const TURN: u32 = 8;

/// A turn that leaves work undone is followed by a rest of this
/// part of its length, which belongs to the main program.
const REST: u32 = 4;

/// How often a socket is looked at, in ms: not every port tells when data comes.
const LOOK_PERIOD: u32 = 20;

/// Puts the client on the list of those whose loops run.
pub fn start(client: &Client) {
    {
        let mut read_loop = client.read_loop.lock();
        read_loop.thread = LOOP_CONTEXT;
        read_loop.rests = false;
        read_loop.next = first_root();
    }
    set_first_root(Some(client.native()));
    post_after(1);
}

/// Takes it from the list. Nothing if it is not there.
pub fn unlist(client: &Client) {
    let mut before: Option<&Client> = None;
    let mut listed = first_root();
    while let Some(entry) = client_of(listed) {
        listed = entry.read_loop.lock().next;
        if core::ptr::eq(entry, client) {
            match before {
                None => set_first_root(listed),
                Some(before) => before.read_loop.lock().next = listed,
            }
            entry.read_loop.lock().next = None;
            return;
        }
        before = Some(entry);
    }
}

/// One turn.
fn turn(client: &Client, may_call: bool) -> Next {
    // A method that uses the connection cannot go on before this returns.
    let busy = is_busy(client);
    for event in [&client.changed, &client.written] {
        event.watch(busy || !may_call);
    }
    if busy {
        return Next::After(LOOK_PERIOD);
    }
    if !may_call {
        take_in_only(client);
        return Next::After(LOOK_PERIOD);
    }
    if let Some(left) = rest_left(client) {
        return Next::After(left);
    }
    let end = Deadline::after(now(), TURN);
    while end.remaining(now()).is_some() {
        match step(client, 0) {
            Step::Busy => {}
            Step::Idle => return Next::After(LOOK_PERIOD.min(cycle(client))),
            Step::Rest(span) => {
                let mut read_loop = client.read_loop.lock();
                read_loop.rests = true;
                read_loop.rests_until = Deadline::after(now(), span);
                return Next::After(span);
            }
            Step::End => return Next::Never,
        }
    }
    // The broker need not wait until the next turn; an error shows there.
    let _ = flush_output(client);
    Next::Soon
}

/// Reads, answers and pings without calling any function: messages are queued, and a
/// failure is handled later.
fn take_in_only(client: &Client) {
    // With this role taken, no other context delivers.
    let _delivery = client.delivery.try_take(&client.changed);
    let end = Deadline::after(now(), TURN);
    while end.remaining(now()).is_some() && client.is_up() {
        if client.read_loop.lock().stop || !matches!(step(client, 0), Step::Busy) {
            return;
        }
    }
}

/// Whether some method of the client that this interrupts uses the connection.
fn is_busy(client: &Client) -> bool {
    client.connecting.is_taken() || client.reader.is_taken() || client.writer.is_taken()
}

/// Milliseconds that the loop still rests; `disconnect` and a new connection end that.
fn rest_left(client: &Client) -> Option<u32> {
    let up = client.is_up();
    let mut read_loop = client.read_loop.lock();
    if !read_loop.rests {
        return None;
    }
    let left = read_loop.rests_until.remaining(now());
    if left.is_none() || read_loop.stop || up {
        read_loop.rests = false;
        return None;
    }
    left
}

/// When a loop wants its next turn.
#[derive(Clone, Copy)]
enum Next {
    /// It has not finished.
    Soon,
    /// In so many milliseconds.
    After(u32),
    /// It has ended.
    Never,
}

/// Calls `visit` for every client whose loop runs.
fn for_each_listed(mut visit: impl FnMut(&Client)) {
    let mut listed = first_root();
    while let Some(client) = client_of(listed) {
        // Before the visit, in which the client may leave the list.
        listed = client.read_loop.lock().next;
        visit(client);
    }
}

/// Gives every loop a turn. Called by the scheduler, in the main context.
pub fn run_all() {
    let begin = now();
    let mut may_call = true;
    for_each_listed(|client| may_call &= !client.writer.is_taken());
    let mut unfinished = false;
    let mut next: Option<u32> = None;
    for_each_listed(|client| match turn(client, may_call) {
        Next::Never => unlist(client),
        Next::Soon => unfinished = true,
        Next::After(wait) => next = Some(next.map_or(wait, |next| next.min(wait))),
    });
    if unfinished {
        rest_for(now().duration_since(begin).div_ceil(REST).max(1));
    } else if first_root().is_some() {
        // At once for one that has joined the list meanwhile.
        post_after(next.unwrap_or(1).max(1));
    }
}

/// Lets every loop read the bytes that have come. Called now and then while a function that was
/// called from [`run_all`] waits in a method of the module.
pub fn run_while_waiting() {
    for_each_listed(|client| {
        if !is_busy(client) {
            take_in_only(client);
        }
    });
}
