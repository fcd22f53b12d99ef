//! The loop without a thread: MicroPython's scheduler runs it, while the main program
//! sleeps, waits or computes.
//!
//! There is one context. What runs here runs on top of the main program, wherever that
//! stands: it may be in a method of the same client, with a role that cannot become free
//! before this returns. So a client with a role taken is left alone, and its next
//! [`signal`](crate::micropython::Event::signal) posts the next run.

use crate::micropython::{LOOP_CONTEXT, Obj, first_root, now, post_after, set_first_root};
use crate::time::Deadline;

use super::client::Client;
use super::entry::client_of;
use super::read_loop::Step;

/// Messages of one client before the main program has its turn.
const BATCH: usize = 16;

/// How often a socket is looked at, in ms: not every port tells when data comes.
const LOOK_PERIOD: u32 = 20;

impl Client {
    /// Puts the client on the list of those whose loops run.
    pub fn start_scheduled_loop(&self) {
        self.read_loop.lock().thread = LOOP_CONTEXT;
        *self.resting.lock() = None;
        *self.next.lock() = first_root();
        set_first_root(self.obj());
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
                *self.next.lock() = Obj::NULL;
                return;
            }
            before = Some(client);
        }
    }

    /// One turn: milliseconds until the next one, `None` when the loop has ended.
    fn scheduled_turn(&self) -> Option<u32> {
        if self.is_busy() {
            self.changed.watch(true);
            return Some(LOOK_PERIOD);
        }
        self.changed.watch(false);
        if let Some(left) = self.rest_left() {
            return Some(left);
        }
        for _ in 0..BATCH {
            match self.loop_step(0) {
                Step::Busy => {}
                Step::Idle => return Some(LOOK_PERIOD.min(self.cycle())),
                Step::Rest => {
                    *self.resting.lock() = Some(Deadline::after(now(), self.cycle()));
                    return Some(self.cycle());
                }
                Step::End => return None,
            }
        }
        Some(1)
    }

    /// Whether some method of the client is not finished.
    fn is_busy(&self) -> bool {
        self.dialing.is_taken()
            || self.reader.is_taken()
            || self.writer.is_taken()
            || self.delivery.is_taken()
    }

    /// Milliseconds that the loop still rests; `disconnect` and a new connection end that.
    fn rest_left(&self) -> Option<u32> {
        let mut resting = self.resting.lock();
        let left = (*resting)?.left(now());
        if left.is_none() || self.read_loop.lock().stop || self.session.lock().is_up() {
            *resting = None;
            return None;
        }
        left
    }
}

/// Gives every loop a turn. Called by the scheduler, in the main context.
pub fn run_scheduled_loops() {
    let mut next: Option<u32> = None;
    let mut listed = first_root();
    while let Some(client) = client_of(listed) {
        // Before the turn, in which the client may leave the list.
        listed = *client.next.lock();
        match client.scheduled_turn() {
            None => client.unlist(),
            Some(wait) => next = Some(next.map_or(wait, |next| next.min(wait))),
        }
    }
    if let Some(wait) = next {
        post_after(wait.max(1));
    }
}
