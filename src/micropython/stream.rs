//! MicroPython's stream protocol, without allocation.

use super::obj::Obj;
use super::raised::{ExceptionKind, Raised, catch};
use super::{errno, sys};

/// A socket, or a stream on top of one that something else has wrapped it in (TLS).
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    socket: Obj,
    /// The file descriptor under it, on hosts that have such.
    fd: i32,
    wrapping: Option<Wrapping>,
}

/// What a socket is wrapped in.
#[derive(Clone, Copy, Debug)]
struct Wrapping {
    /// What bytes go through.
    stream: Obj,
    /// The socket as `stream` knows it.
    link: Obj,
    /// What the last operation that could not be done waits for: a read may have to write
    /// first, and the other way round.
    blocked: Option<StreamFlags>,
}

/// What a read or write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Io {
    /// That many bytes; 0 on a read says that the peer has closed.
    Done(usize),
    /// Nothing can be read or written yet.
    WouldBlock,
    /// An errno.
    Failed(u16),
    /// An error of what the socket is wrapped in, by its number there.
    Broken(u16),
}

/// What a stream can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFlags {
    /// Something to read, or the end.
    Readable,
    /// Room to write.
    Writable,
}

impl StreamFlags {
    fn bits(self) -> sys::mp_uint_t {
        match self {
            Self::Readable => sys::MP_STREAM_POLL_RD as _,
            Self::Writable => sys::MP_STREAM_POLL_WR as _,
        }
    }
}

/// Whether sockets have an option that sets a function to be called when data comes.
pub const SOCKETS_CALL: bool = sys::MQTT_SOCKETS_CALL != 0;

/// Whether a socket's `connect` must not be called a second time, to learn how it went.
pub const CONNECT_ONCE: bool = sys::MQTT_CONNECT_ONCE != 0;

/// What state a stream is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamState {
    /// Neither readable nor writable.
    Waiting,
    /// Readable, the end included, or writable.
    Usable,
    /// The next read or write says why.
    Failed,
}

impl Stream {
    /// `socket` must have the stream protocol, as every socket has.
    pub fn new(socket: Obj) -> Result<Self, Raised> {
        let mut stream = Self {
            socket,
            fd: -1,
            wrapping: None,
        };
        if let Io::Done(fd) = ioctl(socket, sys::MP_STREAM_GET_FILENO, 0)? {
            stream.fd = i32::try_from(fd).unwrap_or(-1);
        }
        Ok(stream)
    }

    /// Puts on top of the socket what `wrap` makes of it; false if that is no stream. What
    /// `wrap` gets can be used as a socket, but for closing it.
    pub fn wrap<E: From<Raised>>(
        &mut self,
        wrap: impl FnOnce(Obj) -> Result<Obj, E>,
    ) -> Result<bool, E> {
        // SAFETY: a socket. Does not raise.
        let link = Obj::from_raw(unsafe { sys::mqtt_vm_new_link(self.socket.raw()) });
        if link.is_null() {
            return Err(Raised::with_text(ExceptionKind::MemoryError, "no memory for TLS").into());
        }
        let stream = wrap(link)?;
        // SAFETY: an object. The C side catches what it raises.
        if !catch(|exc| unsafe { sys::mqtt_vm_is_stream(stream.raw(), exc) }).unwrap_or(false) {
            return Ok(false);
        }
        self.wrapping = Some(Wrapping {
            stream,
            link,
            blocked: None,
        });
        Ok(true)
    }

    /// The socket.
    pub fn socket(&self) -> Obj {
        self.socket
    }

    /// Whether there is a file descriptor under it.
    pub fn has_descriptor(&self) -> bool {
        self.fd >= 0
    }

    /// Whether it is more than the socket.
    pub fn is_wrapped(&self) -> bool {
        self.wrapping.is_some()
    }

    /// What bytes go through.
    fn bytes(&self) -> Obj {
        self.wrapping
            .map_or(self.socket, |wrapping| wrapping.stream)
    }

    /// Notes what an operation waits for.
    fn note(&mut self, io: Io) -> Io {
        let Some(wrapping) = &mut self.wrapping else {
            return io;
        };
        // SAFETY: made by `mqtt_vm_new_link`. Does not raise.
        let bits = unsafe { sys::mqtt_vm_link_blocked(wrapping.link.raw()) };
        wrapping.blocked = match io {
            Io::WouldBlock => [StreamFlags::Readable, StreamFlags::Writable]
                .into_iter()
                .find(|flags| flags.bits() == bits),
            Io::Done(_) | Io::Failed(_) | Io::Broken(_) => None,
        };
        io
    }

