//! Exceptions as values.

use core::ptr;

use super::obj::Obj;
use super::{buffer, errno, qstr, sys};

/// A Python exception that was or will be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Exception(Obj);

/// The built-in exceptions that the module raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ExceptionKind {
    /// `OSError`.
    OSError = sys::MQTT_TYPE_OS_ERROR,
    /// `TypeError`.
    TypeError = sys::MQTT_TYPE_TYPE_ERROR,
    /// `ValueError`.
    ValueError = sys::MQTT_TYPE_VALUE_ERROR,
    /// `MemoryError`.
    MemoryError = sys::MQTT_TYPE_MEMORY_ERROR,
    /// `NotImplementedError`.
    NotImplementedError = sys::MQTT_TYPE_NOT_IMPLEMENTED_ERROR,
    /// The module's own subclass of `OSError`.
    MQTTException = sys::MQTT_TYPE_MQTT_EXCEPTION,
}

/// Calls the C side, which leaves the exception that it caught in the argument.
///
/// # Errors
///
/// That exception.
pub(super) fn catch<T>(call: impl FnOnce(*mut sys::mp_obj_t) -> T) -> Result<T, Exception> {
    let mut exception = ptr::null_mut();
    let value = call(&mut exception);
    match Obj::new(exception) {
        None => Ok(value),
        Some(exception) => Err(Exception(exception)),
    }
}

/// The same as [`catch`] for a call that returns an object, or `MP_OBJ_NULL` when it has raised.
pub(super) fn catch_obj(
    call: impl FnOnce(*mut sys::mp_obj_t) -> sys::mp_obj_t,
) -> Result<Obj, Exception> {
    let mut exception = ptr::null_mut();
    match Obj::new(call(&mut exception)) {
        Some(obj) => Ok(obj),
        // SAFETY: the C side gives the one or the other. Does not raise.
        None => Err(Exception(unsafe { Obj::from_raw(exception) })),
    }
}

impl Exception {
    /// Makes a new exception with these arguments. Without the memory for it, the exception is the
    /// `MemoryError` instead.
    pub fn new(kind: ExceptionKind, args: &[Obj]) -> Self {
        let raw = args.as_ptr().cast::<sys::mp_obj_t>();
        // SAFETY: a type of exceptions and an array of objects. Does not raise, and never gives
        // NULL.
        unsafe {
            let made = sys::mqtt_vm_new_exception(kind as u32, args.len(), raw);
            Self(Obj::from_raw(made))
        }
    }

    /// Makes a new exception whose only argument is `text`.
    pub fn with_text(kind: ExceptionKind, text: &str) -> Self {
        match buffer::new_str(text) {
            Ok(text) => Self::new(kind, &[text]),
            Err(exception) => exception,
        }
    }

    /// Makes a new exception with the arguments `code` and `text`.
    pub fn with_code(kind: ExceptionKind, code: u16, text: &str) -> Self {
        match buffer::new_str(text) {
            Ok(text) => Self::with_code_and_object(kind, code, text),
            Err(exception) => exception,
        }
    }

    /// Makes a new exception with the arguments `code` and `text`, a `str`.
    pub fn with_code_and_object(kind: ExceptionKind, code: u16, text: Obj) -> Self {
        Self::new(kind, &[Obj::from_u16(errno::to_firmware(code)), text])
    }

    /// The exception object.
    pub fn as_obj(self) -> Obj {
        self.0
    }

    /// Wraps an exception object.
    pub(super) fn of(exception: Obj) -> Self {
        Self(exception)
    }

    /// Whether it is a `MemoryError`.
    pub fn is_memory_error(self) -> bool {
        self.is(sys::MQTT_TYPE_MEMORY_ERROR)
    }

    /// Whether it is an `Exception`. `KeyboardInterrupt`, `SystemExit` and their like are not: the
    /// main program handles them.
    pub fn is_ordinary(self) -> bool {
        self.is(sys::MQTT_TYPE_EXCEPTION)
    }

    /// Whether it is an `OSError`.
    pub fn is_os_error(self) -> bool {
        self.is(sys::MQTT_TYPE_OS_ERROR)
    }

    /// Whether it is a `ValueError`.
    pub fn is_value_error(self) -> bool {
        self.is(sys::MQTT_TYPE_VALUE_ERROR)
    }

    /// Whether it is an `IndexError`.
    #[cfg(feature = "tls")]
    pub fn is_index_error(self) -> bool {
        self.is(sys::MQTT_TYPE_INDEX_ERROR)
    }

    /// The errno of an `OSError`; `None` for any other exception.
    pub fn errno(self) -> Option<u16> {
        if !self.is_os_error() {
            return None;
        }
        let code = self.0.attribute(qstr::errno).ok()?;
        let code = code.as_int().ok()??;
        u16::try_from(code).ok().map(errno::from_firmware)
    }

    fn is(self, kind: u32) -> bool {
        // SAFETY: an exception object and a type. Does not raise.
        unsafe { sys::mqtt_vm_is_exception_of(self.0.raw(), kind) }
    }
}
