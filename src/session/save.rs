//! The session's way into a memory that outlives the power, and back.
//!
//! Section 4.1 asks a client to store the session; which change must be stored before which packet leaves:
//!
//! | stored first | then leaves |
//! |---|---|
//! | the message, with its packet identifier | its PUBLISH |
//! | that PUBREC has come | PUBREL: a PUBLISH must not follow it [MQTT-4.3.3-1] |
//! | that the application has had an incoming QoS 2 message | its PUBREC [MQTT-4.3.3-2] |
//! | that PUBREL has come, and the identifier is free | PUBCOMP: the broker may use it for another message |
//!
//! [`Session::is_unsaved`] says whether there is such a change. A caller that saves the session whenever
//! that is true, before it gives any byte to the network, keeps to the table.

use crate::codec::QoS;

use super::packet_id::PacketIds;
use super::saved::{SUM_LEN, SavedError, SavedItem, SavedSession, Writer};
use super::subscription::State;
use super::{AckedQos, Application, PacketId, Queued, Session};

/// An item of a saved session, in the application's types.
pub enum Restored<A: Application> {
    /// See [`SavedItem::Published`].
    Published(PacketId, AckedQos, A::Message),
    /// See [`SavedItem::Released`].
    Released(PacketId),
    /// See [`SavedItem::Queued`].
    Queued(Queued<A::Message, A::Tracker>),
    /// See [`SavedItem::Received`]. [`Session::incoming_mut`] has room for one more entry.
    Received(PacketId),
    /// See [`SavedItem::Filter`]. [`Session::table_mut`] has room for one more entry; the handler is never
    /// called.
    Filter(A::Filter, A::Handler, QoS),
}

impl<A: Application> Session<A> {
    /// Whether something that must outlive the power has changed since the last [`Self::take_unsaved`].
    pub fn is_unsaved(&self) -> bool {
        self.unsaved
    }

    /// The same, and counts the session as saved: the caller saves it now.
    pub fn take_unsaved(&mut self) -> bool {
        core::mem::take(&mut self.unsaved)
    }

    /// Counts the session as unsaved: the caller could not save it.
    pub fn set_unsaved(&mut self) {
        self.unsaved = true;
    }

    /// The number of bytes that [`Self::save`] needs now.
    pub fn saved_len(&self, client_id: &str) -> usize {
        let mut len = SUM_LEN;
        self.put_saved(client_id, &mut |bytes| {
            len = len.saturating_add(bytes.len())
        });
        len
    }

    /// Fills `state` with the session, up to the check sum, which [`saved::seal`](super::saved::seal) puts
    /// behind it. False: `state` is not [`Self::saved_len`] bytes long.
    pub fn save(&self, client_id: &str, state: &mut [u8]) -> bool {
        let body = state.len().checked_sub(SUM_LEN);
        let Some(mut rest) = body.and_then(|len| state.get_mut(..len)) else {
            return false;
        };
        let mut fits = true;
        self.put_saved(client_id, &mut |bytes| match core::mem::take(&mut rest)
            .split_at_mut_checked(bytes.len())
        {
            Some((front, behind)) => {
                front.copy_from_slice(bytes);
                rest = behind;
            }
            None => fits = false,
        });
        fits &= rest.is_empty();
        fits
    }

    fn put_saved(&self, client_id: &str, put: &mut dyn FnMut(&[u8])) {
        let version = self.version;
        let mut writer = Writer::begin(put, version, client_id, self.ids.next());
        self.outgoing
            .for_each_open(|id, qos, message| match message {
                Some(message) => A::with_saved(message, version, |saved| {
                    writer.item(SavedItem::Published(id, qos, saved));
                }),
                None => writer.item(SavedItem::Released(id)),
            });
        // The message that is being written is in the window, too.
        let mut is_in_window = self.outbox_is_writing();
        self.for_each_queued(|queued| {
            if !core::mem::take(&mut is_in_window) {
                A::with_saved(&queued.message, version, |saved| {
                    writer.item(SavedItem::Queued(queued.qos, saved));
                });
            }
        });
        self.incoming
            .for_each_delivered(|id| writer.item(SavedItem::Received(id)));
        self.subscriptions.for_each_granted(|filter, qos| {
            let saved = A::saved_filter(filter, version);
            writer.item(SavedItem::Filter(saved, qos));
        });
        writer.end();
    }

    /// Begins to restore a saved session: [`Self::restore`] follows for each of its items. False: the
    /// session is clean, or has been used.
    #[must_use]
    pub fn begin_restore(&mut self, saved: &SavedSession<'_>) -> bool {
        let is_new = !self.clean
            && self.connection == 0
            && self.is_down()
            && self.outgoing.unacknowledged() == 0
            && self.outbox_is_empty()
            && self.incoming.is_empty();
        if is_new {
            self.ids.start_at(saved.next);
        }
        is_new
    }

    /// Takes in an item.
    ///
    /// # Errors
    ///
    /// [`SavedError::TooMuch`]: there is no room for it.
    pub fn restore(&mut self, item: Restored<A>) -> Result<(), SavedError> {
        let fits = match item {
            Restored::Published(id, qos, message) => self.outgoing.restore(id, qos, Some(message)),
            Restored::Released(id) => self.outgoing.restore(id, AckedQos::ExactlyOnce, None),
            Restored::Queued(queued) => self
                .enqueue(queued.qos, queued.message, queued.tracker, false)
                .is_ok(),
            Restored::Received(id) => self.incoming.restore(id),
            Restored::Filter(filter, handler, qos) => {
                self.subscriptions.restore(filter, handler, qos)
            }
        };
        self.unsaved = false;
        fits.then_some(()).ok_or(SavedError::TooMuch)
    }

    /// Takes all restored items out again, because one of them is damaged or could not be taken in.
    pub fn abandon_restore(&mut self) {
        self.ids = PacketIds::new();
        self.outgoing.connection_lost(false);
        self.outbox_connection_lost(true);
        self.incoming.start_over(0);
        self.subscriptions.forget_restored();
    }
}

/// Whether a filter in this state is saved: the broker has it with the QoS that the table says.
pub(super) fn is_settled(state: State) -> bool {
    matches!(state, State::Granted | State::Restored)
}
