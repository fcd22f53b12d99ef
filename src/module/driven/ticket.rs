//! Tickets: numbers for calls that do not wait, with which the program asks for the answer.

use crate::micropython::Obj;

/// A call that does not wait where the program drives the loop. A `Delivery` is its own ticket.
#[cfg_attr(not(feature = "aio"), allow(dead_code))]
#[derive(Clone, Copy)]
pub enum Call {
    /// Waiting for room to write. The number is 0, [`GIVEN`] or [`ABSENT`].
    Room,
    Subscribe,
    Unsubscribe,
    /// An attempt to connect, with its number.
    Connect,
    /// Waiting for an outbox that is smaller than this number says. Then the call must be made again.
    Outbox,
    /// The subscription to the topic for answers. After it the call must be made again.
    #[cfg(feature = "v5")]
    Topic,
    #[cfg(feature = "v5")]
    Request,
    #[cfg(feature = "v5")]
    Reauthenticate,
}

/// The number of a wait for room after a packet was given: without a connection it fails as that has.
#[cfg(feature = "aio")]
pub const GIVEN: u32 = 1;
/// The number of a wait for room that fails, because there is no connection.
#[cfg(feature = "aio")]
pub const ABSENT: u32 = 2;

/// The bits of a ticket that tell the call.
#[cfg(feature = "aio")]
pub const CALL_BITS: u32 = 3;

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
