//! `publish`.

use crate::codec::{AckedQos, Delivery, Publish, QoS, TopicName};
use crate::micropython::{Buffer, Immutable, Obj, Text};
use crate::session::{CommandError, HandshakeStatus};
use crate::time::Deadline;

use super::args::{self, parameter};
use super::client::{Client, Kept};
use super::error::{Error, Reason, Result};
use super::output::Output;

impl Client {
    /// Publishes, and waits for the handshake of QoS 1 and 2. `topic` was checked, `buffer` is
    /// the memory of `payload`.
    pub fn publish(
        &self,
        topic: Text,
        payload: Obj,
        buffer: Buffer,
        qos: QoS,
        retain: bool,
    ) -> Result<()> {
        // Before anything else: an argument is wrong whether connected or not.
        let packet = packet(&topic, buffer.as_bytes(), Delivery::AtMostOnce, retain)?;
        let deadline = self.command_deadline();
        let Some(qos) = qos.acked() else {
            return self.write(deadline, &mut |output| packet.encode(output));
        };
        let kept = Kept {
            topic,
            payload: Immutable::new(payload, buffer)?,
            retain,
        };
        self.publish_acknowledged(kept, qos, deadline)
    }

    fn publish_acknowledged(&self, kept: Kept, qos: AckedQos, deadline: Deadline) -> Result<()> {
        let mut ticket = None;
        while ticket.is_none() {
            self.write(deadline, &mut |output| {
                let taken = self.session.lock().publish(qos, kept);
                match taken {
                    Err(CommandError::NotConnected) => Err(Error::NOT_CONNECTED),
                    Err(CommandError::Full) => Ok(()),
                    Ok((taken, id)) => {
                        ticket = Some(taken);
                        write_kept(&kept, qos.delivery(id, false), output)
                    }
                }
            })?;
            if ticket.is_none() {
                let late = Error::because(Reason::WindowFull);
                self.wait_for(deadline, late, &mut |session| {
                    !session.window_is_full() || !session.is_up()
                })?;
            }
        }
        let Some(ticket) = ticket else {
            return Err(Error::NOT_CONNECTED);
        };
        let late = Error::because(match qos {
            AckedQos::ExactlyOnce => Reason::NoPubRec,
            AckedQos::AtLeastOnce => Reason::NoPubAck,
        });
        let mut standing = HandshakeStatus::Pending;
        let waited = self.wait_for(deadline, late, &mut |session| {
            standing = session.poll_handshake(ticket);
            standing != HandshakeStatus::Pending
        });
        if waited.is_err() {
            self.session.lock().forget_handshake(ticket);
        }
        waited.and_then(|()| self.completed(standing))
    }

    /// `topic` as a topic name. That of the last call is not checked again.
    pub fn topic_of(&self, topic: Obj) -> Result<Text> {
        let last = *self.topic.lock();
        if let Some(last) = last
            && last.obj() == topic
        {
            return Ok(last);
        }
        let text = parameter!(topic).topic_name(topic)?;
        // What is no `str` was copied, and may be another text by the next call.
        if text.obj() == topic {
            *self.topic.lock() = Some(text);
        }
        Ok(text)
    }

    /// What the end of a handshake means for who has waited for it.
    pub fn completed(&self, standing: HandshakeStatus) -> Result<()> {
        match standing {
            HandshakeStatus::Complete => Ok(()),
            HandshakeStatus::Pending | HandshakeStatus::Lost => Err(self.last_failure()),
        }
    }
}

/// Writes a message that the session keeps.
pub fn write_kept(kept: &Kept, delivery: Delivery, output: &mut Output<'_>) -> Result<()> {
    packet(&kept.topic, kept.payload.as_bytes(), delivery, kept.retain)?.encode(output)
}

fn packet<'a>(
    topic: &'a Text,
    payload: &'a [u8],
    delivery: Delivery,
    retain: bool,
) -> Result<Publish<'a>> {
    let topic = TopicName::new_unchecked(topic.as_str());
    args::packet(Publish::new(topic, payload, delivery, retain))
}
