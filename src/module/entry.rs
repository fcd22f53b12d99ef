//! The functions that C calls: the edge between Python's calling convention and Rust's.
//!
//! `port/modmqtt.c` has parsed the arguments, by the list in `port/mqtt_methods.h`: `args` points
//! to one object for each parameter, and `self_` is the native part of a client, a [`Client`]. None
//! of these functions raises: they leave the exception in `exc`, and C raises it when no Rust frame
//! is left.

use core::ffi::c_uint;

#[cfg(not(feature = "into"))]
use crate::micropython::{Exception, ExceptionKind};
use crate::micropython::{
    ORDERING, Obj, Text, from_obj, has_threads, new_attrtuple, new_object, qstr, sys,
};

use crate::session::MessageFlags;

use super::args::{self, Fault, parameter};
use super::auto_reconnect::{self, AutoReconnect};
use super::client::{Client, Endpoint, LastWill, NewClient};
use super::error::{Error, Reason, Result};
#[cfg(feature = "into")]
use super::parts;
use super::read_loop;
use super::ssl::{self, create_ssl_context};

type RawObj = sys::mp_obj_t;

/// Returns the result of a method in the way that C expects.
///
/// # Safety
///
/// `exc` points to an object that the caller owns.
pub(super) unsafe fn finish(result: Result<Obj>, exc: *mut RawObj) -> RawObj {
    match result {
        Ok(value) => value.raw(),
        Err(error) => {
            // SAFETY: the caller's promise. Does not raise.
            unsafe { exc.write(error.into_exception().raw()) };
            core::ptr::null_mut()
        }
    }
}

/// Defines the extern functions of methods with parameters.
macro_rules! methods {
    ($($name:ident($args:ident) => $body:ident),* $(,)?) => {$(
        /// See the function of the same name below.
        ///
        /// # Safety
        ///
        /// As the head of this file says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            self_: RawObj,
            args: *const Obj,
            exc: *mut RawObj,
        ) -> RawObj {
            // C calls it with these types.
            const _: unsafe extern "C" fn(RawObj, *const Obj, *mut RawObj) -> RawObj = sys::$name;
            // SAFETY: C has checked the type of `self_`, which its frame keeps alive. It has set
            // one object for each field of the struct, which has no other fields. Does not raise.
            unsafe {
                let args = &*args.cast::<sys::$args>();
                finish($body(from_obj::<Client>(Obj::from_raw(self_)), args), exc)
            }
        }
    )*};
}

/// Defines the extern functions of methods without parameters.
macro_rules! plain_methods {
    ($($name:ident => $body:ident),* $(,)?) => {$(
        /// See the function of the same name below.
        ///
        /// # Safety
        ///
        /// As the head of this file says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            self_: RawObj,
            _args: *const Obj,
            exc: *mut RawObj,
        ) -> RawObj {
            // C calls it with these types.
            const _: unsafe extern "C" fn(RawObj, *const Obj, *mut RawObj) -> RawObj = sys::$name;
            // SAFETY: C has checked the type of `self_`, which its frame keeps alive. Does
            // not raise.
            unsafe { finish($body(from_obj::<Client>(Obj::from_raw(self_))), exc) }
        }
    )*};
}

/// Defines the extern functions that have no `self`.
macro_rules! functions {
    ($($name:ident($args:ident) => $body:ident),* $(,)?) => {$(
        /// See the function of the same name below.
        ///
        /// # Safety
        ///
        /// As the head of this file says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(args: *const sys::$args, exc: *mut RawObj) -> RawObj {
            // C calls it with these types.
            const _: unsafe extern "C" fn(*const sys::$args, *mut RawObj) -> RawObj = sys::$name;
            // SAFETY: C has set every field of `args`. Does not raise.
            unsafe { finish($body(&*args), exc) }
        }
    )*};
}

methods! {
    mqtt_client_connect(mqtt_connect_args_t) => connect,
    mqtt_client_set_username_pw(mqtt_set_username_pw_args_t) => set_username_pw,
    mqtt_client_set_will(mqtt_set_will_args_t) => set_will,
    mqtt_client_publish(mqtt_publish_args_t) => publish,
    mqtt_client_subscribe(mqtt_subscribe_args_t) => subscribe,
    mqtt_client_unsubscribe(mqtt_unsubscribe_args_t) => unsubscribe,
    mqtt_client_disconnect(mqtt_disconnect_args_t) => disconnect,
}

plain_methods! {
    mqtt_client_get_return_code => get_return_code,
    mqtt_client_reconnect => reconnect,
    mqtt_client_connected => connected,
    mqtt_client_loop => start_loop,
    mqtt_client_message => message,
    mqtt_client_session_present => session_present,
    mqtt_client_failure => failure,
}

functions! {
    mqtt_auto_reconnect(mqtt_auto_reconnect_args_t) => auto_reconnect,
    mqtt_create_ssl_context(mqtt_create_ssl_context_args_t) => create_ssl_context,
}

