//! Writing: whole packets, by one context at a time.

use crate::codec;
use crate::micropython::{HAS_DESCRIPTORS, ORDERING, handle_pending, has_threads, now};
use crate::session::QueuedPacket;
use crate::time::Deadline;
use crate::transport::{Interest, MicroPythonStack, Nagle, Socket, Wait as _};

use super::application::Kept;
use super::client::Client;
use super::error::{Error, Reason, Result};
use super::outbox::write_packet;
use super::output::{Output, RESUMES, Sink};
#[cfg(feature = "aio")]
use super::rest::Rest;
use super::role::SocketRole;

/// Room for a batch of acknowledgements and a PINGREQ, in bytes.
const PROTOCOL_BATCH: usize = 64;

/// The state of writing to a connection. It belongs to the role of writer.
pub struct Writer {
    /// Where no context waits for room in the network's buffers: by when there has to be some. Without
    /// it, no packet has left in part.
    room_by: Option<Deadline>,
    /// Where a socket's descriptor gives access to TCP_NODELAY.
    nagle: [Nagle; HAS_DESCRIPTORS as usize],
}

impl Writer {
    /// A writer that has written nothing.
    pub const NEW: Self = Self {
        room_by: None,
        nagle: [Nagle::NEW; HAS_DESCRIPTORS as usize],
    };

    /// Forgets all that belongs to an old connection.
    pub fn reset(&mut self, client: &Client) {
        *self = Self::NEW;
        #[cfg(feature = "aio")]
        client.set_rest(Rest::NONE, false);
        #[cfg(not(feature = "aio"))]
        let _ = client;
    }

    /// Whether no packet has left in part.
    #[cfg(feature = "v5")]
    pub fn is_free(&self, client: &Client) -> bool {
        #[cfg(feature = "aio")]
        if !client.rest().is_empty() {
            return false;
        }
        let _ = client;
        self.room_by.is_none()
    }

    /// Takes over the bytes of an output that have not left.
    #[cfg(feature = "aio")]
    pub fn keep(&mut self, client: &Client, (rest, reads_first): (Rest, bool)) {
        client.set_rest(rest, reads_first);
        if !rest.is_empty() {
            let _ = self.room_by.get_or_insert(client.command_deadline());
        }
    }

    /// Milliseconds until the network must have taken some of the bytes that have not left. `None`: all
    /// has left.
    #[cfg(feature = "aio")]
    pub fn waits(&self) -> Option<u32> {
        Some(self.room_by?.remaining(now()).unwrap_or(0))
    }
}

/// Writes the bytes that are in the way of new packets, as far as the network takes it at once. False: something is
/// in the way still. The caller has the role of writer.
///
/// # Errors
///
/// The connection is lost.
#[cfg(feature = "aio")]
pub fn clear_the_way(client: &Client, writer: &mut Writer, socket: Socket) -> Result<bool> {
    let partial = {
        let mut session = client.session.lock();
        session.is_writing().then(|| session.next_queued())
    };
    if let Some(packet) = partial.flatten()
        && !write_queued(client, writer, socket, packet, false)?
    {
        return Ok(false);
    }
    let mut sink = Sink::new(client, socket, client.command_deadline());
    let mut rest = client.rest();
    while !rest.is_empty() {
        let n = sink.try_send(rest.as_bytes())?;
        rest.advance(n);
        client.set_rest(rest, sink.reads_first());
        if n == 0 {
            return Ok(false);
        }
        // Bytes move.
        writer.room_by = None;
        client.session.lock().sent(now());
    }
    Ok(true)
}

