//! The filters that the application has registered, and which of them the broker has.

use crate::codec::{PacketId, QoS, topic_matches};

use super::filter_hash::{FilterHash, TopicHashes};
use super::save::is_settled;
use super::{Application, NoRoom, Table};

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
    Refused,
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
    /// The broker refused the filter (return code 0x80).
    Refused,
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
            State::Refused => self.granted,
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

/// The handler and QoS that a filter had before.
type Before<A> = Option<(<A as Application>::Handler, QoS)>;

type Entry<A> = Subscription<<A as Application>::Filter, <A as Application>::Handler>;

pub(super) struct Subscriptions<A: Application> {
    table: A::Table,
    next: u32,
}

impl<A: Application> Subscriptions<A> {
    pub(super) const fn new(table: A::Table) -> Self {
        Self { table, next: 0 }
    }

    pub(super) fn table_mut(&mut self) -> &mut A::Table {
        &mut self.table
    }

    /// Number of registered filters.
    pub(super) fn len(&self) -> usize {
        self.table.iter().filter(|e| e.is_registered()).count()
    }

    /// Registers `handler` for `filter`, or replaces handler and QoS of the same filter.
    ///
    /// Returns the number of the attempt, and the handler and QoS that the filter had before.
    pub(super) fn register(
        &mut self,
        filter: A::Filter,
        handler: A::Handler,
        qos: QoS,
    ) -> Result<(u32, Before<A>), NoRoom> {
        let attempt = self.next;
        let mut entry = Subscription {
            registration: Registration(attempt),
            attempt,
            hash: FilterHash::of(filter.as_ref()),
            filter,
            handler,
            qos,
            state: State::Wanted,
            granted: false,
            awaited: false,
        };
        let mut before = None;
        match self.by_filter(entry.filter.as_ref()) {
            None => self.push(entry)?,
            Some(index) => {
                if let Some(State::Requested(id)) = self.table.get(index).map(|e| e.state) {
                    let state = State::Withdrawn(id);
                    self.push(Subscription {
                        state,
                        ..entry.clone()
                    })?;
                }
                if let Some(place) = self.table.get_mut(index) {
                    entry.registration = place.registration;
                    entry.granted = place.granted;
                    let is_restored = place.state == State::Restored;
                    if is_restored && place.qos == entry.qos {
                        entry.state = State::Granted;
                    }
                    let replaced = core::mem::replace(place, entry);
                    if !is_restored {
                        before = Some((replaced.handler, replaced.qos));
                    }
                }
            }
        }
        self.next = attempt.wrapping_add(1);
        Ok((attempt, before))
    }

    /// Whether a SUBSCRIBE must be sent for the filter of `attempt`.
    pub(super) fn wants(&self, attempt: u32) -> bool {
        self.by_attempt(attempt)
            .and_then(|index| self.table.get(index))
            .is_some_and(|entry| entry.state == State::Wanted)
    }

    /// Calls `visit` for every filter that the broker has, with its QoS.
    pub(super) fn for_each_granted(&self, mut visit: impl FnMut(&str, QoS)) {
        for entry in self.table.iter() {
            if entry.granted && is_settled(entry.state) {
                visit(entry.filter.as_ref(), entry.qos);
            }
        }
    }

    /// Takes in a filter of a saved session. If the application has registered it already, with the same
    /// QoS, nothing need be sent. False: there is no room.
    pub(super) fn restore(&mut self, filter: A::Filter, handler: A::Handler, qos: QoS) -> bool {
        let found = self.by_filter(filter.as_ref());
        if let Some(entry) = found.and_then(|index| self.table.get_mut(index)) {
            entry.granted = true;
            if entry.qos == qos {
                entry.state = State::Granted;
            }
            return true;
        }
        let Ok((attempt, _)) = self.register(filter, handler, qos) else {
            return false;
        };
        if let Some(index) = self.by_attempt(attempt)
            && let Some(entry) = self.table.get_mut(index)
        {
            entry.granted = true;
            entry.state = State::Restored;
        }
        true
    }

    /// Forgets the filters that [`Self::restore`] has taken in.
    pub(super) fn forget_restored(&mut self) {
        self.remove_restored();
        for entry in self.table.iter_mut() {
            entry.granted = false;
            entry.state = State::Wanted;
        }
    }

    /// Removes the filters that have no handler.
    fn remove_restored(&mut self) {
        while let Some(index) = self.table.iter().position(|e| e.state == State::Restored) {
            self.table.remove(index);
        }
    }

