//! The cause of a failure, in one word.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

use super::exception::Exception;
use super::obj::Obj;

/// An exception, or a number that means something to the layer that made it.
///
/// It is one word, so that the processor returns a `Result` with it in registers. The collector
/// finds the exception wherever that word lies. A number is an odd address, at which no object
/// lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct PackedError(NonNull<c_void>);

/// The contents of a [`PackedError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCause {
    /// Python raised it.
    Exception(Exception),
    /// The number that it was made of.
    Code(u32),
}

impl PackedError {
    /// Makes the one that stands for `code`, a number of at most 31 bits.
    pub const fn from_code(code: u32) -> Self {
        let odd = (code as usize).wrapping_shl(1) | 1;
        match NonNull::new(ptr::without_provenance_mut(odd)) {
            Some(address) => Self(address),
            // An odd number is not 0.
            None => Self(NonNull::dangling()),
        }
    }

    /// Its contents.
    pub fn cause(self) -> ErrorCause {
        let address = self.0.as_ptr();
        if address.addr() & 1 == 0 {
            ErrorCause::Exception(Exception::of(Obj::from_address(self.0)))
        } else {
            ErrorCause::Code((address.addr() >> 1) as u32)
        }
    }
}

impl From<Exception> for PackedError {
    fn from(exception: Exception) -> Self {
        Self(exception.as_obj().address())
    }
}
