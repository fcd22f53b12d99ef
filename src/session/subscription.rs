//! One filter that the application has registered.

use crate::codec::{PacketId, QoS};

use super::filter_hash::FilterHash;

/// Names one registration for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registration(pub(super) u32);

/// Names one call of [`Session::subscribe`](super::Session::subscribe).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub(super) number: u32,
    /// The connection on which it was made.
    pub(super) connection: u32,
}

impl Attempt {
    pub(super) const fn new(number: u32, connection: u32) -> Self {
        Self { number, connection }
    }
}

/// One registered filter.
#[derive(Clone, Copy, Debug)]
pub struct Subscription<F, H> {
    pub(super) registration: Registration,
    /// The attempt that it is due to.
    pub(super) attempt: u32,
    pub(super) filter: F,
    pub(super) hash: FilterHash,
    pub(super) handler: H,
    pub(super) qos: QoS,
    pub(super) state: State,
    /// The broker has it in the present session, if perhaps with another QoS.
    pub(super) granted: bool,
    /// Somebody is going to ask what the broker answered.
    pub(super) awaited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A SUBSCRIBE is to be sent.
    Wanted,
    /// SUBSCRIBE sent, SUBACK awaited.
    Requested(PacketId),
    /// The broker sends what matches.
    Granted,
    /// The broker said no. Kept until the one who waits has seen it.
    Refused,
    /// SUBSCRIBE sent, and given up since. Kept for its packet identifier, which is in use
    /// until the SUBACK comes.
    Withdrawn(PacketId),
}

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The SUBACK has not come.
    Pending,
    /// The broker sends what matches.
    Granted,
    /// The broker refused it (return code 0x80).
    Refused,
    /// The connection ended before the SUBACK came.
    Lost,
    /// It was unsubscribed or replaced meanwhile.
    Gone,
}

impl State {
    pub(super) fn uses(self, id: PacketId) -> bool {
        self == Self::Requested(id) || self == Self::Withdrawn(id)
    }
}

impl<F, H> Subscription<F, H> {
    pub(super) fn is_registered(&self) -> bool {
        !matches!(self.state, State::Withdrawn(_))
    }

    pub(super) fn may_get_messages(&self) -> bool {
        match self.state {
            State::Wanted | State::Requested(_) | State::Granted => true,
            // The refusal of a new QoS takes nothing away.
            State::Refused => self.granted,
            State::Withdrawn(_) => false,
        }
    }

    /// The state that it has but for the last SUBSCRIBE.
    pub(super) fn without_answer(&self) -> State {
        if self.granted {
            State::Granted
        } else {
            State::Wanted
        }
    }
}
