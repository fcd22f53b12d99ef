//! The `Delivery` object: how a message that no caller waits for ends.

use crate::codec::AckedQos;
#[cfg(feature = "v5")]
use crate::micropython::Text;
#[cfg(feature = "aio")]
use crate::micropython::qstr;
use crate::micropython::{
    Mutex, Native, NativeType, Obj, as_obj, from_obj, now, sys, take_and_zero,
};
use crate::module::application::Kept;
use crate::module::args::parameter;
use crate::module::client::Client;
use crate::module::entry::finish;
use crate::module::error::{Error, Reason, Result};
#[cfg(feature = "v5")]
use crate::module::version::with_words;
use crate::module::wait::wait_for;
use crate::session::{HandshakeStatus, Outbox, Queued, Tracker};
use crate::time::Deadline;

/// A `Delivery` object. While its message waits in the outbox, it holds the message, and the objects
/// make up the queue.
///
/// The collector finds it in the session as long as the message is open, whether the program keeps it or
/// not. Its lock is taken after that of the session, if both are.
#[repr(C)]
pub struct Delivery {
    base: sys::mp_obj_base_t,
    state: Mutex<State>,
}

struct State {
    /// The client, until the message has come to its end: the object keeps the client alive no longer, unless its
    /// program drives the loop.
    client: Option<Native<Client>>,
    is_done: bool,
    /// Why the message has come to an end without an acknowledgement.
    error: Option<Error>,
    /// The broker's own words about that.
    #[cfg(feature = "v5")]
    words: Option<Text>,
    /// The next message in the outbox.
    next: Option<Native<Delivery>>,
    message: Option<Kept>,
    qos: AckedQos,
    /// The end of the patience of the coroutine that awaits it.
    deadline: Deadline,
}

/// The memory of a message in the outbox besides its bytes: this object, and the headers of two others.
pub const OVERHEAD: usize = size_of::<Delivery>() + 2 * size_of::<[usize; 4]>();

// SAFETY: `repr(C)`, the header first, and `Native::new` is the only maker.
unsafe impl NativeType for Delivery {
    const KIND: u32 = sys::MQTT_TYPE_DELIVERY;
    type Args = Native<Client>;

    fn fields(base: sys::mp_obj_base_t, client: Native<Client>) -> Self {
        Self {
            base,
            state: Mutex::new(State {
                client: Some(client),
                is_done: false,
                error: None,
                #[cfg(feature = "v5")]
                words: None,
                next: None,
                message: None,
                qos: AckedQos::AtLeastOnce,
                deadline: Deadline::after(now(), 0),
            }),
        }
    }
}

impl Delivery {
    /// Whether the message has come to its end.
    pub fn is_done(&self) -> bool {
        self.state.lock().is_done
    }

    /// The end of the message, if it has come to it.
    ///
    /// # Errors
    ///
    /// The reason why it was not acknowledged.
    pub fn result(&self) -> Result<()> {
        let state = self.state.lock();
        let Some(error) = state.error else {
            return Ok(());
        };
        #[cfg(feature = "v5")]
        let error = {
            let words = state.words;
            drop(state);
            with_words(error, words)
        };
        Err(error)
    }

    /// Takes the broker's own words about the end of the message.
    #[cfg(feature = "v5")]
    pub fn hear(&self, words: Option<Text>) {
        self.state.lock().words = words;
    }

    /// Ends the message, if it has not come to its end before.
    pub fn end(&self, result: Result<()>) {
        let mut state = self.state.lock();
        if !state.is_done {
            state.is_done = true;
            state.error = result.err();
            state.client = state.client.filter(|client| client.is_driven());
        }
    }

    /// The client, as long as the message has not come to its end.
    fn client_if_open(&self) -> Option<Native<Client>> {
        let state = self.state.lock();
        state.client.filter(|_| !state.is_done)
    }

