//! Payloads in parts: `subscribe(into=buffer)`.
//!
//! The handler of such a subscription is an [`InParts`]: the function and its buffer. A message all
//! of whose functions are of this kind is not gathered: the reader writes its payload into the buffer
//! of the last of these functions, and stops whenever that is full. Then the functions are called in
//! their order. The last one gets its own buffer; each other one gets copies of that in its buffer. So
//! only a context that may call the functions reads such a payload. To every other context the message
//! stands in the way, as a full inbox does.
//!
//! A message that is gathered all the same, because a function without a buffer matches, too, or
//! because another context has read it for its own answer, is copied into the buffers part by part.
//!
//! Parts go through [`deliver`](delivery::deliver) as messages do, with the topic in place of the
//! payload. It calls [`call`] for each function. The last part is a message as any other: it is
//! acknowledged when the functions have returned.

use portable_atomic::{AtomicU8, AtomicU32};

use crate::limits::INBOX;
use crate::micropython::{
    Buffer, Bytearray, Exception, Mutex, NativeType, ORDERING, Obj, ObjCell, Text, as_obj,
    from_obj, new_object, sys, take_and_zero,
};
use crate::session::Receipt;

use super::args::{Fault, Parameter};
use super::client::Client;
use super::delivery;
use super::error::{Error, Result};
use super::inbox::{Content, Message};
use super::reader::{Reader, Reading};
use super::role::SocketRole;

/// A function that gets payloads in parts.
#[repr(C)]
pub struct InParts {
    base: sys::mp_obj_base_t,
    function: Obj,
    buffer: Bytearray,
    /// The `memoryview` that the function is given.
    part: ObjCell,
    /// Where in the payload the part begins that the function is given. Between two parts: where the
    /// next one begins; 0: the function waits for the front of a payload.
    offset: AtomicU32,
    /// Bytes of the payload; 0: no other part will come.
    size: AtomicU32,
    /// The part that the reader writes into the buffer.
    arriving: Mutex<Option<Part>>,
}

/// A part of a payload, in the buffer of the last function that it is for.
#[derive(Clone, Copy, Debug)]
struct Part {
    topic: Text,
    receipt: Receipt,
    /// Where the part begins in the payload.
    offset: u32,
    /// Bytes of the payload.
    size: u32,
    /// Bytes of the part.
    len: usize,
    /// Whether it is the last one.
    is_last: bool,
    /// It will not come: the connection has ended, or the program has taken away its memory.
    is_broken: bool,
}

/// Where a part begins that will not come. No payload is that long.
const LOST: u32 = u32::MAX;

/// The state of a client that may have such functions, and the work of [`call`].
#[derive(Debug)]
pub struct PartsState(AtomicU8);

/// There has been no function that gets payloads in parts.
const UNUSED: u8 = 0;
/// [`call`] calls functions.
const CALLS: u8 = 1;
/// It looks for the last function that matches, in place of calling any. The role of delivery belongs
/// to the context that has it do so.
const SEARCHES: u8 = 2;
/// It has come upon a function without a buffer.
const IN_VAIN: u8 = 3;

impl PartsState {
    /// Of a client without such functions.
    pub const fn unused() -> Self {
        Self(AtomicU8::new(UNUSED))
    }

    /// Whether there may be functions that get payloads in parts.
    pub fn is_used(&self) -> bool {
        self.get() != UNUSED
    }

    fn get(&self) -> u8 {
        self.0.load(ORDERING)
    }

    fn set(&self, state: u8) {
        self.0.store(state, ORDERING);
    }
}

