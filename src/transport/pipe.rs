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

/// Sends all of `bytes` by `deadline`.
///
/// Before each wait for room it calls `blocked` with the number of bytes that are left. Where
/// `blocked` returns false, the connection counts as closed.
///
/// # Errors
///
/// See [`PipeError`]. The peer may have got any part of `bytes` then.
pub fn send_all<S: Wait>(
    stack: &mut S,
    socket: &mut S::TcpSocket,
    mut bytes: &[u8],
    deadline: Deadline,
    mut blocked: impl FnMut(usize) -> bool,
) -> Result<(), PipeError<S::Error>> {
    while !bytes.is_empty() {
        match stack.send(socket, bytes) {
            Ok(0) => return Err(PipeError::Closed),
            Ok(n) => bytes = bytes.get(n..).unwrap_or(&[]),
            Err(nb::Error::Other(error)) => return Err(PipeError::Stack(error)),
            Err(nb::Error::WouldBlock) => {
                if !blocked(bytes.len()) {
                    return Err(PipeError::Closed);
                }
                let left = deadline.remaining(stack.now()).ok_or(PipeError::TimedOut)?;
                stack
                    .wait(socket, Interest::Send, left)
                    .map_err(PipeError::Stack)?;
            }
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
    match stack.receive(socket, buffer) {
        Ok(0) => Err(PipeError::Closed),
        Ok(n) => Ok(n),
        Err(nb::Error::WouldBlock) => Ok(0),
        Err(nb::Error::Other(error)) => Err(PipeError::Stack(error)),
    }
}
