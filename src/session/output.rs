//! What the protocol itself has to say: acknowledgements and PINGREQ.

use crate::codec::{Ack, PINGREQ};
use crate::limits::ACK_QUEUE;
use crate::time::Instant;

use super::{Application, Error, Link, Receipt, Session};

impl<A: Application> Session<A> {
    /// The application has had the message: its acknowledgement is queued.
    ///
    /// False when the queue is full: write [`Self::poll_output`], then say it again.
    #[must_use]
    pub fn delivered(&mut self, receipt: Receipt) -> bool {
        let Some(ack) = self.incoming.delivered(receipt, self.connection) else {
            return true;
        };
        let has_room = !self.must_write();
        if has_room && self.link == Link::Up {
            self.queue(ack);
        }
        has_room
    }

    /// Fills `out` with what the protocol has to say (acknowledgements, PINGREQ): the
    /// number of bytes, 0 when there is nothing or `out` is shorter than four bytes.
    ///
    /// What was given counts as sent.
    pub fn poll_output(&mut self, now: Instant, out: &mut [u8]) -> usize {
        let mut filled: usize = 0;
        if self.link != Link::Up {
            return 0;
        }
        if let Some(place) = out.first_chunk_mut()
            && self.keep_alive.take_ping(now)
        {
            *place = PINGREQ;
            filled = PINGREQ.len();
        }
        while let Some(place) = out.get_mut(filled..).and_then(<[u8]>::first_chunk_mut)
            && let Some(ack) = self.acks.pop_front()
        {
            let packet = ack.encode();
            *place = packet;
            filled = filled.saturating_add(packet.len());
        }
        if filled > 0 {
            self.keep_alive.sent(now);
        }
        filled
    }

    /// Whether [`Self::poll_output`] has something to give.
    pub fn has_output(&self) -> bool {
        self.link == Link::Up && (!self.acks.is_empty() || self.keep_alive.ping_is_due())
    }

    /// Whether nothing more can be taken in before [`Self::poll_output`] was written.
    ///
    /// There is room for one acknowledgement even then: for that of a message which is
    /// being received, see [`Self::arrived`].
    pub fn must_write(&self) -> bool {
        self.acks.len().saturating_add(1) >= ACK_QUEUE
    }

    /// Bytes that did not come from [`Self::poll_output`] went out.
    pub fn sent(&mut self, now: Instant) {
        self.keep_alive.sent(now);
    }

    /// The keep-alive interval of the connection in ms; 0: none.
    pub fn keep_alive_ms(&self) -> u32 {
        self.keep_alive.interval()
    }

    /// Milliseconds until [`Self::check_timers`] has something to do; `None`: never.
    pub fn next_check(&self, now: Instant) -> Option<u32> {
        match self.link {
            Link::Up => self.keep_alive.next_check(now),
            Link::Down | Link::Connecting => None,
        }
    }

    /// Looks at the clock. `patience` (ms) bounds the wait for a PINGRESP behind other
    /// traffic.
    pub fn check_timers(&mut self, now: Instant, patience: u32) -> Result<(), Error> {
        if self.link == Link::Up && !self.keep_alive.check(now, patience) {
            return Err(Error::PingTimeout);
        }
        Ok(())
    }

    pub(super) fn queue(&mut self, ack: Ack) {
        // Every caller has seen that there is room.
        let _ = self.acks.push_back(ack);
    }
}
