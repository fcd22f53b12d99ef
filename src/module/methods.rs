//! The methods and functions of the module: each turns its Python arguments into checked values, does its
//! command, and turns the result into a Python object.

use crate::codec::SubscriptionOptions;
#[cfg(feature = "v5")]
use crate::codec::{Place, ReasonCode, without_share_name};
#[cfg(not(feature = "into"))]
use crate::micropython::{Exception, ExceptionKind};
use crate::micropython::{Obj, Text, new_object, sys};

use super::application::Filter;
use super::args::{self, Fault, parameter};
#[cfg(feature = "auto-reconnect")]
use super::auto_reconnect;
use super::client::{Client, Endpoint, LastWill, NewClient};
use super::driven::{Call, ticket};
use super::error::{Error, Reason, Result};
#[cfg(feature = "into")]
use super::parts;
#[cfg(not(feature = "v5"))]
use super::properties::Block;
use super::publish::NewMessage;
use super::read_loop;
use super::ssl;
use super::version::Goodbye;

/// The properties that a call has given for a packet of the kind `$place`.
macro_rules! properties {
    ($client:ident, $args:ident, $place:ident) => {{
        #[cfg(feature = "v5")]
        {
            $client.properties_of($args.properties, Place::$place)?
        }
        #[cfg(not(feature = "v5"))]
        Block::EMPTY
    }};
}

/// Makes the native part of `instance` for `Client()`.
///
/// # Errors
///
/// `TypeError` or `ValueError` for an argument; `MemoryError`.
pub fn new(instance: Obj, args: &sys::mqtt_new_args_t) -> Result<Obj> {
    let client_id = parameter!(client_id).utf8_string(args.client_id)?;
    let clean_session = parameter!(clean_session).flag(args.clean_session)?;
    // [MQTT-3.1.3-7] a client without an identifier has a clean session.
    if client_id.as_str().is_empty() && !clean_session {
        return Err(parameter!(client_id).refuse(Fault::EmptyWithSession));
    }
    let client = NewClient {
        instance,
        client_id,
        clean_session,
        cycle_timeout: parameter!(cycle_timeout).milliseconds(
            args.cycle_timeout,
            0,
            Fault::NotInt,
        )?,
        command_timeout: parameter!(command_timeout).milliseconds(
            args.command_timeout,
            1,
            Fault::NotInt,
        )?,
    };
    Ok(new_object::<Client>(client)?)
}

/// Whether a text is a URL, or a host with its port. An address of IPv6 has two colons or more.
fn is_more_than_a_host(text: &str) -> bool {
    let colons = text.bytes().filter(|byte| *byte == b':').count();
    colons == 1 || text.bytes().any(|byte| matches!(byte, b'/' | b']'))
}

/// `Client.connect()`.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::connect`].
pub fn connect(client: &Client, args: &sys::mqtt_connect_args_t) -> Result<Obj> {
    let mut host = parameter!(host).utf8_string(args.host)?;
    // An address of IPv6 as it stands in a URL.
    let bare = host
        .as_str()
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    if let Some(bare) = bare {
        host = Text::copy(bare)?;
    }
    if host.as_str().is_empty() {
        return Err(parameter!(host).refuse(Fault::Empty));
    }
    if is_more_than_a_host(host.as_str()) {
        return Err(parameter!(host).refuse(Fault::NotHost));
    }
    let endpoint = Endpoint {
        host,
        keepalive: args::keepalive(args.keepalive)?,
        port: args::port(args.port)?,
        ssl_ctx: ssl::ssl_ctx(args.ssl_ctx)?,
        breconnect_cb: parameter!(breconnect_cb).callback(args.breconnect_cb)?,
        aconnect_cb: parameter!(aconnect_cb).callback(args.aconnect_cb)?,
        loop_failure: parameter!(loop_failure).callback(args.loop_failure)?,
    };
    // The client itself: its program drives the loop.
    if args.start_loop == client.obj() {
        return client
            .begin(endpoint)
            .map(|number| ticket(number, Call::Connect));
    }
    let start_loop = parameter!(start_loop).flag(args.start_loop)?;
    client
        .connect(endpoint, start_loop)
        .map(|code| Obj::from_u16(code.into()))
}

/// `Client.get_return_code()`.
///
/// # Errors
///
/// None.
pub fn get_return_code(client: &Client) -> Result<Obj> {
    Ok(client.return_code().map_or_else(Obj::none, Obj::from_i16))
}

/// `mqtt.auto_reconnect()`.
///
/// # Errors
///
/// An argument is refused; `MemoryError`.
#[cfg(feature = "auto-reconnect")]
pub fn auto_reconnect(args: &sys::mqtt_auto_reconnect_args_t) -> Result<Obj> {
    auto_reconnect::new(
        parameter!(first).milliseconds(args.first, 1, Fault::NotInt)?,
        parameter!(most).milliseconds(args.most, 1, Fault::NotInt)?,
    )
}

