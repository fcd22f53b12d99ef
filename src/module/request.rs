//! `request`, `reply`: section 4.10 of the standard of MQTT 5.
//!
//! A request is a message with a Response Topic and, as its Correlation Data, a number. The reader gives the
//! answer with that number to the caller that waits for it, past the inbox: so a function can make a request,
//! too, while other messages wait for it to return.

use crate::codec::{Binary, Place, PropertyId, QoS, TopicName, Value};
use crate::limits::REQUESTS;
use crate::micropython::{Buffer, Dict, Obj, Text, now, qstr};
use crate::session::{Attempt, MessageFlags, Session, SubscribeStatus};
use crate::time::{Deadline, Instant};

use super::application::{Filter, Python};
use super::args::{Fault, parameter};
use super::client::Client;
#[cfg(feature = "aio")]
use super::driven::{Call, ticket};
use super::error::{Error, Reason, Result};
use super::inbox::Content;
use super::message::message as delivered_message;
#[cfg(feature = "aio")]
use super::outbox::delivery_of;
use super::properties::{Block, Draft, property_of, to_block};
use super::publish::NewMessage;
use super::wait::wait_for;

/// An answer that has come.
pub type Answer = (Content, MessageFlags);

/// The requests whose callers wait.
#[derive(Debug)]
pub struct Requests {
    open: [Request; REQUESTS],
    /// The number of the next request; 0 before the first one.
    next: u32,
    /// The topic name for answers.
    topic: Option<Text>,
    /// The connection on which it was chosen last, and on which the requests were made.
    connection: u32,
}

/// A place for a request.
#[derive(Clone, Copy, Debug)]
struct Request {
    /// Never 0, unless the place is free.
    number: u32,
    answer: Option<Answer>,
    /// The `Delivery` of its message, where the program drives the loop.
    #[cfg(feature = "aio")]
    delivery: Option<Obj>,
}

impl Request {
    const NONE: Self = Self {
        number: 0,
        answer: None,
        #[cfg(feature = "aio")]
        delivery: None,
    };
}

/// The first step of a request.
pub enum Begun {
    /// The client is subscribing to the topic for answers. The step must be taken again after that.
    Subscribing(Attempt),
    /// There is a place for the answer: the number of the request, and the properties of its message.
    Open(u32, Block),
}

/// The largest number of a request: Python gets it as a small int, with the bits of a ticket.
const LARGEST: u32 = (1 << 27) - 1;

impl Requests {
    /// No requests.
    pub const NONE: Self = Self {
        open: [Request::NONE; REQUESTS],
        next: 0,
        topic: None,
        connection: 0,
    };

    /// The place of the request with this number; with 0 a free one.
    fn place_of(&mut self, number: u32) -> Option<&mut Request> {
        self.open.iter_mut().find(|open| open.number == number)
    }

    /// Takes a place for a request: its number. `None`: there is no place.
    fn open(&mut self) -> Option<u32> {
        let number = match self.next {
            // After a reset the answers to older requests may still come.
            0 => now().duration_since(Instant::from_ms(0)) & LARGEST | 1,
            next => next,
        };
        self.place_of(0)?.number = number;
        self.next = number.wrapping_add(1) & LARGEST;
        Some(number)
    }

    /// Forgets the request with this number.
    fn close(&mut self, number: u32) {
        if let Some(place) = self.place_of(number) {
            *place = Request::NONE;
        }
    }
}

impl Client {
    /// Publishes `message` as a request, and waits for the answer.
    ///
    /// # Errors
    ///
    /// Those of [`Client::publish`] and [`Client::begin_request`]; [`Reason::NoAnswer`];
    /// [`Reason::InboxFull`] in a function that keeps too many messages waiting.
    pub fn request(&self, message: NewMessage, qos: QoS, timeout: Option<u32>) -> Result<Answer> {
        let deadline = Deadline::after(now(), timeout.unwrap_or(self.command_timeout));
        let late = Error::because(Reason::NoAnswer);
        let (number, properties) = loop {
            match self.begin_request(message.properties)? {
                Begun::Open(number, properties) => break (number, properties),
                Begun::Subscribing(attempt) => {
                    self.await_suback(attempt, None, deadline, late)?;
                }
            }
        };
        let message = NewMessage {
            properties,
            ..message
        };
        let mut answer = None;
        let result = self.publish(&message, qos).and_then(|()| {
            wait_for(self, deadline, late, &mut |session| {
                let is_over;
                (is_over, answer) = self.poll_request(session, number);
                is_over
            })
        });
        self.close_request(number);
        result?;
        answer.ok_or_else(|| self.last_failure())
    }

