//! `str`, `bytes` and the buffer protocol.

use core::ptr;
use core::slice;
use core::str;

use super::exception::{Exception, catch, catch_obj};
use super::obj::Obj;
use super::sys;

/// The memory of a `str` or of an object with the buffer protocol, which must be kept alive
/// beside it: the collector finds the object where its [`Obj`] is.
///
/// The bytes of an object that is not [immutable](Obj::is_immutable) can be changed by
/// Python code whenever that runs.
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    data: *const u8,
    len: usize,
}

impl Buffer {
    /// No bytes, of no object.
    pub const EMPTY: Self = Self {
        data: core::ptr::null(),
        len: 0,
    };

    /// The memory of `obj`; `None` if it is neither `str` nor bytes-like.
    ///
    /// # Errors
    ///
    /// The exception that the object raises when it is asked for its memory.
    pub fn of(obj: Obj) -> Result<Option<Self>, Exception> {
        let mut data = core::ptr::null();
        let mut len = 0;
        // SAFETY: `data` and `len` outlive the call. The C side catches its exceptions.
        let found =
            catch(|exc| unsafe { sys::mqtt_vm_get_buffer(obj.raw(), &mut data, &mut len, exc) })?;
        Ok(found.then_some(Self { data, len }))
    }

    /// The bytes as they are now.
    pub fn as_bytes(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the VM gave `len` bytes at `data`, which live as long as the object does.
        // A resized bytearray leaves `data` on MicroPython's heap: the bytes may change, the
        // memory is there. Does not raise.
        unsafe { slice::from_raw_parts(self.data, self.len) }
    }
}

/// Bytes that never change: a `str` or `bytes` object.
#[derive(Clone, Copy, Debug)]
pub struct Immutable(Obj);

impl Immutable {
    /// Takes `obj`, of which `buffer` is the memory, or copies its bytes if they can change.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn new(obj: Obj, buffer: Buffer) -> Result<Self, Exception> {
        if buffer.len == 0 {
            return new_bytes(&[]).map(Self);
        }
        if obj.is_immutable() {
            return Ok(Self(obj));
        }
        new_bytes(buffer.as_bytes()).map(Self)
    }

    /// A copy of `bytes`.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn copy(bytes: &[u8]) -> Result<Self, Exception> {
        new_bytes(bytes).map(Self)
    }

    /// The object, for Python.
    pub fn obj(&self) -> Obj {
        self.0
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        let mut len = 0;
        // SAFETY: a `str` or `bytes` object, whose memory lives as long as the object; `len`
        // outlives the call. Does not raise.
        unsafe {
            let data = sys::mqtt_vm_str_data(self.0.raw(), &mut len);
            slice::from_raw_parts(data, len)
        }
    }
}

/// UTF-8 in a `str` object.
#[derive(Clone, Copy, Debug)]
pub struct Text(Immutable);

impl Text {
    /// The text of `obj`, of which `buffer` is the memory; `None` if it is not UTF-8. The text of an
    /// object other than a `str` is copied.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn new(obj: Obj, buffer: Buffer) -> Result<Option<Self>, Exception> {
        let Ok(text) = str::from_utf8(buffer.as_bytes()) else {
            return Ok(None);
        };
        if obj.is_str() {
            return Ok(Some(Self(Immutable(obj))));
        }
        Self::copy(text).map(Some)
    }

    /// The text of a `str`; `None` of any other object.
    #[cfg(feature = "v5")]
    pub fn of_str(obj: Obj) -> Option<Self> {
        obj.is_str().then_some(Self(Immutable(obj)))
    }

    /// The text whose [`obj`](Self::obj) this is.
    pub(super) fn known(obj: Obj) -> Self {
        Self(Immutable(obj))
    }

    /// An interned name (`MP_QSTR_...`).
    pub fn interned(name: u32) -> Self {
        Self(Immutable(Obj::from_qstr(name)))
    }

    /// Makes a new object with this text.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn copy(text: &str) -> Result<Self, Exception> {
        new_str(text).map(|obj| Self(Immutable(obj)))
    }

    /// Makes a new object with these texts, one behind the other.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    #[cfg(feature = "v5")]
    pub fn joined(texts: &[&str]) -> Result<Self, Exception> {
        let len = texts.iter().map(|text| text.len());
        let mut bytes = UnfilledBytes::new(len.fold(0, usize::saturating_add))?;
        for text in texts {
            bytes.fill(text.as_bytes());
        }
        // All of them are UTF-8, so the whole is.
        Self::copy(str::from_utf8(bytes.filled()).unwrap_or_default())
    }

    /// The `str` object.
    pub fn obj(&self) -> Obj {
        self.0.0
    }

    /// The same object, as bytes.
    #[cfg(feature = "into")]
    pub fn into_immutable(self) -> Immutable {
        self.0
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // SAFETY: the text was checked when this was made, and it never changes. Does not raise.
        unsafe { str::from_utf8_unchecked(self.0.as_bytes()) }
    }
}

