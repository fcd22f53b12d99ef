//! The functions that C calls: the edge between Python's calling convention and Rust's.
//!
//! `port/modmqtt.c` has parsed the arguments, by the list in `port/mqtt_methods.h`: `args` points
//! to one object for each parameter, and `self_` is the native part of a client, a [`Client`]. None
//! of these functions raises: they leave the exception in `exc`, and C raises it when no Rust frame
//! is left.

use core::ffi::c_uint;

use crate::micropython::{Obj, from_obj, has_threads, sys};

#[cfg(feature = "auto-reconnect")]
use super::auto_reconnect::AutoReconnect;
use super::client::Client;
#[cfg(feature = "aio")]
use super::driven::methods::{answer, step};
use super::error::Result;
use super::message::message;
#[cfg(feature = "auto-reconnect")]
use super::methods::auto_reconnect;
use super::methods::{
    connect, connected, disconnect, failure, get_return_code, new, publish, reconnect,
    session_present, set_callback, set_username_pw, set_will, start_loop, subscribe, unsubscribe,
};
#[cfg(feature = "by-hand")]
use super::methods::{ping, wait_msg};
#[cfg(feature = "store")]
use super::methods::{restore, save, set_store};
use super::read_loop;
use super::ssl::create_ssl_context;
#[cfg(feature = "v5")]
use super::version::methods::{
    properties, reauthenticate, reply, request, set_authentication, set_version,
};

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

/// The same for a method of a client, which knows the broker's own words about an error.
///
/// # Safety
///
/// As [`finish`].
unsafe fn finish_method(client: &Client, result: Result<Obj>, exc: *mut RawObj) -> RawObj {
    // SAFETY: the caller's promise. Does not raise.
    unsafe { finish(result.map_err(|error| client.explained(error)), exc) }
}

/// Defines the extern functions of methods with parameters.
macro_rules! methods {
    ($($name:ident($args:ident) => $body:ident),* $(,)?) => {$(
        /// See the function of the same name in [`methods`](super::methods).
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
                let client = from_obj::<Client>(Obj::from_raw(self_));
                finish_method(client, $body(client, &*args.cast::<sys::$args>()), exc)
            }
        }
    )*};
}

/// Defines the extern functions of methods without parameters.
macro_rules! plain_methods {
    ($($name:ident => $body:ident),* $(,)?) => {$(
        /// See the function of the same name in [`methods`](super::methods).
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
            unsafe {
                let client = from_obj::<Client>(Obj::from_raw(self_));
                finish_method(client, $body(client), exc)
            }
        }
    )*};
}

/// Defines the extern functions that have no `self`.
macro_rules! functions {
    ($($name:ident($args:ident) => $body:ident),* $(,)?) => {$(
        /// See the function of the same name in [`methods`](super::methods).
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
    mqtt_client_set_callback(mqtt_set_callback_args_t) => set_callback,
}

#[cfg(feature = "by-hand")]
methods! {
    mqtt_client_wait_msg(mqtt_wait_msg_args_t) => wait_msg,
}

#[cfg(feature = "by-hand")]
plain_methods! {
    mqtt_client_ping => ping,
}

#[cfg(feature = "store")]
methods! {
    mqtt_client_restore(mqtt_restore_args_t) => restore,
    mqtt_client_set_store(mqtt_set_store_args_t) => set_store,
}

#[cfg(feature = "store")]
plain_methods! {
    mqtt_client_save => save,
}

#[cfg(feature = "v5")]
methods! {
    mqtt_client_set_version(mqtt_set_version_args_t) => set_version,
    mqtt_client_request(mqtt_request_args_t) => request,
    mqtt_client_reply(mqtt_reply_args_t) => reply,
    mqtt_client_set_authentication(mqtt_set_authentication_args_t) => set_authentication,
}

#[cfg(feature = "v5")]
plain_methods! {
    mqtt_client_properties => properties,
    mqtt_client_reauthenticate => reauthenticate,
}

#[cfg(feature = "aio")]
methods! {
    mqtt_client__step(mqtt__step_args_t) => step,
    mqtt_client__answer(mqtt__answer_args_t) => answer,
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

#[cfg(feature = "auto-reconnect")]
functions! {
    mqtt_auto_reconnect(mqtt_auto_reconnect_args_t) => auto_reconnect,
}

functions! {
    mqtt_create_ssl_context(mqtt_create_ssl_context_args_t) => create_ssl_context,
}

/// Calls a function of `auto_reconnect`.
///
/// # Safety
///
/// As the head of this file says; `self_` is an [`AutoReconnect`].
#[cfg(feature = "auto-reconnect")]
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
    } else if client.connecting.is_taken() || client.is_attempting() {
        sys::MQTT_STATE_CONNECTING
    } else if client.loop_runs() {
        sys::MQTT_STATE_LOST
    } else {
        sys::MQTT_STATE_NOT_CONNECTED
    }
}

/// The socket of the connection, for `poll()`.
///
/// # Safety
///
/// As the head of this file says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_client_socket(self_: RawObj) -> RawObj {
    // C calls it with these types.
    const _: unsafe extern "C" fn(RawObj) -> RawObj = sys::mqtt_client_socket;
    // SAFETY: C has checked the type of `self_`, which its frame keeps alive. Does not raise.
    let client = unsafe { from_obj::<Client>(Obj::from_raw(self_)) };
    let socket = client.polled_socket().and_then(|socket| socket.obj());
    socket.map_or(core::ptr::null_mut(), Obj::raw)
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