    /// The coroutine that waits for the end of the message, no longer than `timeout`: if the program drives the loop.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    #[cfg_attr(not(feature = "aio"), allow(unused_variables))]
    fn coroutine(&self, timeout: Obj) -> Result<Option<Obj>> {
        #[cfg(feature = "aio")]
        {
            let client = self.state.lock().client;
            if let Some(client) = client.filter(|client| client.is_driven()) {
                let args = [as_obj(self), timeout];
                return Ok(Some(client.obj().call_method(qstr::_wait, &args)?));
            }
        }
        Ok(None)
    }

    /// Waits for the end of the message.
    ///
    /// # Errors
    ///
    /// The reason why it was not acknowledged; [`Reason::NotDelivered`] after `timeout` ms, or after
    /// `command_timeout`: it may still come to its end; those of [`wait_for`].
    fn wait(&self, timeout: Option<u32>) -> Result<()> {
        if let Some(client) = self.client_if_open() {
            let deadline = Deadline::after(now(), timeout.unwrap_or(client.command_timeout));
            let late = Error::because(Reason::NotDelivered);
            wait_for(&client, deadline, late, &mut |_| self.is_done())?;
        }
        self.result()
    }
}

impl Delivery {
    /// Begins to wait in a coroutine: the iterator that does it.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    fn iterate(&self) -> Result<Obj> {
        if let Some(client) = self.client_if_open() {
            self.state.lock().deadline = Deadline::after(now(), client.command_timeout);
        }
        let coroutine = self.coroutine(Obj::none())?;
        Ok(coroutine.unwrap_or_else(|| as_obj(self)))
    }

    /// Whether the message has come to its end, for a coroutine that waits for it.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait), without those of `wait_for`.
    fn poll(&self) -> Result<bool> {
        if self.is_done() {
            return self.result().map(|()| true);
        }
        match self.state.lock().deadline.remaining(now()) {
            Some(_) => Ok(false),
            None => Err(Error::because(Reason::NotDelivered)),
        }
    }
}

/// The `Delivery` that this object is.
#[cfg(any(feature = "v5", feature = "aio"))]
pub fn delivery_of<'a>(obj: Obj) -> Option<&'a Delivery> {
    // SAFETY: the type is checked, and the caller keeps `obj` alive. Does not raise.
    obj.is_of::<Delivery>()
        .then(|| unsafe { from_obj::<Delivery>(obj) })
}

impl Tracker for Native<Delivery> {
    fn settle(&self, status: HandshakeStatus) {
        let Some(client) = self.client_if_open() else {
            return;
        };
        self.end(client.completed(status));
        #[cfg(feature = "v5")]
        match status {
            // They have not been read yet.
            HandshakeStatus::Refused(_) => client.told.await_reason(self.as_obj()),
            HandshakeStatus::Lost => self.hear(client.told.farewell()),
            _ => {}
        }
    }
}

/// The outbox: a ring of objects that refer to each other. It refers to the last one, which refers to the
/// first one.
#[derive(Default)]
pub struct Line(Option<Native<Delivery>>);

impl Line {
    fn front(&self) -> Option<Native<Delivery>> {
        self.0?.state.lock().next
    }
}

/// The message that waits in the outbox.
fn queued(tracker: Native<Delivery>) -> Option<Queued<Kept, Native<Delivery>>> {
    let state = tracker.state.lock();
    let message = state.message?;
    let qos = state.qos;
    drop(state);
    Some(Queued {
        qos,
        message,
        tracker,
    })
}

impl Outbox<Kept, Native<Delivery>> for Line {
    fn push(&mut self, queued: Queued<Kept, Native<Delivery>>) {
        let new = queued.tracker;
        let next = match self.0.replace(new) {
            Some(last) => last.state.lock().next.replace(new),
            None => Some(new),
        };
        let mut state = new.state.lock();
        state.next = next;
        state.message = Some(queued.message);
        state.qos = queued.qos;
    }

