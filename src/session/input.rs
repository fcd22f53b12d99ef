//! From the bytes of the broker to events.

#[cfg(feature = "v5")]
use core::num::NonZeroU16;

use crate::codec::{
    Ack, Decoded, Delivery, Packet, Properties, PublishShape, Reason, ReasonCode, ReturnCode,
    TopicName, decode_next, has_ping_response,
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
        /// The properties of MQTT 5; `None` in MQTT 3.1.1.
        properties: Option<Properties<'a>>,
    },
    /// A message begins. Its payload comes next: the caller takes it out of the stream, and then
    /// calls [`Session::arrived`].
    Message {
        /// The topic name; `None` for a message that was too large for the memory.
        topic: Option<&'a str>,
        /// Bytes of the payload; of a message that was too large for the memory, those of its properties, too.
        payload_len: usize,
        /// For [`Session::arrived`] and [`Session::delivered`].
        receipt: Receipt,
        /// The application has had this message, or has it in its queue: the caller throws it away.
        duplicate: bool,
        /// The properties of MQTT 5; `None` in MQTT 3.1.1, and of a message that was too large for the
        /// memory.
        properties: Option<Properties<'a>>,
        /// The alias of the topic name. With a topic name it stands for that from now on, without one the
        /// caller finds the name that came with it before.
        #[cfg(feature = "v5")]
        alias: Option<NonZeroU16>,
    },
    /// An acknowledgement that a caller may be waiting for.
    Answer,
    /// An acknowledgement with a refusal that a caller may be waiting for. Its reason says more than the
    /// status of the handshake, which has the code alone.
    #[cfg(feature = "v5")]
    Refusal(Reason<'a>),
    /// The broker ends the connection, for this reason.
    #[cfg(feature = "v5")]
    Disconnect(Reason<'a>),
    /// A step of the authentication that is under way: a challenge, or its success.
    #[cfg(feature = "v5")]
    Auth(Reason<'a>),
    /// A packet that no caller waits for.
    Nothing,
}

impl SessionEvent<'_> {
    /// Whether it is an acknowledgement that a caller may be waiting for.
    pub const fn is_answer(&self) -> bool {
        match self {
            #[cfg(feature = "v5")]
            Self::Refusal(_) => true,
            other => matches!(other, Self::Answer),
        }
    }
}

/// The front of a PUBLISH, up to its payload.
pub(super) struct Header<'a> {
    /// `None`: it is thrown away, or in MQTT 5 has an alias alone.
    pub(super) topic: Option<&'a str>,
    pub(super) delivery: Delivery,
    pub(super) retain: bool,
    pub(super) properties: Option<Properties<'a>>,
    pub(super) payload_len: usize,
}

