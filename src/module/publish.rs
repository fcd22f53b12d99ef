//! `publish`.

use crate::codec::{Delivery, Publish, QoS, TopicName};
use crate::micropython::{Buffer, Text, errno};
use crate::session::{Handshake, Refusal};
use crate::time::Deadline;

use super::args;
use super::client::{Client, Kept};
use super::error::{Error, Result};
use super::output::Output;

impl Client {
    /// Publishes, and waits for the handshake of QoS 1 and 2.
    pub fn publish(&self, topic: Text, payload: Buffer, qos: QoS, retain: bool) -> Result<()> {
        // Before anything else: an argument is wrong whether connected or not.
        packet(&topic, &payload, Delivery::AtMostOnce, retain)?;
        let deadline = self.command_deadline();
        if qos == QoS::AtMostOnce {
            return self.write(deadline, |output| {
                packet(&topic, &payload, Delivery::AtMostOnce, retain)?.encode(output)
            });
        }
        let kept = Kept {
            topic,
            payload: payload.to_immutable()?,
            retain,
        };
        self.publish_acknowledged(kept, qos, deadline)
    }

    fn publish_acknowledged(&self, kept: Kept, qos: QoS, deadline: Deadline) -> Result<()> {
        let ticket = loop {
            let taken = self.write(deadline, |output| {
                let taken = self.session.lock().publish(qos, kept);
                match taken {
                    Err(Refusal::NotConnected) => Err(Error::NOT_CONNECTED),
                    Err(Refusal::Full) => Ok(None),
                    Ok((ticket, id)) => {
                        let dup = false;
                        let delivery = match qos {
                            QoS::ExactlyOnce => Delivery::ExactlyOnce { id, dup },
                            QoS::AtMostOnce | QoS::AtLeastOnce => Delivery::AtLeastOnce { id, dup },
                        };
                        write_kept(&kept, delivery, output)?;
                        Ok(Some(ticket))
                    }
                }
            })?;
            if let Some(ticket) = taken {
                break ticket;
            }
            let late = Error::Os(
                errno::ENOBUFS,
                c"too many unacknowledged messages for command_timeout",
            );
            self.wait_for(deadline, late, |session| {
                (!session.window_is_full() || !session.is_up()).then_some(())
            })?;
        };
        let late = Error::timed_out(match qos {
            QoS::ExactlyOnce => c"no PUBREC or PUBCOMP within command_timeout",
            QoS::AtMostOnce | QoS::AtLeastOnce => c"no PUBACK within command_timeout",
        });
        let waited = self.wait_for(deadline, late, |session| {
            match session.poll_handshake(ticket) {
                Handshake::Pending => None,
                standing => Some(standing),
            }
        });
        match waited {
            Ok(Handshake::Complete) => Ok(()),
            Ok(_) => Err(self.last_failure()),
            Err(error) => {
                self.session.lock().forget_handshake(ticket);
                Err(error)
            }
        }
    }
}

/// Writes a message that the session keeps.
pub fn write_kept(kept: &Kept, delivery: Delivery, output: &mut Output<'_>) -> Result<()> {
    packet(&kept.topic, &kept.payload, delivery, kept.retain)?.encode(output)
}

fn packet<'a>(
    topic: &'a Text,
    payload: &'a Buffer,
    delivery: Delivery,
    retain: bool,
) -> Result<Publish<'a>> {
    let topic = args::TOPIC.check(TopicName::new(topic.as_str()))?;
    args::PAYLOAD.check(Publish::new(topic, payload.as_bytes(), delivery, retain))
}
