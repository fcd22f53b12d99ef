//! `subscribe`, `unsubscribe`, and subscribing again on a new connection.

use crate::codec::{PacketId, QoS, ReasonCode, Subscribe, TopicFilter, Unsubscribe};
use crate::micropython::{GcVec, MutexGuard, Obj, print_line};
use crate::session::{
    Attempt, Before, CommandError, HandshakeStatus, Session, SubscribeStatus, Subscribing,
};
use crate::time::Deadline;

use super::application::{Filter, Python};
use super::client::Client;
use super::error::{Error, Reason, Result};
use super::output::Output;
use super::wait::wait_for;
use super::writer::write;

/// SUBACK return code of a refusal (section 3.9.3).
const SUBACK_FAILURE: u16 = 0x80;

impl Client {
    /// Registers `function`, and subscribes if there is a connection. Where the program drives the loop,
    /// it does not wait: the number of the call, whose end [`Session::subscribe_status`] tells of.
    ///
    /// # Errors
    ///
    /// [`Reason::SubscriptionRefused`]; `ETIMEDOUT` after `command_timeout`; the end of the connection; an
    /// exception that came while waiting (Ctrl-C); `MemoryError`. The registration is undone then.
    pub fn subscribe(&self, filter: Filter, function: Obj, qos: QoS) -> Result<Option<u32>> {
        let deadline = self.command_deadline();
        let Some(begun) = self.begin_subscribe(filter, function, qos, deadline)? else {
            return Ok(None);
        };
        if self.is_driven() {
            return Ok(Some(begun.attempt.number()));
        }
        let late = Error::because(Reason::NoSubAck);
        self.await_suback(begun.attempt, begun.before, deadline, late)?;
        Ok(None)
    }

    /// Registers `function`, and sends the SUBSCRIBE if there is a connection. `None`: there is no answer to
    /// wait for.
    ///
    /// # Errors
    ///
    /// Those of [`Client::subscribe`] up to here. The registration is undone then.
    pub fn begin_subscribe(
        &self,
        filter: Filter,
        function: Obj,
        qos: QoS,
        deadline: Deadline,
    ) -> Result<Option<Subscribing<Python>>> {
        self.check_subscribe(&filter)?;
        if self.register_for_later(filter, function, qos)? {
            return Ok(None);
        }
        // The function is there before the packet is: a retained message may overtake the
        // SUBACK.
        let mut registered = None;
        let written = write(self, deadline, &mut |output| {
            let subscribing = loop {
                let taken = self.session.lock().subscribe(filter, function, qos);
                match taken {
                    Ok(subscribing) => break subscribing,
                    Err(_) => self.reserve_subscription()?,
                }
            };
            let id = subscribing.id;
            registered = Some(subscribing);
            match id {
                Some(id) => write_subscribe(self, id, &filter, qos, output),
                // The broker has the filter in the session that was restored.
                None if self.is_up() => Ok(()),
                None => Err(Error::NOT_CONNECTED),
            }
        });
        if written.is_err()
            && let Some(begun) = &registered
        {
            self.session
                .lock()
                .undo_subscribe(begun.attempt, begun.before);
        }
        written.map(|()| registered)
    }

    /// Waits for the SUBACK, up to `deadline`; then it is the error `late`. After an error the registration is
    /// undone, and `before` is that of the same filter before.
    ///
    /// # Errors
    ///
    /// Those of [`Client::subscribe`] from here on.
    pub fn await_suback(
        &self,
        attempt: Attempt,
        before: Before<Python>,
        deadline: Deadline,
        late: Error,
    ) -> Result<()> {
        let mut standing = SubscribeStatus::Pending;
        let waited = wait_for(self, deadline, late, &mut |session| {
            standing = session.subscribe_status(attempt);
            standing != SubscribeStatus::Pending
        });
        let granted = waited.and_then(|()| match standing {
            SubscribeStatus::Granted | SubscribeStatus::Gone => Ok(()),
            SubscribeStatus::Refused(code) => Err(self.subscription_refused(code)),
            SubscribeStatus::Pending | SubscribeStatus::Lost => Err(self.last_failure()),
        });
        if granted.is_err() {
            self.session.lock().undo_subscribe(attempt, before);
        }
        granted
    }

    /// The error for a SUBACK that refuses, with this reason code.
    pub fn subscription_refused(&self, code: ReasonCode) -> Error {
        #[cfg(feature = "v5")]
        if self.version().is_5() {
            return Error::refused(code);
        }
        let _ = code;
        Error::new(Reason::SubscriptionRefused, SUBACK_FAILURE)
    }