    /// Takes the first step of a request with these properties, and never waits for an answer.
    ///
    /// # Errors
    ///
    /// `ValueError` for a property that is not the caller's; `ENOTCONN`; [`Reason::RequestsFull`]; those of
    /// [`Client::begin_subscribe`].
    pub fn begin_request(&self, properties: Block) -> Result<Begun> {
        let given = properties.properties();
        if given.text(PropertyId::RESPONSE_TOPIC).is_some() {
            return Err(parameter!(response_topic).refuse(Fault::OfRequest));
        }
        if given.get(PropertyId::CORRELATION_DATA).is_some() {
            return Err(parameter!(correlation_data).refuse(Fault::OfRequest));
        }
        let connection = self.present_connection()?;
        let topic = self.answer_topic(connection)?;
        if let Some(attempt) = self.subscribe_to_answers(topic)? {
            return Ok(Begun::Subscribing(attempt));
        }
        let number = self.requests.lock().open();
        let number = number.ok_or(Error::because(Reason::RequestsFull))?;
        let correlation = number.to_be_bytes();
        let mut draft = Draft::new(properties, Place::Publish);
        let topic = Binary::new_unchecked(topic.as_str().as_bytes());
        draft.put(PropertyId::RESPONSE_TOPIC, Value::Binary(topic));
        let correlation = Binary::new_unchecked(&correlation);
        draft.put(PropertyId::CORRELATION_DATA, Value::Binary(correlation));
        let properties = draft.finish();
        if properties.is_err() {
            self.close_request(number);
        }
        Ok(Begun::Open(number, properties?))
    }

    /// Whether the request is over, and its answer if one has come.
    fn poll_request(&self, session: &Session<Python>, number: u32) -> (bool, Option<Answer>) {
        let mut requests = self.requests.lock();
        let open = requests.place_of(number).map(|open| open.answer);
        let answer = open.flatten();
        let waits = open.is_some() && requests.connection == session.connection();
        (answer.is_some() || !waits || !session.is_up(), answer)
    }

    /// Publishes `message` as a request, and does not wait. The ticket of the answer; or, before a place for the
    /// answer could be made, the ticket of what to wait for.
    ///
    /// # Errors
    ///
    /// Those of [`Client::begin_request`] and [`Client::submit`].
    #[cfg(feature = "aio")]
    pub fn submit_request(&self, message: NewMessage, qos: QoS) -> Result<Obj> {
        let (number, properties) = match self.begin_request(message.properties)? {
            Begun::Open(number, properties) => (number, properties),
            Begun::Subscribing(attempt) => return Ok(ticket(attempt.number(), Call::Topic)),
        };
        let message = NewMessage {
            properties,
            ..message
        };
        let taken = self.submit(&message, qos);
        let delivery = taken.ok().filter(|taken| delivery_of(*taken).is_some());
        if taken.is_err() || delivery.is_none() && qos != QoS::AtMostOnce {
            self.close_request(number);
            return taken;
        }
        if let Some(open) = self.requests.lock().place_of(number) {
            open.delivery = delivery;
        }
        Ok(ticket(number, Call::Request))
    }

    /// The answer to the request of this number, if one has come.
    ///
    /// # Errors
    ///
    /// The end of the connection; the reason why the request was not acknowledged.
    #[cfg(feature = "aio")]
    pub fn answer_to(&self, number: u32) -> Result<Option<Answer>> {
        let (is_over, answer) = self.poll_request(&self.session.lock(), number);
        if answer.is_some() {
            return Ok(answer);
        }
        let open = self.requests.lock().place_of(number).map(|open| *open);
        if let Some(delivery) = open.and_then(|open| open.delivery).and_then(delivery_of) {
            delivery.result()?;
        }
        if is_over {
            return Err(self.last_failure());
        }
        Ok(None)
    }

    /// Gives up the place of the request of this number.
    pub fn close_request(&self, number: u32) {
        self.requests.lock().close(number);
    }

