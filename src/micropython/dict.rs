//! `dict` and `list` objects, and numbers of 32 bits.

use super::exception::{Exception, catch, catch_obj};
use super::obj::Obj;
use super::sys;

/// A `dict`.
#[derive(Clone, Copy, Debug)]
pub struct Dict(Obj);

impl Dict {
    /// Takes `obj`; `None` if it is no `dict`.
    pub fn of(obj: Obj) -> Option<Self> {
        // SAFETY: an object. Does not raise.
        unsafe { sys::mqtt_vm_is_dict(obj.raw()) }.then_some(Self(obj))
    }

    /// Makes an empty one.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn new() -> Result<Self, Exception> {
        // SAFETY: the C side catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_new_dict(exc) }).map(Self)
    }

    /// The object.
    pub fn obj(self) -> Obj {
        self.0
    }

    /// The entries, each a key and a value.
    pub fn entries(self) -> Entries {
        Entries {
            dict: self.0,
            place: 0,
        }
    }

    /// `self[key] = value`
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn insert(self, key: Obj, value: Obj) -> Result<(), Exception> {
        // SAFETY: a dict and two objects. The C side catches its exceptions.
        catch(|exc| unsafe { sys::mqtt_vm_store(self.0.raw(), key.raw(), value.raw(), exc) })
    }
}

/// The entries of a [`Dict`]. One that the program changes meanwhile may show an entry twice or not at all.
#[derive(Debug)]
pub struct Entries {
    dict: Obj,
    place: usize,
}

impl Iterator for Entries {
    type Item = [Obj; 2];

    fn next(&mut self) -> Option<[Obj; 2]> {
        let mut entry = [self.dict; 2];
        let raw = (&raw mut entry).cast::<sys::mp_obj_t>();
        // SAFETY: a dict; `Obj` is transparent, so `raw` has room for two objects. Does not raise.
        let found = unsafe { sys::mqtt_vm_next_entry(self.dict.raw(), &mut self.place, raw) };
        found.then_some(entry)
    }
}

/// A `list` that is being filled.
#[derive(Clone, Copy, Debug)]
pub struct List(Obj);

impl List {
    /// Makes an empty one.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn new() -> Result<Self, Exception> {
        // SAFETY: the C side catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_new_list(exc) }).map(Self)
    }

    /// The object.
    pub fn obj(self) -> Obj {
        self.0
    }

    /// `self.append(item)`
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn append(self, item: Obj) -> Result<(), Exception> {
        // SAFETY: a list and an object. The C side catches its exceptions.
        catch(|exc| unsafe { sys::mqtt_vm_append(self.0.raw(), item.raw(), exc) })
    }
}

impl Obj {
    /// Makes a tuple of two items.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn pair(first: Self, second: Self) -> Result<Self, Exception> {
        // SAFETY: two objects. The C side catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_new_pair(first.raw(), second.raw(), exc) })
    }

    /// Makes an `int`.
    ///
    /// # Errors
    ///
    /// `MemoryError`: a large one is an object on the heap.
    pub fn from_u32(value: u32) -> Result<Self, Exception> {
        // SAFETY: the C side catches its exceptions.
        catch_obj(|exc| unsafe { sys::mqtt_vm_new_u32(value, exc) })
    }

    /// The value of an `int` or `bool`, which the caller has seen that it [is](Self::as_int); `None` if it is
    /// negative, or needs more than 32 bits.
    ///
    /// # Errors
    ///
    /// `MemoryError`, from the comparison of a large `int`.
    pub fn as_u32(self) -> Result<Option<u32>, Exception> {
        let mut value = 0;
        // SAFETY: a number; `value` outlives the call. The C side catches its exceptions.
        let fits = catch(|exc| unsafe { sys::mqtt_vm_get_u32(self.raw(), &mut value, exc) })?;
        Ok(fits.then_some(value))
    }
}
