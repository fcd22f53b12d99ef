//! `publish`.

use crate::codec::{AckedQos, Delivery, Output as _, PacketId, Publish, QoS, TopicName};
use crate::micropython::{Buffer, Immutable, Obj, Text, has_threads};
use crate::session::{CommandError, HandshakeStatus};
use crate::time::Deadline;

use super::application::Kept;
use super::args::{self, parameter};
use super::client::Client;
use super::error::{Error, Reason, Result};
use super::output::Output;
use super::properties::Block;
use super::wait::wait_for;
use super::writer::write;
use crate::limits::WRITE_STAGE;

/// A message as the program gives it. Its topic and its properties were checked.
#[derive(Clone, Copy)]
pub struct NewMessage {
    pub topic: Text,
    pub payload: Obj,
    /// The memory of `payload`.
    pub buffer: Buffer,
    pub retain: bool,
    pub properties: Block,
}

impl NewMessage {
    /// Makes the message that is kept until it is acknowledged. Bytes that can change are copied.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    fn kept(&self) -> Result<Kept> {
        Ok(Kept {
            topic: self.topic,
            payload: Immutable::new(self.payload, self.buffer)?,
            retain: self.retain,
            properties: self.properties,
        })
    }

    /// The same, of a message whose packet the broker allows.
    ///
    /// # Errors
    ///
    /// `ValueError` for a packet that is too long, or that the broker does not allow; `MemoryError`.
    pub fn checked(&self, client: &Client, qos: AckedQos) -> Result<Kept> {
        self.packet(
            client,
            self.buffer.as_bytes(),
            qos.delivery(PacketId::MIN, false),
        )?;
        self.kept()
    }

    /// Makes the PUBLISH with this payload, and checks it against the terms of the broker.
    ///
    /// # Errors
    ///
    /// `ValueError` for a packet that is too long, or that the broker does not allow.
    pub fn packet<'a>(
        &'a self,
        client: &Client,
        payload: &'a [u8],
        delivery: Delivery,
    ) -> Result<Publish<'a>> {
        let topic = TopicName::new_unchecked(self.topic.as_str());
        let properties = self.properties.of_version(client.version());
        let made = Publish::new(topic, payload, delivery, self.retain, properties);
        if let Ok(packet) = &made {
            client.check_publish(delivery.qos(), self.retain, packet.encoded_len())?;
        }
        args::packet(made)
    }
}

impl Client {
    /// Publishes, and waits for the handshake of QoS 1 and 2.
    ///
    /// # Errors
    ///
    /// `ENOTCONN` without a connection; `ETIMEDOUT` after `command_timeout`; [`Reason::InboxFull`] in a
    /// callback that keeps too many messages waiting; the end of the connection; [`Reason::NoQos2`];
    /// [`Reason::Refused`]; an exception that came while waiting (Ctrl-C); `MemoryError`.
    pub fn publish(&self, message: &NewMessage, qos: QoS) -> Result<()> {
        let deadline = self.command_deadline();
        let NewMessage {
            topic,
            payload,
            buffer,
            ..
        } = *message;
        // Before anything else: an argument is wrong whether connected or not.
        let Some(qos) = qos.acked() else {
            let mut whole = message.packet(self, buffer.as_bytes(), Delivery::AtMostOnce)?;
            // A small packet is put together on the stack before anything leaves.
            let movable = whole.encoded_len() > WRITE_STAGE && !payload.is_immutable();
            if movable
                && has_threads()
                && let Ok(copy) = Immutable::new(payload, buffer)
            {
                // Another thread may resize the object at any time.
                let mut packet = message.packet(self, copy.as_bytes(), Delivery::AtMostOnce)?;
                return write(self, deadline, &mut |output| {
                    self.alias(&mut packet, topic);
                    packet.encode(output)
                });
            }
            return write(self, deadline, &mut |output| {
                self.alias(&mut whole, topic);
                whole.encode_header(output)?;
                let bytes = buffer.as_bytes();
                if movable {
                    output.put_movable(payload, bytes.len())
                } else {
                    output.put(bytes)
                }
            });
        };
        let kept = message.checked(self, qos)?;
        self.publish_acknowledged(kept, qos, deadline)
    }