/// Calls a function of `auto_reconnect`.
///
/// # Safety
///
/// As the head of this file says; `self_` is an [`AutoReconnect`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_auto_reconnect_call(
    self_: RawObj,
    client: RawObj,
    exc: *mut RawObj,
) -> RawObj {
    // C calls it with these types.
    const _: unsafe extern "C" fn(RawObj, RawObj, *mut RawObj) -> RawObj =
        sys::mqtt_auto_reconnect_call;
    // SAFETY: C has checked the types of both, which its frame keeps alive. Does not raise.
    unsafe {
        let function = from_obj::<AutoReconnect>(Obj::from_raw(self_));
        let client = from_obj::<Client>(Obj::from_raw(client));
        finish(function.call(client), exc)
    }
}

/// Makes the native part of `instance`, a client, for its `__init__()`.
///
/// # Safety
///
/// As the head of this file says; `instance` is an object that the caller keeps alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_client_new(
    instance: RawObj,
    args: *const sys::mqtt_new_args_t,
    exc: *mut RawObj,
) -> RawObj {
    // SAFETY: C has checked the type of `instance`, and has set every field of `args`. Does not
    // raise.
    unsafe { finish(new(Obj::from_raw(instance), &*args), exc) }
}

/// The client's state, one of `MQTT_STATE_...`; leaves the client identifier in `client_id`.
///
/// # Safety
///
/// As the head of this file says; `client_id` points to an object that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_client_state(self_: RawObj, client_id: *mut RawObj) -> c_uint {
    // SAFETY: C has checked the type of `self_`, which its frame keeps alive. Does not raise.
    let client = unsafe { from_obj::<Client>(Obj::from_raw(self_)) };
    let id = client.settings.lock().client_id.obj();
    // SAFETY: the caller's promise. Does not raise.
    unsafe { client_id.write(id.raw()) };
    if client.is_up() {
        sys::MQTT_STATE_CONNECTED
    } else if client.connecting.is_taken() {
        sys::MQTT_STATE_CONNECTING
    } else if client.loop_runs() {
        sys::MQTT_STATE_LOST
    } else {
        sys::MQTT_STATE_NOT_CONNECTED
    }
}

/// The finaliser.
///
/// # Safety
///
/// As the head of this file says; nothing refers to the object any longer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_client_finalise(self_: RawObj) {
    // SAFETY: C has checked the type of `self_`. Does not raise.
    unsafe { from_obj::<Client>(Obj::from_raw(self_)) }.finalise();
}

/// The body of the loop's thread.
///
/// # Safety
///
/// As the head of this file says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_client_run_loop(self_: RawObj) {
    if has_threads() {
        // SAFETY: `start_loop` passed a `Client`, which the thread's frame keeps alive. Does
        // not raise.
        read_loop::run_thread(unsafe { from_obj::<Client>(Obj::from_raw(self_)) });
    }
}

/// Gives every loop a turn, where the scheduler runs them.
#[unsafe(no_mangle)]
pub extern "C" fn mqtt_run_scheduled() {
    read_loop::run_all();
}

/// Makes every loop read, while a function that one of them called waits.
#[unsafe(no_mangle)]
pub extern "C" fn mqtt_run_while_waiting() {
    read_loop::run_while_waiting();
}

/// The function that the loop's thread calls. It is a C function, which calls
/// [`mqtt_client_run_loop`].
pub fn loop_function() -> Obj {
    // SAFETY: gives an object. Does not raise.
    unsafe { Obj::from_raw(sys::mqtt_loop_function()) }
}

