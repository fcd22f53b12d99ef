//! Waiting for an answer of the broker.

use crate::micropython::{handle_pending, has_threads, now};
use crate::session::Session;
use crate::time::Deadline;

use super::application::Python;
use super::client::Client;
use super::delivery::deliver_without_loop;
use super::error::{Error, Reason, Result};
use super::inbox::{Intake, read_into_inbox};
#[cfg(feature = "into")]
use super::parts;
use super::reader::{Reader, Reading};
use super::role::SocketRole;

/// The pause between two looks at messages that stand in the way, in ms, if nothing tells of their
/// end.
const RETRY: u32 = 20;

/// Waits until `poll` says that the caller need not wait any longer, up to `deadline`; then it is the
/// error `late`.
///
/// The caller reads the socket if no other context does: there may be no loop, or the loop may be in
/// the very callback that waits here. Without threads no context holds the role while it waits: a
/// function that is called meanwhile, on top of this one, may have to wait for an answer of its own.
///
/// # Errors
///
/// `late`; [`Reason::InboxFull`] in a callback, if the messages that it keeps waiting stand in the way;
/// an exception that came while waiting (Ctrl-C). The end of the connection is none: `poll` sees it.
pub fn wait_for(
    client: &Client,
    deadline: Deadline,
    late: Error,
    poll: &mut dyn FnMut(&mut Session<Python>) -> bool,
) -> Result<()> {
    loop {
        let seen = client.changed.seen();
        let up = {
            let mut session = client.session.lock();
            if poll(&mut session) {
                return Ok(());
            }
            session.is_up()
        };
        let left = deadline.remaining(now()).ok_or(late)?;
        // No role is held here: functions that MicroPython runs in between may call any method.
        handle_pending()?;
        // Without a connection there is nothing to read before there is a new one.
        let reader = if up { client.try_reader() } else { None };
        let Some(reader) = reader else {
            client.changed.wait(seen, left)?;
            continue;
        };
        // While the role changed hands, the answer may have come.
        if poll(&mut client.session.lock()) {
            return Ok(());
        }
        let timeout = if has_threads() { left } else { 0 };
        let step = read_for_others(client, reader, timeout)?;
        let patience = match step {
            Intake::Came => continue,
            Intake::Nothing if has_threads() => continue,
            Intake::Nothing => left,
            Intake::Blocked if client.is_delivering() => {
                return Err(Error::because(Reason::InboxFull));
            }
            _ => left.min(RETRY),
        };
        let seen = client.changed.seen();
        if poll(&mut client.session.lock()) {
            return Ok(());
        }
        client.changed.wait(seen, patience)?;
    }
}

/// Reads once, and passes messages on to the context they belong to.
///
/// # Errors
///
/// An exception of Python's that is not about the connection, or about memory for a message.
pub fn read_for_others(
    client: &Client,
    mut reader: SocketRole<'_, Reader>,
    timeout: u32,
) -> Result<Intake> {
    #[cfg(feature = "into")]
    let may_need_no_memory = client.delivered.parts.is_used() && !parts::delivers(client);
    #[cfg(not(feature = "into"))]
    let may_need_no_memory = false;
    let how = Reading {
        timeout,
        // In a callback there is a better time for it: when that is over.
        may_drop: !client.delivery.is_taken() && !may_need_no_memory,
        may_write: true,
    };
    let connection = client.connection();
    let result = read_into_inbox(client, &mut reader, how);
    #[cfg(feature = "into")]
    let result = if let Ok(Intake::Part) = result {
        parts::deliver(client, reader).map(|()| Intake::Came)
    } else {
        drop(reader);
        result
    };
    #[cfg(not(feature = "into"))]
    drop(reader);
    match result {
        Ok(step) => {
            deliver_without_loop(client)?;
            match step {
                Intake::Blocked if client.inbox.lock().is_empty() => Ok(Intake::Came),
                #[cfg(feature = "into")]
                Intake::BlockedByPart => Ok(Intake::Blocked),
                step => Ok(step),
            }
        }
        Err(error) if error.ends_connection() => {
            client.fail(connection, error);
            #[cfg(feature = "into")]
            parts::tell_lost(client)?;
            Ok(Intake::Came)
        }
        // There is no memory for a message of another context. It stays where it is.
        Err(error) if error.is_memory_error() => {
            deliver_without_loop(client)?;
            Ok(Intake::Blocked)
        }
        Err(error) => Err(error),
    }
}
