//! MicroPython's stream protocol, without allocation.

use super::obj::Obj;
use super::raised::{Raised, catch};
use super::{errno, sys};

/// A Python object with the stream protocol: a socket, a TLS socket.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    obj: Obj,
    /// The file descriptor under it, on hosts that have such.
    fd: i32,
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
}

/// What a stream can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFlags {
    /// Something to read, or the end.
    Readable,
    /// Room to write.
    Writable,
}

impl Stream {
    /// `obj` must have the stream protocol, as every socket has.
    pub fn new(obj: Obj) -> Result<Self, Raised> {
        let mut stream = Self { obj, fd: -1 };
        if let Io::Done(fd) = stream.ioctl(sys::MP_STREAM_GET_FILENO, 0)? {
            stream.fd = i32::try_from(fd).unwrap_or(-1);
        }
        Ok(stream)
    }

    /// The object.
    pub fn obj(&self) -> Obj {
        self.obj
    }

    /// Whether there is a file descriptor under it.
    pub fn has_descriptor(&self) -> bool {
        self.fd >= 0
    }

    /// Reads what is there.
    pub fn read(&self, buf: &mut [u8]) -> Result<Io, Raised> {
        let mut errno = 0;
        // SAFETY: a stream and a slice. The C side catches what it raises.
        let n = catch(|exc| unsafe {
            sys::mqtt_vm_read(
                self.obj.raw(),
                buf.as_mut_ptr().cast(),
                buf.len(),
                &mut errno,
                exc,
            )
        })?;
        Ok(outcome(n, errno))
    }

    /// Writes what there is room for.
    pub fn write(&self, buf: &[u8]) -> Result<Io, Raised> {
        let mut errno = 0;
        // SAFETY: a stream and a slice. The C side catches what it raises.
        let n = catch(|exc| unsafe {
            sys::mqtt_vm_write(
                self.obj.raw(),
                buf.as_ptr().cast(),
                buf.len(),
                &mut errno,
                exc,
            )
        })?;
        Ok(outcome(n, errno))
    }

    /// Waits with the GIL released; may return early, with false. A pending exception
    /// (Ctrl-C) comes back.
    pub fn wait(&self, flags: StreamFlags, timeout_ms: u32) -> Result<bool, Raised> {
        let flags = match flags {
            StreamFlags::Readable => sys::MP_STREAM_POLL_RD,
            StreamFlags::Writable => sys::MP_STREAM_POLL_WR,
        };
        // SAFETY: a stream and its descriptor. The C side catches what it raises.
        catch(|exc| unsafe {
            sys::mqtt_vm_wait_stream(self.obj.raw(), self.fd, flags as _, timeout_ms, exc)
        })
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
        self.ioctl(sys::MP_STREAM_CLOSE, 0).map(|_| ())
    }

    /// Closes it from a finaliser, where the VM is in the middle of a collection.
    pub fn close_now(&self) {
        // SAFETY: a stream and its descriptor. The C side catches what it raises, and
        // nobody is left whom it would concern.
        let _ = catch(|exc| unsafe { sys::mqtt_vm_close_now(self.obj.raw(), self.fd, exc) });
    }

    fn ioctl(&self, request: u32, arg: usize) -> Result<Io, Raised> {
        let mut errno = 0;
        // SAFETY: a stream; the requests used here take a plain number. The C side catches
        // what it raises.
        let n = catch(|exc| unsafe {
            sys::mqtt_vm_ioctl(self.obj.raw(), request as _, arg as _, &mut errno, exc)
        })?;
        Ok(outcome(n, errno))
    }
}

fn outcome(n: sys::mp_uint_t, errno: i32) -> Io {
    // MP_STREAM_ERROR is all ones, whatever the width of the word.
    if n != sys::mp_uint_t::MAX {
        return Io::Done(n as usize);
    }
    // A socket with a timeout says ETIMEDOUT, one without EAGAIN: nothing yet, both.
    match u16::try_from(errno).unwrap_or(errno::EIO) {
        errno::EAGAIN | errno::ETIMEDOUT => Io::WouldBlock,
        errno => Io::Failed(errno),
    }
}
