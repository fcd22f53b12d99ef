//! Objects of native types, with Rust state in them.

#[cfg(feature = "outbox")]
use core::ops::Deref;
use core::ptr::NonNull;

use super::exception::{Exception, catch_obj};
use super::obj::Obj;
use super::sys;

/// A Rust type that lies in a Python object of a native type.
///
/// # Safety
///
/// `repr(C)`, with the object's header (`mp_obj_base_t`) as first field, and every object
/// whose type is [`NativeType::KIND`] was made by [`new_object`] or [`Native::new`].
pub unsafe trait NativeType: Sized {
    /// The Python type, one of `MQTT_TYPE_...`.
    const KIND: u32;
    /// The argument of [`NativeType::fields`].
    type Args;

    /// Makes all fields; `base` is the header.
    fn fields(base: sys::mp_obj_base_t, args: Self::Args) -> Self;

    /// Calls [`clear_stack`] for a type with places that have no value yet.
    fn clear_stack() {}
}

/// Writes zeros over so many bytes of the stack below the caller's frame.
///
/// The fields of an object are put together there and copied. In places that have no value yet the copy has the
/// stack's old bytes, and the collector takes them for references.
#[inline(never)]
pub fn clear_stack<const BYTES: usize>() {
    core::hint::black_box([0_u8; BYTES]);
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
    let obj = catch_obj(|exc| unsafe { sys::mqtt_vm_new_object(size_of::<T>(), T::KIND, exc) })?;
    T::clear_stack();
    // SAFETY: the object is new, as large as `T`, and of its type. Does not raise.
    unsafe { fill::<T>(obj, args) };
    Ok(obj)
}

/// Puts the fields into a new object: in a frame of its own, on the stack that was cleared.
///
/// # Safety
///
/// `obj` is as large as `T`, aligned for words, and its header is set. Nothing else refers to it yet.
#[inline(never)]
unsafe fn fill<T: NativeType>(obj: Obj, args: T::Args) {
    let memory = obj.raw();
    // SAFETY: the caller's promise. Does not raise.
    unsafe {
        let base = memory.cast::<sys::mp_obj_base_t>().read();
        memory.cast::<T>().write(T::fields(base, args));
    }
}

/// The Python object in which `fields` lie.
pub fn as_obj<T: NativeType>(fields: &T) -> Obj {
    Obj::from_address(NonNull::from_ref(fields).cast())
}

/// The Rust state in `obj`.
///
/// # Safety
///
/// `obj` is an object of [`NativeType::KIND`], and the collector finds it for as long as
/// the reference is used.
pub unsafe fn from_obj<'a, T: NativeType>(obj: Obj) -> &'a T {
    // SAFETY: the caller's promise, and that of `NativeType`. Does not raise.
    unsafe { &*obj.raw().cast::<T>() }
}

/// A reference to an object of a native type.
///
/// The object lives as long as the collector finds a reference to it: on the stack of a thread or in
/// another block of MicroPython's heap.
#[cfg(feature = "outbox")]
#[derive(Debug)]
pub struct Native<T>(NonNull<T>);

#[cfg(feature = "outbox")]
impl<T> Clone for Native<T> {
    fn clone(&self) -> Self {
        *self
    }
}

#[cfg(feature = "outbox")]
impl<T> Copy for Native<T> {}

#[cfg(feature = "outbox")]
impl<T: NativeType> Native<T> {
    /// Makes a new object without a finaliser. Gives `None` when the heap has no room for it. May
    /// collect.
    pub fn new(args: T::Args) -> Option<Self> {
        // SAFETY: a plain size. Does not raise.
        let block = unsafe { sys::mqtt_vm_alloc(size_of::<T>()) };
        let place = NonNull::new(block.cast::<T>())?;
        // SAFETY: one of the types. Does not raise.
        let type_ = unsafe { sys::mqtt_vm_type(T::KIND) };
        let base = sys::mp_obj_base_t { type_ };
        // SAFETY: the block is new, large enough, and aligned for words. Does not raise.
        unsafe { place.write(T::fields(base, args)) };
        Some(Self(place))
    }

    /// The reference to an object that the caller has at hand.
    pub fn of(fields: &T) -> Self {
        Self(NonNull::from_ref(fields))
    }

    /// The Python object.
    pub fn as_obj(self) -> Obj {
        Obj::from_address(self.0.cast())
    }
}

#[cfg(feature = "outbox")]
impl<T> Deref for Native<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: both makers give an object of the type, and the collector does not free it while
        // `self` refers to it. Does not raise.
        unsafe { self.0.as_ref() }
    }
}

impl Obj {
    /// Whether it is an object of this native type, and of no subclass.
    pub fn is_of<T: NativeType>(self) -> bool {
        // SAFETY: an object and a type. Does not raise.
        unsafe { sys::mqtt_vm_is_of(self.raw(), T::KIND) }
    }
}
