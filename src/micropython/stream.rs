//! MicroPython's stream protocol, without allocation.

use core::ptr;

use super::exception::{Exception, catch};
use super::obj::Obj;
use super::packed_error::{ErrorCause, PackedError};
use super::port::port_has;
use super::{errno, sys};

/// An object with the stream protocol. A copy refers to the same stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Stream(Obj);

/// The file descriptor under a socket, on hosts that have descriptors. Elsewhere it takes no room.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor([i32; sys::MQTT_DESCRIPTORS as usize]);

/// Why a stream failed: a [`StreamCause`] in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamError(PackedError);

/// The contents of a [`StreamError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamCause {
    /// An errno of the network.
    Errno(u16),
    /// An error of the TLS that wraps the socket, by its number there.
    Broken(u16),
    /// The program itself ended the operation.
    Cancelled,
    /// A Python exception that says more than an errno, or that is no error of the network: Ctrl-C,
    /// no memory.
    Exception(Exception),
}

/// The readiness of a stream that a caller waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFlags {
    /// Something to read, or the end.
    Readable,
    /// Room to write.
    Writable,
}

/// The state of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamState {
    /// Neither readable nor writable.
    Waiting,
    /// Readable, the end included, or writable.
    Usable,
    /// The next read or write reports why.
    Failed,
}

/// Whether sockets have an option that sets a function to be called when data comes.
#[inline(always)]
pub fn sockets_call() -> bool {
    port_has(sys::MQTT_SOCKETS_CALL, sys::MQTT_FEATURE_SOCKETS_CALL)
}

/// Whether a socket's `connect` must not be called a second time, to learn how it went.
#[inline(always)]
pub fn connect_once() -> bool {
    port_has(sys::MQTT_CONNECT_ONCE, sys::MQTT_FEATURE_CONNECT_ONCE)
}

/// Whether sockets have descriptors.
pub const HAS_DESCRIPTORS: bool = sys::MQTT_DESCRIPTORS != 0;

/// In the code of a [`StreamError`], beside the number: it is not an errno.
const BROKEN: u32 = 1 << 16;

/// The code of [`StreamError::CANCELLED`].
const CANCELLED: u32 = 1 << 17;

/// Numbers above are mbedTLS's own errors.
const ERRNO_MAX: u32 = 255;

impl StreamError {
    /// The program itself ended the operation.
    pub const CANCELLED: Self = Self(PackedError::from_code(CANCELLED));

    /// Makes the error for an errno of the network.
    pub const fn errno(errno: u16) -> Self {
        Self(PackedError::from_code(errno as u32))
    }

    /// Makes the error for a failure of the TLS that wraps the socket, with its own number.
    pub const fn broken(number: u16) -> Self {
        Self(PackedError::from_code(number as u32 | BROKEN))
    }

    /// Makes the error for a Python exception of any kind.
    pub fn exception(exception: Exception) -> Self {
        Self(exception.into())
    }

    /// Its contents.
    pub fn cause(self) -> StreamCause {
        match self.0.cause() {
            ErrorCause::Exception(exception) => StreamCause::Exception(exception),
            ErrorCause::Code(CANCELLED) => StreamCause::Cancelled,
            ErrorCause::Code(code) if code & BROKEN != 0 => StreamCause::Broken(code as u16),
            ErrorCause::Code(code) => StreamCause::Errno(code as u16),
        }
    }
}

impl From<Exception> for StreamError {
    /// An `OSError` with an errno becomes that, anything else is passed on.
    #[cold]
    fn from(exception: Exception) -> Self {
        match exception.errno() {
            Some(errno) if errno > 0 => Self::errno(errno),
            _ => Self::exception(exception),
        }
    }
}

impl StreamFlags {
    fn bits(self) -> sys::mp_uint_t {
        match self {
            Self::Readable => sys::MP_STREAM_POLL_RD as _,
            Self::Writable => sys::MP_STREAM_POLL_WR as _,
        }
    }
}

