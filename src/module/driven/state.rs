//! The state of a client whose program drives the loop.

use crate::micropython::{
    Exception, GcMutex, GcOnce, MutexGuard, ORDERING, Obj, qstr, take_and_zero,
};
use crate::module::client::Client;
use crate::module::error::{Error, Result};
use crate::module::rest::Rest;
use crate::session::Receipt;
use crate::time::Instant;
use crate::transport::{MicroPythonStack, Socket};

use super::attempt::Attempt;

/// The place of such a client's state. A client that no program drives has none.
pub type Driven = GcOnce<DrivenState>;

/// The state of such a client between two steps.
#[derive(Debug)]
pub struct DrivenState {
    /// The attempt to connect that is under way.
    pub attempt: Option<GcMutex<Attempt>>,
    /// The number of the last attempt.
    pub attempts: u32,
    /// Why the last attempt has failed.
    pub error: Option<Error>,
    pub held: Held,
    /// The broker has accepted the client, and `aconnect_cb` is not done.
    pub settling: bool,
    /// The filters that were registered before the connection are being subscribed again.
    pub renewing: bool,
    /// The socket as the program's poller got it last.
    pub polled: Option<Obj>,
    /// The bytes of whole packets that the network has not taken. The role of writer changes them.
    pub rest: Rest,
    /// The network takes nothing before something has been read.
    pub reads_first: bool,
    /// The client takes nothing from the broker before functions are done with their messages.
    pub is_blocked: bool,
    /// The end of the last step.
    pub stepped_at: Instant,
}

/// The message of a function that has returned, but is not done: of a coroutine, which the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Nothing,
    /// A function is not done with its message.
    Message(Receipt),
    /// All are done with it. Its acknowledgement waits for room.
    Done(Receipt),
}

impl DrivenState {
    /// That of a client which has not connected.
    const NEW: Self = Self {
        attempt: None,
        attempts: 0,
        error: None,
        held: Held::Nothing,
        settling: false,
        renewing: false,
        polled: None,
        rest: Rest::NONE,
        reads_first: false,
        is_blocked: false,
        stepped_at: Instant::from_ms(0),
    };
}

impl Client {
    /// Declares that the program drives the loop. The caller has the role of writer.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn drive(&self) -> Result<()> {
        let is_there = self.driven.put(DrivenState::NEW);
        is_there.then_some(()).ok_or_else(Error::no_memory)
    }

    /// Whether the program drives the loop.
    pub fn is_driven(&self) -> bool {
        self.driven.is_there()
    }

    /// The state, if the program drives the loop.
    #[inline(never)]
    pub fn driven(&self) -> Option<MutexGuard<'_, DrivenState>> {
        self.driven.lock()
    }

    /// Whether a function that has returned is still at work on its message.
    pub fn is_held(&self) -> bool {
        self.driven().is_some_and(|it| it.held != Held::Nothing)
    }

    /// Gives the program the coroutine that a function has returned, and that goes on with the message of this
    /// receipt. Other results mean nothing.
    ///
    /// # Errors
    ///
    /// The exception of the program's own `_hold()`, or of the result.
    pub fn hold(&self, receipt: Receipt, returned: Obj) -> core::result::Result<(), Exception> {
        if returned.has_attribute(qstr::send)? {
            self.obj().call_method(qstr::_hold, &[returned])?;
            self.set_held(Held::Message(receipt));
        }
        Ok(())
    }

    /// Notes which work of a function is not done.
    #[inline(never)]
    pub fn set_held(&self, held: Held) {
        if let Some(mut driven) = self.driven() {
            driven.held = held;
        }
    }

    /// Notes whether filters are being subscribed again.
    pub fn set_renewing(&self, renewing: bool) {
        if let Some(mut driven) = self.driven() {
            driven.renewing = renewing;
        }
    }

    /// Notes that the functions are done, and acknowledges their message if there is room.
    pub fn release(&self, done: bool) {
        let Some(held) = self.driven().map(|it| it.held) else {
            return;
        };
        let next = match held {
            Held::Message(receipt) if done => {
                self.delivered.clear();
                Held::Done(receipt)
            }
            held => held,
        };
        let next = match next {
            Held::Done(receipt) if self.session.lock().delivered(receipt) => Held::Nothing,
            next => next,
        };
        self.set_held(next);
    }

    /// The bytes of whole packets that the network has not taken.
    #[inline(never)]
    pub fn rest(&self) -> Rest {
        self.driven().map_or(Rest::NONE, |it| it.rest)
    }

    /// Whether the network takes nothing before something has been read.
    pub fn reads_first(&self) -> bool {
        self.driven().is_some_and(|it| it.reads_first)
    }

    /// Notes which bytes the network has not taken. The caller has the role of writer.
    pub fn set_rest(&self, rest: Rest, reads_first: bool) {
        if let Some(mut driven) = self.driven() {
            driven.rest = rest;
            driven.reads_first = reads_first;
        }
    }

    /// Whether bytes are left that the network does not take yet.
    pub fn has_rest(&self) -> bool {
        let writer = self.try_writer();
        writer.is_none_or(|writer| writer.waits().is_some())
    }

    /// The socket of the connection, or of the attempt to make one.
    pub fn polled_socket(&self) -> Option<Socket> {
        let socket = *self.socket.lock();
        socket.or_else(|| self.present_attempt()?.try_lock().ok()?.socket())
    }

    /// Whether an attempt to connect is under way.
    pub fn is_attempting(&self) -> bool {
        self.present_attempt().is_some()
    }

    /// The attempt to connect that is under way.
    #[inline(never)]
    pub fn present_attempt(&self) -> Option<GcMutex<Attempt>> {
        self.driven()?.attempt
    }

    /// Ends the attempt to connect that is under way, if there is one, its `aconnect_cb` included.
    pub fn end_attempt(&self) {
        let attempt = self.driven().and_then(|mut it| {
            it.settling = false;
            take_and_zero(&mut it.attempt)
        });
        if let Some(attempt) = attempt
            && let Ok(mut attempt) = attempt.try_lock()
        {
            attempt.close(&mut MicroPythonStack::new(&self.cancelled));
        }
    }

    /// Whether `disconnect` has been called since `count`.
    pub fn is_cancelled_since(&self, count: u32) -> bool {
        self.cancelled.load(ORDERING) != count
    }
}
