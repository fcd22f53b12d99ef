//! Messages that are thrown away because there is no memory for their headers.

#[cfg(feature = "v5")]
use crate::codec::has_property_length;
use crate::codec::{DecodeError, Delivery, PacketId, PublishShape};

use super::input::{Body, Header};
use super::{Application, Error, NextEvent, Session, SessionEvent};

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
        let (delivery, id_len) = match shape.qos.acked() {
            None => (Delivery::AtMostOnce, 0),
            Some(qos) => {
                let Some((bytes, _)) = input.split_first_chunk() else {
                    return Ok(NextEvent::incomplete(2));
                };
                let id = PacketId::new(u16::from_be_bytes(*bytes))
                    .ok_or(Error::Malformed(DecodeError::PacketId))?;
                (qos.delivery(id, shape.dup), 2)
            }
        };
        // The properties are thrown away with the payload, of which they are a part in `shape`.
        #[cfg(feature = "v5")]
        if self.version.is_5() {
            let behind = input.get(id_len..).unwrap_or_default();
            if !has_property_length(behind, shape.payload_len)? {
                return Ok(NextEvent::incomplete(input.len().saturating_add(1)));
            }
        }
        let message = Header {
            topic: None,
            delivery,
            retain: shape.retain,
            properties: None,
            payload_len: shape.payload_len,
        };
        self.begin_message(message, id_len)
    }
}
