//! From the bytes of the broker to events.

use crate::codec::{
    Ack, DecodeError, Decoded, Delivery, Packet, PacketId, PublishShape, ReturnCode, TopicName,
    Version, decode_next, has_ping_response,
};
use crate::time::Instant;

use super::incoming::Place;
use super::outgoing::Acknowledged;
use super::{Application, ConnectionState, Error, Receipt, Session};

/// An event, and the bytes that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextEvent<'a> {
    /// Number of bytes at the front of the input that the caller needs no longer.
    pub consumed: usize,
    /// Their meaning.
    pub event: SessionEvent<'a>,
}

/// The meaning of received bytes, or the reason why the session takes no more of them in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEvent<'a> {
    /// At least `needed` bytes must be there before the next call, counted from the front of the
    /// input.
    Incomplete {
        /// Bytes, always more than there were.
        needed: usize,
        /// The message whose header is not all there yet. A caller without memory for the header
        /// throws the message away with [`Session::skip`].
        publish: Option<PublishShape>,
    },
    /// [`Session::incoming_mut`] must get room for one more entry before the session takes more in.
    RoomFirst,
    /// The caller must write [`Session::poll_output`] before the session takes more in.
    OutputFirst,
    /// The broker answered the CONNECT.
    ConnAck {
        /// Whether the broker has accepted the connection.
        return_code: ReturnCode,
        /// Whether the broker has kept a session of this client.
        session_present: bool,
    },
    /// A message begins. Its payload comes next: the caller takes it out of the stream, and then
    /// calls [`Session::arrived`].
    Message {
        /// The topic name; `None` for a message that was too large for the memory.
        topic: Option<&'a str>,
        /// Bytes of the payload.
        payload_len: usize,
        /// For [`Session::arrived`] and [`Session::delivered`].
        receipt: Receipt,
        /// The application has had this message, or has it in its queue: the caller throws it away.
        duplicate: bool,
    },
    /// An acknowledgement that a caller may be waiting for.
    Answer,
    /// A packet that no caller waits for.
    Nothing,
}

/// The place in a PUBLISH where the stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// Between two packets.
    None,
    /// In the payload of a message that has not [arrived](Session::arrived), or behind it.
    Payload,
    /// In the topic name of a message that is thrown away, or before its packet identifier.
    Skip {
        topic_left: usize,
        shape: PublishShape,
    },
}

