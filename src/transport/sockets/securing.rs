//! The handshake of the built-in TLS in steps that do not wait.

use core::task::Poll;

use embedded_nal::nb;
use portable_atomic::AtomicU32;

use crate::micropython::{GcFuture, GcMutex, HeapBytes, StreamError, Text, guarded, stack_left};
use crate::time::Deadline;
use crate::transport::Interest;
use crate::transport::tls::{
    Context, Established, HANDSHAKE_STACK, Handshake, Link, LinkError, Names,
};

use super::built_in_tls::{BROKEN, Port, memory_for, no_memory, small_stack, tls_failed};
use super::{MicroPythonStack, Socket};

/// A handshake in steps that do not wait.
pub struct Securing {
    socket: Socket,
    context: Context<'static>,
    memory: [HeapBytes; 2],
    steps: Option<GcFuture<Steps>>,
    /// The readiness of the socket that the next step waits for.
    interest: GcMutex<Interest>,
}

/// The end of such a handshake.
type Steps = (Result<Established, LinkError<StreamError>>, Names, Port);

impl Securing {
    /// Begins to put the built-in TLS on top of `socket`, as [`Socket::secure`] does.
    ///
    /// # Errors
    ///
    /// `MemoryError`; ENOMEM when the stack is too small.
    pub fn new(
        socket: Socket,
        context: Context<'static>,
        host: Text,
        deadline: Deadline,
    ) -> Result<Self, StreamError> {
        let memory = memory_for(&context)?;
        let [record, out] = &memory;
        let (record, out) = (record.claim(), out.claim());
        let interest = GcMutex::new(Interest::Receive).ok_or_else(no_memory)?;
        let steps = GcFuture::new(async move {
            // The attempt looks at cancellations before each step.
            let never = AtomicU32::new(0);
            let mut stack = MicroPythonStack::new(&never);
            let mut socket = socket;
            let mut port = Port { exception: None };
            let mut names = Names::new();
            let leave = |awaited| {
                if let Ok(mut place) = interest.try_lock() {
                    *place = awaited;
                }
            };
            let handshake = Handshake {
                context,
                host: host.as_str(),
                deadline,
                names: &mut names,
            };
            let mut link = Link {
                stack: &mut stack,
                socket: &mut socket,
            };
            let opened = handshake
                .steps(&mut link, record, out, &mut port, Some(&leave))
                .await;
            (opened, names, port)
        });
        Ok(Self {
            socket,
            context,
            memory,
            steps: Some(steps.ok_or_else(no_memory)?),
            interest,
        })
    }

    /// Goes on as far as it can without waiting: the socket with TLS on top of it.
    ///
    /// # Errors
    ///
    /// As [`Socket::secure`]. `WouldBlock`: the next step comes when [`Self::socket`] is ready for
    /// [`Self::interest`], or at the deadline.
    pub fn poll(&mut self) -> nb::Result<Socket, StreamError> {
        if stack_left() < HANDSHAKE_STACK {
            return Err(nb::Error::Other(small_stack()));
        }
        let Some(mut steps) = self.steps.take() else {
            return Err(nb::Error::Other(tls_failed(BROKEN)));
        };
        // One that has panicked is left as it is.
        let polled = guarded(|| {
            #[cfg(feature = "panic-test")]
            assert!(
                self.context.hostname() != Some("open.panic.test"),
                "as told"
            );
            steps.poll()
        });
        let (opened, names, port) = match polled {
            None => return Err(nb::Error::Other(tls_failed(BROKEN))),
            Some(Poll::Pending) => {
                self.steps = Some(steps);
                return Err(nb::Error::WouldBlock);
            }
            Some(Poll::Ready(end)) => end,
        };
        steps.end();
        self.socket
            .secured(&self.context, self.memory, port, opened, &names)
            .map_err(nb::Error::Other)?;
        Ok(self.socket)
    }

    /// The readiness that the next step waits for.
    pub fn interest(&self) -> Interest {
        self.interest
            .try_lock()
            .map_or(Interest::Receive, |interest| *interest)
    }

    /// The socket below.
    pub fn socket(&self) -> Socket {
        self.socket
    }

    /// Gives the handshake up. The socket stays open.
    pub fn end(&mut self) {
        if let Some(steps) = self.steps.take() {
            steps.end();
        }
    }
}
