//! The names that Python programs give the properties: those of the standard, in small letters.

use crate::codec::PropertyId;
use crate::micropython::{Obj, Text, qstr};

/// Makes the table of names from those of the constants of [`PropertyId`].
macro_rules! names {
    ($($id:ident $name:ident,)+) => {
        static NAMES: &[(PropertyId, u16)] = &[$((PropertyId::$id, short(qstr::$name)),)+];
    };
}

names! {
    PAYLOAD_FORMAT_INDICATOR payload_format_indicator,
    MESSAGE_EXPIRY_INTERVAL message_expiry_interval,
    CONTENT_TYPE content_type,
    RESPONSE_TOPIC response_topic,
    CORRELATION_DATA correlation_data,
    SUBSCRIPTION_IDENTIFIER subscription_identifier,
    SESSION_EXPIRY_INTERVAL session_expiry_interval,
    ASSIGNED_CLIENT_IDENTIFIER assigned_client_identifier,
    SERVER_KEEP_ALIVE server_keep_alive,
    AUTHENTICATION_METHOD authentication_method,
    AUTHENTICATION_DATA authentication_data,
    REQUEST_PROBLEM_INFORMATION request_problem_information,
    WILL_DELAY_INTERVAL will_delay_interval,
    REQUEST_RESPONSE_INFORMATION request_response_information,
    RESPONSE_INFORMATION response_information,
    SERVER_REFERENCE server_reference,
    REASON_STRING reason_string,
    RECEIVE_MAXIMUM receive_maximum,
    TOPIC_ALIAS_MAXIMUM topic_alias_maximum,
    TOPIC_ALIAS topic_alias,
    MAXIMUM_QOS maximum_qos,
    RETAIN_AVAILABLE retain_available,
    USER_PROPERTY user_property,
    MAXIMUM_PACKET_SIZE maximum_packet_size,
    WILDCARD_SUBSCRIPTION_AVAILABLE wildcard_subscription_available,
    SUBSCRIPTION_IDENTIFIERS_AVAILABLE subscription_identifiers_available,
    SHARED_SUBSCRIPTION_AVAILABLE shared_subscription_available,
}

/// The number of a name in two bytes: no firmware has so many names that it needs more.
const fn short(name: u32) -> u16 {
    assert!(name <= u16::MAX as u32, "a name's number of two bytes");
    name as u16
}

/// The name of a property.
pub fn name_of(id: PropertyId) -> u32 {
    let found = NAMES.iter().find(|(known, _)| *known == id);
    found.map_or(qstr::properties, |(_, name)| (*name).into())
}

/// The property that `key` names, if it is a `str`.
pub fn property_of(key: Obj) -> Option<PropertyId> {
    let text = Text::of_str(key)?;
    let found = NAMES
        .iter()
        .find(|(_, name)| Text::interned((*name).into()).as_str() == text.as_str());
    found.map(|(id, _)| *id)
}