    /// Undoes an attempt: the filter has the handler and QoS of `before` again, or is gone. Nothing
    /// happens if a later attempt has the same filter.
    pub(super) fn undo(&mut self, attempt: Attempt, before: Before<A>) {
        let Some(index) = self.by_attempt(attempt.number) else {
            return;
        };
        match (before, self.table.get_mut(index)) {
            (Some((handler, qos)), Some(entry)) => {
                entry.handler = handler;
                entry.qos = qos;
                entry.awaited = false;
                if entry.state == State::Refused {
                    entry.state = entry.without_answer();
                }
            }
            _ => self.withdraw(index),
        }
    }

    /// Whether the broker has granted `filter` in the present session.
    pub(super) fn is_granted(&self, filter: &str) -> bool {
        self.by_filter(filter)
            .and_then(|index| self.table.get(index))
            .is_some_and(|entry| entry.granted)
    }

    /// Removes the registration of `filter`. Returns whether there was one.
    pub(super) fn unregister(&mut self, filter: &str) -> bool {
        let found = self.by_filter(filter);
        if let Some(index) = found {
            self.withdraw(index);
        }
        found.is_some()
    }

    /// The next filter whose SUBSCRIBE must be sent. It counts as sent with `id`.
    pub(super) fn request_next(&mut self, id: PacketId) -> Option<(A::Filter, QoS)> {
        let entry = self.table.iter_mut().find(|e| e.state == State::Wanted)?;
        entry.state = State::Requested(id);
        entry.awaited = false;
        Some((entry.filter.clone(), entry.qos))
    }

    /// Counts the SUBSCRIBE of `attempt` as sent with `id`; a caller waits for the answer.
    pub(super) fn request(&mut self, attempt: u32, id: PacketId) {
        if let Some(index) = self.by_attempt(attempt)
            && let Some(entry) = self.table.get_mut(index)
        {
            entry.state = State::Requested(id);
            entry.awaited = true;
        }
    }

    pub(super) fn wants_request(&self) -> bool {
        self.table.iter().any(|e| e.state == State::Wanted)
    }

    pub(super) fn awaits_answer(&self) -> bool {
        self.table
            .iter()
            .any(|e| matches!(e.state, State::Requested(_)))
    }

    pub(super) fn uses(&self, id: PacketId) -> bool {
        self.table.iter().any(|e| e.state.uses(id))
    }

    /// Takes in the SUBACK for `id`. Returns whether it was expected.
    pub(super) fn answered(&mut self, id: PacketId, granted: bool) -> bool {
        let Some(index) = self.table.iter().position(|e| e.state.uses(id)) else {
            return false;
        };
        match self.table.get_mut(index) {
            Some(entry) if entry.is_registered() => {
                entry.granted |= granted;
                entry.state = if granted || (entry.granted && !entry.awaited) {
                    State::Granted
                } else {
                    State::Refused
                };
                true
            }
            _ => {
                self.table.remove(index);
                false
            }
        }
    }

    /// The status of `attempt`; `connection` is the number of the present connection.
    pub(super) fn status(&self, attempt: Attempt, connection: u32) -> SubscribeStatus {
        let same = attempt.connection == connection;
        let entry = self
            .by_attempt(attempt.number)
            .and_then(|index| self.table.get(index));
        match entry.map(|e| e.state) {
            Some(State::Granted) => SubscribeStatus::Granted,
            Some(State::Refused) => SubscribeStatus::Refused,
            Some(State::Requested(_)) if same => SubscribeStatus::Pending,
            None | Some(State::Withdrawn(_)) if same => SubscribeStatus::Gone,
            _ => SubscribeStatus::Lost,
        }
    }

    /// Removes one subscription that the broker refused while no caller waited for it. Returns its
    /// filter.
    pub(super) fn take_refused(&mut self) -> Option<A::Filter> {
        let refused = |e: &Entry<A>| e.state == State::Refused && !e.awaited;
        let index = self.table.iter().position(refused)?;
        self.table.remove(index).map(|e| e.filter)
    }

    /// The connection has ended: a SUBSCRIBE without an answer must be sent again.
    pub(super) fn connection_lost(&mut self) {
        for entry in self.table.iter_mut() {
            if matches!(entry.state, State::Requested(_)) {
                entry.state = State::Wanted;
            }
        }
        while let Some(index) = self.table.iter().position(|e| !e.is_registered()) {
            self.table.remove(index);
        }
    }

