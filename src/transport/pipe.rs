//! Bytes over a connected socket.

use embedded_nal::{TcpClientStack, nb};

use crate::time::Deadline;

use super::{Interest, Wait};

/// Why bytes could not be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipeError<E> {
    /// The peer has closed the connection, or `blocked` has said so.
    Closed,
    /// Time was up.
    TimedOut,
    /// The stack's own error.
    Stack(E),
}

/// Sends as much of `bytes` as the network takes at once: the number of bytes, 0 when there is no
/// room.
///
/// # Errors
///
/// The peer has closed the connection, or the stack's own error.
pub fn send_some<S: TcpClientStack>(
    stack: &mut S,
    socket: &mut S::TcpSocket,
    bytes: &[u8],
) -> Result<usize, PipeError<S::Error>> {
    moved(stack.send(socket, bytes))
}

/// The number of bytes that a stack has moved at once, 0 for none yet.
///
/// # Errors
///
/// The peer has closed the connection, or the stack's own error.
pub fn moved<E>(result: nb::Result<usize, E>) -> Result<usize, PipeError<E>> {
    match result {
        Ok(0) => Err(PipeError::Closed),
        Ok(n) => Ok(n),
        Err(nb::Error::WouldBlock) => Ok(0),
        Err(nb::Error::Other(error)) => Err(PipeError::Stack(error)),
    }
}

/// Sends all of `bytes` by `deadline`. It calls `blocked` before each wait for room.
///
/// # Errors
///
/// See [`PipeError`]. The peer may have got any part of `bytes` then.
pub fn send_all<S: Wait>(
    stack: &mut S,
    socket: &mut S::TcpSocket,
    mut bytes: &[u8],
    deadline: Deadline,
    mut blocked: impl FnMut(),
) -> Result<(), PipeError<S::Error>> {
    while !bytes.is_empty() {
        match send_some(stack, socket, bytes)? {
            0 => {
                blocked();
                let left = deadline.remaining(stack.now()).ok_or(PipeError::TimedOut)?;
                stack
                    .wait(socket, Interest::Send, left)
                    .map_err(PipeError::Stack)?;
            }
            n => bytes = bytes.get(n..).unwrap_or(&[]),
        }
    }
    Ok(())
}

/// Receives the bytes that are there, without waiting, and returns their number: 0 when nothing has
/// come yet.
///
/// # Errors
///
/// See [`PipeError`]; it never times out.
pub fn receive<S: TcpClientStack>(
    stack: &mut S,
    socket: &mut S::TcpSocket,
    buffer: &mut [u8],
) -> Result<usize, PipeError<S::Error>> {
    if buffer.is_empty() {
        return Ok(0);
    }
    moved(stack.receive(socket, buffer))
}
