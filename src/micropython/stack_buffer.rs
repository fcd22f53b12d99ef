//! A buffer on the stack.

use core::mem::MaybeUninit;
use core::{ptr, slice};

/// At most `N` bytes, for one write to a stream.
///
/// An array would be zeroed each time, and `heapless::Vec` appends byte by byte where the compiler
/// optimises for size.
pub struct StackBuffer<const N: usize> {
    bytes: [MaybeUninit<u8>; N],
    len: usize,
}

impl<const N: usize> StackBuffer<N> {
    /// No bytes. A constant would be copied as zeros.
    #[inline(always)]
    pub fn empty() -> Self {
        Self {
            bytes: [const { MaybeUninit::uninit() }; N],
            len: 0,
        }
    }

    /// Appends the front of `bytes` as far as there is room; returns the rest.
    pub fn append<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let n = bytes.len().min(N.saturating_sub(self.len));
        // SAFETY: `len + n` is at most `N`, and nothing else refers to these bytes. Does not raise.
        unsafe {
            let end = self.bytes.as_mut_ptr().cast::<u8>().add(self.len);
            ptr::copy_nonoverlapping(bytes.as_ptr(), end, n);
        }
        self.len = self.len.saturating_add(n);
        bytes.get(n..).unwrap_or(&[])
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `append` has written the first `len`. Does not raise.
        unsafe { slice::from_raw_parts(self.bytes.as_ptr().cast(), self.len) }
    }

    /// Removes all bytes.
    pub fn clear(&mut self) {
        self.len = 0;
    }
}
