//! Messages that are thrown away because there is no memory for their headers.

#[cfg(feature = "v5")]
use crate::codec::property_length;
use crate::codec::{DecodeError, Delivery, PacketId, PublishShape};

use super::input::{Body, Header};
use super::{Application, Error, NextEvent, Session, SessionEvent};

/// A message that is thrown away, in whose properties the stream stands.
#[cfg(feature = "v5")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SkippedProperties {
    delivery: Delivery,
    retain: bool,
    /// Bytes that follow in the packet, once `left` bytes are gone.
    payload_len: usize,
    /// Bytes of the properties that are still to come; `None` before their length has come.
    left: Option<usize>,
}

impl<A: Application> Session<A> {
    /// Throws away the message of [`SessionEvent::Incomplete`], of which nothing was consumed:
    /// the caller has no memory for its header. Returns the number of bytes that the caller must
    /// drop from the input now.
    pub fn skip(&mut self, shape: PublishShape) -> usize {
        self.body = Body::Skip {
            topic_left: shape.topic_len,
            shape,
        };
        shape.prefix_len
    }

    /// Takes in the front of `input`, which is a part of a header that is thrown away.
    // Rare, so not worth a copy in the path of every packet.
    #[inline(never)]
    pub(super) fn skip_header<'a>(
        &mut self,
        topic_left: usize,
        shape: PublishShape,
        input: &'a [u8],
    ) -> Result<NextEvent<'a>, Error> {
        if topic_left > 0 {
            let taken = topic_left.min(input.len());
            if taken == 0 {
                return Ok(NextEvent::incomplete(1));
            }
            self.body = Body::Skip {
                topic_left: topic_left.saturating_sub(taken),
                shape,
            };
            return Ok(NextEvent::new(taken, SessionEvent::Nothing));
        }
        let Some(qos) = shape.qos.acked() else {
            return self.skip_id(shape, Delivery::AtMostOnce, 0);
        };
        let Some((bytes, _)) = input.split_first_chunk() else {
            return Ok(NextEvent::incomplete(2));
        };
        let id = PacketId::new(u16::from_be_bytes(*bytes))
            .ok_or(Error::Malformed(DecodeError::PacketId))?;
        self.skip_id(shape, qos.delivery(id, shape.dup), 2)
    }

    /// Goes on behind the packet identifier, which takes `consumed` bytes of the input.
    fn skip_id<'a>(
        &mut self,
        shape: PublishShape,
        delivery: Delivery,
        consumed: usize,
    ) -> Result<NextEvent<'a>, Error> {
        #[cfg(feature = "v5")]
        if self.version.is_5() {
            self.body = Body::SkipProperties(SkippedProperties {
                delivery,
                retain: shape.retain,
                payload_len: shape.payload_len,
                left: None,
            });
            return Ok(NextEvent::new(consumed, SessionEvent::Nothing));
        }
        let (retain, payload_len) = (shape.retain, shape.payload_len);
        self.begin_message(Header::skipped(delivery, retain, payload_len), consumed)
    }

    /// Takes in the front of `input`, which begins in the properties of a message that is thrown away.
    #[cfg(feature = "v5")]
    #[inline(never)]
    pub(super) fn skip_properties<'a>(
        &mut self,
        skipped: SkippedProperties,
        input: &'a [u8],
    ) -> Result<NextEvent<'a>, Error> {
        let SkippedProperties {
            delivery,
            retain,
            payload_len,
            left,
        } = skipped;
        let Some(left) = left else {
            let Some((len, prefix_len)) = property_length(input)? else {
                return Ok(NextEvent::incomplete(input.len().saturating_add(1)));
            };
            let payload_len = payload_len
                .checked_sub(len.saturating_add(prefix_len))
                .ok_or(Error::Malformed(DecodeError::PropertyLength))?;
            self.body = Body::SkipProperties(SkippedProperties {
                payload_len,
                left: Some(len),
                ..skipped
            });
            return Ok(NextEvent::new(prefix_len, SessionEvent::Nothing));
        };
        if left == 0 {
            return self.begin_message(Header::skipped(delivery, retain, payload_len), 0);
        }
        let taken = left.min(input.len());
        if taken == 0 {
            return Ok(NextEvent::incomplete(1));
        }
        self.body = Body::SkipProperties(SkippedProperties {
            left: Some(left.saturating_sub(taken)),
            ..skipped
        });
        Ok(NextEvent::new(taken, SessionEvent::Nothing))
    }
}

impl Header<'_> {
    /// A header that is thrown away, of which only this is left.
    fn skipped(delivery: Delivery, retain: bool, payload_len: usize) -> Self {
        Self {
            topic: None,
            delivery,
            retain,
            properties: None,
            payload_len,
        }
    }
}
