//! The functions that connect again.
//!
//! The read loop does not call one as it calls other functions: it makes one attempt in each of its
//! own steps, and rests in between. So on a port without threads the main program runs on. A call by
//! the program does it all.

use crate::codec::ReturnCode;
use crate::micropython::{
    NativeType, ORDERING, Obj, from_obj, new_object, now, print_exception, sys,
};
use crate::module::client::Client;
use crate::module::error::{Reason, Result};
use crate::module::read_loop::{BREAK_LOOP, RECOVERED, rest};
use crate::time::Instant;

/// A function that `auto_reconnect` has made.
#[repr(C)]
pub struct AutoReconnect {
    base: sys::mp_obj_base_t,
    /// The first pause, in ms.
    first: u32,
    /// The longest pause, in ms.
    most: u32,
}

// SAFETY: `repr(C)`, the header first, and `new_object` is the only maker.
unsafe impl NativeType for AutoReconnect {
    const KIND: u32 = sys::MQTT_TYPE_AUTO_RECONNECT;
    type Args = (u32, u32);

    fn fields(base: sys::mp_obj_base_t, (first, most): (u32, u32)) -> Self {
        Self { base, first, most }
    }
}

/// `auto_reconnect(first, most)`.
///
/// # Errors
///
/// `MemoryError`.
pub fn new(first: u32, most: u32) -> Result<Obj> {
    Ok(new_object::<AutoReconnect>((first, most))?)
}

/// Takes `obj` as such a function; `None` for any other object.
pub fn auto_reconnect_of<'a>(obj: Obj) -> Option<&'a AutoReconnect> {
    // SAFETY: the type is checked, and the caller keeps `obj` alive. Does not raise.
    obj.is_of::<AutoReconnect>()
        .then(|| unsafe { from_obj::<AutoReconnect>(obj) })
}

impl AutoReconnect {
    /// Connects again, until that succeeds or `disconnect` is called. A program that drives the loop does that by
    /// itself: it gets the pause after an attempt that has failed.
    ///
    /// # Errors
    ///
    /// As [`Self::attempt`].
    pub fn call(&self, client: &Client) -> Result<Obj> {
        #[cfg(feature = "aio")]
        if client.is_driven() {
            return Ok(Obj::from_length(self.pause(client)));
        }
        let cancelled = client.cancelled.load(ORDERING);
        let mut pause = 0;
        loop {
            if self.attempt(client)? {
                return Ok(Obj::from_u16(RECOVERED));
            }
            pause = self.next_pause(pause);
            rest(client, shortened(client, pause), cancelled)?;
            if client.is_up() {
                return Ok(Obj::from_u16(RECOVERED));
            }
            if client.cancelled.load(ORDERING) != cancelled {
                return Ok(Obj::from_u16(BREAK_LOOP));
            }
        }
    }

    /// Connects again, once. False: it did not succeed.
    ///
    /// # Errors
    ///
    /// [`Reason::NeverConnected`]; `KeyboardInterrupt` and its like. An exception that is no error of
    /// the network, from a callback, is printed.
    pub fn attempt(&self, client: &Client) -> Result<bool> {
        match client.reconnect() {
            Ok(code) => Ok(code == ReturnCode::Accepted.get()),
            Err(error) if error.is(Reason::NeverConnected) => Err(error),
            Err(error) => {
                match error.exception() {
                    Some(exception) if !exception.is_ordinary() => return Err(error),
                    Some(exception) if !exception.is_os_error() => print_exception(exception),
                    _ => {}
                }
                Ok(false)
            }
        }
    }

    /// The pause of the loop after an attempt that has failed, in ms.
    pub fn pause(&self, client: &Client) -> u32 {
        let mut read_loop = client.read_loop.lock();
        read_loop.pause = self.next_pause(read_loop.pause);
        let pause = read_loop.pause;
        drop(read_loop);
        shortened(client, pause)
    }

    /// The pause after `last`, in ms; that is 0 before the first.
    fn next_pause(&self, last: u32) -> u32 {
        if last == 0 {
            self.first.min(self.most)
        } else {
            last.saturating_mul(2).min(self.most)
        }
    }
}

/// `pause`, less up to a quarter by chance: clients that lost a broker together do not come back
/// together.
fn shortened(client: &Client, pause: u32) -> u32 {
    let mut mixed = now().duration_since(Instant::from_ms(0));
    for byte in client.settings.lock().client_id.as_str().bytes() {
        // FNV-1a: clients differ in their identifiers, if in nothing else.
        mixed = (mixed ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    let choices = (pause >> 2).saturating_add(1);
    pause.saturating_sub(mixed.checked_rem(choices).unwrap_or(0))
}
