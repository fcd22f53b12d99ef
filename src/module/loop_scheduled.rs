//! The loop without a thread: MicroPython's scheduler runs it, while the main program
//! sleeps, waits or computes.
//!
//! There is one context. What runs here runs on top of the main program, wherever that
//! stands: it may be in a method of the same client, with a role that cannot become free
//! before this returns. So a client with a role taken is left alone, and its next
//! [`signal`](crate::micropython::Event::signal) posts the next run.
//!
//! The application's functions are not called on top of a half written packet, of whatever
//! client: they may want to write to that one. Then the other clients only take in what
//! comes, and ping. So they do, too, while a function that was called from here waits.

use crate::micropython::{LOOP_CONTEXT, first_root, now, post_after, rest_for, set_first_root};
use crate::time::Deadline;

use super::client::{Client, client_of};
use super::read_loop::Step;

/// How long the turn of one client may last, in ms, but for the function that is being
/// called.
const TURN: u32 = 8;

/// A turn that did not get to the end of what there is to do is followed by a rest of this
/// part of its length, which belongs to the main program.
const REST: u32 = 4;

/// How often a socket is looked at, in ms: not every port tells when data comes.
const LOOK_PERIOD: u32 = 20;

impl Client {
    /// Puts the client on the list of those whose loops run.
    pub fn start_scheduled_loop(&self) {
        self.read_loop.lock().thread = LOOP_CONTEXT;
        *self.resting.lock() = None;
        *self.next.lock() = first_root();
        set_first_root(Some(self.obj()));
        post_after(1);
    }

    /// Takes it from the list. Nothing if it is not there.
    pub fn unlist(&self) {
        let mut before: Option<&Client> = None;
        let mut listed = first_root();
        while let Some(client) = client_of(listed) {
            listed = *client.next.lock();
            if core::ptr::eq(client, self) {
                match before {
                    None => set_first_root(listed),
                    Some(before) => *before.next.lock() = listed,
                }
                *self.next.lock() = None;
                return;
            }
            before = Some(client);
        }
    }

    /// One turn.
    fn scheduled_turn(&self, may_call: bool) -> Next {
        // Whoever is at it is not finished for as long as this runs.
        let busy = self.is_busy();
        for event in [&self.changed, &self.written] {
            event.watch(busy || !may_call);
        }
        if busy {
            return Next::After(LOOK_PERIOD);
        }
        if !may_call {
            self.take_in_only();
            return Next::After(LOOK_PERIOD);
        }
        if let Some(left) = self.rest_left() {
            return Next::After(left);
        }
        let end = Deadline::after(now(), TURN);
        while end.remaining(now()).is_some() {
            match self.loop_step(0) {
                Step::Busy => {}
                Step::Idle => return Next::After(LOOK_PERIOD.min(self.cycle())),
                Step::Rest => {
                    *self.resting.lock() = Some(Deadline::after(now(), self.cycle()));
                    return Next::After(self.cycle());
                }
                Step::End => return Next::Never,
            }
        }
        // The broker need not wait until the next turn; what fails shows there.
        let _ = self.flush_output();
        Next::Soon
    }

    /// Reads, answers and pings without calling anybody: messages are queued, and a failure
    /// is for later.
    fn take_in_only(&self) {
        // Who has this role delivers, and nobody does.
        let _delivery = self.delivery.try_take(&self.changed);
        let end = Deadline::after(now(), TURN);
        while end.remaining(now()).is_some() && self.is_up() {
            if self.read_loop.lock().stop || !matches!(self.loop_step(0), Step::Busy) {
                return;
            }
        }
    }

    /// Whether some method of the client that this interrupts uses the connection.
    fn is_busy(&self) -> bool {
        self.connecting.is_taken() || self.reader.is_taken() || self.writer.is_taken()
    }

    /// Milliseconds that the loop still rests; `disconnect` and a new connection end that.
    fn rest_left(&self) -> Option<u32> {
        let mut resting = self.resting.lock();
        let left = (*resting)?.remaining(now());
        if left.is_none() || self.read_loop.lock().stop || self.is_up() {
            *resting = None;
            return None;
        }
        left
    }
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
        listed = *client.next.lock();
        visit(client);
    }
}

/// Gives every loop a turn. Called by the scheduler, in the main context.
pub fn run_scheduled_loops() {
    let begin = now();
    let mut may_call = true;
    for_each_listed(|client| may_call &= !client.writer.is_taken());
    let mut unfinished = false;
    let mut next: Option<u32> = None;
    for_each_listed(|client| match client.scheduled_turn(may_call) {
        Next::Never => client.unlist(),
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

/// Lets every loop take in what has come. Called now and then while a function that was
/// called from [`run_scheduled_loops`] waits in a method of the module.
pub fn run_while_waiting() {
    for_each_listed(|client| {
        if !client.is_busy() {
            client.take_in_only();
        }
    });
}
