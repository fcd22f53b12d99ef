/// Where encoded bytes go.
///
/// A packet arrives as a few small pieces (headers, lengths, identifiers) and its fields, each
/// field whole and straight from where its owner keeps it. So a writer can collect the small
/// pieces and pass the large ones through.
pub trait Output {
    /// Why bytes could not be taken.
    type Error;

    /// Takes all of `bytes`, or fails.
    ///
    /// # Errors
    ///
    /// The implementation's own. The packet is then cut short: what was put of it must not be
    /// followed by another packet.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// The buffer is too small for the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// Appends.
impl<const N: usize> Output for heapless::Vec<u8, N> {
    type Error = Overflow;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Overflow> {
        self.extend_from_slice(bytes).map_err(|_| Overflow)
    }
}

/// Writes at the front; the slice becomes what is left of it.
impl Output for &mut [u8] {
    type Error = Overflow;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Overflow> {
        let whole = core::mem::take(self);
        match whole.split_at_mut_checked(bytes.len()) {
            Some((front, rest)) => {
                front.copy_from_slice(bytes);
                *self = rest;
                Ok(())
            }
            None => Err(Overflow),
        }
    }
}