    fn publish_acknowledged(&self, kept: Kept, qos: AckedQos, deadline: Deadline) -> Result<()> {
        let no_answer = Error::because(match qos {
            AckedQos::ExactlyOnce => Reason::NoPubRec,
            AckedQos::AtLeastOnce => Reason::NoPubAck,
        });
        let mut ticket = None;
        while ticket.is_none() {
            write(self, deadline, &mut |output| {
                let taken = self.session.lock().publish(qos, kept);
                match taken {
                    Err(CommandError::NotConnected) => Err(Error::NOT_CONNECTED),
                    Err(CommandError::Full) => Ok(()),
                    Ok((taken, id)) => {
                        #[cfg(feature = "store")]
                        if let Err(error) = self.store_changes() {
                            self.session.lock().withdraw(taken);
                            return Err(error);
                        }
                        ticket = Some(taken);
                        let mut packet = packet_of(self, &kept, qos.delivery(id, false))?;
                        self.alias(&mut packet, kept.topic);
                        packet.encode(output)
                    }
                }
            })?;
            if ticket.is_none() {
                if !self.session.lock().outbox_is_empty() {
                    // [MQTT-4.6.0-1] the messages there come first.
                    return self.publish_behind(kept, qos, deadline, no_answer);
                }
                let late = Error::because(Reason::WindowFull);
                let waited = wait_for(self, deadline, late, &mut |session| {
                    !session.window_is_full() || !session.is_up()
                });
                match waited {
                    Err(error) if error.is(Reason::InboxFull) => return Err(late),
                    waited => waited?,
                }
            }
        }
        let Some(ticket) = ticket else {
            return Err(Error::NOT_CONNECTED);
        };
        let mut standing = HandshakeStatus::Pending;
        let waited = wait_for(self, deadline, no_answer, &mut |session| {
            standing = session.poll_handshake(ticket);
            standing != HandshakeStatus::Pending
        });
        if waited.is_err() {
            self.session.lock().forget_handshake(ticket);
        }
        // The place in the window may be free now.
        self.flush_outbox()?;
        waited.and_then(|()| self.completed(standing))
    }

    /// `topic` as a topic name. That of the last call is not checked again.
    ///
    /// # Errors
    ///
    /// `TypeError` or `ValueError`, with the name of the parameter.
    pub fn topic_of(&self, topic: Obj) -> Result<Text> {
        if let Some(last) = self.topic.get()
            && last.obj() == topic
        {
            return Ok(last);
        }
        let text = parameter!(topic).topic_name(topic)?;
        // An object other than a `str` was copied, and may be another text by the next call.
        if text.obj() == topic {
            self.topic.set(text);
        }
        Ok(text)
    }

    /// The result of a call that has waited for the end of a handshake.
    ///
    /// # Errors
    ///
    /// The end of the connection, if that came first. [`Reason::NoQos2`], [`Reason::Refused`].
    pub fn completed(&self, standing: HandshakeStatus) -> Result<()> {
        match standing {
            HandshakeStatus::Complete => Ok(()),
            HandshakeStatus::Downgraded => Err(Error::because(Reason::NoQos2)),
            #[cfg(feature = "v5")]
            HandshakeStatus::Refused(code) => Err(Error::refused(code)),
            HandshakeStatus::Pending | HandshakeStatus::Lost => Err(self.last_failure()),
        }
    }
}

/// Writes a message that the session keeps, with its whole topic name, unless the broker's limits forbid it.
///
/// # Errors
///
/// `ValueError` for a packet that is too long; an error of the connection or of the wait for room.
#[inline(never)]
pub fn write_kept(
    client: &Client,
    kept: &Kept,
    delivery: Delivery,
    output: &mut Output<'_>,
) -> Result<()> {
    let packet = packet_of(client, kept, delivery)?;
    if client.gives_up(&packet, kept.retain, delivery) {
        return Ok(());
    }
    packet.encode(output)
}

fn packet_of<'a>(client: &Client, kept: &'a Kept, delivery: Delivery) -> Result<Publish<'a>> {
    let topic = TopicName::new_unchecked(kept.topic.as_str());
    let properties = kept.properties.of_version(client.version());
    let payload = kept.payload.as_bytes();
    args::packet(Publish::new(
        topic,
        payload,
        delivery,
        kept.retain,
        properties,
    ))
}