/// Return codes of a SUBACK from here on refuse the subscription (section 3.9.3).
const REFUSED: u8 = 0x80;

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
    // With MQTT 5 it is so long that in one piece with its caller both would run out of registers.
    #[cfg_attr(feature = "v5", inline(never))]
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
            self.version,
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
                let message = Header {
                    topic: publish.topic.map(TopicName::as_str),
                    delivery: publish.delivery,
                    retain: publish.retain,
                    properties: publish.properties,
                    payload_len,
                };
                self.begin_message(message, header_len)
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
        if !has_ping_response(self.version, unread) {
            self.keep_alive.caught_up(now);
        }
    }

    /// Whether the payload of this message is being received: it has not [arrived](Self::arrived), and
    /// its connection has not ended.
    pub fn is_receiving(&self, receipt: Receipt) -> bool {
        self.body == Body::Payload && receipt.is_of(self.connection)
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

    /// Begins the message whose header takes `consumed` bytes of the input.
    pub(super) fn begin_message<'a>(
        &mut self,
        message: Header<'a>,
        consumed: usize,
    ) -> Result<NextEvent<'a>, Error> {
        self.admit(true)?;
        let Header {
            topic,
            delivery,
            retain,
            properties,
            payload_len,
        } = message;
        match self.incoming.place_for(delivery) {
            Place::Free => {}
            Place::ToBeMade => return Ok(NextEvent::new(0, SessionEvent::RoomFirst)),
            Place::None => return Err(Error::TooManyIncoming),
        }
        #[cfg(feature = "v5")]
        let alias = self.incoming_alias(properties)?;
        self.body = Body::Payload;
        let event = SessionEvent::Message {
            topic,
            payload_len,
            receipt: Receipt::new(delivery, retain, self.connection),
            duplicate: self.incoming.is_duplicate(delivery),
            properties,
            #[cfg(feature = "v5")]
            alias,
        };
        Ok(NextEvent::new(consumed, event))
    }

    /// Takes in a packet other than PUBLISH.
    fn on_packet<'a>(&mut self, packet: Packet<'a>) -> Result<SessionEvent<'a>, Error> {
        if let Packet::ConnAck {
            session_present,
            return_code,
            properties,
        } = packet
        {
            return self.on_connack(session_present, return_code, properties);
        }
        // A broker may authenticate the client, or send it away, before it accepts it.
        #[cfg(feature = "v5")]
        match packet {
            Packet::Auth(reason) => return self.on_auth(reason),
            Packet::Disconnect(reason) => return Ok(SessionEvent::Disconnect(reason)),
            _ => {}
        }
        self.admit(true)?;
        match packet {
            Packet::ConnAck { .. } => Err(Error::SecondConnAck),
            Packet::PubAck(id, reason) => {
                self.unsaved = true;
                let acknowledged = self.outgoing.acknowledge(id, reason.code);
                Ok(acknowledged_event(acknowledged, reason))
            }
            #[cfg(feature = "v5")]
            Packet::PubRec(id, reason) if reason.code.is_failure() => {
                self.unsaved = true;
                let acknowledged = self.outgoing.refused(id, reason.code);
                Ok(acknowledged_event(acknowledged, reason))
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
                // "Packet Identifier not found" ends the handshake, too.
                Ok(match self.outgoing.complete(id) {
                    Acknowledged::Expected => SessionEvent::Answer,
                    Acknowledged::Unknown => SessionEvent::Nothing,
                })
            }
            Packet::SubAck {
                id,
                codes,
                properties,
            } => {
                // Every SUBSCRIBE of this client has one filter.
                let &[code] = codes else {
                    return Err(Error::TooLong);
                };
                self.unsaved = true;
                let refused = (code >= REFUSED).then_some(ReasonCode::of_suback(code));
                let expected = self.subscriptions.answered(id, refused);
                let code = refused.unwrap_or(ReasonCode::SUCCESS);
                Ok(answer_event(expected, Reason { code, properties }))
            }
            Packet::UnsubAck {
                id,
                codes,
                properties,
            } => {
                // Every UNSUBSCRIBE of this client has one filter. MQTT 3.1.1 has no codes.
                let code = match *codes {
                    [] => ReasonCode::SUCCESS,
                    [code] => ReasonCode::of_suback(code),
                    _ => return Err(Error::TooLong),
                };
                let expected = self.unsubscribes.answered(id, code);
                Ok(answer_event(expected, Reason { code, properties }))
            }
            Packet::PingResp => {
                let expected = self.keep_alive.awaits_answer();
                self.keep_alive.answered();
                Ok(if expected {
                    SessionEvent::Answer
                } else {
                    SessionEvent::Nothing
                })
            }
            // They have been taken in above.
            #[cfg(feature = "v5")]
            Packet::Disconnect(_) | Packet::Auth(_) => Ok(SessionEvent::Nothing),
        }
    }

    // Rare, so not worth a copy in the path of every packet; with MQTT 5 it is long.
    #[cfg_attr(feature = "v5", inline(never))]
    fn on_connack<'a>(
        &mut self,
        session_present: bool,
        return_code: ReturnCode,
        properties: Option<Properties<'a>>,
    ) -> Result<SessionEvent<'a>, Error> {
        match self.state {
            ConnectionState::Up => return Err(Error::SecondConnAck),
            ConnectionState::Down => return Ok(SessionEvent::Nothing),
            ConnectionState::Connecting => {}
        }
        self.session_present = session_present;
        if return_code == ReturnCode::Accepted {
            // [MQTT-3.2.2-1] [MQTT5-3.2.2-4] a broker has no session for a client that asked for a clean one.
            if session_present && self.clean {
                return Err(Error::SessionPresent);
            }
            if let Some(properties) = properties {
                self.agree(properties);
            }
            self.accepted(session_present);
        } else {
            self.connection_lost();
        }
        Ok(SessionEvent::ConnAck {
            return_code,
            session_present,
            properties,
        })
    }

    /// Takes in the terms of the broker, which the connection has from now on.
    fn agree(&mut self, properties: Properties<'_>) {
        self.terms.take_in(properties);
        // [MQTT5-3.2.2-21]
        if let Some(seconds) = self.terms.keep_alive() {
            self.keep_alive.set_interval(seconds);
        }
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
    pub(super) const fn new(consumed: usize, event: SessionEvent<'a>) -> Self {
        Self { consumed, event }
    }

    pub(super) const fn incomplete(needed: usize) -> Self {
        Self::new(
            0,
            SessionEvent::Incomplete {
                needed,
                publish: None,
            },
        )
    }
}

fn acknowledged_event(acknowledged: Acknowledged, reason: Reason<'_>) -> SessionEvent<'_> {
    answer_event(acknowledged == Acknowledged::Expected, reason)
}

/// The event of an answer with `reason`.
fn answer_event(expected: bool, reason: Reason<'_>) -> SessionEvent<'_> {
    match reason.code.is_failure() {
        _ if !expected => SessionEvent::Nothing,
        #[cfg(feature = "v5")]
        true if reason.properties.is_some() => SessionEvent::Refusal(reason),
        _ => SessionEvent::Answer,
    }
}
