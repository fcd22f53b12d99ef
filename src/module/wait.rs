//! Waiting for an answer of the broker.

use crate::micropython::{HAS_THREADS, now};
use crate::session::Session;
use crate::time::Deadline;

use super::client::{Client, Python, Reader};
use super::error::{Error, Result};
use super::input::{Input, Reading};
use super::role::RoleGuard;

impl Client {
    /// Waits until `poll` says that it need not any longer, up to `deadline`; then it is the
    /// error `late`.
    ///
    /// Whoever waits reads the socket if nobody else does: there may be no loop, or the
    /// loop may be in the very callback that waits here. Without threads nobody holds the
    /// role while waiting: a function that is called meanwhile, on top of this one, may have
    /// to wait for an answer of its own.
    pub fn wait_for(
        &self,
        deadline: Deadline,
        late: Error,
        poll: &mut dyn FnMut(&mut Session<Python>) -> bool,
    ) -> Result<()> {
        loop {
            let seen = self.changed.seen();
            if poll(&mut self.session.lock()) {
                return Ok(());
            }
            let left = deadline.remaining(now()).ok_or(late)?;
            match self.reader.try_take(&self.changed) {
                None => self.changed.wait(seen, left)?,
                Some(reader) => {
                    // While the role changed hands, the answer may have come.
                    if poll(&mut self.session.lock()) {
                        return Ok(());
                    }
                    let timeout = if HAS_THREADS { left } else { 0 };
                    let came = self.read_for_others(reader, timeout)?;
                    if !HAS_THREADS && !came {
                        let seen = self.changed.seen();
                        if poll(&mut self.session.lock()) {
                            return Ok(());
                        }
                        self.changed.wait(seen, left)?;
                    }
                }
            }
        }
    }

    /// Reads once, and passes messages on to whom they belong. False: nothing came.
    ///
    /// The end of the connection is no error here: whoever waits sees it in the session.
    fn read_for_others(&self, mut reader: RoleGuard<'_, Reader>, timeout: u32) -> Result<bool> {
        self.reserve_inbox()?;
        let how = Reading {
            timeout,
            // In a callback there is a better time for it: when that is over.
            may_drop: !self.delivery.is_taken(),
            may_write: true,
        };
        let connection = self.connection();
        let result = self.read(&mut reader, how);
        if let Ok(Input::Message(message)) = result
            && self.inbox.lock().push(message).is_err()
        {
            // `reserve_inbox` has made room, and only the reader fills it.
            return Err(Error::no_memory());
        }
        drop(reader);
        match result {
            Ok(input) => {
                self.deliver_without_loop()?;
                Ok(!matches!(input, Input::Nothing))
            }
            Err(error) if error.ends_connection() => {
                self.fail(connection, error);
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }
}