    /// Reads what is there.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<Io, Raised> {
        let mut errno = 0;
        // SAFETY: a stream and a slice. The C side catches what it raises.
        let n = catch(|exc| unsafe {
            sys::mqtt_vm_read(
                self.bytes().raw(),
                buf.as_mut_ptr().cast(),
                buf.len(),
                &mut errno,
                exc,
            )
        })?;
        Ok(self.note(outcome(n, errno)))
    }

    /// Writes what there is room for.
    pub fn write(&mut self, buf: &[u8]) -> Result<Io, Raised> {
        let mut errno = 0;
        // SAFETY: a stream and a slice. The C side catches what it raises.
        let n = catch(|exc| unsafe {
            sys::mqtt_vm_write(
                self.bytes().raw(),
                buf.as_ptr().cast(),
                buf.len(),
                &mut errno,
                exc,
            )
        })?;
        Ok(self.note(outcome(n, errno)))
    }

    /// Waits with the GIL released; may return early, with false. A pending exception
    /// (Ctrl-C) comes back.
    pub fn wait(&self, flags: StreamFlags, timeout_ms: u32) -> Result<bool, Raised> {
        let (stream, flags) = match self.wrapping {
            None if self.fd >= 0 => (Obj::NULL, flags),
            None => (self.socket, flags),
            Some(wrapping) => (wrapping.stream, wrapping.blocked.unwrap_or(flags)),
        };
        // SAFETY: a stream and its descriptor. The C side catches what it raises.
        catch(|exc| unsafe {
            sys::mqtt_vm_wait_stream(stream.raw(), self.fd, flags.bits(), timeout_ms, exc)
        })
    }

    /// Looks at its state, without waiting.
    pub fn state(&self) -> Result<StreamState, Raised> {
        const USABLE: u32 = sys::MP_STREAM_POLL_RD | sys::MP_STREAM_POLL_WR;
        const FAILED: usize =
            (sys::MP_STREAM_POLL_ERR | sys::MP_STREAM_POLL_HUP | sys::MP_STREAM_POLL_NVAL) as usize;
        Ok(
            match ioctl(self.socket, sys::MP_STREAM_POLL, USABLE as usize)? {
                Io::Done(0) | Io::WouldBlock => StreamState::Waiting,
                Io::Done(flags) if flags & FAILED == 0 => StreamState::Usable,
                Io::Done(_) | Io::Failed(_) | Io::Broken(_) => StreamState::Failed,
            },
        )
    }

    /// Ends the connection under the stream and so wakes whoever waits for it; the stream
    /// itself stays open.
    pub fn shutdown(&self) {
        if self.fd >= 0 {
            // SAFETY: a plain descriptor. Does not raise.
            unsafe { sys::mqtt_vm_shutdown(self.fd) };
        }
    }

    /// Closes it. Nobody may use it afterwards, in any thread.
    pub fn close(&self) -> Result<(), Raised> {
        if let Some(wrapping) = self.wrapping {
            // Its memory. The socket, which only we can close, is what counts.
            let _ = ioctl(wrapping.stream, sys::MP_STREAM_CLOSE, 0);
        }
        ioctl(self.socket, sys::MP_STREAM_CLOSE, 0).map(|_| ())
    }

    /// Closes it from a finaliser, where the VM is in the middle of a collection.
    pub fn close_now(&self) {
        // What it is wrapped in has its own finaliser.
        // SAFETY: a stream and its descriptor. The C side catches what it raises, and
        // nobody is left whom it would concern.
        let _ = catch(|exc| unsafe { sys::mqtt_vm_close_now(self.socket.raw(), self.fd, exc) });
    }
}

fn ioctl(stream: Obj, request: u32, arg: usize) -> Result<Io, Raised> {
    let mut errno = 0;
    // SAFETY: a stream; the requests used here take a plain number. The C side catches what
    // it raises.
    let n = catch(|exc| unsafe {
        sys::mqtt_vm_ioctl(stream.raw(), request as _, arg as _, &mut errno, exc)
    })?;
    Ok(outcome(n, errno))
}

fn outcome(n: sys::mp_uint_t, errno: i32) -> Io {
    // MP_STREAM_ERROR is all ones, whatever the width of the word.
    if n != sys::mp_uint_t::MAX {
        return Io::Done(n as usize);
    }
    // A socket with a timeout says ETIMEDOUT, one without EAGAIN: nothing yet, both.
    match u16::try_from(errno) {
        Ok(errno::EAGAIN | errno::ETIMEDOUT) => Io::WouldBlock,
        Ok(errno) => Io::Failed(errno),
        // mbedTLS passes the errno of the socket through as a negative number, as it does
        // its own errors, which are larger.
        Err(_) => match u16::try_from(errno.unsigned_abs()).unwrap_or(u16::MAX) {
            errno @ ..=ERRNO_MAX => Io::Failed(errno),
            number => Io::Broken(number),
        },
    }
}

/// Above are mbedTLS's own errors.
const ERRNO_MAX: u16 = 255;