/// The characters at the front of `text` that take at most `most` bytes.
#[cfg(feature = "v5")]
pub fn front_of(text: &str, most: usize) -> &str {
    let fronts = (0..=most.min(text.len())).rev();
    fronts
        .filter_map(|end| text.get(..end))
        .next()
        .unwrap_or_default()
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Makes a new `str`.
///
/// # Errors
///
/// `MemoryError`.
pub fn new_str(utf8: &str) -> Result<Obj, Exception> {
    // SAFETY: a slice. The C side catches its exceptions.
    catch_obj(|exc| unsafe { sys::mqtt_vm_new_str(utf8.as_ptr(), utf8.len(), exc) })
}

/// Makes a new `bytes`.
///
/// # Errors
///
/// `MemoryError`.
pub fn new_bytes(data: &[u8]) -> Result<Obj, Exception> {
    // SAFETY: a slice. The C side catches its exceptions.
    catch_obj(|exc| unsafe { sys::mqtt_vm_new_bytes(data.as_ptr(), data.len(), exc) })
}

/// A new `bytes` object that is being filled in. Python code does not see it before it is full.
#[derive(Debug)]
pub struct UnfilledBytes {
    obj: Obj,
    data: *mut u8,
    len: usize,
    filled: usize,
}

impl UnfilledBytes {
    /// Allocates `len` bytes to fill in.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn new(len: usize) -> Result<Self, Exception> {
        let mut data = core::ptr::null_mut();
        // SAFETY: `data` outlives the call. The C side catches its exceptions.
        let obj = catch_obj(|exc| unsafe { sys::mqtt_vm_new_bytes_unfilled(len, &mut data, exc) })?;
        Ok(Self {
            obj,
            data,
            len,
            filled: 0,
        })
    }

    /// The bytes that are still to be filled in.
    pub fn rest(&mut self) -> &mut [u8] {
        // SAFETY: `len` bytes at `data`, which the C side has zeroed, belong to this object alone as
        // long as `finish`, which consumes it, has not given the object away. Does not raise.
        let all = unsafe { slice::from_raw_parts_mut(self.data, self.len) };
        all.get_mut(self.filled..).unwrap_or(&mut [])
    }

    /// The bytes that have been filled in.
    pub fn filled(&self) -> &[u8] {
        // SAFETY: as in `rest`. Does not raise.
        unsafe { slice::from_raw_parts(self.data, self.filled) }
    }

    /// Fills in the front of `bytes` as far as there is room; returns the number of these bytes.
    #[inline(never)]
    pub fn fill(&mut self, bytes: &[u8]) -> usize {
        let n = self.unfilled().min(bytes.len());
        // SAFETY: `filled + n` is at most `len`, and nothing else refers to these bytes. Does not
        // raise.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.data.add(self.filled), n) };
        self.advance(n);
        n
    }

    /// Counts `n` more bytes as filled in.
    pub fn advance(&mut self, n: usize) {
        self.filled = self.filled.saturating_add(n).min(self.len);
    }

    /// The number of bytes that are still to be filled in.
    pub fn unfilled(&self) -> usize {
        self.len.saturating_sub(self.filled)
    }

    /// Whether nothing is left to be filled in.
    pub fn is_full(&self) -> bool {
        self.unfilled() == 0
    }

    /// The object, for Python.
    pub fn finish(self) -> Immutable {
        Immutable(self.obj)
    }
}
