//! Calling the application's functions.

use crate::micropython::{Exception, HAS_THREADS, Obj, now, print_exception, raise_in_main};
use crate::session::Receipt;

use super::client::{Client, Reader};
use super::error::{Error, Result};
use super::inbox::{Content, Message};
use super::role::RoleGuard;

impl Client {
    /// Gives `message` to the application, then acknowledges it. For who has the role of
    /// delivery.
    ///
    /// Gives what the functions raised that is not theirs to raise: `KeyboardInterrupt`
    /// and its like. Everything else is printed.
    fn deliver(&self, message: Message) -> Result<()> {
        let interrupt = message.content.and_then(|content| self.dispatch(content));
        let acknowledged = self.acknowledge(message.receipt);
        match interrupt {
            Some(exception) => Err(exception.into()),
            None => acknowledged,
        }
    }

    /// Calls every function whose filter matches, in the order of their registration.
    fn dispatch(&self, content: Content) -> Option<Exception> {
        let mut interrupt = None;
        let mut after = None;
        let last = self.session.lock().last_registration()?;
        loop {
            let topic = content.topic.as_str();
            let next = self.session.lock().next_match(topic, after, last);
            let Some((registration, function)) = next else {
                return interrupt;
            };
            after = Some(registration);
            let args = [self.obj(), content.payload, content.topic.obj()];
            if let Err(exception) = function.call(&args) {
                self.keep_or_print(exception, &mut interrupt);
            }
            if registration == last {
                return interrupt;
            }
        }
    }

    /// Gives `message` away at once if nothing stands before it, or else queues it. For the
    /// loop, which has made room in the inbox since it took the role of reader.
    pub fn deliver_or_queue(&self, message: Message, reader: RoleGuard<'_, Reader>) -> Result<()> {
        if self.inbox.lock().is_empty()
            && let Some(_role) = self.delivery.try_take(&self.changed)
        {
            // While functions run, others may read for their answers.
            drop(reader);
            return self.deliver(message);
        }
        self.inbox
            .lock()
            .push(message)
            .map_err(|_| Error::no_memory())
    }

    /// Gives away the message that has waited longest in the inbox. False: there is none, or
    /// somebody is at it already.
    pub fn deliver_next(&self) -> Result<bool> {
        if self.inbox.lock().is_empty() {
            return Ok(false);
        }
        let Some(_role) = self.delivery.try_take(&self.changed) else {
            return Ok(false);
        };
        let Some(message) = self.inbox.lock().pop() else {
            return Ok(false);
        };
        self.deliver(message)?;
        Ok(true)
    }

    /// Gives away what waits in the inbox, unless somebody is at it already.
    pub fn deliver_inbox(&self) -> Result<()> {
        while self.deliver_next()? {}
        Ok(())
    }

    /// As [`Self::deliver_inbox`], where there is no loop whose task it would be.
    pub fn deliver_without_loop(&self) -> Result<()> {
        if self.loop_runs() && !self.in_loop() {
            return Ok(());
        }
        self.deliver_waiting()
    }

    /// As [`Self::deliver_inbox`], and acknowledges at once.
    pub fn deliver_waiting(&self) -> Result<()> {
        self.deliver_inbox()?;
        // Nobody might come by to do it: whoever waited may have their answer already.
        match self.flush_output() {
            Err(error) if !error.ends_connection() => Err(error),
            _ => Ok(()),
        }
    }

    /// The application has had the message, or it was thrown away.
    pub fn acknowledge(&self, receipt: Receipt) -> Result<()> {
        if self.session.lock().delivered(receipt) {
            return Ok(());
        }
        let deadline = self.command_deadline();
        loop {
            let seen = self.written.seen();
            if self.session.lock().delivered(receipt) {
                return Ok(());
            }
            // The queue is full.
            self.flush_output()?;
            if self.session.lock().must_write() {
                let Some(left) = deadline.remaining(now()) else {
                    // Whoever writes has been at it for longer than it may take.
                    return Ok(());
                };
                self.written.wait(seen, left)?;
            }
        }
    }

    fn keep_or_print(&self, exception: Exception, interrupt: &mut Option<Exception>) {
        if exception.is_ordinary() || self.in_loop() {
            self.pass_on(exception);
        } else {
            interrupt.get_or_insert(exception);
        }
    }

    /// An exception in the loop, which has no caller to raise it to: it is printed. One that
    /// is for the main program (Ctrl-C) is raised there, if that is the one that was
    /// interrupted: in a thread of its own the loop gets none that is not its own.
    pub fn pass_on(&self, exception: Exception) {
        if HAS_THREADS || exception.is_ordinary() {
            print_exception(exception);
        } else {
            raise_in_main(exception);
        }
    }

    /// Calls `callback(client)`.
    pub fn call_back(&self, callback: Obj) -> Result<Obj> {
        Ok(callback.call(&[self.obj()])?)
    }
}