/// The attribute `session_present`.
///
/// # Errors
///
/// None.
pub fn session_present(client: &Client) -> Result<Obj> {
    Ok(Obj::from_bool(client.session.lock().session_present()))
}

/// The attribute `failure`: the exception that ended the last connection, or `None`.
///
/// # Errors
///
/// None.
pub fn failure(client: &Client) -> Result<Obj> {
    let failure = *client.failure.lock();
    Ok(match failure {
        Some(error) if !error.is(Reason::Disconnected) => {
            client.explained_failure(error).into_exception()
        }
        _ => Obj::none(),
    })
}

/// `Client.reconnect()`.
///
/// # Errors
///
/// As [`Client::reconnect`].
pub fn reconnect(client: &Client) -> Result<Obj> {
    if client.is_driven() {
        return client
            .begin_again()
            .map(|number| ticket(number, Call::Connect));
    }
    client.reconnect().map(|code| Obj::from_u16(code.into()))
}

/// `Client.connected()`.
///
/// # Errors
///
/// None.
pub fn connected(client: &Client) -> Result<Obj> {
    Ok(Obj::from_bool(client.is_up()))
}

/// `Client.loop()`.
///
/// # Errors
///
/// The client is not connected; otherwise as [`read_loop::start`].
pub fn start_loop(client: &Client) -> Result<Obj> {
    if !client.is_up() && !client.loop_runs() {
        return Err(Error::NOT_CONNECTED);
    }
    // The event loop of a program reads as long as there is a connection.
    if !client.is_driven() {
        read_loop::start(client)?;
    }
    Ok(Obj::none())
}

/// `Client.set_username_pw()`.
///
/// # Errors
///
/// An argument is refused; `MemoryError`.
pub fn set_username_pw(client: &Client, args: &sys::mqtt_set_username_pw_args_t) -> Result<Obj> {
    let (username, password) = if args.username.is_none() {
        (None, None)
    } else {
        (
            Some(parameter!(username).utf8_string(args.username)?),
            Some(parameter!(password).binary(args.password)?),
        )
    };
    let mut settings = client.settings.lock();
    settings.username = username;
    settings.password = password;
    drop(settings);
    Ok(Obj::none())
}

/// `Client.set_will()`.
///
/// # Errors
///
/// An argument is refused; `MemoryError`.
pub fn set_will(client: &Client, args: &sys::mqtt_set_will_args_t) -> Result<Obj> {
    let will = if args.topic.is_none() {
        None
    } else {
        Some(LastWill {
            topic: parameter!(topic).topic_name(args.topic)?,
            payload: args::will_payload(args.payload)?,
            qos: args::qos(args.qos)?,
            retain: parameter!(retain).flag(args.retain)?,
            properties: properties!(client, args, Will),
        })
    };
    client.settings.lock().will = will;
    Ok(Obj::none())
}

/// `Client.publish()`.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::publish`] and [`Client::publish_later`].
pub fn publish(client: &Client, args: &sys::mqtt_publish_args_t) -> Result<Obj> {
    let topic = client.topic_of(args.topic)?;
    let buffer = args::payload(args.payload)?;
    let qos = args::qos(args.qos)?;
    let retain = parameter!(retain).flag(args.retain)?;
    let waits = args.wait == Obj::from_bool(true) || parameter!(wait).flag(args.wait)?;
    let message = NewMessage {
        topic,
        payload: args.payload,
        buffer,
        retain,
        properties: properties!(client, args, Publish),
    };
    if let Some(qos) = qos.acked()
        && !waits
    {
        return client.publish_later(&message, qos);
    }
    client.submit(&message, qos)
}

/// `Client.subscribe()`.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::subscribe`].
pub fn subscribe(client: &Client, args: &sys::mqtt_subscribe_args_t) -> Result<Obj> {
    let filter = parameter!(topic).topic_filter(args.topic)?;
    let has_callback = client.callback.get().is_some();
    let function = if has_callback && args.function.is_none() && args.into.is_none() {
        // The messages go to the function of `set_callback`.
        args.function
    } else {
        parameter!(function).function(args.function)?
    };
    let qos = args::qos(args.qos)?;
    #[cfg(feature = "into")]
    let function = parts::handler(client, function, args.into, parameter!(into))?;
    #[cfg(not(feature = "into"))]
    if !args.into.is_none() {
        let text = "into was not built in (MQTT_INTO)";
        return Err(Exception::with_text(ExceptionKind::NotImplementedError, text).into());
    }
    let filter = Filter {
        text: filter,
        options: options(client, filter, args)?,
        properties: properties!(client, args, Subscribe),
    };
    let number = client.subscribe(filter, function, qos)?;
    Ok(number.map_or_else(Obj::none, |number| ticket(number, Call::Subscribe)))
}