impl Stream {
    /// Takes `obj` as a stream; `None` if it does not have the protocol.
    pub fn of(obj: Obj) -> Option<Self> {
        // SAFETY: an object. The C side catches its exceptions.
        let is_stream = catch(|exc| unsafe { sys::mqtt_vm_is_stream(obj.raw(), exc) });
        is_stream.unwrap_or(false).then_some(Self(obj))
    }

    /// The object.
    pub const fn obj(self) -> Obj {
        self.0
    }

    /// Reads the bytes that are there and returns their number: 0 means that the peer has closed,
    /// `None` that nothing has come yet.
    ///
    /// # Errors
    ///
    /// The error that the stream reports or raises.
    pub fn read(self, buf: &mut [u8]) -> Result<Option<usize>, StreamError> {
        let mut errno = 0;
        // SAFETY: a stream and a slice. The C side catches its exceptions.
        let n = catch(|exc| unsafe {
            sys::mqtt_vm_read(
                self.0.raw(),
                buf.as_mut_ptr().cast(),
                buf.len(),
                &mut errno,
                exc,
            )
        })?;
        outcome(n, errno)
    }

    /// Writes as many bytes as there is room for and returns their number; `None` means that there is
    /// no room yet.
    ///
    /// # Errors
    ///
    /// The error that the stream reports or raises.
    pub fn write(self, buf: &[u8]) -> Result<Option<usize>, StreamError> {
        let mut errno = 0;
        // SAFETY: a stream and a slice. The C side catches its exceptions.
        let n = catch(|exc| unsafe {
            sys::mqtt_vm_write(
                self.0.raw(),
                buf.as_ptr().cast(),
                buf.len(),
                &mut errno,
                exc,
            )
        })?;
        outcome(n, errno)
    }

    /// Its state, without waiting.
    ///
    /// # Errors
    ///
    /// An exception of the stream's; a stream that has failed is a state.
    pub fn state(self) -> Result<StreamState, StreamError> {
        const USABLE: u32 = sys::MP_STREAM_POLL_RD | sys::MP_STREAM_POLL_WR;
        const FAILED: usize =
            (sys::MP_STREAM_POLL_ERR | sys::MP_STREAM_POLL_HUP | sys::MP_STREAM_POLL_NVAL) as usize;
        Ok(match self.ioctl(sys::MP_STREAM_POLL, USABLE as usize) {
            Ok(None | Some(0)) => StreamState::Waiting,
            Ok(Some(flags)) if flags & FAILED == 0 => StreamState::Usable,
            Err(error) if matches!(error.cause(), StreamCause::Exception(_)) => return Err(error),
            Ok(Some(_)) | Err(_) => StreamState::Failed,
        })
    }

    /// Waits until the stream is ready, for at most `timeout_ms`, with the GIL released. May return
    /// early, with false. With `bare` the stream is `descriptor` and nothing more.
    ///
    /// # Errors
    ///
    /// A pending exception (Ctrl-C), or one that the stream raises.
    pub fn wait(
        self,
        descriptor: Descriptor,
        bare: bool,
        flags: StreamFlags,
        timeout_ms: u32,
    ) -> Result<bool, Exception> {
        let stream = if HAS_DESCRIPTORS && bare && descriptor.is_there() {
            ptr::null_mut()
        } else {
            self.0.raw()
        };
        // SAFETY: a stream and its descriptor. The C side catches its exceptions.
        catch(|exc| unsafe {
            sys::mqtt_vm_wait_stream(stream, descriptor.raw(), flags.bits(), timeout_ms, exc)
        })
    }

    /// Closes it. No thread may use it afterwards.
    ///
    /// # Errors
    ///
    /// The error that the stream reports or raises.
    pub fn close(self) -> Result<(), StreamError> {
        self.ioctl(sys::MP_STREAM_CLOSE, 0).map(|_| ())
    }

    /// Closes a socket from a finaliser, where the VM is in the middle of a collection.
    pub fn close_now(self, descriptor: Descriptor) {
        // SAFETY: a stream and its descriptor. The C side catches its exceptions; there is no
        // caller left to report it to.
        let _ = catch(|exc| unsafe { sys::mqtt_vm_close_now(self.0.raw(), descriptor.raw(), exc) });
    }

