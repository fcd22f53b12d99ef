//! The functions that C calls: the edge between Python's calling convention and Rust's.
//!
//! `port/modmqtt.c` has parsed the arguments: `args` points to as many objects as the
//! method has parameters, and `self_` is a `Client`. None of these functions raises: what
//! is to be raised is left in `exc`, and C raises it when no Rust frame is left.

#[cfg(not(feature = "tls"))]
use crate::micropython::{Exception, ExceptionKind};
use crate::micropython::{HAS_THREADS, Obj, from_obj, new_object, sys};

use super::args::{self, Fault, Parameter};
use super::client::{Client, Endpoint, LastWill, NewClient};
use super::error::{Error, Result};
use super::loop_scheduled::{run_scheduled_loops, run_while_waiting};
#[cfg(feature = "tls")]
use super::ssl::create_ssl_context;

type RawObj = sys::mp_obj_t;

/// Leaves the result of a method where C looks for it.
///
/// # Safety
///
/// `exc` points to an object of the caller's.
unsafe fn finish(result: Result<Obj>, exc: *mut RawObj) -> RawObj {
    match result {
        Ok(value) => value.raw(),
        Err(error) => {
            // SAFETY: the caller's promise.
            unsafe { exc.write(error.into_exception().raw()) };
            core::ptr::null_mut()
        }
    }
}

/// The arguments of a method with `N` parameters.
///
/// # Safety
///
/// `args` points to `N` objects.
unsafe fn arguments<const N: usize>(args: *const RawObj) -> [Obj; N] {
    // SAFETY: the caller's promise; `Obj` is transparent.
    unsafe { args.cast::<[Obj; N]>().read() }
}

/// Defines the extern functions of methods with parameters.
macro_rules! methods {
    ($($name:ident => $body:ident($n:literal)),* $(,)?) => {$(
        /// See the function of the same name below.
        ///
        /// # Safety
        ///
        /// As the head of this file says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            self_: RawObj,
            args: *const RawObj,
            exc: *mut RawObj,
        ) -> RawObj {
            // SAFETY: C has checked the type of `self_`, which its frame keeps alive, and
            // passes as many arguments as the method has parameters. Does not raise.
            unsafe {
                let client = from_obj::<Client>(Obj::from_raw(self_));
                finish($body(client, arguments::<$n>(args)), exc)
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
            _args: *const RawObj,
            exc: *mut RawObj,
        ) -> RawObj {
            // SAFETY: C has checked the type of `self_`, which its frame keeps alive. Does
            // not raise.
            unsafe { finish($body(from_obj::<Client>(Obj::from_raw(self_))), exc) }
        }
    )*};
}

methods! {
    mqtt_client_connect => connect(8),
    mqtt_client_set_username_pw => set_username_pw(2),
    mqtt_client_set_will => set_will(4),
    mqtt_client_publish => publish(4),
    mqtt_client_subscribe => subscribe(3),
    mqtt_client_unsubscribe => unsubscribe(1),
    mqtt_client_disconnect => disconnect(1),
}

plain_methods! {
    mqtt_client_get_return_code => get_return_code,
    mqtt_client_reconnect => reconnect,
    mqtt_client_connected => connected,
    mqtt_client_loop => start_loop,
}

/// `Client(client_id, clean_session, cycle_timeout, command_timeout)`.
///
/// # Safety
///
/// As the head of this file says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_client_new(args: *const RawObj, exc: *mut RawObj) -> RawObj {
    // SAFETY: C passes four arguments. Does not raise.
    unsafe { finish(new(arguments::<4>(args)), exc) }
}

/// `create_ssl_context(cacert, clicert, pkey, hostname, options)`.
///
/// # Safety
///
/// As the head of this file says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_create_ssl_context(args: *const RawObj, exc: *mut RawObj) -> RawObj {
    // SAFETY: C passes five arguments, and `exc` is C's. Does not raise.
    unsafe { finish(create_ssl_context(arguments::<5>(args)), exc) }
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
    if HAS_THREADS {
        // SAFETY: `start_loop` passed a `Client`, which the thread's frame keeps alive. Does
        // not raise.
        unsafe { from_obj::<Client>(Obj::from_raw(self_)) }.run_loop();
    }
}

/// Gives every loop a turn, where the scheduler runs them.
#[unsafe(no_mangle)]
pub extern "C" fn mqtt_run_scheduled() {
    run_scheduled_loops();
}

/// Has every loop take in what came, while a function that one of them called waits.
#[unsafe(no_mangle)]
pub extern "C" fn mqtt_run_while_waiting() {
    run_while_waiting();
}

/// The client that is an entry of the list of scheduled loops.
pub fn client_of<'a>(listed: Option<Obj>) -> Option<&'a Client> {
    // SAFETY: only `Client` objects are put on the list, and whoever goes through it does
    // so in the main context, where they stay alive while they are on it or on the stack.
    // Does not raise.
    listed.map(|client| unsafe { from_obj::<Client>(client) })
}

