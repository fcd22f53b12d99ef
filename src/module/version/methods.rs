//! The methods that only MQTT 5 has: each turns its Python arguments into checked values, does its command, and
//! turns the result into a Python object.

use crate::codec::{Place, Version};
use crate::micropython::{Obj, sys};
use crate::module::args::{self, Fault, parameter};
use crate::module::authentication::Authentication;
use crate::module::client::Client;
use crate::module::driven::{Call, ticket};
use crate::module::error::Result;
use crate::module::message::message_tuple;
use crate::module::properties::Block;
use crate::module::publish::NewMessage;
use crate::module::request::Answer;

/// `Client.request()`. Where the program drives the loop, it does not wait: the ticket of the answer, or of a
/// wait after which the call must be made again.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::request`].
pub fn request(client: &Client, args: &sys::mqtt_request_args_t) -> Result<Obj> {
    if !client.version().is_5() {
        return Err(parameter!(request).refuse(Fault::NeedsVersion5));
    }
    let message = NewMessage {
        topic: client.topic_of(args.topic)?,
        payload: args.payload,
        buffer: args::payload(args.payload)?,
        retain: false,
        properties: client.properties_of(args.properties, Place::Publish)?,
    };
    let timeout = parameter!(timeout).timeout(args.timeout)?;
    let qos = args::qos(args.qos)?;
    #[cfg(feature = "aio")]
    if client.is_driven() {
        return client.submit_request(message, qos);
    }
    answer_tuple(client.request(message, qos, timeout)?)
}

fn answer_tuple((content, flags): Answer) -> Result<Obj> {
    let properties = Block::dict_of(content.properties.obj())?;
    message_tuple(
        content.topic.obj(),
        content.payload.obj(),
        flags,
        properties,
    )
}

/// The answer to the request of this number, if one has come.
///
/// # Errors
///
/// The end of the connection; the request was not acknowledged; `MemoryError`.
#[cfg(feature = "aio")]
pub fn answer_to(client: &Client, number: u32) -> Result<Option<Obj>> {
    client.answer_to(number)?.map(answer_tuple).transpose()
}

/// `Client.reply()`.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::reply`].
pub fn reply(client: &Client, args: &sys::mqtt_reply_args_t) -> Result<Obj> {
    let buffer = args::payload(args.payload)?;
    client.reply(args.message, args.payload, buffer, args::qos(args.qos)?)
}

/// `Client.set_version()`.
///
/// # Errors
///
/// An argument is refused; the client is connected.
pub fn set_version(client: &Client, args: &sys::mqtt_set_version_args_t) -> Result<Obj> {
    let version = match args.version.as_int()? {
        Some(4) => Version::V3_1_1,
        Some(5) => Version::V5,
        Some(_) => return Err(parameter!(version).refuse(Fault::NotVersion)),
        None => return Err(parameter!(version).refuse(Fault::NotInt)),
    };
    let given = [
        args.session_expiry_interval,
        args.receive_maximum,
        args.maximum_packet_size,
        args.topic_alias_maximum,
        args.request_response_information,
        args.request_problem_information,
        args.user_property,
        args.authentication_method,
        args.authentication_data,
    ];
    client.set_version(version, given)?;
    Ok(Obj::none())
}

/// `Client.set_authentication()`.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::set_authentication`].
pub fn set_authentication(
    client: &Client,
    args: &sys::mqtt_set_authentication_args_t,
) -> Result<Obj> {
    let function = parameter!(function).callback(args.function)?;
    let authentication = match function {
        Some(function) if !args.method.is_none() => Some(Authentication {
            method: parameter!(method).utf8_string(args.method)?,
            function,
        }),
        _ => None,
    };
    client.set_authentication(authentication)?;
    Ok(Obj::none())
}

/// `Client.reauthenticate()`: a number for `_answer()`, of a client that the program drives.
///
/// # Errors
///
/// As [`Client::reauthenticate`].
pub fn reauthenticate(client: &Client) -> Result<Obj> {
    client.reauthenticate()?;
    Ok(if client.is_driven() {
        ticket(0, Call::Reauthenticate)
    } else {
        Obj::none()
    })
}

/// The attribute `properties`: those of the last CONNACK, or `None` before the first one of MQTT 5.
///
/// # Errors
///
/// `MemoryError`.
pub fn properties(client: &Client) -> Result<Obj> {
    client.told.connack()
}
