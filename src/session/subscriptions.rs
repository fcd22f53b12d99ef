//! The filters that the application has registered, and what the broker knows of them.

use core::num::NonZeroU32;
use core::ops::DerefMut;

use crate::codec::{PacketId, QoS, topic_matches};

use super::Application;
use super::literal::{hash, literal_hash};

/// A growable table. The session does not allocate: whoever owns the memory brings it.
pub trait Table<T>: DerefMut<Target = [T]> {
    /// Appends `entry`; gives it back when there is no room.
    fn push(&mut self, entry: T) -> Result<(), T>;
    /// Whether there is room for one more entry.
    fn has_room(&self) -> bool;
    /// Removes the entry at `index` and keeps the order of the others.
    fn remove(&mut self, index: usize) -> Option<T>;
    /// Removes all entries.
    fn clear(&mut self);
}

/// The table has no room for one more subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// Names one registration for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registration(u32);

/// Names one call of [`Session::subscribe`](super::Session::subscribe).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    number: u32,
    /// The connection on which it was made.
    connection: u32,
}

impl Attempt {
    pub(super) const fn new(number: u32, connection: u32) -> Self {
        Self { number, connection }
    }
}

/// One registered filter.
#[derive(Clone, Copy, Debug)]
pub struct Subscription<F, H> {
    registration: Registration,
    /// The attempt that it is due to.
    attempt: u32,
    filter: F,
    /// Of a filter without wildcards.
    literal: Option<NonZeroU32>,
    handler: H,
    qos: QoS,
    state: State,
    /// The broker has it in the present session, if perhaps with another QoS.
    granted: bool,
    /// Somebody is going to ask what the broker answered.
    awaited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
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

/// Handler and QoS that a filter had before.
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

    /// Registered filters.
    pub(super) fn len(&self) -> usize {
        self.table.iter().filter(|e| e.is_registered()).count()
    }

    /// Registers `handler` for `filter`, or replaces handler and QoS of the same filter.
    ///
    /// Gives the number of the attempt and what was there before, or says that the table
    /// has no room.
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
            literal: literal_hash(filter.as_ref()),
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
                    let replaced = core::mem::replace(place, entry);
                    before = Some((replaced.handler, replaced.qos));
                }
            }
        }
        self.next = attempt.wrapping_add(1);
        Ok((attempt, before))
    }

    /// Takes an attempt back: what was there before it is there again. Nothing happens if
    /// somebody else has asked for the same filter since.
    pub(super) fn restore(&mut self, attempt: Attempt, before: Before<A>) {
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

    /// Removes the registration of `filter`; whether there was one.
    pub(super) fn unregister(&mut self, filter: &str) -> bool {
        let found = self.by_filter(filter);
        if let Some(index) = found {
            self.withdraw(index);
        }
        found.is_some()
    }

    /// The next filter whose SUBSCRIBE is to be sent. It counts as sent with `id`.
    pub(super) fn request_next(&mut self, id: PacketId) -> Option<(A::Filter, QoS)> {
        let entry = self.table.iter_mut().find(|e| e.state == State::Wanted)?;
        entry.state = State::Requested(id);
        entry.awaited = false;
        Some((entry.filter.clone(), entry.qos))
    }

    /// Counts the SUBSCRIBE of `attempt` as sent with `id`; somebody waits for the answer.
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

    /// The SUBACK of `id`; whether it was expected.
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

    /// How `attempt` stands; `connection` is the present one.
    pub(super) fn standing(&self, attempt: Attempt, connection: u32) -> Standing {
        let same = attempt.connection == connection;
        let entry = self
            .by_attempt(attempt.number)
            .and_then(|index| self.table.get(index));
        match entry.map(|e| e.state) {
            Some(State::Granted) => Standing::Granted,
            Some(State::Refused) => Standing::Refused,
            Some(State::Requested(_)) if same => Standing::Pending,
            None | Some(State::Withdrawn(_)) if same => Standing::Gone,
            _ => Standing::Lost,
        }
    }

    /// Removes one subscription that the broker refused while nobody waited for it, and
    /// gives its filter.
    pub(super) fn take_refused(&mut self) -> Option<A::Filter> {
        let refused = |e: &Entry<A>| e.state == State::Refused && !e.awaited;
        let index = self.table.iter().position(refused)?;
        self.table.remove(index).map(|e| e.filter)
    }

    /// The connection has ended: what was not answered is asked again.
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

    /// The broker has no session: every filter is to be subscribed again.
    pub(super) fn start_over(&mut self) {
        for entry in self.table.iter_mut() {
            entry.granted = false;
            if entry.state == State::Granted {
                entry.state = State::Wanted;
            }
        }
    }

    /// The last registration there is now.
    pub(super) fn last(&self) -> Option<Registration> {
        self.table.last().map(|e| e.registration)
    }

    /// The first registration after `after` and up to `last` whose filter matches `topic`.
    ///
    /// Step by step, so that handlers may subscribe and unsubscribe while the message is
    /// on its way through them.
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
        candidates(self.table.get(start..)?, topic)
            .take_while(|e| e.registration <= last)
            .find(|e| e.may_get_messages() && topic_matches(e.filter.as_ref(), topic))
            .map(|e| (e.registration, e.handler.clone()))
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

/// The subscriptions whose filter is worth a closer look: of those without wildcards hardly any
/// other than the one that matches.
fn candidates<'a, F, H>(
    table: &'a [Subscription<F, H>],
    topic: &str,
) -> impl Iterator<Item = &'a Subscription<F, H>> {
    let hash = hash(topic);
    table
        .iter()
        .filter(move |e| e.literal.is_none_or(|literal| literal == hash))
}

impl State {
    fn uses(self, id: PacketId) -> bool {
        self == Self::Requested(id) || self == Self::Withdrawn(id)
    }
}

impl<F, H> Subscription<F, H> {
    fn is_registered(&self) -> bool {
        !matches!(self.state, State::Withdrawn(_))
    }

    fn may_get_messages(&self) -> bool {
        match self.state {
            State::Wanted | State::Requested(_) | State::Granted => true,
            // The refusal of a new QoS takes nothing away.
            State::Refused => self.granted,
            State::Withdrawn(_) => false,
        }
    }

    /// The state that it has but for the last SUBSCRIBE.
    fn without_answer(&self) -> State {
        if self.granted {
            State::Granted
        } else {
            State::Wanted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn subscription(filter: String) -> Subscription<String, ()> {
        Subscription {
            registration: Registration(0),
            attempt: 0,
            literal: literal_hash(&filter),
            filter,
            handler: (),
            qos: QoS::AtMostOnce,
            state: State::Granted,
            granted: true,
            awaited: false,
        }
    }

    #[test]
    fn of_a_thousand_filters_few_are_compared() {
        let mut table: Vec<_> = (0..1000)
            .map(|number| subscription(std::format!("sensors/{number}/temperature")))
            .collect();
        table.push(subscription(String::from("sensors/+/temperature")));
        for number in 0..1000 {
            let topic = std::format!("sensors/{number}/temperature");
            let compared: Vec<_> = candidates(&table, &topic).collect();
            // Its own filter, the one with the wildcard, and perhaps one with the same hash.
            assert!(compared.len() <= 3, "{} for {topic}", compared.len());
            let matching = compared.iter().filter(|e| topic_matches(&e.filter, &topic));
            assert_eq!(matching.count(), 2);
        }
        assert_eq!(candidates(&table, "sensors").count(), 1);
    }
}
