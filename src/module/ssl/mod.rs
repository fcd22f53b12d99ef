//! TLS contexts: `create_ssl_context`, and the check of `ssl_ctx`.

#[cfg(feature = "tls")]
mod built_in;

use crate::micropython::Obj;
#[cfg(not(feature = "tls"))]
use crate::micropython::{Exception, ExceptionKind, sys};
#[cfg(feature = "port-tls")]
use crate::transport::can_wrap;

use super::args::{Fault, parameter};
use super::client::Security;
use super::error::Result;

#[cfg(feature = "tls")]
pub use built_in::{create_ssl_context, ssl_context_of};

/// Checks `ssl_ctx`: a context of either kind, or `None`.
///
/// # Errors
///
/// `TypeError` for anything else, or an exception of the search for `wrap_socket`.
pub fn ssl_ctx(obj: Obj) -> Result<Option<Security>> {
    if obj.is_none() {
        return Ok(None);
    }
    #[cfg(feature = "tls")]
    if ssl_context_of(obj).is_some() {
        return Ok(Some(Security::BuiltIn(obj)));
    }
    #[cfg(feature = "port-tls")]
    if can_wrap(obj)? {
        return Ok(Some(Security::Port(obj)));
    }
    Err(parameter!(ssl_ctx).refuse(Fault::NotContext))
}

/// Stands for `create_ssl_context` in a build without TLS.
///
/// # Errors
///
/// `NotImplementedError`, always.
#[cfg(not(feature = "tls"))]
pub fn create_ssl_context(_args: &sys::mqtt_create_ssl_context_args_t) -> Result<Obj> {
    let text = if cfg!(feature = "port-tls") {
        "TLS was not built in (MQTT_TLS); ssl_ctx may be of the ssl module"
    } else {
        "TLS was not built in (MQTT_TLS)"
    };
    Err(Exception::with_text(ExceptionKind::NotImplementedError, text).into())
}