/// Writes the packets that `write` puts together.
///
/// # Errors
///
/// `write`'s own. A packet that could not be written whole is the end of the connection.
pub fn write(
    client: &Client,
    deadline: Deadline,
    write: &mut dyn FnMut(&mut Output<'_>) -> Result<()>,
) -> Result<()> {
    let mut writer = take_writer(client, deadline)?;
    let connection = client.present_connection()?;
    let socket = (*client.socket.lock()).ok_or(Error::NOT_CONNECTED)?;
    let mut output = Output::new(client, socket, deadline);
    if RESUMES && writer.room_by.is_some() {
        #[cfg(feature = "aio")]
        let begun = if client.is_driven() {
            let free = clear_the_way(client, &mut writer, socket);
            if let Ok(false) = free {
                output.stay_behind(client.rest());
            }
            free.map(|_| ())
        } else {
            finish_partial(client, &mut writer, socket, deadline)
        };
        #[cfg(not(feature = "aio"))]
        let begun = finish_partial(client, &mut writer, socket, deadline);
        if let Err(error) = begun {
            drop(writer);
            client.fail(connection, error);
            return Err(error);
        }
    }
    let result = write(&mut output).and_then(|()| output.flush());
    match result {
        Ok(()) if output.begun() => {
            let present = now();
            writer.room_by = None;
            if let Some(nagle) = writer.nagle.first_mut()
                && let Some(nodelay) = nagle.wrote(present)
            {
                socket.set_nodelay(nodelay);
            }
            client.session.lock().sent(present);
            #[cfg(feature = "aio")]
            writer.keep(client, output.rest());
        }
        #[cfg(feature = "aio")]
        Ok(()) if client.is_driven() => writer.keep(client, output.rest()),
        #[cfg(feature = "v5")]
        Err(_) if !output.begun() => {
            // The broker was not told of an alias that the packet had.
            client.session.lock().forget_topic_aliases();
        }
        Err(error) if output.begun() => {
            drop(writer);
            let error = client.name_last_packet(error);
            client.fail(connection, error);
            return Err(error);
        }
        _ => {}
    }
    drop(writer);
    if result.is_err() && has_unstored(client) {
        // The function of `set_store` has raised an exception perhaps. The caller learns of it.
        return result;
    }
    flush_output(client)?;
    result
}

/// Takes the role of writer on a connection that is up.
///
/// A caller that cannot get it because of itself is told so at once: one that the broker's messages
/// keep waiting while it is the one to deliver them, or that interrupts the writer.
fn take_writer(client: &Client, deadline: Deadline) -> Result<SocketRole<'_, Writer>> {
    loop {
        let seen = client.written.seen();
        if let Some(writer) = client.try_writer() {
            return Ok(writer);
        }
        // The writer may be making a new connection: nothing is waited for then.
        client.present_connection()?;
        if client.is_delivering() && client.inbox.lock().is_full() {
            return Err(Error::because(Reason::FunctionInTheWay));
        }
        if client.writer.is_mine() {
            return Err(Error::because(Reason::Interrupts));
        }
        let left = deadline
            .remaining(now())
            .ok_or(Error::because(Reason::WriterInUse))?;
        client.written.wait(seen, left)?;
        handle_pending()?;
    }
}

/// Writes the rest of a packet of the outbox, if a part of it has left. The caller has the role of
/// writer.
///
/// # Errors
///
/// The connection is lost, or takes no bytes up to the deadline.
#[inline(never)]
pub fn finish_partial(
    client: &Client,
    writer: &mut Writer,
    socket: Socket,
    deadline: Deadline,
) -> Result<()> {
    #[cfg(feature = "aio")]
    if client.is_driven() {
        // It does not wait.
        return match clear_the_way(client, writer, socket)? {
            true => Ok(()),
            false => Err(Error::because(Reason::SendTimedOut)),
        };
    }
    if RESUMES && writer.room_by.is_some() {
        let packet = client.session.lock().next_queued();
        if let Some(packet) = packet {
            write_packet(client, socket, packet, Some(deadline))?;
        }
        writer.room_by = None;
    }
    Ok(())
}

/// Writes the protocol's own packets and those of the outbox, unless another context is writing: that
/// one does it when its packet has left.
///
/// # Errors
///
/// The connection is lost, or has taken no bytes for `command_timeout`.
pub fn flush_output(client: &Client) -> Result<()> {
    flush(client, has_threads() && !client.is_driven())
}

/// The same without ever waiting for the network: packets that do not leave now are left to the next call.
///
/// # Errors
///
/// The same.
#[cfg(feature = "outbox")]
pub fn flush_if_free(client: &Client) -> Result<()> {
    flush(client, false)
}

