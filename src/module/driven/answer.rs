//! The answers to calls that do not wait.

use crate::codec::PacketId;
use crate::micropython::Obj;
use crate::module::client::Client;
use crate::module::error::{Error, Reason, Result};
use crate::module::methods;
use crate::module::outbox::delivery_of;
use crate::session::{HandshakeStatus, SubscribeStatus};

use super::ticket::{ABSENT, CALL_BITS, Call, GIVEN};

/// How the caller of `_answer()` goes on without an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It waits.
    Waits,
    /// Its time is over.
    Late,
    /// It waits, and is a function of the client: messages that wait for it may be in front of the answer.
    InFunction,
    /// It waits no longer, and the call is undone if there is no answer yet.
    GivesUp,
    /// It goes on with an attempt to connect: `aconnect_cb` is done.
    Settles,
}

impl How {
    /// The constant of `mqtt_aio` with this value.
    pub fn of(value: isize) -> Self {
        match value {
            1 => Self::Late,
            2 => Self::InFunction,
            3 => Self::GivesUp,
            4 => Self::Settles,
            _ => Self::Waits,
        }
    }
}

const SUBSCRIBE: u32 = Call::Subscribe as u32;
const UNSUBSCRIBE: u32 = Call::Unsubscribe as u32;
const CONNECT: u32 = Call::Connect as u32;
const OUTBOX: u32 = Call::Outbox as u32;
#[cfg(feature = "v5")]
const TOPIC: u32 = Call::Topic as u32;
#[cfg(feature = "v5")]
const REQUEST: u32 = Call::Request as u32;
#[cfg(feature = "v5")]
const REAUTHENTICATE: u32 = Call::Reauthenticate as u32;

/// The answer to the call of this ticket: `False` as long as there is none; `True` if the call must be made
/// again; of a request the message, of an attempt to connect the return code; otherwise `None`.
///
/// # Errors
///
/// The broker has refused; the connection is lost; the caller waits no longer.
pub fn answer(client: &Client, ticket: u32, how: How) -> Result<Obj> {
    let number = ticket >> CALL_BITS;
    let call = ticket & ((1 << CALL_BITS) - 1);
    match how {
        How::GivesUp => {
            give_up(client, call, number);
            return Ok(Obj::none());
        }
        How::Settles => {
            client.settled(number);
            return Ok(Obj::none());
        }
        _ => {}
    }
    let (is_there, answer, late) = match call {
        SUBSCRIBE => (suback(client, number)?, Obj::none(), Reason::NoSubAck),
        UNSUBSCRIBE => (unsuback(client, number)?, Obj::none(), Reason::NoUnsubAck),
        CONNECT => {
            // An attempt ends by itself.
            if client.is_attempting_as(number)? {
                return Ok(Obj::from_bool(false));
            }
            (
                client.has_connected()?,
                methods::get_return_code(client)?,
                Reason::NoSubAck,
            )
        }
        OUTBOX => (
            outbox_shrank(client, number),
            Obj::from_bool(true),
            Reason::WindowFull,
        ),
        #[cfg(feature = "v5")]
        TOPIC => (
            suback(client, number)?,
            Obj::from_bool(true),
            Reason::NoAnswer,
        ),
        #[cfg(feature = "v5")]
        REQUEST => {
            let answer = crate::module::version::methods::answer_to(client, number)?;
            (
                answer.is_some(),
                answer.unwrap_or_else(Obj::none),
                Reason::NoAnswer,
            )
        }
        #[cfg(feature = "v5")]
        REAUTHENTICATE => (
            client.has_authenticated(false)?,
            Obj::none(),
            Reason::NoAuth,
        ),
        _ => (has_room(client, number)?, Obj::none(), Reason::SendTimedOut),
    };
    if is_there {
        return Ok(answer);
    }
    unanswered(client, how, late)
}

/// The result of the message of this `Delivery`, as [`answer`] gives it; `None` for another object.
///
/// # Errors
///
/// The same.
pub fn delivered(client: &Client, delivery: Obj, how: How) -> Option<Result<Obj>> {
    let delivery = delivery_of(delivery)?;
    Some(match how {
        How::GivesUp => Ok(Obj::none()),
        _ if delivery.is_done() => delivery.result().map(|()| Obj::none()),
        _ => unanswered(client, how, Reason::NotDelivered),
    })
}

/// `False`, as long as the caller waits for its answer.
fn unanswered(client: &Client, how: How, late: Reason) -> Result<Obj> {
    let is_behind = how == How::InFunction && client.driven().is_some_and(|it| it.is_blocked);
    let reason = match how {
        How::Late => late,
        // The program must know that such a message is not in flight.
        _ if is_behind && late == Reason::WindowFull => late,
        _ if is_behind => Reason::InboxFull,
        _ => return Ok(Obj::from_bool(false)),
    };
    Err(Error::because(reason))
}

/// Undoes a call without an answer.
fn give_up(client: &Client, call: u32, number: u32) {
    match call {
        SUBSCRIBE => undo_subscribe(client, number),
        UNSUBSCRIBE => {
            if let Some(id) = packet_id(number) {
                client.session.lock().forget_unsubscribe(id);
            }
        }
        CONNECT => client.give_up_attempt(number),
        #[cfg(feature = "v5")]
        TOPIC => undo_subscribe(client, number),
        #[cfg(feature = "v5")]
        REQUEST => client.close_request(number),
        #[cfg(feature = "v5")]
        REAUTHENTICATE => {
            // Its caller knows.
            let _ = client.has_authenticated(true);
        }
        _ => {}
    }
}

fn undo_subscribe(client: &Client, number: u32) {
    let mut session = client.session.lock();
    let attempt = session.attempt(number);
    let status = session.subscribe_status(attempt);
    if !matches!(status, SubscribeStatus::Granted | SubscribeStatus::Gone) {
        session.undo_subscribe(attempt, None);
    }
}

/// Whether there is room to write.
fn has_room(client: &Client, number: u32) -> Result<bool> {
    match number {
        ABSENT => Err(Error::NOT_CONNECTED),
        _ if client.is_up() => Ok(!client.has_rest()),
        GIVEN => Err(client.own_failure()),
        // The call itself tells of that.
        _ => Ok(true),
    }
}

/// Whether the outbox is smaller than `units`, or takes any message.
fn outbox_shrank(client: &Client, units: u32) -> bool {
    let session = client.session.lock();
    !session.is_up()
        || u32::from(session.outbox_units()) < units
        || session.outbox_is_empty() && !session.window_is_full()
}

/// Whether the broker has answered the `subscribe` of this number.
fn suback(client: &Client, number: u32) -> Result<bool> {
    let mut session = client.session.lock();
    let attempt = session.attempt(number);
    let status = session.subscribe_status(attempt);
    match status {
        SubscribeStatus::Granted | SubscribeStatus::Gone => return Ok(true),
        SubscribeStatus::Pending => return Ok(false),
        _ => session.undo_subscribe(attempt, None),
    }
    drop(session);
    match status {
        SubscribeStatus::Refused(code) => Err(client.subscription_refused(code)),
        _ => Err(client.last_failure()),
    }
}

/// Whether the broker has answered the `unsubscribe` with this packet identifier.
fn unsuback(client: &Client, number: u32) -> Result<bool> {
    let Some(id) = packet_id(number) else {
        return Ok(true);
    };
    let status = client.session.lock().poll_unsubscribe(id);
    match status {
        HandshakeStatus::Pending => Ok(false),
        status => client.completed(status).map(|()| true),
    }
}

fn packet_id(number: u32) -> Option<PacketId> {
    u16::try_from(number).ok().and_then(PacketId::new)
}
