//! Tickets: numbers for calls that do not wait, with which the program asks for the answer.

use crate::micropython::Obj;

/// A call that does not wait where the program drives the loop.
#[derive(Clone, Copy)]
pub enum Call {
    Subscribe,
    Unsubscribe,
    #[cfg(feature = "v5")]
    Request,
    #[cfg(feature = "v5")]
    Reauthenticate,
}

/// The bits of a ticket that tell the call.
#[cfg(feature = "aio")]
pub const CALL_BITS: u32 = 2;

/// The number that stands for a call which does not wait.
#[cfg(feature = "aio")]
pub fn ticket(number: u32, call: Call) -> Obj {
    Obj::from_length(number << CALL_BITS | call as u32)
}

/// `None`: every call waits.
#[cfg(not(feature = "aio"))]
pub fn ticket(_number: u32, _call: Call) -> Obj {
    Obj::none()
}