/// `may_wait`: the protocol's own packets may wait for room. Packets of the outbox never do.
fn flush(client: &Client, may_wait: bool) -> Result<()> {
    loop {
        if !client.session.lock().has_output()
            && !has_unstored(client)
            && !redelivery_is_due(client)
        {
            return Ok(());
        }
        let Some(mut writer) = client.try_writer() else {
            return Ok(());
        };
        #[cfg(feature = "store")]
        if let Err(error) = client.store_changes() {
            drop(writer);
            if let Ok(connection) = client.present_connection() {
                client.fail(connection, error);
            }
            return Err(error);
        }
        let redelivers = redelivery_is_due(client);
        if !client.session.lock().has_output() && !redelivers {
            return Ok(());
        }
        let Ok(connection) = client.present_connection() else {
            return Ok(());
        };
        let socket = *client.socket.lock();
        let Some(socket) = socket else {
            return Ok(());
        };
        #[cfg(feature = "aio")]
        let is_in_the_way = !client.rest().is_empty();
        #[cfg(not(feature = "aio"))]
        let is_in_the_way = false;
        let queued = if is_in_the_way {
            None
        } else {
            client.session.lock().next_queued()
        };
        let result = match queued {
            #[cfg(feature = "aio")]
            _ if is_in_the_way => clear_the_way(client, &mut writer, socket),
            Some(packet) => write_queued(client, &mut writer, socket, packet, may_wait),
            // Without threads the whole program would wait for room: the next look tries again.
            None if !may_wait && !takes_more(client, &socket) => Ok(false),
            None if redelivers => write_again(client, &mut writer, socket),
            None => write_acks(client, &mut writer, socket),
        };
        let result = match result {
            Ok(false) => {
                let deadline = *writer.room_by.get_or_insert(client.command_deadline());
                if deadline.remaining(now()).is_some() {
                    return Ok(());
                }
                Err(Error::because(Reason::SendTimedOut))
            }
            result => result,
        };
        writer.room_by = None;
        #[cfg(feature = "aio")]
        if !client.rest().is_empty() {
            writer.room_by = Some(client.command_deadline());
        }
        drop(writer);
        if let Err(error) = result {
            client.fail(connection, error);
            return Err(error);
        }
    }
}

/// Whether the broker allows to send a message again that it did not allow before.
fn redelivery_is_due(client: &Client) -> bool {
    cfg!(feature = "v5") && client.session.lock().redelivery_is_due()
}

/// Writes messages again, waiting for room. True.
#[cfg_attr(not(feature = "aio"), allow(unused_variables))]
fn write_again(client: &Client, writer: &mut Writer, socket: Socket) -> Result<bool> {
    let mut output = Output::new(client, socket, client.command_deadline());
    client.redeliver(&mut output)?;
    #[cfg(feature = "aio")]
    writer.keep(client, output.rest());
    Ok(true)
}

/// Whether the session has changed since the function of `set_store` was called.
fn has_unstored(client: &Client) -> bool {
    #[cfg(feature = "store")]
    return client.has_unstored();
    #[cfg(not(feature = "store"))]
    {
        let _ = client;
        false
    }
}

/// Writes protocol packets, waiting for room. True.
#[cfg_attr(not(feature = "aio"), allow(unused_variables))]
fn write_acks(client: &Client, writer: &mut Writer, socket: Socket) -> Result<bool> {
    let mut batch = [0; PROTOCOL_BATCH];
    let filled = fill_batch(client, &mut batch);
    let mut sink = Sink::new(client, socket, client.command_deadline());
    sink.send(batch.get(..filled).unwrap_or(&[]))?;
    #[cfg(feature = "aio")]
    writer.keep(client, sink.rest());
    Ok(true)
}

/// Writes a packet of the outbox. False: only a part of it has left.
///
/// It waits for room only for the sake of the protocol's own packets, which come behind it. Even then it
/// does not if the caller has the role of reader: the broker may take nothing before its own messages are
/// taken.
fn write_queued(
    client: &Client,
    writer: &mut Writer,
    socket: Socket,
    packet: QueuedPacket<Kept>,
    may_wait: bool,
) -> Result<bool> {
    let waits = may_wait && client.session.lock().has_protocol_output() && !client.reader.is_mine();
    let deadline = waits.then(|| client.command_deadline());
    let before = packet.sent;
    let sent = write_packet(client, socket, packet, deadline)?;
    if sent.is_some_and(|sent| sent > before) {
        // Bytes move.
        writer.room_by = None;
    }
    Ok(sent.is_none())
}

/// Fills `batch` with the protocol's own packets: the number of bytes.
fn fill_batch(client: &Client, batch: &mut [u8; PROTOCOL_BATCH]) -> usize {
    let filled = client.session.lock().poll_output(now(), batch);
    // Acknowledgements have four bytes. A PINGREQ has two, and comes first.
    if let Some(last) = batch.get(filled.saturating_sub(4))
        && filled > 0
    {
        client.last_packet.store(*last, ORDERING);
    }
    filled
}

/// Whether a write would not have to wait. True, too, if it would fail.
fn takes_more(client: &Client, socket: &Socket) -> bool {
    MicroPythonStack::new(&client.cancelled)
        .wait(socket, Interest::Send, 0)
        .unwrap_or(true)
}

/// Puts the protocol's own packets.
///
/// # Errors
///
/// As [`Output::flush`].
pub fn put_acks(client: &Client, output: &mut Output<'_>) -> Result<()> {
    let mut batch = [0; PROTOCOL_BATCH];
    loop {
        let filled = fill_batch(client, &mut batch);
        match batch.get(..filled) {
            Some(acks) if filled > 0 => codec::Output::put(output, acks)?,
            _ => return Ok(()),
        }
    }
}
