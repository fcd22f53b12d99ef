//! The limits that the broker's CONNACK has set, and the aliases that it allows.

use crate::codec::{Delivery, PacketId, PropertyId, Publish, QoS, TopicFilter, Version};
use crate::micropython::{Exception, ExceptionKind, Text};
use crate::module::application::Filter;
use crate::module::client::Client;
use crate::module::error::{Error, Result};
use crate::module::subscribe::{subscribe_packet, unsubscribe_packet};
use crate::session::NotAllowed;

impl Client {
    /// The version of the protocol.
    pub fn version(&self) -> Version {
        self.session.lock().version()
    }

    /// Checks a PUBLISH of `len` bytes against the limits of the last broker.
    ///
    /// # Errors
    ///
    /// `ValueError`.
    pub fn check_publish(&self, qos: QoS, retain: bool, len: usize) -> Result<()> {
        let allowed = self.session.lock().terms().check_publish(qos, retain, len);
        allowed.map_err(refuse)
    }

    /// Whether a message that the session keeps is over, because the broker of this connection has limits that the
    /// earlier one did not have. Its application learns that the broker refuses it.
    // To send it again and again would end every connection.
    pub fn gives_up(&self, packet: &Publish<'_>, retain: bool, delivery: Delivery) -> bool {
        let mut session = self.session.lock();
        let len = packet.encoded_len();
        let allowed = session.terms().check_publish(delivery.qos(), retain, len);
        let (Err(term), Some(id)) = (allowed, delivery.id()) else {
            return false;
        };
        session.refuse_message(id, term);
        true
    }

    /// The same for a SUBSCRIBE of a filter that was registered before the connection.
    pub fn gives_up_filter(&self, id: PacketId, filter: &Filter) -> bool {
        let allowed = self.is_subscribable(filter);
        let refused = allowed.is_err();
        if let Err(term) = allowed {
            self.session.lock().refuse_subscription(id, term);
        }
        refused
    }

    /// Checks the SUBSCRIBE of a filter against the limits of the last broker.
    ///
    /// # Errors
    ///
    /// `ValueError`.
    pub fn check_subscribe(&self, filter: &Filter) -> Result<()> {
        self.is_subscribable(filter).map_err(refuse)
    }

    fn is_subscribable(&self, filter: &Filter) -> core::result::Result<(), NotAllowed> {
        if !self.version().is_5() {
            return Ok(());
        }
        let properties = filter.properties.properties();
        let has_identifier = properties
            .get(PropertyId::SUBSCRIPTION_IDENTIFIER)
            .is_some();
        let packet = subscribe_packet(self, PacketId::MIN, filter, QoS::AtMostOnce);
        let text = TopicFilter::new_unchecked(filter.text.as_str());
        let session = self.session.lock();
        session
            .terms()
            .check_subscribe(text, has_identifier, packet.encoded_len())
    }

    /// Checks the UNSUBSCRIBE of a filter against the limits of the last broker.
    ///
    /// # Errors
    ///
    /// `ValueError`.
    pub fn check_unsubscribe(&self, filter: &Filter) -> Result<()> {
        self.check_len(unsubscribe_packet(self, PacketId::MIN, filter).encoded_len())
    }

    /// Checks the length of a packet without limits of its own, in bytes.
    ///
    /// # Errors
    ///
    /// `ValueError`: it is longer than the broker allows.
    pub fn check_len(&self, len: usize) -> Result<()> {
        let allowed = self.session.lock().terms().check_len(len);
        allowed.map_err(refuse)
    }

    /// Gives the packet an alias for its topic, as far as the broker allows one. The caller has the role of writer,
    /// and writes it at once.
    pub fn alias(&self, packet: &mut Publish<'_>, topic: Text) {
        let alias = self.session.lock().topic_alias(&Filter::plain(topic));
        if let Some(alias) = alias {
            packet.set_alias(alias);
        }
    }
}

#[cold]
fn refuse(reason: NotAllowed) -> Error {
    Exception::with_text(ExceptionKind::ValueError, reason.describe()).into()
}
