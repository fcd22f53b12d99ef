//! The methods that only `mqtt_aio` calls.

use crate::micropython::{Obj, sys};
use crate::module::args::{Fault, parameter};
use crate::module::client::Client;
use crate::module::error::Result;
#[cfg(feature = "v5")]
use crate::module::version::methods::answer_to;

use super::step;
use super::ticket::{CALL_BITS, Call};

/// `Client._step()`.
///
/// # Errors
///
/// As [`step::step`].
pub fn step(client: &Client, args: &sys::mqtt__step_args_t) -> Result<Obj> {
    let order = args.order.as_int()?.unwrap_or(0);
    step::step(client, order).map(Obj::from_length)
}

/// `Client._answer()`: whether the broker has answered the call of this ticket. Of a request it is the answer.
///
/// # Errors
///
/// As [`step::suback`], [`step::unsuback`] and [`answer_to`].
pub fn answer(client: &Client, args: &sys::mqtt__answer_args_t) -> Result<Obj> {
    let ticket = args.ticket.as_int()?.and_then(|it| u32::try_from(it).ok());
    let ticket = ticket.ok_or_else(|| parameter!(ticket).refuse(Fault::NotInt))?;
    let gives_up = parameter!(give_up).flag(args.give_up)?;
    let number = ticket >> CALL_BITS;
    const UNSUBSCRIBE: u32 = Call::Unsubscribe as u32;
    #[cfg(feature = "v5")]
    const REQUEST: u32 = Call::Request as u32;
    #[cfg(feature = "v5")]
    const REAUTHENTICATE: u32 = Call::Reauthenticate as u32;
    match ticket & ((1 << CALL_BITS) - 1) {
        #[cfg(feature = "v5")]
        REQUEST => answer_to(client, number, gives_up),
        #[cfg(feature = "v5")]
        REAUTHENTICATE => client.has_authenticated(gives_up).map(Obj::from_bool),
        UNSUBSCRIBE => step::unsuback(client, number, gives_up).map(Obj::from_bool),
        _ => step::suback(client, number, gives_up).map(Obj::from_bool),
    }
}
