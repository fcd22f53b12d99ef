//! Python objects.

use core::ffi::c_void;
use core::fmt;
use core::ptr::NonNull;

use super::exception::{Exception, catch, catch_obj};
use super::sys;

/// A reference to a Python object. An `Option` of it is one word, too.
///
/// MicroPython's collector does not move objects and does not count references: an `Obj`
/// is good for as long as the collector finds it, on the stack of a thread or in an object
/// on MicroPython's heap. Never keep one in a Rust static.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Obj(NonNull<c_void>);

impl fmt::Debug for Obj {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Obj")
    }
}

impl Obj {
    /// The object that C has returned; `None` for `MP_OBJ_NULL`.
    pub(super) const fn new(raw: sys::mp_obj_t) -> Option<Self> {
        match NonNull::new(raw) {
            Some(address) => Some(Self(address)),
            None => None,
        }
    }

    /// Takes the object that C has passed.
    ///
    /// # Safety
    ///
    /// `raw` is an object, and not `MP_OBJ_NULL`.
    pub(crate) const unsafe fn from_raw(raw: sys::mp_obj_t) -> Self {
        // SAFETY: the caller's promise. Does not raise.
        Self(unsafe { NonNull::new_unchecked(raw) })
    }

    pub(super) const fn from_address(address: NonNull<c_void>) -> Self {
        Self(address)
    }

    pub(super) const fn address(self) -> NonNull<c_void> {
        self.0
    }

    pub(crate) const fn raw(self) -> sys::mp_obj_t {
        self.0.as_ptr()
    }

    /// `None`.
    pub fn none() -> Self {
        // SAFETY: gives an object. Does not raise.
        unsafe { Self::from_raw(sys::mqtt_vm_none()) }
    }

    /// `True` or `False`.
    pub fn from_bool(value: bool) -> Self {
        // SAFETY: gives an object. Does not raise.
        unsafe { Self::from_raw(sys::mqtt_vm_bool(value)) }
    }

    /// Whether it is `True` or `False`.
    pub fn is_bool(self) -> bool {
        self == Self::from_bool(true) || self == Self::from_bool(false)
    }

    /// An `int` of any 16-bit value (every object representation has room for it).
    pub fn from_i16(value: i16) -> Self {
        // SAFETY: within the range of a small int. Does not raise.
        unsafe { Self::from_raw(sys::mqtt_vm_small_int(value.into())) }
    }

    /// An `int` of an unsigned 16-bit value.
    pub fn from_u16(value: u16) -> Self {
        // SAFETY: within the range of a small int. Does not raise.
        unsafe { Self::from_raw(sys::mqtt_vm_small_int(value as sys::mp_int_t)) }
    }

    /// An `int` of a length below 2^30 (every object representation has room for it).
    #[cfg(any(feature = "into", feature = "aio"))]
    pub fn from_length(value: u32) -> Self {
        // SAFETY: within the range of a small int. Does not raise.
        unsafe { Self::from_raw(sys::mqtt_vm_small_int(value as sys::mp_int_t)) }
    }

    /// The string of an interned name (`MP_QSTR_...`).
    pub fn from_qstr(name: u32) -> Self {
        // SAFETY: bindgen's constants name qstrs of this build. Does not raise.
        unsafe { Self::from_raw(sys::mqtt_vm_qstr(name as _)) }
    }

    /// Whether this is `None`.
    pub fn is_none(self) -> bool {
        self == Self::none()
    }

    /// Whether it can be called.
    pub fn is_callable(self) -> bool {
        // SAFETY: `self` is an object. Does not raise.
        unsafe { sys::mqtt_vm_is_callable(self.raw()) }
    }

    /// Whether it is a `str`.
    pub fn is_str(self) -> bool {
        // SAFETY: `self` is an object. Does not raise.
        unsafe { sys::mqtt_vm_is_str(self.raw()) }
    }

    /// Whether it is `str` or `bytes`: its contents never change.
    pub fn is_immutable(self) -> bool {
        // SAFETY: `self` is an object. Does not raise.
        self.is_str() || unsafe { sys::mqtt_vm_is_bytes(self.raw()) }
    }

    /// The value of an `int` or `bool`, saturated to a machine word; `None` for anything
    /// else.
    ///
    /// # Errors
    ///
    /// `MemoryError`, from the comparison of a large `int`.
    pub fn as_int(self) -> Result<Option<isize>, Exception> {
        let mut value: sys::mp_int_t = 0;
        // SAFETY: `self` is an object, `value` outlives the call. The C side catches.
        let is_int = catch(|exc| unsafe { sys::mqtt_vm_get_int(self.raw(), &mut value, exc) })?;
        Ok(is_int.then_some(value as isize))
    }