    fn first(&self) -> Option<Queued<Kept, Native<Delivery>>> {
        queued(self.front()?)
    }

    fn pop(&mut self) {
        let (Some(last), Some(first)) = (self.0, self.front()) else {
            return;
        };
        let next = {
            let mut state = first.state.lock();
            // The program may keep the object for ever, but not the message.
            take_and_zero(&mut state.message);
            state.next.take()
        };
        if first.as_obj() == last.as_obj() {
            self.0 = None;
        } else {
            last.state.lock().next = next;
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn for_each(&self, mut visit: impl FnMut(&Queued<Kept, Native<Delivery>>)) {
        let mut present = self.front();
        while let Some(delivery) = present {
            if let Some(queued) = queued(delivery) {
                visit(&queued);
            }
            if self
                .0
                .is_some_and(|last| last.as_obj() == delivery.as_obj())
            {
                return;
            }
            present = delivery.state.lock().next;
        }
    }
}

/// `Delivery.done()`.
///
/// # Safety
///
/// As the head of `entry.rs` says; `self_` is a `Delivery`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_delivery_done(
    self_: sys::mp_obj_t,
    exc: *mut sys::mp_obj_t,
) -> sys::mp_obj_t {
    // C calls it with these types.
    const _: unsafe extern "C" fn(sys::mp_obj_t, *mut sys::mp_obj_t) -> sys::mp_obj_t =
        sys::mqtt_delivery_done;
    // SAFETY: C has checked the type of `self_`, which its frame keeps alive. Does not raise.
    unsafe {
        let delivery = from_obj::<Delivery>(Obj::from_raw(self_));
        finish(Ok(Obj::from_bool(delivery.is_done())), exc)
    }
}

/// `Delivery.wait(timeout=None)`. Where the program drives the loop, it returns a coroutine.
///
/// # Safety
///
/// As the head of `entry.rs` says; `self_` is a `Delivery`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_delivery_wait(
    self_: sys::mp_obj_t,
    args: *const sys::mqtt_wait_args_t,
    exc: *mut sys::mp_obj_t,
) -> sys::mp_obj_t {
    // C calls it with these types.
    const _: unsafe extern "C" fn(
        sys::mp_obj_t,
        *const sys::mqtt_wait_args_t,
        *mut sys::mp_obj_t,
    ) -> sys::mp_obj_t = sys::mqtt_delivery_wait;
    // SAFETY: C has checked the type of `self_`, which its frame keeps alive, and has set every field
    // of `args`. Does not raise.
    unsafe {
        let delivery = from_obj::<Delivery>(Obj::from_raw(self_));
        finish(wait(delivery, &*args), exc)
    }
}

fn wait(delivery: &Delivery, args: &sys::mqtt_wait_args_t) -> Result<Obj> {
    let timeout = parameter!(timeout).timeout(args.timeout)?;
    if let Some(coroutine) = delivery.coroutine(args.timeout)? {
        return Ok(coroutine);
    }
    delivery.wait(timeout)?;
    Ok(Obj::none())
}

/// For `await`: the iterator to begin with, then whether the message has come to its end.
///
/// # Safety
///
/// As the head of `entry.rs` says; `self_` is a `Delivery`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_delivery_awaited(
    self_: sys::mp_obj_t,
    begins: bool,
    exc: *mut sys::mp_obj_t,
) -> sys::mp_obj_t {
    // C calls it with these types.
    const _: unsafe extern "C" fn(sys::mp_obj_t, bool, *mut sys::mp_obj_t) -> sys::mp_obj_t =
        sys::mqtt_delivery_awaited;
    // SAFETY: MicroPython has chosen the function by the type of `self_`, which its frame keeps alive. Does not
    // raise.
    unsafe {
        let delivery = from_obj::<Delivery>(Obj::from_raw(self_));
        let awaited = if begins {
            delivery.iterate()
        } else {
            delivery.poll().map(Obj::from_bool)
        };
        finish(awaited, exc)
    }
}
