//! A place for a reference that contexts share.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

use portable_atomic::AtomicPtr;

use super::buffer::Text;
use super::obj::Obj;
use super::thread::ORDERING;

/// A reference to a Python object, or none, which any context may read and change at any time.
///
/// It lies in an object on MicroPython's heap, where the collector finds it.
#[derive(Debug)]
pub struct ObjCell(AtomicPtr<c_void>);

impl ObjCell {
    /// A cell that refers to nothing.
    pub const fn nothing() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// The object that it refers to.
    pub fn get(&self) -> Option<Obj> {
        Obj::new(self.0.load(ORDERING))
    }

    /// Makes it refer to `obj`.
    pub fn set(&self, obj: Option<Obj>) {
        let address = obj.map(|obj| obj.address());
        let raw = address.map_or(ptr::null_mut(), NonNull::as_ptr);
        self.0.store(raw, ORDERING);
    }
}

/// The same for a text.
#[derive(Debug)]
pub struct TextCell(ObjCell);

impl TextCell {
    /// A cell without a text.
    pub const fn nothing() -> Self {
        Self(ObjCell::nothing())
    }

    /// The text.
    pub fn get(&self) -> Option<Text> {
        self.0.get().map(Text::known)
    }

    /// Replaces the text.
    pub fn set(&self, text: Text) {
        self.0.set(Some(text.obj()));
    }
}