    /// The topic name for answers on this connection.
    fn answer_topic(&self, connection: u32) -> Result<Text> {
        let (last, connection_of_last) = {
            let requests = self.requests.lock();
            (requests.topic, requests.connection)
        };
        if let Some(last) = last
            && connection_of_last == connection
        {
            return Ok(last);
        }
        // This broker may want another name.
        let name = self.choose_topic()?;
        if let Some(last) = last
            && last.as_str() != name.as_str()
        {
            self.session.lock().unregister(last.as_str());
        }
        let mut requests = self.requests.lock();
        for open in &mut requests.open {
            // The others are lost with their connection.
            if open.answer.is_none() {
                *open = Request::NONE;
            }
        }
        requests.topic = Some(name);
        requests.connection = connection;
        Ok(name)
    }

    /// Subscribes to the topic for answers, unless the broker has granted that: the call that does it.
    fn subscribe_to_answers(&self, topic: Text) -> Result<Option<Attempt>> {
        {
            let session = self.session.lock();
            if let Some(attempt) = session.subscription(topic.as_str()) {
                match session.subscribe_status(attempt) {
                    SubscribeStatus::Granted => return Ok(None),
                    SubscribeStatus::Pending => return Ok(Some(attempt)),
                    _ => {}
                }
            }
        }
        let deadline = self.command_deadline();
        // The reader takes the answers out. One that comes too late has no function.
        let filter = Filter::plain(topic);
        let begun = self.begin_subscribe(filter, self.native(), QoS::ExactlyOnce, deadline)?;
        let begun = begun.ok_or(Error::NOT_CONNECTED)?;
        Ok(Some(begun.attempt))
    }

    /// Chooses the topic name for answers: below the broker's Response Information, if there is any (section
    /// 3.2.2.3.15), or else below `response/`, with the client identifier.
    fn choose_topic(&self) -> Result<Text> {
        let connack = self.told.connack_bytes();
        let connack = to_block(connack.as_ref());
        let client_id = self.settings.lock().client_id;
        let assigned = connack.text(PropertyId::ASSIGNED_CLIENT_IDENTIFIER);
        let (front, back) = match connack.text(PropertyId::RESPONSE_INFORMATION) {
            Some(mut information) => {
                while let Some(front) = information.strip_suffix('/') {
                    information = front;
                }
                (information, "/response")
            }
            None => ("response/", assigned.unwrap_or(client_id.as_str())),
        };
        let topic = Text::joined(&[front, back])?;
        parameter!(client_id).check(TopicName::new(topic.as_str()))?;
        Ok(topic)
    }

    /// Gives a message to the caller that waits for it as an answer: whether there is one.
    pub fn take_answer(&self, content: &Content, flags: MessageFlags) -> bool {
        let properties = content.properties.properties();
        let Some(Value::Binary(data)) = properties.get(PropertyId::CORRELATION_DATA) else {
            return false;
        };
        let Ok(number @ 1..) = data.as_bytes().try_into().map(u32::from_be_bytes) else {
            return false;
        };
        let mut requests = self.requests.lock();
        let is_ours = requests
            .topic
            .is_some_and(|topic| topic.as_str() == content.topic.as_str());
        let Some(open) = requests.place_of(number).filter(|_| is_ours) else {
            return false;
        };
        open.answer = Some((*content, flags));
        drop(requests);
        self.changed.signal();
        true
    }

    /// Answers `message`, or, if that is `None`, the one that is being delivered. Its result is that of
    /// [`Client::submit`].
    ///
    /// # Errors
    ///
    /// `AttributeError`: `message` is none; `ValueError`: there is none, or it asks for no answer. Otherwise as
    /// [`Client::submit`].
    pub fn reply(&self, message: Obj, payload: Obj, buffer: Buffer, qos: QoS) -> Result<Obj> {
        let message = if message.is_none() {
            delivered_message(self)?
        } else {
            message
        };
        let mut topic = None;
        let mut properties = Draft::new(Block::EMPTY, Place::Publish);
        if !message.is_none()
            && let Some(asked) = Dict::of(message.attribute(qstr::properties)?)
        {
            for [key, value] in asked.entries() {
                match property_of(key) {
                    Some(PropertyId::RESPONSE_TOPIC) => topic = Some(value),
                    Some(id @ PropertyId::CORRELATION_DATA) => properties.add(id, value),
                    _ => {}
                }
            }
        }
        let response_topic = parameter!(response_topic);
        let topic = topic.ok_or_else(|| response_topic.refuse(Fault::NotAsked))?;
        let message = NewMessage {
            topic: response_topic.topic_name(topic)?,
            payload,
            buffer,
            retain: false,
            properties: properties.finish()?,
        };
        self.submit(&message, qos)
    }
}
