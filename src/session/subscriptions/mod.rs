//! The filters that the application has registered, and which of them the broker has.

mod matching;
mod restored;

use crate::codec::{PacketId, QoS, ReasonCode};

use super::filter_hash::FilterHash;
use super::subscription::State;
use super::{
    Application, Attempt, Before, NoRoom, Registration, SubscribeStatus, Subscription, Table,
};

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
    /// Returns the number of the attempt, and the registration of the filter before.
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
                    let asks_alike = |place: &Entry<A>| {
                        place.qos == entry.qos && A::ask_alike(&place.filter, &entry.filter)
                    };
                    if is_restored && asks_alike(place) {
                        entry.state = State::Granted;
                    }
                    let replaced = core::mem::replace(place, entry);
                    if !is_restored {
                        before = Some((replaced.filter, replaced.handler, replaced.qos));
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

    /// Undoes an attempt: the filter is registered as `before` again, or is gone. Nothing
    /// happens if a later attempt has the same filter.
    pub(super) fn undo(&mut self, attempt: Attempt, before: Before<A>) {
        let Some(index) = self.by_attempt(attempt.number) else {
            return;
        };
        match (before, self.table.get_mut(index)) {
            (Some((filter, handler, qos)), Some(entry)) => {
                entry.filter = filter;
                entry.handler = handler;
                entry.qos = qos;
                entry.awaited = false;
                if matches!(entry.state, State::Refused(_)) {
                    entry.state = entry.without_answer();
                }
            }
            _ => self.withdraw(index),
        }
    }

    /// The number of the attempt that has registered `filter`, or has replaced it last.
    #[cfg(feature = "v5")]
    pub(super) fn attempt_of(&self, filter: &str) -> Option<u32> {
        let entry = self.table.get(self.by_filter(filter)?)?;
        Some(entry.attempt)
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

    /// Takes in the SUBACK for `id`, which says why if the broker has `refused`. Returns whether it was
    /// expected.
    pub(super) fn answered(&mut self, id: PacketId, refused: Option<ReasonCode>) -> bool {
        let Some(index) = self.table.iter().position(|e| e.state.uses(id)) else {
            return false;
        };
        match self.table.get_mut(index) {
            Some(entry) if entry.is_registered() => {
                entry.granted |= refused.is_none();
                entry.state = match refused {
                    Some(code) if !entry.granted || entry.awaited => State::Refused(code),
                    _ => State::Granted,
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
            Some(State::Refused(code)) => SubscribeStatus::Refused(code),
            Some(State::Requested(_)) if same => SubscribeStatus::Pending,
            None | Some(State::Withdrawn(_)) if same => SubscribeStatus::Gone,
            _ => SubscribeStatus::Lost,
        }
    }

    /// Removes one subscription that the broker refused while no caller waited for it. Returns its
    /// filter.
    pub(super) fn take_refused(&mut self) -> Option<A::Filter> {
        let refused = |e: &Entry<A>| matches!(e.state, State::Refused(_)) && !e.awaited;
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
