//! `request`, `reply`: section 4.10 of the standard of MQTT 5.
//!
//! A request is a message with a Response Topic and, as its Correlation Data, a number. The reader gives the
//! answer with that number to the caller that waits for it, past the inbox: so a function can make a request,
//! too, while other messages wait for it to return.

use heapless::Vec;

use crate::codec::{Place, PropertyId, QoS, TopicName, Value};
use crate::limits::REQUESTS;
use crate::micropython::{Buffer, Immutable, Obj, Text, now};
use crate::session::MessageFlags;
use crate::time::{Deadline, Instant};

use super::args::{Fault, parameter};
use super::client::{Client, Filter};
use super::error::{Error, Reason, Result};
use super::inbox::Content;
use super::properties::{Block, of_values, to_block};
use super::publish::NewMessage;
use super::wait::wait_for;

/// An answer that has come.
pub type Answer = (Content, MessageFlags);

/// The requests whose callers wait.
#[derive(Debug)]
pub struct Requests {
    open: Vec<Request, REQUESTS>,
    /// The number of the next request.
    next: u32,
    /// The topic name for answers, and the connection on which it was chosen.
    topic: Option<(Text, u32)>,
}

#[derive(Debug)]
struct Request {
    number: u32,
    answer: Option<Answer>,
}

impl Requests {
    /// No requests.
    pub const NONE: Self = Self {
        open: Vec::new(),
        next: 0,
        topic: None,
    };

    /// The place of the request with this number.
    fn position(&self, number: u32) -> Option<usize> {
        self.open.iter().position(|open| open.number == number)
    }

    /// Forgets the request with this number.
    fn close(&mut self, number: u32) {
        let Some(last) = self.open.pop() else {
            return;
        };
        if last.number != number {
            // The last one takes its place.
            let place = self.position(number);
            match place.and_then(|place| self.open.get_mut(place)) {
                Some(place) => *place = last,
                None => drop(self.open.push(last)),
            }
        }
    }

    /// The topic name for answers on this connection.
    fn topic_on(&self, connection: u32) -> Option<Text> {
        let (topic, chosen_on) = self.topic?;
        (chosen_on == connection).then_some(topic)
    }
}

impl Client {
    /// Publishes `message` as a request, and waits for the answer.
    ///
    /// # Errors
    ///
    /// Those of [`Client::publish`] and [`Client::subscribe`]; [`Reason::RequestsFull`];
    /// [`Reason::NoAnswer`]; [`Reason::InboxFull`] in a function that keeps too many messages waiting.
    pub fn request(&self, message: NewMessage, qos: QoS, timeout: Option<u32>) -> Result<Answer> {
        let deadline = Deadline::after(now(), timeout.unwrap_or(self.command_timeout));
        let connection = self.present_connection()?;
        let topic = self.answer_topic(connection)?;
        let number = self.open_request()?;
        let result = self
            .send_request(message, qos, topic, number)
            .and_then(|()| self.await_answer(number, connection, deadline));
        self.requests.lock().close(number);
        result
    }

    fn send_request(&self, message: NewMessage, qos: QoS, topic: Text, number: u32) -> Result<()> {
        let correlation = Immutable::copy(&number.to_be_bytes())?;
        let own = [
            (PropertyId::RESPONSE_TOPIC, topic.obj()),
            (PropertyId::CORRELATION_DATA, correlation.obj()),
        ];
        let properties = message
            .properties
            .joined(of_values(&own, Place::Publish)?)?;
        self.publish(
            &NewMessage {
                properties,
                ..message
            },
            qos,
        )
    }

    fn await_answer(&self, number: u32, connection: u32, deadline: Deadline) -> Result<Answer> {
        let mut answer = None;
        let late = Error::because(Reason::NoAnswer);
        wait_for(self, deadline, late, &mut |session| {
            let requests = self.requests.lock();
            let open = requests
                .position(number)
                .and_then(|at| requests.open.get(at));
            answer = open.and_then(|open| open.answer);
            answer.is_some() || !session.is_up() || session.connection() != connection
        })?;
        answer.ok_or_else(|| self.last_failure())
    }

    /// Takes a number for a request.
    fn open_request(&self) -> Result<u32> {
        let mut requests = self.requests.lock();
        if requests.next == 0 {
            // After a reset the answers to older requests may still come.
            requests.next = now().duration_since(Instant::from_ms(0));
        }
        let number = requests.next;
        requests.next = number.wrapping_add(1);
        let request = Request {
            number,
            answer: None,
        };
        let full = Error::because(Reason::RequestsFull);
        requests
            .open
            .push(request)
            .map(|()| number)
            .map_err(|_| full)
    }

    /// The topic name for answers, to which the client is subscribed.
    fn answer_topic(&self, connection: u32) -> Result<Text> {
        if let Some(topic) = self.requests.lock().topic_on(connection) {
            return Ok(topic);
        }
        let topic = self.choose_topic()?;
        // The reader takes the answers out. One that comes too late has no function.
        self.subscribe(Filter::plain(topic), self.native(), QoS::ExactlyOnce)?;
        self.requests.lock().topic = Some((topic, connection));
        Ok(topic)
    }

    /// Chooses the topic name for answers: below the broker's Response Information, if there is any (section
    /// 3.2.2.3.15), or else below `response/`, with the client identifier.
    fn choose_topic(&self) -> Result<Text> {
        let connack = self.told.connack_bytes();
        let connack = to_block(connack.as_ref());
        let client_id = self.settings.lock().client_id;
        let assigned = connack.text(PropertyId::ASSIGNED_CLIENT_IDENTIFIER);
        let (front, back) = match connack.text(PropertyId::RESPONSE_INFORMATION) {
            Some(information) => (information.trim_end_matches('/'), "/response"),
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
        let Ok(number) = data.as_bytes().try_into().map(u32::from_be_bytes) else {
            return false;
        };
        let mut requests = self.requests.lock();
        let is_ours = requests
            .topic
            .is_some_and(|(topic, _)| topic.as_str() == content.topic.as_str());
        let place = requests.position(number).filter(|_| is_ours);
        let Some(open) = place.and_then(|place| requests.open.get_mut(place)) else {
            return false;
        };
        open.answer = Some((*content, flags));
        drop(requests);
        self.changed.signal();
        true
    }

    /// Answers the message that is being delivered.
    ///
    /// # Errors
    ///
    /// `ValueError`: there is none, or it asks for no answer. Otherwise as [`Client::publish`].
    pub fn reply(&self, payload: Obj, buffer: Buffer, qos: QoS) -> Result<()> {
        let asked = self.delivered.properties.get();
        let asked = asked.map(Buffer::of).transpose()?.flatten();
        let asked = to_block(asked.as_ref());
        let topic = asked
            .text(PropertyId::RESPONSE_TOPIC)
            .filter(|_| self.is_delivering() || self.is_held())
            .ok_or_else(|| parameter!(response_topic).refuse(Fault::NotAsked))?;
        let properties = match asked.get(PropertyId::CORRELATION_DATA) {
            Some(Value::Binary(data)) => {
                let data = Immutable::copy(data.as_bytes())?.obj();
                of_values(&[(PropertyId::CORRELATION_DATA, data)], Place::Publish)?
            }
            _ => Block::EMPTY,
        };
        let message = NewMessage {
            topic: Text::copy(topic)?,
            payload,
            buffer,
            retain: false,
            properties,
        };
        self.publish(&message, qos)
    }
}
