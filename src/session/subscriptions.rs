//! The filters that the application has registered, and what the broker knows of them.

use core::ops::DerefMut;

use crate::codec::{PacketId, QoS, topic_matches};

use super::Application;

/// A growable table. The session does not allocate: whoever owns the memory brings it.
pub trait Table<T>: DerefMut<Target = [T]> {
    /// Appends `entry`; gives it back when there is no room.
    fn push(&mut self, entry: T) -> Result<(), T>;
    /// Removes the entry at `index` and keeps the order of the others.
    fn remove(&mut self, index: usize) -> Option<T>;
}

/// The table has no room for one more subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// Names one registration for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registration(u32);

/// One registered filter.
#[derive(Clone, Copy, Debug)]
pub struct Subscription<F, H> {
    registration: Registration,
    filter: F,
    handler: H,
    qos: QoS,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A SUBSCRIBE is to be sent.
    Wanted,
    /// SUBSCRIBE sent, SUBACK awaited.
    Requested(PacketId),
    /// The broker sends what matches.
    Granted,
    /// The broker said no. Kept until the one who waits has seen it; never dispatched to.
    Refused,
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
    /// It was unsubscribed meanwhile.
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

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Registers `handler` for `filter`, or replaces handler and QoS of the same filter.
    ///
    /// Gives back what was there before, or says that the table has no room.
    pub(super) fn register(
        &mut self,
        filter: A::Filter,
        handler: A::Handler,
        qos: QoS,
    ) -> Result<(Registration, Before<A>), NoRoom> {
        if let Some(entry) = self.by_filter(filter.as_ref()) {
            let before = (core::mem::replace(&mut entry.handler, handler), entry.qos);
            entry.qos = qos;
            entry.state = State::Wanted;
            return Ok((entry.registration, Some(before)));
        }
        let registration = Registration(self.next);
        let entry = Subscription {
            registration,
            filter,
            handler,
            qos,
            state: State::Wanted,
        };
        match self.table.push(entry) {
            Ok(()) => {
                self.next = self.next.wrapping_add(1);
                Ok((registration, None))
            }
            Err(_) => Err(NoRoom),
        }
    }

    /// Takes a registration back to what it was before [`Self::register`].
    pub(super) fn restore(&mut self, registration: Registration, before: Before<A>, granted: bool) {
        let Some(index) = self
            .table
            .iter()
            .position(|e| e.registration == registration)
        else {
            return;
        };
        match (before, self.table.get_mut(index)) {
            (Some((handler, qos)), Some(entry)) => {
                entry.handler = handler;
                entry.qos = qos;
                entry.state = if granted {
                    State::Granted
                } else {
                    State::Wanted
                };
            }
            _ => {
                self.table.remove(index);
            }
        }
    }

    /// Removes the registration of `filter`; whether there was one.
    pub(super) fn unregister(&mut self, filter: &str) -> bool {
        let found = self.table.iter().position(|e| e.filter.as_ref() == filter);
        found.is_some_and(|index| self.table.remove(index).is_some())
    }

    /// The next filter whose SUBSCRIBE is to be sent. It counts as sent with `id`.
    pub(super) fn request_next(&mut self, id: PacketId) -> Option<(A::Filter, QoS)> {
        let entry = self.table.iter_mut().find(|e| e.state == State::Wanted)?;
        entry.state = State::Requested(id);
        Some((entry.filter.clone(), entry.qos))
    }

    /// Counts the SUBSCRIBE of `registration` as sent with `id`.
    pub(super) fn request(&mut self, registration: Registration, id: PacketId) -> bool {
        match self.by_registration(registration) {
            Some(entry) => {
                entry.state = State::Requested(id);
                true
            }
            None => false,
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
        self.table.iter().any(|e| e.state == State::Requested(id))
    }

    /// The SUBACK of `id`; whether it was expected.
    pub(super) fn answered(&mut self, id: PacketId, granted: bool) -> bool {
        let Some(entry) = self
            .table
            .iter_mut()
            .find(|e| e.state == State::Requested(id))
        else {
            return false;
        };
        entry.state = if granted {
            State::Granted
        } else {
            State::Refused
        };
        true
    }

    pub(super) fn standing(&self, registration: Registration) -> Standing {
        match self
            .table
            .iter()
            .find(|e| e.registration == registration)
            .map(|e| e.state)
        {
            None => Standing::Gone,
            Some(State::Wanted) => Standing::Lost,
            Some(State::Requested(_)) => Standing::Pending,
            Some(State::Granted) => Standing::Granted,
            Some(State::Refused) => Standing::Refused,
        }
    }

    /// Removes one refused subscription and gives its filter.
    pub(super) fn take_refused(&mut self) -> Option<A::Filter> {
        let index = self.table.iter().position(|e| e.state == State::Refused)?;
        self.table.remove(index).map(|e| e.filter)
    }

    /// The connection has ended: what was not answered is asked again.
    pub(super) fn connection_lost(&mut self) {
        for entry in self.table.iter_mut() {
            if matches!(entry.state, State::Requested(_)) {
                entry.state = State::Wanted;
            }
        }
    }

    /// The broker has no session: every filter is to be subscribed again.
    pub(super) fn start_over(&mut self) {
        for entry in self.table.iter_mut() {
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
        self.table
            .get(start..)?
            .iter()
            .take_while(|e| e.registration <= last)
            .find(|e| e.state != State::Refused && topic_matches(e.filter.as_ref(), topic))
            .map(|e| (e.registration, e.handler.clone()))
    }

    fn by_filter(&mut self, filter: &str) -> Option<&mut Entry<A>> {
        self.table.iter_mut().find(|e| e.filter.as_ref() == filter)
    }

    fn by_registration(&mut self, registration: Registration) -> Option<&mut Entry<A>> {
        self.table
            .iter_mut()
            .find(|e| e.registration == registration)
    }
}
