//! The seam between packets and the places that they are encoded into.

/// A place for encoded bytes.
///
/// A packet comes in a few small pieces (headers, lengths, identifiers) and its fields, each field
/// as one piece that its owner lends. So a writer can collect the small pieces and pass the large
/// ones through without a copy.
pub trait Output {
    /// The reason why the place took no bytes.
    type Error;

    /// Takes notice that a packet with this first byte is about to be put.
    fn begin(&mut self, _first_byte: u8) {}

    /// Takes all of `bytes`, or fails.
    ///
    /// # Errors
    ///
    /// Those of the implementation. The packet is then cut short, and no other packet may follow
    /// the part of it that was put.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// The buffer is too small for the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// Appends to the vector.
impl<const N: usize> Output for heapless::Vec<u8, N> {
    type Error = Overflow;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Overflow> {
        self.extend_from_slice(bytes).map_err(|_| Overflow)
    }
}

/// Writes at the front; the slice becomes the free rest.
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
