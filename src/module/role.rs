//! Roles: the permission to read, write, connect or deliver, held by one context at a time.

use core::ops::{Deref, DerefMut};

use crate::sync::HeldByCaller;
use crate::time::Deadline;

use super::client::Client;
use super::error::{Error, Reason, Result};
use super::reader::Reader;
use super::writer::Writer;

pub use crate::micropython::{ExclusiveRole, RoleGuard};

/// The error of a caller that has waited in vain for the role of reader, writer or of connecting.
pub const LATE: Error = Error::because(Reason::ConnectionInUse);

impl From<HeldByCaller> for Error {
    fn from(_: HeldByCaller) -> Self {
        Self::because(Reason::Interrupts)
    }
}

/// The role of reader or of writer, each of which uses the socket. When it is dropped, and no other
/// context uses the socket of a connection that has ended, the socket is closed: wherever its owner
/// returns, and whichever owner is the last.
pub struct SocketRole<'a, T> {
    // Dropped in this order: the role is free before the client looks for users.
    role: RoleGuard<'a, T>,
    _user: SocketUser<'a>,
}

/// Closes the socket of a connection that has ended when the last of these is dropped.
struct SocketUser<'a>(&'a Client);

impl Drop for SocketUser<'_> {
    fn drop(&mut self) {
        if self.0.is_down() {
            self.0.try_close();
        }
    }
}

impl<T> Deref for SocketRole<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.role
    }
}

impl<T> DerefMut for SocketRole<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.role
    }
}

impl Client {
    /// The role of reader, if no context has it.
    pub fn try_reader(&self) -> Option<SocketRole<'_, Reader>> {
        let role = self.reader.try_take(&self.changed)?;
        Some(self.of_socket(role))
    }

    /// The role of writer, if no context has it.
    pub fn try_writer(&self) -> Option<SocketRole<'_, Writer>> {
        let role = self.writer.try_take(&self.written)?;
        Some(self.of_socket(role))
    }

    /// The role of reader, when the context that has it is done with it.
    ///
    /// # Errors
    ///
    /// [`LATE`] after the deadline; [`Reason::Interrupts`]; an exception that came while waiting.
    pub fn wait_for_reader(&self, deadline: Deadline) -> Result<SocketRole<'_, Reader>> {
        let role = self.reader.take(&self.changed, deadline, LATE)?;
        Ok(self.of_socket(role))
    }

    /// The role of writer, likewise.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn wait_for_writer(&self, deadline: Deadline) -> Result<SocketRole<'_, Writer>> {
        let role = self.writer.take(&self.written, deadline, LATE)?;
        Ok(self.of_socket(role))
    }

    fn of_socket<'a, T>(&'a self, role: RoleGuard<'a, T>) -> SocketRole<'a, T> {
        SocketRole {
            role,
            _user: SocketUser(self),
        }
    }
}