fn new(instance: Obj, args: &sys::mqtt_new_args_t) -> Result<Obj> {
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

fn connect(client: &Client, args: &sys::mqtt_connect_args_t) -> Result<Obj> {
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
    let endpoint = Endpoint {
        host,
        keepalive: args::keepalive(args.keepalive)?,
        port: args::port(args.port)?,
        ssl_ctx: ssl::ssl_ctx(args.ssl_ctx)?,
        breconnect_cb: parameter!(breconnect_cb).callback(args.breconnect_cb)?,
        aconnect_cb: parameter!(aconnect_cb).callback(args.aconnect_cb)?,
        loop_failure: parameter!(loop_failure).callback(args.loop_failure)?,
    };
    let start_loop = parameter!(start_loop).flag(args.start_loop)?;
    client
        .connect(endpoint, start_loop)
        .map(|code| Obj::from_u16(code.into()))
}

fn get_return_code(client: &Client) -> Result<Obj> {
    Ok(client.return_code().map_or_else(Obj::none, Obj::from_i16))
}

/// The names of the items of a message. Only a payload in parts has the last two.
static MESSAGE: [sys::qstr; 8] = [
    qstr::topic as _,
    qstr::payload as _,
    qstr::qos as _,
    qstr::retain as _,
    qstr::dup as _,
    qstr::properties as _,
    qstr::offset as _,
    qstr::size as _,
];

/// The payload that is being delivered, and, of a part, its place and the size of the payload.
fn part_of(delivered: Obj) -> (Obj, Option<[Obj; 2]>) {
    #[cfg(feature = "into")]
    if let Some((part, place)) = parts::part_of(delivered) {
        return (part, Some(place.map(Obj::from_length)));
    }
    (delivered, None)
}

fn message(client: &Client) -> Result<Obj> {
    let delivered = &client.delivered;
    if client.is_delivering()
        && let Some(topic) = delivered.topic.get()
        && let Some(payload) = delivered.payload.get()
    {
        let flags = MessageFlags::from_bits(delivered.flags.load(ORDERING));
        let none = Obj::none();
        let (payload, place) = part_of(payload);
        let [offset, size] = place.unwrap_or([none, none]);
        let items = [
            topic,
            payload,
            Obj::from_u16(flags.qos().into()),
            Obj::from_bool(flags.retain()),
            Obj::from_bool(flags.dup()),
            // MQTT 3.1.1 has no properties.
            none,
            offset,
            size,
        ];
        let used = if place.is_some() { 8 } else { 6 };
        return Ok(new_attrtuple(&MESSAGE, items.get(..used).unwrap_or(&[]))?);
    }
    Ok(Obj::none())
}

fn auto_reconnect(args: &sys::mqtt_auto_reconnect_args_t) -> Result<Obj> {
    auto_reconnect::new(
        parameter!(first).milliseconds(args.first, 1, Fault::NotInt)?,
        parameter!(most).milliseconds(args.most, 1, Fault::NotInt)?,
    )
}

fn session_present(client: &Client) -> Result<Obj> {
    Ok(Obj::from_bool(client.session.lock().session_present()))
}

fn failure(client: &Client) -> Result<Obj> {
    let failure = *client.failure.lock();
    Ok(match failure {
        Some(error) if !error.is(Reason::Disconnected) => error.into_exception(),
        _ => Obj::none(),
    })
}

fn reconnect(client: &Client) -> Result<Obj> {
    client.reconnect().map(|code| Obj::from_u16(code.into()))
}

fn connected(client: &Client) -> Result<Obj> {
    Ok(Obj::from_bool(client.is_up()))
}

fn start_loop(client: &Client) -> Result<Obj> {
    if !client.is_up() && !client.loop_runs() {
        return Err(Error::NOT_CONNECTED);
    }
    read_loop::start(client)?;
    Ok(Obj::none())
}

fn set_username_pw(client: &Client, args: &sys::mqtt_set_username_pw_args_t) -> Result<Obj> {
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

fn set_will(client: &Client, args: &sys::mqtt_set_will_args_t) -> Result<Obj> {
    let will = if args.topic.is_none() {
        None
    } else {
        Some(LastWill {
            topic: parameter!(topic).topic_name(args.topic)?,
            payload: args::will_payload(args.payload)?,
            qos: args::qos(args.qos)?,
            retain: parameter!(retain).flag(args.retain)?,
        })
    };
    client.settings.lock().will = will;
    Ok(Obj::none())
}

fn publish(client: &Client, args: &sys::mqtt_publish_args_t) -> Result<Obj> {
    let topic = client.topic_of(args.topic)?;
    let buffer = args::payload(args.payload)?;
    let qos = args::qos(args.qos)?;
    let retain = parameter!(retain).flag(args.retain)?;
    let waits = args.wait == Obj::from_bool(true) || parameter!(wait).flag(args.wait)?;
    if let Some(qos) = qos.acked()
        && !waits
    {
        return client.publish_later(topic, args.payload, buffer, qos, retain);
    }
    client.publish(topic, args.payload, buffer, qos, retain)?;
    Ok(Obj::none())
}

fn subscribe(client: &Client, args: &sys::mqtt_subscribe_args_t) -> Result<Obj> {
    let filter = parameter!(topic).topic_filter(args.topic)?;
    let function = parameter!(function).function(args.function)?;
    let qos = args::qos(args.qos)?;
    #[cfg(feature = "into")]
    let function = parts::handler(client, function, args.into, parameter!(into))?;
    #[cfg(not(feature = "into"))]
    if !args.into.is_none() {
        let text = "into was not built in (MQTT_INTO)";
        return Err(Exception::with_text(ExceptionKind::NotImplementedError, text).into());
    }
    client.subscribe(filter, function, qos)?;
    Ok(Obj::none())
}

fn unsubscribe(client: &Client, args: &sys::mqtt_unsubscribe_args_t) -> Result<Obj> {
    client.unsubscribe(parameter!(topic).topic_filter(args.topic)?)?;
    Ok(Obj::none())
}

fn disconnect(client: &Client, args: &sys::mqtt_disconnect_args_t) -> Result<Obj> {
    client.disconnect(parameter!(timeout).timeout(args.timeout)?)?;
    Ok(Obj::none())
}
