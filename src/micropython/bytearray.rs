//! `bytearray`: memory that a program lends.

use core::ptr;

use super::exception::{Exception, ExceptionKind, catch_obj};
use super::obj::Obj;
use super::sys;

/// A `bytearray`. The program may write into it, and change its size, whenever Python code runs.
#[derive(Clone, Copy, Debug)]
pub struct Bytearray(Obj);

impl Bytearray {
    /// Takes `obj` as one; `None` for any other object.
    pub fn of(obj: Obj) -> Option<Self> {
        // SAFETY: an object and a type. Does not raise.
        let is_one = unsafe { sys::mqtt_vm_is_of(obj.raw(), sys::MQTT_TYPE_BYTEARRAY) };
        is_one.then_some(Self(obj))
    }

    /// The object.
    pub fn obj(self) -> Obj {
        self.0
    }

    /// The number of its bytes at present.
    pub fn len(self) -> usize {
        self.memory().1
    }

    /// Whether it has no bytes at present.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Writes the front of `bytes` from the position `at` on, as far as there is room; returns the
    /// number of bytes that were written.
    pub fn write(self, at: usize, bytes: &[u8]) -> usize {
        let (data, len) = self.memory();
        let n = len.saturating_sub(at).min(bytes.len());
        if n > 0 {
            // SAFETY: `at + n` is at most `len`, and so many bytes are at `data`. No Python code runs
            // in between. `bytes` may lie in the same memory. Does not raise.
            unsafe { ptr::copy(bytes.as_ptr(), data.add(at), n) };
        }
        n
    }

    /// Makes a `memoryview` of its first `n` bytes. For none it is `b""`, which takes no memory.
    ///
    /// # Errors
    ///
    /// `ValueError`: it has fewer bytes. `MemoryError`.
    pub fn view(self, n: usize) -> Result<Obj, Exception> {
        if n > self.len() {
            let text = "the buffer of subscribe() has become too small";
            return Err(Exception::with_text(ExceptionKind::ValueError, text));
        }
        if n == 0 {
            return Ok(Self::nothing());
        }
        // SAFETY: a bytearray. The C side catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_new_view(self.0.raw(), n, exc) })
    }

    /// `b""`, which takes no memory.
    pub fn nothing() -> Obj {
        // SAFETY: gives an object. Does not raise.
        unsafe { Obj::from_raw(sys::mqtt_vm_empty_bytes()) }
    }

    fn memory(self) -> (*mut u8, usize) {
        let mut len = 0;
        // SAFETY: a bytearray; `len` outlives the call. Does not raise.
        let data = unsafe { sys::mqtt_vm_bytearray(self.0.raw(), &mut len) };
        (data, len)
    }
}
