//! A build without MQTT 5: there are no properties.

use core::convert::Infallible;
use core::marker::PhantomData;

use crate::codec::Output;

/// Properties of MQTT 5, of which this build has none: no value of this type exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Properties<'a>(Infallible, PhantomData<&'a [u8]>);

impl<'a> Properties<'a> {
    /// Never called.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        match self.0 {}
    }

    /// Never called.
    pub(super) const fn encoded_len(self) -> usize {
        match self.0 {}
    }

    /// Never called.
    pub(super) fn encode<O: Output>(self, _out: &mut O) -> Result<(), O::Error> {
        match self.0 {}
    }
}