    fn ioctl(self, request: u32, arg: usize) -> Result<Option<usize>, StreamError> {
        let mut errno = 0;
        // SAFETY: a stream; the requests used here take a plain number. The C side catches
        // its exceptions.
        let n = catch(|exc| unsafe {
            sys::mqtt_vm_ioctl(self.0.raw(), request as _, arg as _, &mut errno, exc)
        })?;
        outcome(n, errno)
    }
}

impl Descriptor {
    /// No descriptor.
    pub const NONE: Self = Self([-1; _]);

    /// The descriptor under `stream`, if there is one.
    pub fn of(stream: Stream) -> Self {
        let mut descriptor = Self::NONE;
        if let Some(fd) = descriptor.0.first_mut()
            && let Ok(Some(found)) = stream.ioctl(sys::MP_STREAM_GET_FILENO, 0)
        {
            *fd = i32::try_from(found).unwrap_or(-1);
        }
        descriptor
    }

    /// Whether there is one.
    pub fn is_there(self) -> bool {
        self.raw() >= 0
    }

    /// Ends the connection under it, which wakes the threads that wait for it. The descriptor itself
    /// stays open.
    pub fn shutdown(self) {
        if self.is_there() {
            // SAFETY: a plain descriptor. Does not raise.
            unsafe { sys::mqtt_vm_shutdown(self.raw()) };
        }
    }

    /// Sets TCP_NODELAY: Nagle's algorithm is off while it is true.
    pub fn set_nodelay(self, nodelay: bool) {
        if self.is_there() {
            // SAFETY: a plain descriptor. Does not raise.
            unsafe { sys::mqtt_vm_set_nodelay(self.raw(), nodelay) };
        }
    }

    fn raw(self) -> i32 {
        self.0.first().copied().unwrap_or(-1)
    }
}

/// A socket as `wrap_socket()` gets it: the wrapper cannot close it, and it tells in which direction
/// a read or write could not go on.
#[cfg(feature = "port-tls")]
#[derive(Clone, Copy, Debug)]
pub struct BorrowedSocket(Obj);

#[cfg(feature = "port-tls")]
impl BorrowedSocket {
    /// Makes one for `socket`; `None` when the heap has no room for it. May collect.
    pub fn new(socket: Stream) -> Option<Self> {
        // SAFETY: a socket. Does not raise.
        Obj::new(unsafe { sys::mqtt_vm_new_borrowed_socket(socket.0.raw()) }).map(Self)
    }

    /// The object.
    pub const fn obj(self) -> Obj {
        self.0
    }

    /// The readiness that the last read or write waits for, if one could not be done since the last
    /// call of this: TLS may have to write before it can read, and the other way round.
    pub fn take_blocked(self) -> Option<StreamFlags> {
        // SAFETY: `mqtt_vm_new_borrowed_socket` has made it. Does not raise.
        let bits = unsafe { sys::mqtt_vm_borrowed_socket_blocked(self.0.raw()) };
        [StreamFlags::Readable, StreamFlags::Writable]
            .into_iter()
            .find(|flags| flags.bits() == bits)
    }
}

fn outcome(n: sys::mp_uint_t, errno: i32) -> Result<Option<usize>, StreamError> {
    // MP_STREAM_ERROR is all ones, whatever the width of the word.
    if n != sys::mp_uint_t::MAX {
        return Ok(Some(n as usize));
    }
    // mbedTLS passes the errno of the socket through as a negative number, as it does its own
    // errors, which are larger.
    let number = errno.unsigned_abs();
    let known = errno::from_firmware(number as u16);
    // A socket with a timeout says ETIMEDOUT, one without EAGAIN: nothing yet, both.
    if errno > 0 && (known == errno::EAGAIN || known == errno::ETIMEDOUT) {
        return Ok(None);
    }
    Err(if errno > 0 || number <= ERRNO_MAX {
        StreamError::errno(known)
    } else {
        StreamError::broken(u16::try_from(number).unwrap_or(u16::MAX))
    })
}
