//! Why something failed, in one word.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

use super::obj::Obj;
use super::raised::Raised;

/// An exception, or a number that means something to who made it.
///
/// It is one word: a `Result` with it comes back in registers. The collector finds the exception
/// wherever that word lies. A number is an odd address, at which no object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Failure(NonNull<c_void>);

/// What a [`Failure`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Python raised it.
    Raised(Raised),
    /// The number it was made of.
    Code(u32),
}

impl Failure {
    /// The one that stands for `code`, a number of at most 31 bits.
    pub const fn from_code(code: u32) -> Self {
        let odd = (code as usize).wrapping_shl(1) | 1;
        match NonNull::new(ptr::without_provenance_mut(odd)) {
            Some(address) => Self(address),
            // It is odd.
            None => Self(NonNull::dangling()),
        }
    }

    /// What it is.
    pub fn cause(self) -> Cause {
        let address = self.0.as_ptr();
        if address.addr() & 1 == 0 {
            Cause::Raised(Raised::of(Obj::from_address(self.0)))
        } else {
            Cause::Code((address.addr() >> 1) as u32)
        }
    }
}

impl From<Raised> for Failure {
    fn from(raised: Raised) -> Self {
        Self(raised.exception().address())
    }
}
