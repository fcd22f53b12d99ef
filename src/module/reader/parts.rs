//! Payloads that are read in parts, into the buffers of their functions.

use super::packets::PartialPayload;
use super::{Input, Reader, Reading, bytes};
use crate::module::client::Client;
use crate::module::error::Result;
use crate::module::parts::{self, Way};

/// The bytes of a payload that have been taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// None, for the payload does not come in parts, or the last ones.
    Whole,
    /// All that are here. More are to come.
    Front,
    /// So many that the buffer is full.
    Part,
    /// None: another context has to do it, or this one later.
    Nothing,
}

impl Taken {
    /// The input that the caller of the reader gets.
    #[cold]
    pub(super) fn input(self) -> Option<Input> {
        match self {
            Self::Part => Some(Input::Part),
            Self::Nothing => Some(Input::Blocked),
            Self::Whole | Self::Front => None,
        }
    }
}

impl Reader {
    /// Takes payload bytes that are here into a buffer, if the message that is being read is one in
    /// parts.
    ///
    /// # Errors
    ///
    /// An exception that came while writing.
    #[cold]
    #[inline(never)]
    pub(super) fn take_part(&mut self, client: &Client, how: Reading) -> Result<Taken> {
        let Some(partial) = &mut self.message else {
            return Ok(Taken::Whole);
        };
        if let (PartialPayload::Announced(len), Some(topic)) = (&partial.payload, partial.topic) {
            let len = *len;
            match parts::way(client, topic, partial.properties, partial.receipt, len, how)? {
                Way::Gathered => {}
                Way::InParts => partial.payload = PartialPayload::InParts(len),
                Way::Blocked => return Ok(Taken::Nothing),
            }
        }
        let PartialPayload::InParts(left) = &mut partial.payload else {
            return Ok(Taken::Whole);
        };
        let here = bytes(&self.buffer, self.start, self.end);
        let here = here.get(..*left).unwrap_or(here);
        let Some((taken, is_full)) = parts::take(client, here, *left, how) else {
            return Ok(Taken::Nothing);
        };
        *left = left.saturating_sub(taken);
        self.start = self.start.saturating_add(taken);
        Ok(match *left {
            0 => Taken::Whole,
            _ if is_full => Taken::Part,
            _ => Taken::Front,
        })
    }
}
