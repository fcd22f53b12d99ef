//! `connect`, `reconnect`, `disconnect`.

use crate::codec::ReturnCode;
use crate::micropython::{HAS_THREADS, ORDERING, current_thread, now};
use crate::time::Deadline;

use super::client::{Client, Endpoint};
use super::error::{Error, Reason, Result};
use super::role::LATE;

/// How long a DISCONNECT may wait for room in the network's buffers, in ms. It is a
/// courtesy: the broker sees the end of the connection all the same.
const DISCONNECT_PATIENCE: u32 = 200;

impl Client {
    /// Connects, calls `aconnect_cb`, subscribes again what was registered, starts the
    /// loop. The CONNACK return code.
    pub fn connect(&self, endpoint: Endpoint, start_loop: bool) -> Result<u8> {
        let code = {
            let _dialing = self
                .connecting
                .take(&self.changed, self.command_deadline(), LATE)?;
            if self.is_up() {
                return Err(Error::because(Reason::AlreadyConnected));
            }
            self.settings.lock().endpoint = Some(endpoint);
            self.establish(&endpoint)?
        };
        if code == ReturnCode::Accepted {
            let cancelled = self.cancelled.load(ORDERING);
            self.settle(&endpoint)?;
            // A connection that is lost already is for the loop to report; one that
            // `aconnect_cb` has ended is not.
            let wanted = self.cancelled.load(ORDERING) == cancelled;
            if start_loop && (wanted || self.is_up()) {
                self.start_loop()?;
            }
            self.deliver_without_loop()?;
        }
        Ok(code as u8)
    }

    /// Connects again with the parameters of the last [`Self::connect`].
    pub fn reconnect(&self) -> Result<u8> {
        let endpoint = self.settings.lock().endpoint;
        let Some(endpoint) = endpoint else {
            return Err(Error::because(Reason::NeverConnected));
        };
        if let Some(callback) = endpoint.breconnect_cb {
            self.call_back(callback)?;
        }
        let code = {
            let _dialing = self
                .connecting
                .take(&self.changed, self.command_deadline(), LATE)?;
            self.send_disconnect(self.command_deadline());
            self.establish(&endpoint)?
        };
        if code == ReturnCode::Accepted {
            self.settle(&endpoint)?;
            // Those that came meanwhile: a loop that waits for the next one does not see them.
            self.deliver_waiting()?;
        }
        Ok(code as u8)
    }

    /// Ends the connection and the loop, and waits for the latter, for `timeout` ms if
    /// that is given.
    pub fn disconnect(&self, timeout: Option<u32>) -> Result<()> {
        self.stop_loop();
        // Attempts to connect and writes that are under way end with ECONNABORTED.
        self.cancelled.fetch_add(1, ORDERING);
        let patience = timeout.unwrap_or(self.command_timeout);
        self.send_disconnect(Deadline::after(now(), patience.min(DISCONNECT_PATIENCE)));
        self.try_close();
        if self.in_loop() {
            return Ok(());
        }
        let deadline = timeout.map(|timeout| Deadline::after(now(), timeout));
        loop {
            let seen = self.changed.seen();
            if !self.loop_is_ending() {
                break;
            }
            let left = match deadline {
                None => self.command_timeout,
                Some(deadline) => deadline
                    .remaining(now())
                    .ok_or(Error::because(Reason::LoopStillRuns))?,
            };
            self.changed.wait(seen, left)?;
        }
        self.try_close();
        Ok(())
    }

    /// What comes after an accepted connection: `aconnect_cb`, then the subscriptions that
    /// it did not make.
    fn settle(&self, endpoint: &Endpoint) -> Result<()> {
        let connection = self.connection();
        // Messages that come meanwhile are for afterwards.
        let delivery = self.delivery.try_take(&self.changed);
        let result = match endpoint.aconnect_cb {
            Some(callback) => self.call_back(callback).map(|_| ()),
            None => Ok(()),
        };
        let result = result.and_then(|()| {
            let session = self.session.lock();
            let same = session.is_up() && session.connection() == connection;
            drop(session);
            if same {
                self.subscribe_registered()
            } else {
                Ok(())
            }
        });
        drop(delivery);
        if result.is_err() && self.connection() == connection {
            self.send_disconnect(Deadline::after(now(), DISCONNECT_PATIENCE));
            self.try_close();
        }
        result
    }

    /// The loop is to end. Nothing if it does not run.
    fn stop_loop(&self) {
        if !HAS_THREADS && !self.in_loop() {
            // It stands nowhere in the middle of anything: this is its end.
            self.read_loop.lock().thread = 0;
            self.unlist();
        }
        let mut read_loop = self.read_loop.lock();
        read_loop.stop = read_loop.thread != 0;
    }

    /// Whether a loop other than the caller's runs that was asked to end.
    fn loop_is_ending(&self) -> bool {
        let read_loop = self.read_loop.lock();
        read_loop.stop && read_loop.thread != 0 && read_loop.thread != current_thread()
    }
}
