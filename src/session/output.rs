//! The bytes that the protocol itself must send, acknowledgements and PINGREQ, and its timers.

use crate::codec::{Ack, PINGREQ};
use crate::limits::ACK_QUEUE;
use crate::time::Instant;

use super::input::Body;
use super::{Application, ConnectionState, Error, Receipt, Session};

impl<A: Application> Session<A> {
    /// Notes that the application has had the message, and queues its acknowledgement.
    ///
    /// False while the queue is full: the caller writes [`Self::poll_output`] and calls again.
    #[must_use]
    pub fn delivered(&mut self, receipt: Receipt) -> bool {
        self.unsaved |= receipt.exactly_once().is_some();
        let Some(ack) = self.incoming.delivered(receipt, self.connection) else {
            return true;
        };
        let has_room = !self.must_write();
        if has_room && self.state == ConnectionState::Up {
            self.queue(ack);
        }
        has_room
    }

    /// Fills `out` with the bytes that the protocol must send (acknowledgements, PINGREQ). Returns
    /// their number: 0 when there are none or `out` is shorter than four bytes.
    ///
    /// The session counts them as sent.
    pub fn poll_output(&mut self, now: Instant, out: &mut [u8]) -> usize {
        let mut filled: usize = 0;
        if self.state != ConnectionState::Up {
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

    /// Whether [`Self::poll_output`] has any bytes, or [`Self::next_queued`] a packet.
    // Every write asks.
    #[inline(always)]
    pub fn has_output(&self) -> bool {
        self.state == ConnectionState::Up && (self.has_protocol_output() || self.has_queued())
    }

    /// Whether there are acknowledgements or a PINGREQ to write, if the connection is up.
    #[inline(always)]
    pub fn has_protocol_output(&self) -> bool {
        !self.acks.is_empty() || self.keep_alive.ping_is_due()
    }

    /// Whether the caller must write [`Self::poll_output`] before the session takes more in.
    ///
    /// Even then there is room for one acknowledgement: that of the message which is being
    /// received, see [`Self::arrived`].
    pub fn must_write(&self) -> bool {
        self.acks.len().saturating_add(1) >= ACK_QUEUE
    }

    /// Notes that bytes other than those of [`Self::poll_output`] went out.
    pub fn sent(&mut self, now: Instant) {
        self.keep_alive.sent(now);
    }

    /// The keep-alive interval of the connection in ms; 0: none.
    pub fn keep_alive_ms(&self) -> u32 {
        self.keep_alive.interval()
    }

    /// Makes a PINGREQ due, whatever the clock says.
    pub fn ping(&mut self, now: Instant) {
        self.keep_alive.ask(now);
    }

    /// Whether a PINGREQ must be written.
    pub fn ping_is_due(&self) -> bool {
        self.keep_alive.ping_is_due()
    }

    /// Whether the broker has not answered a PINGREQ yet.
    pub fn awaits_ping_response(&self) -> bool {
        self.keep_alive.awaits_answer()
    }

    /// Milliseconds until [`Self::check_timers`] has something to do; `None` without a limit.
    pub fn next_check(&self, now: Instant) -> Option<u32> {
        match self.state {
            ConnectionState::Up => self.keep_alive.next_check(now),
            ConnectionState::Down | ConnectionState::Connecting => None,
        }
    }

    /// Looks at the clock: a PINGREQ may become due. `patience` (in ms) bounds the wait for a
    /// PINGRESP behind other packets.
    ///
    /// The caller calls it in every turn of a loop that takes bytes in, and after
    /// [`Self::caught_up`]. It costs a few comparisons.
    ///
    /// # Errors
    ///
    /// [`Error::PingTimeout`]: a PINGREQ or its answer is overdue, and the connection must end.
    pub fn check_timers(&mut self, now: Instant, patience: u32) -> Result<(), Error> {
        let in_payload = self.body == Body::Payload;
        if self.state == ConnectionState::Up && !self.keep_alive.check(now, patience, in_payload) {
            return Err(Error::PingTimeout);
        }
        Ok(())
    }

    pub(super) fn queue(&mut self, ack: Ack) {
        // Every caller has checked that there is room.
        let _ = self.acks.push_back(ack);
    }
}
