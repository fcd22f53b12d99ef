//! The state of a client whose program drives the loop.

use crate::micropython::{GcMutex, ORDERING, Obj, take_and_zero};
use crate::module::client::Client;
use crate::session::Receipt;
use crate::transport::{MicroPythonStack, Socket};

use super::attempt::Attempt;

/// The state of such a client between two steps.
#[derive(Debug)]
pub struct DrivenState {
    /// The program drives the loop.
    pub on: bool,
    /// The attempt to connect that is under way.
    pub attempt: Option<GcMutex<Attempt>>,
    pub held: Held,
    /// The filters that were registered before the connection are being subscribed again.
    pub renewing: bool,
    /// The socket as the program's poller got it last.
    pub polled: Option<Obj>,
}

/// The work of a function that has returned, but is not done: of a coroutine, which the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Nothing,
    /// `aconnect_cb` is not done.
    Settling,
    /// A function is not done with its message.
    Message(Receipt),
    /// All are done with it. Its acknowledgement waits for room.
    Done(Receipt),
}

impl DrivenState {
    /// That of a client which no program drives.
    pub const NEW: Self = Self {
        on: false,
        attempt: None,
        held: Held::Nothing,
        renewing: false,
        polled: None,
    };
}

impl Client {
    /// Whether the program drives the loop.
    pub fn is_driven(&self) -> bool {
        self.driven.lock().on
    }

    /// Whether a function that has returned is still at work on its message.
    pub fn is_held(&self) -> bool {
        self.driven.lock().held != Held::Nothing
    }

    /// Notes that a function is not done with the message of this receipt.
    pub fn hold(&self, receipt: Receipt) {
        self.driven.lock().held = Held::Message(receipt);
    }

    /// Notes that the functions are done, and acknowledges their message if there is room.
    pub fn release(&self, done: bool) {
        let held = self.driven.lock().held;
        let next = match held {
            Held::Message(receipt) if done => {
                self.delivered.clear();
                Held::Done(receipt)
            }
            Held::Settling if done => Held::Nothing,
            held => held,
        };
        let next = match next {
            Held::Done(receipt) if self.session.lock().delivered(receipt) => Held::Nothing,
            next => next,
        };
        self.driven.lock().held = next;
    }

    /// The socket of the connection, or of the attempt to make one.
    pub fn polled_socket(&self) -> Option<Socket> {
        let socket = *self.socket.lock();
        let attempt = self.driven.lock().attempt;
        socket.or_else(|| attempt?.try_lock().ok()?.socket())
    }

    /// Whether an attempt to connect is under way.
    pub fn is_attempting(&self) -> bool {
        self.driven.lock().attempt.is_some()
    }

    /// Ends the attempt to connect that is under way, if there is one.
    pub fn end_attempt(&self) {
        let attempt = take_and_zero(&mut self.driven.lock().attempt);
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