/// What the loop's thread calls: the C function that calls [`mqtt_client_run_loop`].
pub fn loop_function() -> Obj {
    // SAFETY: gives an object. Does not raise.
    unsafe { Obj::from_raw(sys::mqtt_loop_function()) }
}

#[cfg(not(feature = "tls"))]
fn create_ssl_context(_args: [Obj; 5]) -> Result<Obj> {
    let text = "TLS was not built in (MQTT_TLS); ssl_ctx may be of the ssl module";
    Err(Exception::with_text(ExceptionKind::NotImplementedError, text).into())
}

fn new([client_id, clean_session, cycle_timeout, command_timeout]: [Obj; 4]) -> Result<Obj> {
    let client_id = Parameter::ClientId.utf8_string(client_id)?;
    let clean_session = Parameter::CleanSession.flag(clean_session)?;
    // [MQTT-3.1.3-7] a client without an identifier has a clean session.
    if client_id.as_str().is_empty() && !clean_session {
        return Err(Parameter::ClientId.refuse(Fault::EmptyWithSession));
    }
    let client = NewClient {
        client_id,
        clean_session,
        cycle_timeout: Parameter::CycleTimeout.milliseconds(cycle_timeout, 0, Fault::NotInt)?,
        command_timeout: Parameter::CommandTimeout.milliseconds(
            command_timeout,
            1,
            Fault::NotInt,
        )?,
    };
    Ok(new_object::<Client>(client)?)
}

fn connect(client: &Client, args: [Obj; 8]) -> Result<Obj> {
    let [
        host,
        keepalive,
        port,
        ssl_ctx,
        breconnect_cb,
        aconnect_cb,
        loop_failure,
        start_loop,
    ] = args;
    let host = Parameter::Host.utf8_string(host)?;
    if host.as_str().is_empty() {
        return Err(Parameter::Host.refuse(Fault::Empty));
    }
    let endpoint = Endpoint {
        host,
        keepalive: args::keepalive(keepalive)?,
        port: args::port(port)?,
        ssl_ctx: args::ssl_ctx(ssl_ctx)?,
        breconnect_cb: Parameter::BreconnectCb.callback(breconnect_cb)?,
        aconnect_cb: Parameter::AconnectCb.callback(aconnect_cb)?,
        loop_failure: Parameter::LoopFailure.callback(loop_failure)?,
    };
    let start_loop = Parameter::StartLoop.flag(start_loop)?;
    client
        .connect(endpoint, start_loop)
        .map(|code| Obj::from_u16(code.into()))
}

fn get_return_code(client: &Client) -> Result<Obj> {
    Ok(client.return_code().map_or_else(Obj::none, Obj::from_i16))
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
    client.start_loop()?;
    Ok(Obj::none())
}

fn set_username_pw(client: &Client, [username, password]: [Obj; 2]) -> Result<Obj> {
    let (username, password) = if username.is_none() {
        (None, None)
    } else {
        (
            Some(Parameter::Username.utf8_string(username)?),
            Some(Parameter::Password.binary(password)?),
        )
    };
    let mut settings = client.settings.lock();
    settings.username = username;
    settings.password = password;
    drop(settings);
    Ok(Obj::none())
}

fn set_will(client: &Client, [topic, payload, qos, retain]: [Obj; 4]) -> Result<Obj> {
    let will = if topic.is_none() {
        None
    } else {
        Some(LastWill {
            topic: Parameter::Topic.topic_name(topic)?,
            payload: args::will_payload(payload)?,
            qos: args::qos(qos)?,
            retain: Parameter::Retain.flag(retain)?,
        })
    };
    client.settings.lock().will = will;
    Ok(Obj::none())
}

fn publish(client: &Client, [topic, payload, qos, retain]: [Obj; 4]) -> Result<Obj> {
    let topic = client.topic_of(topic)?;
    let buffer = args::payload(payload)?;
    let qos = args::qos(qos)?;
    client.publish(topic, payload, buffer, qos, Parameter::Retain.flag(retain)?)?;
    Ok(Obj::none())
}

fn subscribe(client: &Client, [topic, function, qos]: [Obj; 3]) -> Result<Obj> {
    let filter = Parameter::Topic.topic_filter(topic)?;
    let function = Parameter::Function.function(function)?;
    client.subscribe(filter, function, args::qos(qos)?)?;
    Ok(Obj::none())
}

fn unsubscribe(client: &Client, [topic]: [Obj; 1]) -> Result<Obj> {
    client.unsubscribe(Parameter::Topic.topic_filter(topic)?)?;
    Ok(Obj::none())
}

fn disconnect(client: &Client, [timeout]: [Obj; 1]) -> Result<Obj> {
    let timeout = if timeout.is_none() {
        None
    } else {
        Some(Parameter::Timeout.milliseconds(timeout, 0, Fault::NotIntOrNone)?)
    };
    client.disconnect(timeout)?;
    Ok(Obj::none())
}
