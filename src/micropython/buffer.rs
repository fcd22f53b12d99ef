//! `str`, `bytes` and the buffer protocol.

use core::slice;
use core::str;

use super::obj::Obj;
use super::raised::{Raised, catch};
use super::sys;

/// The memory of a `str` or of an object with the buffer protocol.
///
/// It refers to the object, so the collector leaves the memory alone wherever it can see
/// the `Buffer`. The bytes of an object that is not [immutable](Obj::is_immutable) can be
/// changed by Python code whenever that runs.
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    obj: Obj,
    data: *const u8,
    len: usize,
}

impl Buffer {
    /// No bytes of no object.
    pub const EMPTY: Self = Self {
        obj: Obj::NULL,
        data: core::ptr::null(),
        len: 0,
    };

    /// The memory of `obj`; `None` if it is neither `str` nor bytes-like.
    pub fn of(obj: Obj) -> Result<Option<Self>, Raised> {
        let mut data = core::ptr::null();
        let mut len = 0;
        // SAFETY: `data` and `len` outlive the call. The C side catches what it raises.
        let found =
            catch(|exc| unsafe { sys::mqtt_vm_get_buffer(obj.raw(), &mut data, &mut len, exc) })?;
        Ok(found.then_some(Self { obj, data, len }))
    }

    /// The object.
    pub fn obj(&self) -> Obj {
        self.obj
    }

    /// The bytes as they are now.
    pub fn as_bytes(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the VM gave `len` bytes at `data`, which live as long as `obj` does. A
        // resized bytearray leaves `data` on MicroPython's heap: the bytes may change, the
        // memory is there.
        unsafe { slice::from_raw_parts(self.data, self.len) }
    }

    /// The same bytes in an object that nobody changes: itself, or a copy.
    pub fn to_immutable(self) -> Result<Self, Raised> {
        if self.obj.is_null() || self.obj.is_immutable() {
            return Ok(self);
        }
        let copy = new_bytes(self.as_bytes())?;
        Ok(Self::of(copy)?.unwrap_or(Self::EMPTY))
    }
}

/// UTF-8 in an immutable object.
#[derive(Clone, Copy, Debug)]
pub struct Text(Buffer);

impl Text {
    /// The text in `buffer`; `None` if it is not UTF-8. A mutable object is copied, `bytes`
    /// become a `str`.
    pub fn new(buffer: Buffer) -> Result<Option<Self>, Raised> {
        if str::from_utf8(buffer.as_bytes()).is_err() {
            return Ok(None);
        }
        let buffer = if buffer.obj.is_str() {
            buffer
        } else {
            let copy = new_str(buffer.as_bytes())?;
            Buffer::of(copy)?.unwrap_or(Buffer::EMPTY)
        };
        Ok(Some(Self(buffer)))
    }

    /// The `str` object.
    pub fn obj(&self) -> Obj {
        self.0.obj
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Checked when it was made, and immutable since.
        // SAFETY: as said. Does not raise.
        unsafe { str::from_utf8_unchecked(self.0.as_bytes()) }
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// A new `str`. `utf8` must be UTF-8.
pub fn new_str(utf8: &[u8]) -> Result<Obj, Raised> {
    // SAFETY: a slice. The C side catches what it raises.
    catch(|exc| unsafe { sys::mqtt_vm_new_str(utf8.as_ptr(), utf8.len(), exc) }).map(Obj::from_raw)
}

/// A new `bytes`.
pub fn new_bytes(data: &[u8]) -> Result<Obj, Raised> {
    // SAFETY: a slice. The C side catches what it raises.
    catch(|exc| unsafe { sys::mqtt_vm_new_bytes(data.as_ptr(), data.len(), exc) })
        .map(Obj::from_raw)
}

/// A new `bytes` object that is being filled in and that no Python code has seen.
#[derive(Debug)]
pub struct UnfilledBytes {
    obj: Obj,
    data: *mut u8,
    len: usize,
    filled: usize,
}

impl UnfilledBytes {
    /// `len` bytes to fill in.
    pub fn new(len: usize) -> Result<Self, Raised> {
        let mut data = core::ptr::null_mut();
        // SAFETY: `data` outlives the call. The C side catches what it raises.
        let obj = catch(|exc| unsafe { sys::mqtt_vm_new_bytes_unfilled(len, &mut data, exc) })?;
        // SAFETY: the VM gave `len` bytes at `data`, and nobody else has them.
        unsafe { data.write_bytes(0, len) };
        Ok(Self {
            obj: Obj::from_raw(obj),
            data,
            len,
            filled: 0,
        })
    }

    /// What is still to be filled in.
    pub fn rest(&mut self) -> &mut [u8] {
        // SAFETY: `len` bytes at `data`, zeroed in `new`, belong to this object alone as
        // long as it has not been given away by `finish`, which consumes it.
        let all = unsafe { slice::from_raw_parts_mut(self.data, self.len) };
        all.get_mut(self.filled..).unwrap_or(&mut [])
    }

    /// What has been filled in.
    pub fn filled(&self) -> &[u8] {
        // SAFETY: as in `rest`.
        unsafe { slice::from_raw_parts(self.data, self.filled) }
    }

    /// Fills in the front of `bytes`: how many of them there was room for.
    pub fn fill(&mut self, bytes: &[u8]) -> usize {
        let rest = self.rest();
        let n = rest.len().min(bytes.len());
        if let (Some(to), Some(from)) = (rest.get_mut(..n), bytes.get(..n)) {
            to.copy_from_slice(from);
        }
        self.advance(n);
        n
    }

    /// `n` more bytes have been filled in.
    pub fn advance(&mut self, n: usize) {
        self.filled = self.filled.saturating_add(n).min(self.len);
    }

    /// Bytes that are still to be filled in.
    pub fn unfilled(&self) -> usize {
        self.len.saturating_sub(self.filled)
    }

    /// Whether nothing is left to be filled in.
    pub fn is_full(&self) -> bool {
        self.unfilled() == 0
    }

    /// The object, for Python.
    pub fn finish(self) -> Obj {
        self.obj
    }
}
