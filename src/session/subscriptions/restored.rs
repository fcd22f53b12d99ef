//! The filters in a saved session: those to save, and those of a session that was restored.

use crate::codec::QoS;
use crate::session::save::is_settled;
use crate::session::subscription::State;
use crate::session::{Application, Table};

use super::Subscriptions;

impl<A: Application> Subscriptions<A> {
    /// Calls `visit` for every filter that the broker has, with its QoS.
    pub(in crate::session) fn for_each_granted(&self, mut visit: impl FnMut(&A::Filter, QoS)) {
        for entry in self.table.iter() {
            if entry.granted && is_settled(entry.state) {
                visit(&entry.filter, entry.qos);
            }
        }
    }

    /// Takes in a filter of a saved session. If the application has registered it already, with the same
    /// QoS and the same options, nothing need be sent. False: there is no room.
    pub(in crate::session) fn restore(
        &mut self,
        filter: A::Filter,
        handler: A::Handler,
        qos: QoS,
    ) -> bool {
        let found = self.by_filter(filter.as_ref());
        if let Some(entry) = found.and_then(|index| self.table.get_mut(index)) {
            entry.granted = true;
            if entry.qos == qos && A::ask_alike(&entry.filter, &filter) {
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
    pub(in crate::session) fn forget_restored(&mut self) {
        self.remove_restored();
        for entry in self.table.iter_mut() {
            entry.granted = false;
            entry.state = State::Wanted;
        }
    }

    /// Removes the filters that have no handler.
    pub(super) fn remove_restored(&mut self) {
        while let Some(index) = self.table.iter().position(|e| e.state == State::Restored) {
            self.table.remove(index);
        }
    }
}