impl<A: Application> Session<A> {
    /// Takes in the front of `input`.
    ///
    /// Behind a [`SessionEvent::Message`] the stream stands in its payload. The caller must take the
    /// payload first; until [`Self::arrived`] there is only [`SessionEvent::Nothing`].
    ///
    /// `last_topic` is the topic name of an earlier message, if the caller has one at hand. A topic
    /// name with the same bytes is not checked again, and [`SessionEvent::Message`] has this very
    /// slice.
    ///
    /// # Errors
    ///
    /// A fault of the broker. The connection must end [MQTT-4.8.0-1].
    pub fn next_event<'a>(
        &mut self,
        input: &'a [u8],
        last_topic: Option<&'a str>,
    ) -> Result<NextEvent<'a>, Error> {
        if self.must_write() {
            return Ok(NextEvent::new(0, SessionEvent::OutputFirst));
        }
        match self.body {
            Body::None => {}
            Body::Payload => return Ok(NextEvent::new(0, SessionEvent::Nothing)),
            Body::Skip { topic_left, shape } => return self.skip_header(topic_left, shape, input),
        }
        match decode_next(
            Version::V3_1_1,
            input,
            last_topic.map(TopicName::new_unchecked),
        )? {
            Decoded::Incomplete { needed, publish } => {
                self.admit(publish.is_some())?;
                Ok(NextEvent::new(
                    0,
                    SessionEvent::Incomplete { needed, publish },
                ))
            }
            Decoded::Packet { packet, len } => {
                let event = self.on_packet(packet)?;
                Ok(NextEvent::new(len, event))
            }
            Decoded::Publish {
                publish,
                header_len,
                payload_len,
            } => {
                let topic = publish.topic.map(TopicName::as_str);
                let (delivery, retain) = (publish.delivery, publish.retain);
                self.begin_message(topic, delivery, retain, payload_len, header_len)
            }
        }
    }

    /// Notes that bytes came in, for the keep-alive clock.
    pub fn received(&mut self, now: Instant) {
        self.keep_alive.received(now);
    }

    /// Notes that the caller found nothing more to read in the network at `now`, and that the
    /// session has taken in every byte that came before. Only as of such a moment a PINGRESP is
    /// missing.
    pub fn caught_up(&mut self, now: Instant) {
        self.keep_alive.caught_up(now);
    }

    /// Notes the same of the network, with bytes at hand that the session has not taken in: `unread`
    /// begins with a packet. Nothing changes if there is a PINGRESP among them.
    pub fn caught_up_behind(&mut self, unread: &[u8], now: Instant) {
        if !has_ping_response(Version::V3_1_1, unread) {
            self.keep_alive.caught_up(now);
        }
    }

    /// Whether the payload of this message is being received: it has not [arrived](Self::arrived), and
    /// its connection has not ended.
    pub fn is_receiving(&self, receipt: Receipt) -> bool {
        self.body == Body::Payload && receipt.is_of(self.connection)
    }

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

    /// Notes that the caller has taken the whole payload of the present message. The application gets
    /// the message, so [`Self::delivered`] must follow, unless it is a duplicate.
    ///
    /// # Errors
    ///
    /// [`Error::ConnectionLost`]: the message is not complete, because the connection has ended
    /// meanwhile. [`Error::TooManyIncoming`].
    pub fn arrived(&mut self, receipt: Receipt) -> Result<(), Error> {
        if !self.is_receiving(receipt) {
            return Err(Error::ConnectionLost);
        }
        self.body = Body::None;
        self.keep_alive.payload_ended();
        match self.incoming.arrived(receipt) {
            Ok(None) => Ok(()),
            Ok(Some(ack)) => {
                self.queue(ack);
                Ok(())
            }
            Err(_) => Err(Error::TooManyIncoming),
        }
    }

    /// Takes in the front of `input`, which is a part of a header that is thrown away.
    // Rare, so not worth a copy in the path of every packet.
    #[inline(never)]
    fn skip_header<'a>(
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
            let delivery = Delivery::AtMostOnce;
            return self.begin_message(None, delivery, shape.retain, shape.payload_len, 0);
        };
        let Some((bytes, _)) = input.split_first_chunk() else {
            return Ok(NextEvent::incomplete(2));
        };
        let id = PacketId::new(u16::from_be_bytes(*bytes))
            .ok_or(Error::Malformed(DecodeError::PacketId))?;
        let delivery = qos.delivery(id, shape.dup);
        self.begin_message(None, delivery, shape.retain, shape.payload_len, 2)
    }

    /// Begins the message whose header takes `consumed` bytes of the input.
    fn begin_message<'a>(
        &mut self,
        topic: Option<&'a str>,
        delivery: Delivery,
        retain: bool,
        payload_len: usize,
        consumed: usize,
    ) -> Result<NextEvent<'a>, Error> {
        self.admit(true)?;
        match self.incoming.place_for(delivery) {
            Place::Free => {}
            Place::ToBeMade => return Ok(NextEvent::new(0, SessionEvent::RoomFirst)),
            Place::None => return Err(Error::TooManyIncoming),
        }
        self.body = Body::Payload;
        let event = SessionEvent::Message {
            topic,
            payload_len,
            receipt: Receipt::new(delivery, retain, self.connection),
            duplicate: self.incoming.is_duplicate(delivery),
        };
        Ok(NextEvent::new(consumed, event))
    }

    /// Takes in a packet other than PUBLISH.
    fn on_packet(&mut self, packet: Packet<'_>) -> Result<SessionEvent<'static>, Error> {
        if let Packet::ConnAck {
            session_present,
            return_code,
            ..
        } = packet
        {
            return self.on_connack(session_present, return_code);
        }
        self.admit(true)?;
        match packet {
            Packet::ConnAck { .. } => Err(Error::SecondConnAck),
            Packet::PubAck(id, _) => {
                self.unsaved = true;
                Ok(acknowledged_event(self.outgoing.acknowledge(id)))
            }
            Packet::PubRec(id, _) => {
                // An unknown PUBREC gets its PUBREL too: otherwise the broker would keep the
                // message.
                let _ = self.outgoing.receive(id);
                self.unsaved = true;
                // [MQTT-4.3.3-1] PUBREL with the identifier of the PUBREC.
                self.queue(Ack::PubRel(id));
                Ok(SessionEvent::Nothing)
            }
            Packet::PubRel(id, _) => {
                let ack = self.incoming.released(id);
                self.unsaved = true;
                self.queue(ack);
                Ok(SessionEvent::Nothing)
            }
            Packet::PubComp(id, _) => {
                self.unsaved = true;
                Ok(acknowledged_event(self.outgoing.complete(id)))
            }
            Packet::SubAck { id, codes, .. } => {
                // Every SUBSCRIBE of this client has one filter.
                let &[code] = codes else {
                    return Err(Error::TooLong);
                };
                self.unsaved = true;
                Ok(answer_event(self.subscriptions.answered(id, code < 0x80)))
            }
            Packet::UnsubAck { id, .. } => Ok(answer_event(self.unsubscribes.answered(id))),
            Packet::PingResp => {
                let expected = self.keep_alive.awaits_answer();
                self.keep_alive.answered();
                Ok(answer_event(expected))
            }
            // There are none in MQTT 3.1.1, which the session speaks.
            #[cfg(feature = "v5")]
            Packet::Disconnect(_) | Packet::Auth(_) => Ok(SessionEvent::Nothing),
        }
    }

    fn on_connack(
        &mut self,
        session_present: bool,
        return_code: ReturnCode,
    ) -> Result<SessionEvent<'static>, Error> {
        match self.state {
            ConnectionState::Up => return Err(Error::SecondConnAck),
            ConnectionState::Down => return Ok(SessionEvent::Nothing),
            ConnectionState::Connecting => {}
        }
        self.session_present = session_present;
        if return_code == ReturnCode::Accepted {
            // [MQTT-3.2.2-1] a broker has no session for a client that asked for a clean one.
            if session_present && self.clean {
                return Err(Error::SessionPresent);
            }
            self.accepted(session_present);
        } else {
            self.connection_lost();
        }
        Ok(SessionEvent::ConnAck {
            return_code,
            session_present,
        })
    }

    /// Refuses a packet `other_than_connack` before the CONNACK.
    // [MQTT-3.2.0-1] the first packet from the broker must be a CONNACK.
    fn admit(&self, other_than_connack: bool) -> Result<(), Error> {
        if other_than_connack && self.state == ConnectionState::Connecting {
            return Err(Error::BeforeConnAck);
        }
        Ok(())
    }
}

impl<'a> NextEvent<'a> {
    const fn new(consumed: usize, event: SessionEvent<'a>) -> Self {
        Self { consumed, event }
    }

    const fn incomplete(needed: usize) -> Self {
        Self::new(
            0,
            SessionEvent::Incomplete {
                needed,
                publish: None,
            },
        )
    }
}

fn acknowledged_event(acknowledged: Acknowledged) -> SessionEvent<'static> {
    answer_event(acknowledged == Acknowledged::Expected)
}

fn answer_event(expected: bool) -> SessionEvent<'static> {
    if expected {
        SessionEvent::Answer
    } else {
        SessionEvent::Nothing
    }
}
