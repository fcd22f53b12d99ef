//! From the bytes of the broker to events.

use crate::codec::{
    Ack, Decoded, Delivery, Packet, PacketId, PublishShape, QoS, ReturnCode, TopicName, decode_next,
};
use crate::time::Instant;

use super::incoming::Place;
use super::outgoing::Acknowledged;
use super::{Application, Error, Link, Receipt, Session};

/// One step through the bytes that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Bytes that are done with, from the front of the input.
    pub consumed: usize,
    /// What they meant.
    pub event: Event<'a>,
}

/// What the broker said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// At least `needed` bytes must be there before the next step, counted from the front
    /// of the input.
    Incomplete {
        /// Bytes, always more than there were.
        needed: usize,
        /// What is waited for is the header of this message. When there is no memory for
        /// it, [`Session::skip`] throws the message away.
        publish: Option<PublishShape>,
    },
    /// [`Session::incoming_mut`] must get room for one more before anything more can be taken
    /// in.
    RoomFirst,
    /// [`Session::poll_output`] must be written before anything more can be taken in.
    OutputFirst,
    /// The broker answered the CONNECT.
    ConnAck {
        /// Its verdict.
        return_code: ReturnCode,
        /// Whether it has kept a session.
        session_present: bool,
    },
    /// A message begins: its payload comes next, see [`Session::payload_left`].
    Message {
        /// The topic name; `None` for a message that was too large for the memory.
        topic: Option<&'a str>,
        /// For [`Session::arrived`] and [`Session::delivered`].
        receipt: Receipt,
        /// The application has had it, or has it in its queue: to be thrown away.
        duplicate: bool,
    },
    /// An answer that somebody may be waiting for.
    Answer,
    /// Nothing that anybody waits for.
    Nothing,
}

/// Where in a PUBLISH the stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// Not inside of one.
    None,
    /// That many payload bytes are to come.
    Payload(usize),
    /// Topic and packet identifier of a message that is thrown away are to come.
    Skip {
        topic_left: usize,
        shape: PublishShape,
    },
}