/// `Client.unsubscribe()`.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::unsubscribe`].
pub fn unsubscribe(client: &Client, args: &sys::mqtt_unsubscribe_args_t) -> Result<Obj> {
    let filter = Filter {
        properties: properties!(client, args, Unsubscribe),
        ..Filter::plain(parameter!(topic).topic_filter(args.topic)?)
    };
    let id = client.unsubscribe(filter)?;
    Ok(id.map_or_else(Obj::none, |id| ticket(id.get().into(), Call::Unsubscribe)))
}

/// `Client.set_callback()`.
///
/// # Errors
///
/// The argument is refused.
pub fn set_callback(client: &Client, args: &sys::mqtt_set_callback_args_t) -> Result<Obj> {
    let function = parameter!(function).callback(args.function)?;
    client.callback.set(function);
    Ok(Obj::none())
}

/// `Client.wait_msg()`.
///
/// # Errors
///
/// The argument is refused; otherwise as [`Client::wait_msg`].
#[cfg(feature = "by-hand")]
pub fn wait_msg(client: &Client, args: &sys::mqtt_wait_msg_args_t) -> Result<Obj> {
    let timeout = parameter!(timeout).timeout(args.timeout)?;
    let packet = client.wait_msg(timeout)?;
    Ok(packet.map_or_else(Obj::none, |packet| Obj::from_u16(packet.into())))
}

/// `Client.ping()`.
///
/// # Errors
///
/// As [`Client::ping`].
#[cfg(feature = "by-hand")]
pub fn ping(client: &Client) -> Result<Obj> {
    client.ping()?;
    Ok(Obj::none())
}

/// `Client.disconnect()`.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::disconnect`].
pub fn disconnect(client: &Client, args: &sys::mqtt_disconnect_args_t) -> Result<Obj> {
    let timeout = parameter!(timeout).timeout(args.timeout)?;
    #[cfg(not(feature = "v5"))]
    let goodbye = Goodbye::NORMAL;
    #[cfg(feature = "v5")]
    let goodbye = {
        let code = args::reason(args.reason)?;
        if code != ReasonCode::SUCCESS && !client.version().is_5() {
            return Err(parameter!(reason).refuse(Fault::NeedsVersion5));
        }
        let goodbye = Goodbye::new(code, properties!(client, args, Disconnect));
        // [MQTT5-3.14.2-3] [MQTT5-3.14.2-4]
        client.check_len(goodbye.encoded_len())?;
        goodbye
    };
    client.disconnect(timeout, goodbye)?;
    Ok(Obj::none())
}

/// The options of a subscription that only MQTT 5 has.
///
/// # Errors
///
/// An argument is refused.
#[cfg(feature = "v5")]
fn options(
    client: &Client,
    filter: Text,
    args: &sys::mqtt_subscribe_args_t,
) -> Result<SubscriptionOptions> {
    let no_local = parameter!(no_local).flag(args.no_local)?;
    let is_shared = without_share_name(filter.as_str().as_bytes()).len() < filter.as_str().len();
    if no_local && is_shared {
        return Err(parameter!(no_local).refuse(Fault::Shared));
    }
    let retain_as_published = parameter!(retain_as_published).flag(args.retain_as_published)?;
    let handling = args::retain_handling(args.retain_handling)?;
    let options = SubscriptionOptions::new(no_local, retain_as_published, handling);
    if options != SubscriptionOptions::default() && !client.version().is_5() {
        let parameter = match (no_local, retain_as_published) {
            (true, _) => parameter!(no_local),
            (_, true) => parameter!(retain_as_published),
            _ => parameter!(retain_handling),
        };
        return Err(parameter.refuse(Fault::NeedsVersion5));
    }
    Ok(options)
}

/// The options of a subscription: MQTT 3.1.1 has none.
#[cfg(not(feature = "v5"))]
fn options(_: &Client, _: Text, _: &sys::mqtt_subscribe_args_t) -> Result<SubscriptionOptions> {
    Ok(SubscriptionOptions::default())
}

/// `Client.save()`.
///
/// # Errors
///
/// As [`Client::save`].
#[cfg(feature = "store")]
pub fn save(client: &Client) -> Result<Obj> {
    client.save()
}

/// `Client.restore()`.
///
/// # Errors
///
/// As [`Client::restore`].
#[cfg(feature = "store")]
pub fn restore(client: &Client, args: &sys::mqtt_restore_args_t) -> Result<Obj> {
    client.restore(args.state)?;
    Ok(Obj::none())
}

/// `Client.set_store()`.
///
/// # Errors
///
/// An argument is refused; otherwise as [`Client::set_store`].
#[cfg(feature = "store")]
pub fn set_store(client: &Client, args: &sys::mqtt_set_store_args_t) -> Result<Obj> {
    client.set_store(parameter!(function).callback(args.function)?)?;
    Ok(Obj::none())
}
