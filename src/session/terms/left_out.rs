//! A build without MQTT 5: a broker has no terms.

use crate::codec::Properties;

/// The terms of the broker, of which this build knows none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms;

impl Terms {
    /// The terms of a broker that has said nothing.
    pub(in crate::session) const NONE: Self = Self;

    /// Never called: there are no such properties.
    pub(in crate::session) fn take_in(&mut self, properties: Properties<'_>) {
        let _ = properties;
    }

    /// The keep alive of the broker's choice, in seconds: always `None`.
    pub(in crate::session) const fn keep_alive(&self) -> Option<u16> {
        None
    }

    /// Whether one more message may be in flight: always.
    pub(in crate::session) fn allow_another(&self, _in_flight: impl FnOnce() -> usize) -> bool {
        true
    }
}