impl<A: Application> Session<A> {
    /// Takes in the front of `input`.
    ///
    /// While [`Self::payload_left`] is not 0, the stream stands in a payload, and it is for
    /// the caller to take that first: until then there is only [`Event::Nothing`].
    ///
    /// `last_topic` is the topic name of a message before, if one is at hand: one that is the same is
    /// not checked again, and [`Event::Message`] has this very slice.
    pub fn step<'a>(
        &mut self,
        input: &'a [u8],
        last_topic: Option<&'a str>,
    ) -> Result<Step<'a>, Error> {
        if self.must_write() {
            return Ok(Step::new(0, Event::OutputFirst));
        }
        match self.body {
            Body::None => {}
            Body::Payload(_) => return Ok(Step::new(0, Event::Nothing)),
            Body::Skip { topic_left, shape } => return self.step_skip(topic_left, shape, input),
        }
        match decode_next(input, last_topic.map(TopicName::new_unchecked))? {
            Decoded::Incomplete { needed, publish } => {
                self.admit(publish.is_some())?;
                Ok(Step::new(0, Event::Incomplete { needed, publish }))
            }
            Decoded::Packet { packet, len } => {
                let event = self.packet(packet)?;
                Ok(Step::new(len, event))
            }
            Decoded::Publish {
                publish,
                header_len,
                payload_len,
            } => {
                let topic = Some(publish.topic.as_str());
                self.message(topic, publish.delivery, payload_len, header_len)
            }
        }
    }

    /// Bytes came in, whatever they are.
    pub fn received(&mut self, now: Instant) {
        self.keep_alive.received(now);
    }

    /// Payload bytes of the present message that are still to come.
    pub fn payload_left(&self) -> usize {
        match self.body {
            Body::Payload(left) => left,
            Body::None | Body::Skip { .. } => 0,
        }
    }

    /// The caller has taken `n` payload bytes out of the stream.
    pub fn payload_taken(&mut self, n: usize) {
        if let Body::Payload(left) = self.body {
            self.body = match left.saturating_sub(n) {
                0 => Body::None,
                left => Body::Payload(left),
            };
        }
    }

    /// Throws away the message of [`Event::Incomplete`], of which nothing was consumed:
    /// there is no memory for its header. Gives the bytes to drop from the input now.
    pub fn skip(&mut self, shape: PublishShape) -> usize {
        self.body = Body::Skip {
            topic_left: shape.topic_len,
            shape,
        };
        shape.prefix_len
    }

    /// The present message is complete. It counts as one that the application gets, so
    /// [`Self::delivered`] must follow, unless it is a duplicate.
    ///
    /// [`Error::ConnectionLost`]: it is not complete, the connection has ended meanwhile.
    pub fn arrived(&mut self, receipt: Receipt) -> Result<(), Error> {
        if self.receiving.take() != Some(receipt) {
            return Err(Error::ConnectionLost);
        }
        match self.incoming.arrived(receipt) {
            Ok(None) => Ok(()),
            Ok(Some(ack)) => {
                self.queue(ack);
                Ok(())
            }
            Err(_) => Err(Error::TooManyIncoming),
        }
    }

    fn step_skip<'a>(
        &mut self,
        topic_left: usize,
        shape: PublishShape,
        input: &'a [u8],
    ) -> Result<Step<'a>, Error> {
        if topic_left > 0 {
            let taken = topic_left.min(input.len());
            if taken == 0 {
                return Ok(Step::incomplete(1));
            }
            self.body = Body::Skip {
                topic_left: topic_left.saturating_sub(taken),
                shape,
            };
            return Ok(Step::new(taken, Event::Nothing));
        }
        if shape.qos == QoS::AtMostOnce {
            return self.message(None, Delivery::AtMostOnce, shape.payload_len, 0);
        }
        let Some((bytes, _)) = input.split_first_chunk() else {
            return Ok(Step::incomplete(2));
        };
        let id = PacketId::new(u16::from_be_bytes(*bytes))
            .ok_or(Error::Malformed(crate::codec::DecodeError::PacketId))?;
        let dup = shape.dup;
        let delivery = if shape.qos == QoS::ExactlyOnce {
            Delivery::ExactlyOnce { id, dup }
        } else {
            Delivery::AtLeastOnce { id, dup }
        };
        self.message(None, delivery, shape.payload_len, 2)
    }

    fn message<'a>(
        &mut self,
        topic: Option<&'a str>,
        delivery: Delivery,
        payload_len: usize,
        consumed: usize,
    ) -> Result<Step<'a>, Error> {
        self.admit(true)?;
        match self.incoming.place_for(delivery) {
            Place::Free => {}
            Place::ToBeMade => return Ok(Step::new(0, Event::RoomFirst)),
            Place::None => return Err(Error::TooManyIncoming),
        }
        self.body = match payload_len {
            0 => Body::None,
            left => Body::Payload(left),
        };
        let receipt = Receipt::new(delivery, self.connection);
        self.receiving = Some(receipt);
        let event = Event::Message {
            topic,
            receipt,
            duplicate: self.incoming.is_duplicate(delivery),
        };
        Ok(Step::new(consumed, event))
    }

    fn packet(&mut self, packet: Packet<'_>) -> Result<Event<'static>, Error> {
        if let Packet::ConnAck {
            session_present,
            return_code,
        } = packet
        {
            return self.connack(session_present, return_code);
        }
        self.admit(true)?;
        match packet {
            Packet::ConnAck { .. } => Err(Error::SecondConnAck),
            Packet::PubAck(id) => Ok(answer(self.outgoing.acknowledge(id))),
            Packet::PubRec(id) => {
                // An unknown PUBREC gets its PUBREL too: the broker must get rid of it.
                let _ = self.outgoing.receive(id);
                // [MQTT-4.3.3-1] PUBREL with the identifier of the PUBREC.
                self.queue(Ack::PubRel(id));
                Ok(Event::Nothing)
            }
            Packet::PubRel(id) => {
                let ack = self.incoming.released(id);
                self.queue(ack);
                Ok(Event::Nothing)
            }
            Packet::PubComp(id) => Ok(answer(self.outgoing.complete(id))),
            Packet::SubAck { id, codes } => {
                // Every SUBSCRIBE of ours has one filter.
                let &[code] = codes else {
                    return Err(Error::TooLong);
                };
                Ok(answered(self.subscriptions.answered(id, code < 0x80)))
            }
            Packet::UnsubAck(id) => Ok(answered(self.unsubscribes.answered(id))),
            Packet::PingResp => {
                self.keep_alive.answered();
                Ok(Event::Nothing)
            }
        }
    }

    fn connack(
        &mut self,
        session_present: bool,
        return_code: ReturnCode,
    ) -> Result<Event<'static>, Error> {
        match self.link {
            Link::Up => return Err(Error::SecondConnAck),
            Link::Down => return Ok(Event::Nothing),
            Link::Connecting => {}
        }
        if return_code == ReturnCode::Accepted {
            // [MQTT-3.2.2-1] a broker has no session for a client that asked for none.
            if session_present && self.clean {
                return Err(Error::SessionPresent);
            }
            self.accepted(session_present);
        } else {
            self.connection_lost();
        }
        Ok(Event::ConnAck {
            return_code,
            session_present,
        })
    }

    /// Only CONNACK may come first.
    // [MQTT-3.2.0-1] the first packet from the broker must be a CONNACK.
    fn admit(&self, other_than_connack: bool) -> Result<(), Error> {
        if other_than_connack && self.link == Link::Connecting {
            return Err(Error::BeforeConnAck);
        }
        Ok(())
    }
}

impl<'a> Step<'a> {
    const fn new(consumed: usize, event: Event<'a>) -> Self {
        Self { consumed, event }
    }

    const fn incomplete(needed: usize) -> Self {
        Self::new(
            0,
            Event::Incomplete {
                needed,
                publish: None,
            },
        )
    }
}

fn answer(acknowledged: Acknowledged) -> Event<'static> {
    answered(acknowledged == Acknowledged::Expected)
}

fn answered(expected: bool) -> Event<'static> {
    if expected {
        Event::Answer
    } else {
        Event::Nothing
    }
}
