//! Roles: the permission to read, write, connect or deliver, held by one context at a time.

use crate::sync::HeldByCaller;

use super::error::{Error, Reason};

pub use crate::micropython::{ExclusiveRole, RoleGuard};

/// The error of a caller that has waited in vain for the role of reader, writer or of connecting.
pub const LATE: Error = Error::because(Reason::ConnectionInUse);

impl From<HeldByCaller> for Error {
    fn from(_: HeldByCaller) -> Self {
        Self::because(Reason::Interrupts)
    }
}