    /// `len(self)`, at most 32767.
    ///
    /// # Errors
    ///
    /// The exception that Python raises.
    pub fn item_count(self) -> Result<i16, Exception> {
        // SAFETY: `self` is an object. The C side catches its exceptions.
        let len = catch_obj(|exc| unsafe { sys::mqtt_vm_len(self.raw(), exc) })?;
        let len = len.as_int()?.unwrap_or(0);
        Ok(len.try_into().unwrap_or(i16::MAX))
    }

    /// `self[index]`.
    ///
    /// # Errors
    ///
    /// The exception that Python raises.
    pub fn item(self, index: i16) -> Result<Self, Exception> {
        // SAFETY: `self` is an object. The C side catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_get_item(self.raw(), index.into(), exc) })
    }

    /// `self.name`.
    ///
    /// # Errors
    ///
    /// The exception that Python raises.
    pub fn attribute(self, name: u32) -> Result<Self, Exception> {
        // SAFETY: `self` is an object, `name` a qstr. The C side catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_load_attr(self.raw(), name as _, exc) })
    }

    /// `hasattr(self, name)`.
    ///
    /// # Errors
    ///
    /// The exception of `__getattr__()`.
    #[cfg(feature = "aio")]
    pub fn has_attribute(self, name: u32) -> Result<bool, Exception> {
        // SAFETY: `self` is an object, `name` a qstr. The C side catches its exceptions.
        catch(|exc| unsafe { sys::mqtt_vm_has_attr(self.raw(), name as _, exc) })
    }

    /// `self(*args)`.
    ///
    /// # Errors
    ///
    /// The exception that Python raises.
    pub fn call(self, args: &[Self]) -> Result<Self, Exception> {
        let raw = args.as_ptr().cast::<sys::mp_obj_t>();
        // SAFETY: `Obj` is transparent, so `raw` is an array of `args.len()` objects. The C
        // side catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_call(self.raw(), args.len(), 0, raw, exc) })
    }

    /// `self(first, **named)`; `named` has pairs of a name and a value.
    ///
    /// # Errors
    ///
    /// The exception that Python raises.
    pub fn call_with_names<const N: usize>(
        self,
        first: Self,
        named: [[Self; 2]; N],
    ) -> Result<Self, Exception> {
        /// The arguments one after the other, as the VM takes them.
        #[repr(C)]
        struct Args<const N: usize>(Obj, [[Obj; 2]; N]);
        let args = Args(first, named);
        let raw = (&raw const args).cast::<sys::mp_obj_t>();
        // SAFETY: `Obj` is transparent, so `raw` is an array of 1 + 2 * N objects. The C side
        // catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_call(self.raw(), 1, N, raw, exc) })
    }

    /// `self.name(*args)`, with at most four arguments.
    ///
    /// # Errors
    ///
    /// The exception that Python raises.
    pub fn call_method(self, name: u32, args: &[Self]) -> Result<Self, Exception> {
        let raw = args.as_ptr().cast::<sys::mp_obj_t>();
        // SAFETY: as in `call`; `name` is a qstr. The C side catches its exceptions.
        catch_obj(|exc| unsafe {
            sys::mqtt_vm_call_method(self.raw(), name as _, args.len(), raw, exc)
        })
    }
}

/// Imports the module `name`.
///
/// # Errors
///
/// The exception that Python raises.
pub fn import(name: u32) -> Result<Obj, Exception> {
    // SAFETY: `name` is a qstr. The C side catches its exceptions.
    catch_obj(|exc| unsafe { sys::mqtt_vm_import(name as _, exc) })
}

/// Makes a tuple whose items are attributes, too. Items and names beyond the shorter list are left out.
///
/// # Errors
///
/// `MemoryError`.
pub fn new_attrtuple(names: &'static [sys::qstr], items: &[Obj]) -> Result<Obj, Exception> {
    let n = items.len().min(names.len());
    let raw = items.as_ptr().cast::<sys::mp_obj_t>();
    // SAFETY: `Obj` is transparent, so `raw` is an array of `n` objects at least; there are as many
    // names, for ever. The C side catches its exceptions.
    catch_obj(|exc| unsafe { sys::mqtt_vm_new_attrtuple(names.as_ptr(), n, raw, exc) })
}
