//! The methods that only `mqtt_aio` calls.

use crate::micropython::{Obj, sys};
use crate::module::args::{Fault, parameter};
use crate::module::client::Client;
use crate::module::error::Result;

use super::answer::{How, delivered};
use super::{answer, step};

/// `Client._step()`.
///
/// # Errors
///
/// As [`step::step`].
pub fn step(client: &Client, args: &sys::mqtt__step_args_t) -> Result<Obj> {
    let done = args.done == Obj::from_bool(true);
    step::step(client, done).map(Obj::from_length)
}

/// `Client._answer()`. A call without a ticket has its answer.
///
/// # Errors
///
/// As [`answer::answer`].
pub fn answer(client: &Client, args: &sys::mqtt__answer_args_t) -> Result<Obj> {
    if args.ticket.is_none() {
        return Ok(Obj::none());
    }
    let how = How::of(args.how.as_int()?.unwrap_or(0));
    if let Some(answer) = delivered(client, args.ticket, how) {
        return answer;
    }
    let ticket = args.ticket.as_int()?.and_then(|it| u32::try_from(it).ok());
    let ticket = ticket.ok_or_else(|| parameter!(ticket).refuse(Fault::NotInt))?;
    answer::answer(client, ticket, how)
}
