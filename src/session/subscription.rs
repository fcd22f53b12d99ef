//! One filter that the application has registered, its states, and the calls of `subscribe`.

use crate::codec::{PacketId, QoS, ReasonCode};

use super::filter_hash::FilterHash;

/// The number of one registration, for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registration(pub(super) u32);

/// The number of one call of [`Session::subscribe`](super::Session::subscribe).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub(super) number: u32,
    /// Number of the connection on which it was made.
    pub(super) connection: u32,
}

impl Attempt {
    pub(super) const fn new(number: u32, connection: u32) -> Self {
        Self { number, connection }
    }

    /// The number of the call. [`Session::attempt`](super::Session::attempt) is the way back.
    pub const fn number(self) -> u32 {
        self.number
    }
}

/// One registered filter.
#[derive(Clone, Copy, Debug)]
pub struct Subscription<F, H> {
    pub(super) registration: Registration,
    /// Number of the attempt that made it, or replaced it last.
    pub(super) attempt: u32,
    pub(super) filter: F,
    pub(super) hash: FilterHash,
    pub(super) handler: H,
    pub(super) qos: QoS,
    pub(super) state: State,
    /// Whether the broker has the filter in the present session, perhaps with another QoS.
    pub(super) granted: bool,
    /// Whether a caller is going to ask for the answer of the broker.
    pub(super) awaited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// SUBSCRIBE must be sent.
    Wanted,
    /// SUBSCRIBE sent, SUBACK awaited.
    Requested(PacketId),
    /// The broker sends the messages that match.
    Granted,
    /// The broker has the filter in a saved session. The application has given no handler for it yet.
    Restored,
    /// The broker refused. Kept until the caller that waits has seen it.
    Refused(ReasonCode),
    /// SUBSCRIBE sent and given up since. Kept for its packet identifier, which is in use
    /// until the SUBACK comes.
    Withdrawn(PacketId),
}

/// The status of a [`Session::subscribe`](super::Session::subscribe).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscribeStatus {
    /// The SUBACK has not come.
    Pending,
    /// The broker sends the messages that match.
    Granted,
    /// The broker refused the filter: with the return code 0x80, or with a reason of MQTT 5.
    Refused(ReasonCode),
    /// The connection ended before the SUBACK came.
    Lost,
    /// The filter was unsubscribed or subscribed again meanwhile.
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
            State::Refused(_) => self.granted,
            State::Withdrawn(_) | State::Restored => false,
        }
    }

    /// The state that the entry has without its last SUBSCRIBE.
    pub(super) fn without_answer(&self) -> State {
        if self.granted {
            State::Granted
        } else {
            State::Wanted
        }
    }
}
