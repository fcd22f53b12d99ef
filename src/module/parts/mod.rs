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

mod function;

use crate::limits::INBOX;
use crate::micropython::{Text, take_and_zero};
use crate::session::Receipt;

use function::{CALLS, IN_VAIN, InParts, Part, SEARCHES, source};
pub use function::{PartsState, call, handler, part_of};

use super::client::Client;
use super::delivery;
use super::error::Result;
use super::inbox::{Content, Message};
use super::properties::Block;
use super::reader::{Reader, Reading};
use super::role::SocketRole;

/// The way in which the reader takes a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As one object.
    Gathered,
    /// In parts.
    InParts,
    /// Not now: another context takes it, or this one does later.
    Blocked,
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
    properties: Block,
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
    let searched = run(client, topic, properties, receipt.of_part());
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
        properties,
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
fn run(client: &Client, topic: Text, properties: Block, receipt: Receipt) -> Result<()> {
    // In place of a payload.
    let payload = topic.into_immutable();
    let content = Some(Content {
        topic,
        payload,
        properties,
    });
    delivery::deliver(client, Message { content, receipt })
}

/// Forgets the payload that was received into the buffer of `source`.
fn end(client: &Client, source: &InParts) {
    client.parts_source.set(None);
    take_and_zero(&mut source.arriving.lock());
}

/// Takes bytes of a payload into the buffer; `here` are there, and `left` are still to come. Returns
/// their number, and whether the buffer is full. `None`: another context takes them, or this one does
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
    let result = run(client, part.topic, part.properties, part.receipt.of_part());
    if part.is_broken {
        end(client, source);
    } else if let Some(part) = &mut *source.arriving.lock() {
        part.offset = part.offset.saturating_add(part.len as u32);
        part.len = 0;
    }
    result
}