    /// Makes room for one more subscription.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn reserve_subscription(&self) -> Result<()> {
        Ok(GcVec::reserve(|| {
            MutexGuard::map(self.session.lock(), Session::table_mut)
        })?)
    }

    /// Registers for the next connection, if there is none now: whether it did.
    fn register_for_later(&self, filter: Filter, function: Obj, qos: QoS) -> Result<bool> {
        loop {
            self.reserve_subscription()?;
            let mut session = self.session.lock();
            if session.is_up() {
                return Ok(false);
            }
            if session.subscribe(filter, function, qos).is_ok() {
                return Ok(true);
            }
        }
    }

    /// Removes the registration at once, then tells the broker. Where the program drives the loop, it does
    /// not wait: the packet identifier, whose end [`Session::poll_unsubscribe`] tells of.
    ///
    /// # Errors
    ///
    /// `ValueError` for a packet that the broker does not take; `ENOTCONN` if the filter was not registered
    /// and there is no connection; `ETIMEDOUT` after `command_timeout`; the end of the connection; an
    /// exception that came while waiting (Ctrl-C).
    pub fn unsubscribe(&self, filter: Filter) -> Result<Option<PacketId>> {
        self.check_unsubscribe(&filter)?;
        let deadline = self.command_deadline();
        let (was_registered, up) = {
            let mut session = self.session.lock();
            (session.unregister(filter.text.as_str()), session.is_up())
        };
        if !up {
            return if was_registered {
                Ok(None)
            } else {
                Err(Error::NOT_CONNECTED)
            };
        }
        let id = loop {
            let mut taken = Err(CommandError::Full);
            write(self, deadline, &mut |output| {
                taken = self.session.lock().unsubscribe();
                match taken {
                    Ok(id) => unsubscribe_packet(self, id, &filter).encode(output),
                    Err(CommandError::NotConnected) => Err(Error::NOT_CONNECTED),
                    Err(CommandError::Full) => Ok(()),
                }
            })?;
            if let Ok(id) = taken {
                break id;
            }
            let late = Error::because(Reason::UnsubscribesFull);
            if self.is_driven() {
                return Err(late);
            }
            wait_for(self, deadline, late, &mut |session| {
                !session.unsubscribes_are_full() || !session.is_up()
            })?;
        };
        if self.is_driven() {
            return Ok(Some(id));
        }
        let late = Error::because(Reason::NoUnsubAck);
        let mut standing = HandshakeStatus::Pending;
        let waited = wait_for(self, deadline, late, &mut |session| {
            standing = session.poll_unsubscribe(id);
            standing != HandshakeStatus::Pending
        });
        if waited.is_err() {
            self.session.lock().forget_unsubscribe(id);
        }
        waited.and_then(|()| self.completed(standing))?;
        Ok(None)
    }

    /// Subscribes to every filter that the broker does not know of. A refusal goes to the
    /// console: no call of the application's asked for it.
    ///
    /// # Errors
    ///
    /// `ETIMEDOUT` after `command_timeout`; the end of the connection; an exception that came while
    /// waiting (Ctrl-C).
    pub fn subscribe_registered(&self) -> Result<()> {
        let deadline = self.command_deadline();
        let mut asked = false;
        while self.subscribe_next(deadline)? {
            asked = true;
        }
        if !asked {
            return Ok(());
        }
        let late = Error::because(Reason::NoSubAck);
        wait_for(self, deadline, late, &mut |session| {
            !session.awaits_suback() || !session.is_up()
        })?;
        self.report_refused();
        Ok(())
    }

    /// Sends a SUBSCRIBE for the next filter that the broker does not know of. False: there is none.
    ///
    /// # Errors
    ///
    /// The end of the connection.
    pub fn subscribe_next(&self, deadline: Deadline) -> Result<bool> {
        if !self.session.lock().wants_subscribe() {
            return Ok(false);
        }
        write(self, deadline, &mut |output| {
            let next = self.session.lock().poll_subscribe();
            match next {
                Some((id, filter, qos)) if !self.gives_up_filter(id, &filter) => {
                    write_subscribe(self, id, &filter, qos, output)
                }
                _ => Ok(()),
            }
        })?;
        Ok(true)
    }

    /// Tells the console of the filters that the broker has refused.
    pub fn report_refused(&self) {
        loop {
            let refused = self.session.lock().take_refused();
            let Some(filter) = refused else {
                return;
            };
            print_line(&[
                "mqtt: the broker refused the subscription to ",
                filter.text.as_str(),
            ]);
        }
    }
}

/// `filter` was checked when it was registered.
fn write_subscribe(
    client: &Client,
    id: PacketId,
    filter: &Filter,
    qos: QoS,
    output: &mut Output<'_>,
) -> Result<()> {
    subscribe_packet(client, id, filter, qos).encode(output)
}

/// Makes the SUBSCRIBE of a filter that was checked.
pub fn subscribe_packet<'a>(
    client: &Client,
    id: PacketId,
    filter: &'a Filter,
    qos: QoS,
) -> Subscribe<'a> {
    let version = client.version();
    Subscribe {
        id,
        filter: TopicFilter::new_unchecked(filter.text.as_str()),
        qos,
        options: filter.options_of(version),
        properties: filter.properties.of_version(version),
    }
}

/// The UNSUBSCRIBE of a filter, which was checked when it came from Python.
pub fn unsubscribe_packet<'a>(
    client: &Client,
    id: PacketId,
    filter: &'a Filter,
) -> Unsubscribe<'a> {
    Unsubscribe {
        id,
        filter: TopicFilter::new_unchecked(filter.text.as_str()),
        properties: filter.properties.of_version(client.version()),
    }
}