    /// The broker has no session: every filter must be subscribed again.
    pub(super) fn start_over(&mut self) {
        self.remove_restored();
        for entry in self.table.iter_mut() {
            entry.granted = false;
            if entry.state == State::Granted {
                entry.state = State::Wanted;
            }
        }
    }

    /// The last registration at present.
    pub(super) fn last(&self) -> Option<Registration> {
        self.table.last().map(|e| e.registration)
    }

    /// The first registration after `after` and up to `last` whose filter matches `topic`.
    ///
    /// It returns one registration a call, so that handlers may subscribe and unsubscribe while the
    /// message is on its way through them.
    pub(super) fn next_match(
        &self,
        topic: &str,
        after: Option<Registration>,
        last: Registration,
    ) -> Option<(Registration, A::Handler)> {
        // Registrations ascend in the table.
        let start = match after {
            None => 0,
            Some(after) => self.table.partition_point(|e| e.registration <= after),
        };
        let rest = self.table.get(start..)?;
        let mut hashes = (rest.len() > FEW).then(|| {
            let mut hashes = TopicHashes::NONE;
            hashes.compute(topic);
            hashes
        });
        for entry in rest {
            if entry.registration > last {
                break;
            }
            if hashes
                .as_mut()
                .is_none_or(|hashes| hashes.may_match(entry.hash))
                && entry.may_get_messages()
                && topic_matches(entry.filter.as_ref(), topic)
            {
                return Some((entry.registration, entry.handler.clone()));
            }
        }
        None
    }

    fn push(&mut self, entry: Entry<A>) -> Result<(), NoRoom> {
        self.table.push(entry).map_err(|_| NoRoom)
    }

    /// Ends the registration at `index`.
    fn withdraw(&mut self, index: usize) {
        match self.table.get_mut(index) {
            Some(entry) if let State::Requested(id) = entry.state => {
                entry.state = State::Withdrawn(id);
            }
            _ => {
                self.table.remove(index);
            }
        }
    }

    fn by_filter(&self, filter: &str) -> Option<usize> {
        self.table
            .iter()
            .position(|e| e.is_registered() && e.filter.as_ref() == filter)
    }

    fn by_attempt(&self, attempt: u32) -> Option<usize> {
        self.table
            .iter()
            .position(|e| e.is_registered() && e.attempt == attempt)
    }
}

/// Up to this number of filters are compared without their hashes.
const FEW: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn subscription(filter: String) -> Subscription<String, ()> {
        Subscription {
            registration: Registration(0),
            attempt: 0,
            hash: FilterHash::of(&filter),
            filter,
            handler: (),
            qos: QoS::AtMostOnce,
            state: State::Granted,
            granted: true,
            awaited: false,
        }
    }

    /// The largest number of filters of a thousand that are compared with a topic, and how many of
    /// these match.
    fn compared(filter: fn(u32) -> String, topic: fn(u32) -> String) -> (usize, usize) {
        let table: Vec<_> = (0..1000)
            .map(|number| subscription(filter(number)))
            .collect();
        let mut worst = (0, 0);
        for number in 0..1000 {
            let topic = topic(number);
            let mut hashes = TopicHashes::NONE;
            hashes.compute(&topic);
            let compared = table.iter().filter(|e| hashes.may_match(e.hash));
            let compared: Vec<_> = compared.collect();
            let matching = compared.iter().filter(|e| topic_matches(&e.filter, &topic));
            worst = worst.max((compared.len(), matching.count()));
        }
        worst
    }

    #[test]
    fn of_a_thousand_filters_few_are_compared() {
        let filters: [fn(u32) -> String; 4] = [
            |number| std::format!("sensors/{number}/temperature"),
            |number| std::format!("sensors/{number}/#"),
            |number| std::format!("+/{number}/+"),
            |number| match number % 3 {
                0 => std::format!("sensors/{number}/+"),
                1 => std::format!("+/{number}/temperature"),
                _ => std::format!("sensors/{number}/temperature"),
            },
        ];
        for filter in filters {
            let topic = |number| std::format!("sensors/{number}/temperature");
            let (compared, matching) = compared(filter, topic);
            assert_eq!(matching, 1);
            // The filter that matches, and perhaps one with the same sum.
            assert!(compared <= 2, "{compared} for {}", filter(0));
        }
    }
}
