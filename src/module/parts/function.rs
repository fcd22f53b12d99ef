//! The functions that get payloads in parts: how far each is in a payload, and how it is called.

use portable_atomic::{AtomicU8, AtomicU32};

use crate::micropython::{
    Buffer, Bytearray, Exception, Mutex, NativeType, ORDERING, Obj, ObjCell, Text, as_obj,
    from_obj, new_object, sys,
};
use crate::module::args::{Fault, Parameter};
use crate::module::client::Client;
use crate::module::delivery;
use crate::module::error::{Error, Result};
use crate::module::inbox::Message;
use crate::module::properties::Block;
use crate::session::Receipt;

/// A function that gets payloads in parts.
#[repr(C)]
pub struct InParts {
    base: sys::mp_obj_base_t,
    function: Obj,
    pub buffer: Bytearray,
    /// The `memoryview` that the function is given.
    part: ObjCell,
    /// Where in the payload the part begins that the function is given. Between two parts: where the
    /// next one begins; 0: the function waits for the front of a payload.
    offset: AtomicU32,
    /// Bytes of the payload; 0: no other part will come.
    size: AtomicU32,
    /// The part that the reader writes into the buffer.
    pub arriving: Mutex<Option<Part>>,
}

/// A part of a payload, in the buffer of the last function that it is for.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub topic: Text,
    pub properties: Block,
    pub receipt: Receipt,
    /// Where the part begins in the payload.
    pub offset: u32,
    /// Bytes of the payload.
    pub size: u32,
    /// Bytes of the part.
    pub len: usize,
    /// Whether it is the last one.
    pub is_last: bool,
    /// It will not come: the connection has ended, or the program has taken away its memory.
    pub is_broken: bool,
}

/// Where a part begins that will not come. No payload is that long.
const LOST: u32 = u32::MAX;

/// The state of a client that may have such functions, and the work of [`call`].
#[derive(Debug)]
pub struct PartsState(AtomicU8);

/// There has been no function that gets payloads in parts.
const UNUSED: u8 = 0;
/// [`call`] calls functions.
pub const CALLS: u8 = 1;
/// It looks for the last function that matches, in place of calling any. The context that searches has
/// the role of delivery.
pub const SEARCHES: u8 = 2;
/// It has come upon a function without a buffer.
pub const IN_VAIN: u8 = 3;

impl PartsState {
    /// Of a client without such functions.
    pub const fn unused() -> Self {
        Self(AtomicU8::new(UNUSED))
    }

    /// Whether there may be functions that get payloads in parts.
    pub fn is_used(&self) -> bool {
        self.get() != UNUSED
    }

    /// Its number, such as [`CALLS`].
    pub fn get(&self) -> u8 {
        self.0.load(ORDERING)
    }

    /// Sets the number.
    pub fn set(&self, state: u8) {
        self.0.store(state, ORDERING);
    }
}

// SAFETY: `repr(C)`, the header first, and `new_object` is the only maker.
unsafe impl NativeType for InParts {
    const KIND: u32 = sys::MQTT_TYPE_IN_PARTS;
    type Args = (Obj, Bytearray);

    fn fields(base: sys::mp_obj_base_t, (function, buffer): (Obj, Bytearray)) -> Self {
        Self {
            base,
            function,
            buffer,
            part: ObjCell::nothing(),
            offset: AtomicU32::new(0),
            size: AtomicU32::new(0),
            arriving: Mutex::new(None),
        }
    }
}

/// The payload of `client.message`, and where it begins and ends, if `delivered` is a function that
/// gets a part: the part, its place in the payload, and the size of that. `None` for any other object.
pub fn part_of(delivered: Obj) -> Option<(Obj, [u32; 2])> {
    let function = in_parts(delivered)?;
    let place = [&function.offset, &function.size].map(|field| field.load(ORDERING));
    Some((function.part.get()?, place))
}

/// The function into whose buffer a payload is being received.
pub fn source(client: &Client) -> Option<&InParts> {
    client.parts_source.get().and_then(in_parts)
}

/// Makes the handler of a subscription: `function` itself, if `buffer` is `None`.
///
/// # Errors
///
/// `TypeError`: `buffer`, the argument for `parameter`, is no `bytearray`. `ValueError`: it is empty.
/// `MemoryError`.
pub fn handler(client: &Client, function: Obj, buffer: Obj, parameter: Parameter) -> Result<Obj> {
    if buffer.is_none() {
        return Ok(function);
    }
    let buffer = Bytearray::of(buffer).ok_or_else(|| parameter.refuse(Fault::NotBytearray))?;
    if buffer.is_empty() {
        return Err(parameter.refuse(Fault::Empty));
    }
    let handler = new_object::<InParts>((function, buffer))?;
    if !client.delivered.parts.is_used() {
        client.delivered.parts.set(CALLS);
    }
    Ok(handler)
}

