//! Reading from a connection.
//!
//! | file | its one subject |
//! |---|---|
//! | `network` | gets bytes from the network, and finds out that none come any more |
//! | `packets` | takes the bytes in as packets, and makes messages of them |
//! | `aliases` | finds the topic names that the broker's aliases stand for |
//! | `parts` | takes payloads in parts into the buffers of their functions |

#[cfg(feature = "v5")]
mod aliases;
mod network;
mod packets;
#[cfg(feature = "into")]
mod parts;

use crate::codec::ReturnCode;
use crate::limits::READ_AHEAD;
use crate::micropython::{Text, UnfilledBytes, take_and_zero};
use crate::time::{Deadline, Instant};

use super::client::Client;
use super::error::Result;
use super::inbox::Message;

#[cfg(feature = "v5")]
use aliases::Aliases;
use packets::PartialMessage;

/// How long the reader goes on while bytes keep coming that no caller asked for, in ms. Then the
/// caller looks at its own deadline, and at whether it is to stop.
const TURN: u32 = 20;

/// The result of reading.
pub enum Input {
    /// Nothing came in time.
    Nothing,
    /// Packets of the protocol came: there may be an answer among them that a caller waits for.
    Progress,
    /// The answer to CONNECT.
    ConnAck(ReturnCode),
    /// A message for the application.
    Message(Message),
    /// A part of a payload for [`parts::deliver`](super::parts::deliver).
    #[cfg(feature = "into")]
    Part,
    /// The next part of a payload has to be read by a context that may deliver it.
    #[cfg(feature = "into")]
    Blocked,
}

/// The way in which to read.
#[derive(Clone, Copy)]
pub struct Reading {
    /// The longest wait for bytes, in ms.
    pub timeout: u32,
    /// A message for which there is no memory is thrown away. Otherwise it stays where it is, and
    /// reading fails with `MemoryError`.
    pub may_drop: bool,
    /// The reader may write the protocol's own packets: not if its caller is writing already.
    pub may_write: bool,
}

/// The state of reading from a connection. It belongs to the role of reader.
///
/// In this order: fields near the front are reached with shorter instructions.
#[repr(C)]
pub struct Reader {
    start: usize,
    end: usize,
    /// The header of a PUBLISH that does not fit into the buffer.
    long_header: Option<UnfilledBytes>,
    /// The message whose payload is being read.
    message: Option<PartialMessage>,
    /// Since when a packet has been incomplete without any byte coming in.
    stalled: Option<Instant>,
    /// The topic of the last message: the next one often has the same.
    topic: Option<Text>,
    /// The topic names that the broker's aliases stand for.
    #[cfg(feature = "v5")]
    aliases: Aliases,
    /// Bytes `start..end` of the buffer were read and not taken in yet.
    buffer: [u8; READ_AHEAD],
}

impl Reader {
    /// A reader that has read nothing.
    pub const fn new() -> Self {
        Self {
            start: 0,
            end: 0,
            long_header: None,
            message: None,
            stalled: None,
            topic: None,
            #[cfg(feature = "v5")]
            aliases: Aliases::NONE,
            buffer: [0; READ_AHEAD],
        }
    }

    /// Forgets all that belongs to an old connection.
    pub fn reset(&mut self) {
        self.start = 0;
        self.end = 0;
        take_and_zero(&mut self.long_header);
        take_and_zero(&mut self.message);
        self.stalled = None;
        #[cfg(feature = "v5")]
        self.aliases.clear();
    }

    /// Reads until something has come that concerns anybody, or for `how.timeout` ms.
    ///
    /// # Errors
    ///
    /// An error that ends the connection: the caller reports it with [`Client::fail`] when the role
    /// of reader is free again. `MemoryError`, if `how` says so; the stream keeps its place.
    pub fn read(&mut self, client: &Client, how: Reading) -> Result<Input> {
        let mut turn = None;
        let mut is_over = false;
        loop {
            if let Some(input) = self.next_input(client, how)? {
                return Ok(input);
            }
            if is_over {
                return Ok(Input::Progress);
            }
            let Some(present) = self.fill(client, how)? else {
                return Ok(Input::Nothing);
            };
            // After one look at the bytes that have come it is the caller's turn.
            let end = *turn.get_or_insert(Deadline::after(present, how.timeout.min(TURN)));
            is_over = end.remaining(present).is_none();
        }
    }

    /// Moves the bytes that have not been taken in to the front of the buffer.
    fn compact(&mut self) {
        if self.start <= self.end && self.end <= READ_AHEAD {
            self.buffer.copy_within(self.start..self.end, 0);
        }
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
    }
}

fn bytes(buffer: &[u8; READ_AHEAD], start: usize, end: usize) -> &[u8] {
    buffer.get(start..end).unwrap_or(&[])
}
