//! Objects of native types, with Rust state in them.

use core::ptr::NonNull;

use super::exception::{Exception, catch_obj};
use super::obj::Obj;
use super::sys;

/// A Rust type that lies in a Python object of a native type.
///
/// # Safety
///
/// `repr(C)`, with the object's header (`mp_obj_base_t`) as first field, and every object
/// whose type is [`NativeType::TYPE`] was made by [`new_object`].
pub unsafe trait NativeType: Sized {
    /// The Python type.
    const TYPE: *const sys::mp_obj_type_t;
    /// The argument of [`NativeType::fields`].
    type Args;

    /// Makes all fields; `base` is the header.
    fn fields(base: sys::mp_obj_base_t, args: Self::Args) -> Self;
}

/// Makes a new object on MicroPython's heap, with a finaliser.
///
/// There is no `Drop`: the type's `__del__` is its finaliser.
///
/// # Errors
///
/// `MemoryError`.
pub fn new_object<T: NativeType>(args: T::Args) -> Result<Obj, Exception> {
    // SAFETY: a size and a type. The C side catches its exceptions.
    let obj = catch_obj(|exc| unsafe { sys::mqtt_vm_new_object(size_of::<T>(), T::TYPE, exc) })?;
    let memory = obj.raw();
    // SAFETY: `memory` is as large as `T`, aligned for words, and its header is set. Nothing
    // else refers to it yet. Does not raise.
    unsafe {
        let base = memory.cast::<sys::mp_obj_base_t>().read();
        memory.cast::<T>().write(T::fields(base, args));
    }
    Ok(obj)
}

/// The Python object in which `fields` lie.
pub fn as_obj<T: NativeType>(fields: &T) -> Obj {
    Obj::from_address(NonNull::from_ref(fields).cast())
}

/// The Rust state in `obj`.
///
/// # Safety
///
/// `obj` is an object of [`NativeType::TYPE`], and the collector finds it for as long as
/// the reference is used.
pub unsafe fn from_obj<'a, T: NativeType>(obj: Obj) -> &'a T {
    // SAFETY: the caller's promise, and that of `NativeType`. Does not raise.
    unsafe { &*obj.raw().cast::<T>() }
}

impl Obj {
    /// Whether it is an object of this native type, and of no subclass.
    pub fn is_of<T: NativeType>(self) -> bool {
        // SAFETY: an object and a type. Does not raise.
        unsafe { sys::mqtt_vm_is_of(self.raw(), T::TYPE) }
    }
}