/// Takes a handler as a function that gets payloads in parts; `None`: it is a function of the program.
fn in_parts<'a>(handler: Obj) -> Option<&'a InParts> {
    // SAFETY: the type is checked. The frame of the caller, which has `handler`, keeps it alive. Does
    // not raise.
    handler
        .is_of::<InParts>()
        .then(|| unsafe { from_obj::<InParts>(handler) })
}

/// Calls the function of `handler`, of whatever kind. `args` are those of a function of the program;
/// the topic in place of the payload means the part in the buffer of the source.
///
/// # Errors
///
/// The function's exception.
#[cold]
#[inline(never)]
pub fn call(
    client: &Client,
    handler: Obj,
    args: &[Obj; 3],
) -> core::result::Result<Obj, Exception> {
    let [_, payload, topic] = args;
    let is_search = client.delivered.parts.get() != CALLS;
    match in_parts(handler) {
        Some(_) if is_search => client.parts_source.set(Some(handler)),
        Some(function) => function.give(client, args)?,
        None if is_search => client.delivered.parts.set(IN_VAIN),
        None if payload == topic => {}
        None => return handler.call(args),
    }
    Ok(handler)
}

impl InParts {
    /// Calls the function with the part in the buffer of the source, or with the whole payload among
    /// `args`, part by part.
    fn give(&self, client: &Client, args: &[Obj; 3]) -> core::result::Result<(), Exception> {
        let [_, payload, topic] = *args;
        let mut bytes = payload;
        let mut part = None;
        if payload == topic {
            let Some(source) = source(client) else {
                return Ok(());
            };
            bytes = source.buffer.obj();
            part = *source.arriving.lock();
        }
        let memory = || Ok(Buffer::of(bytes)?.unwrap_or(Buffer::EMPTY));
        let (offset, len, size) = match part {
            Some(part) if part.is_broken => (LOST, 0, 0),
            Some(part) => (part.offset, part.len, part.size),
            None => {
                let len = memory()?.as_bytes().len();
                (0, len, len as u32)
            }
        };
        let expected = self.offset.load(ORDERING);
        if expected != offset {
            if expected > 0 {
                self.call(client, args, expected, 0, 0)?;
            }
            if offset > 0 {
                // It has not had the front of this payload, or has raised an exception since.
                return Ok(());
            }
        }
        if bytes == self.buffer.obj() {
            return self.call(client, args, offset, len, size);
        }
        let mut done = 0;
        loop {
            let at = offset.saturating_add(done as u32);
            // Functions may have changed the size of either buffer.
            let n = match memory()?.as_bytes().get(done..len) {
                Some(rest) => self.buffer.write(0, rest),
                None => 0,
            };
            let is_broken = n == 0 && done < len;
            done = done.saturating_add(n);
            self.call(
                client,
                args,
                at,
                if is_broken { usize::MAX } else { n },
                size,
            )?;
            if done >= len || is_broken {
                return Ok(());
            }
            // Keeps the connection alive between two parts.
            let nothing = Message {
                content: None,
                receipt: Receipt::NONE,
            };
            delivery::deliver(client, nothing).map_err(Error::to_exception)?;
        }
    }

    /// Calls the function with the first `len` bytes of its buffer, which stand at `offset` in the
    /// payload. If there are fewer, or there is no memory for the call, the rest of the payload is lost.
    fn call(
        &self,
        client: &Client,
        args: &[Obj; 3],
        offset: u32,
        len: usize,
        size: u32,
    ) -> core::result::Result<(), Exception> {
        let (view, size, failure) = match self.buffer.view(len) {
            Ok(view) => (view, size, None),
            // The function knows nothing of the message.
            Err(failure) if offset == 0 => return Err(failure),
            Err(failure) => (Bytearray::nothing(), 0, Some(failure)),
        };
        let [client_obj, payload, topic] = *args;
        self.offset.store(offset, ORDERING);
        self.size.store(size, ORDERING);
        self.part.set(Some(view));
        client.delivered.payload.set(Some(as_obj(self)));
        let called = self.function.call(&[client_obj, view, topic]);
        client.delivered.payload.set(Some(payload));
        self.part.set(None);
        let end = offset.saturating_add(len as u32);
        let goes_on = called.is_ok() && end < size;
        self.offset.store(if goes_on { end } else { 0 }, ORDERING);
        called?;
        failure.map_or(Ok(()), Err)
    }
}