/// The way in which the reader takes a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As one object.
    Gathered,
    /// In parts.
    InParts,
    /// Another context has to take it, or this one later.
    Blocked,
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
fn source(client: &Client) -> Option<&InParts> {
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

/// Whether the calling context may call functions with a payload that it reads: that is its task, no
/// other message comes first, and no other context delivers. The caller has the role of reader.
fn may_deliver(client: &Client, how: Reading) -> bool {
    how.may_write
        && delivers(client)
        && !client.delivery.is_taken()
        && client.inbox.lock().is_empty()
}

/// Whether it is the calling context's task to deliver.
pub fn delivers(client: &Client) -> bool {
    !client.loop_runs() || client.in_loop()
}

/// The way in which to take a payload of `size` bytes, of which none has been taken. The caller has the
/// role of reader.
///
/// # Errors
///
/// An exception that came while writing.
#[cold]
pub fn way(
    client: &Client,
    topic: Text,
    receipt: Receipt,
    size: usize,
    how: Reading,
) -> Result<Way> {
    let role = if may_deliver(client, how) {
        client.delivery.try_take(&client.changed)
    } else {
        None
    };
    if role.is_none() {
        // It may wait in the inbox, unless it is larger than all that may wait there. But it must not be
        // thrown away for want of memory that it does not need.
        return Ok(if size <= INBOX && !how.may_drop {
            Way::Gathered
        } else {
            Way::Blocked
        });
    }
    if let Some(source) = source(client) {
        let is_last = source.arriving.lock().is_none_or(|part| part.is_last);
        if !is_last {
            // The functions must be told first that the rest of another payload is lost.
            return Ok(Way::Blocked);
        }
        end(client, source);
    }
    client.delivered.parts.set(SEARCHES);
    let searched = run(client, topic, receipt.of_part());
    let is_in_vain = client.delivered.parts.get() == IN_VAIN;
    client.delivered.parts.set(CALLS);
    if is_in_vain || searched.is_err() {
        client.parts_source.set(None);
    }
    searched?;
    let Some(source) = source(client) else {
        return Ok(Way::Gathered);
    };
    *source.arriving.lock() = Some(Part {
        topic,
        receipt,
        offset: 0,
        // At most 256 MB.
        size: size as u32,
        len: 0,
        is_last: false,
        is_broken: false,
    });
    Ok(Way::InParts)
}

/// Does [`call`] for every function that matches. The caller has the role of delivery.
fn run(client: &Client, topic: Text, receipt: Receipt) -> Result<()> {
    // In place of a payload.
    let payload = topic.into_immutable();
    let content = Some(Content { topic, payload });
    delivery::deliver(client, Message { content, receipt })
}

/// Forgets the payload that was received into the buffer of `source`.
fn end(client: &Client, source: &InParts) {
    client.parts_source.set(None);
    take_and_zero(&mut source.arriving.lock());
}

/// Takes bytes of a payload into the buffer; `here` are there, and `left` are still to come. Returns
/// their number, and whether the buffer is full. `None`: another context has to do it, or this one
/// later. The caller has the role of reader.
pub fn take(client: &Client, here: &[u8], left: usize, how: Reading) -> Option<(usize, bool)> {
    if !may_deliver(client, how) {
        return None;
    }
    let source = source(client)?;
    let mut arriving = source.arriving.lock();
    let part = arriving.as_mut()?;
    let room = source.buffer.len();
    part.is_broken |= room == 0 || room < part.len;
    let n = if part.is_broken {
        // The rest of the payload is thrown away.
        here.len()
    } else {
        source.buffer.write(part.len, here)
    };
    part.len = part.len.saturating_add(n);
    // If the connection has ended, the message does not count as arrived.
    part.is_last = n == left && client.session.lock().is_receiving(part.receipt);
    Some((n, part.len == room && !part.is_broken))
}

/// Calls the functions with a part that is not the last one. The caller has the role of reader.
///
/// # Errors
///
/// As [`deliver_next`](delivery::deliver_next).
pub fn deliver(client: &Client, reader: SocketRole<'_, Reader>) -> Result<()> {
    let Some(role) = client.delivery.try_take(&client.changed) else {
        return Ok(());
    };
    // While functions run, other contexts may read for their answers. The role of delivery keeps
    // them from the rest of this payload.
    drop(reader);
    let given = give(client);
    drop(role);
    // A function may have ended the connection.
    given.and(tell_lost(client))
}

/// Tells the functions that the rest of a payload is lost, if the connection has ended. Nothing happens
/// while another context delivers, or if that is the task of the loop.
///
/// # Errors
///
/// The exception of a function that is not the application's to raise here.
pub fn tell_lost(client: &Client) -> Result<()> {
    if is_lost(client)
        && delivers(client)
        && let Some(_role) = client.delivery.try_take(&client.changed)
        // Another context may have done it meanwhile.
        && is_lost(client)
    {
        return give(client);
    }
    Ok(())
}

/// Whether the rest of the payload that is being received is lost. It counts as broken then.
fn is_lost(client: &Client) -> bool {
    if let Some(source) = source(client)
        && let Some(part) = &mut *source.arriving.lock()
        && !part.is_last
        && !client.session.lock().is_receiving(part.receipt)
    {
        part.is_broken = true;
        return true;
    }
    false
}

/// Calls the functions with the part that has come, or tells them that the rest is lost. The caller has
/// the role of delivery.
fn give(client: &Client) -> Result<()> {
    let Some(source) = source(client) else {
        return Ok(());
    };
    let Some(part) = *source.arriving.lock() else {
        return Ok(());
    };
    let result = run(client, part.topic, part.receipt.of_part());
    if part.is_broken {
        end(client, source);
    } else if let Some(part) = &mut *source.arriving.lock() {
        part.offset = part.offset.saturating_add(part.len as u32);
        part.len = 0;
    }
    result
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
