//! `create_ssl_context`, and what it makes.

use crate::micropython::{
    Exception, ExceptionKind, HeapBytes, NativeType, Obj, from_obj, new_object, sys,
};
use crate::transport::tls::{Context, ContextError, Sources};

use super::args::{Fault, Parameter};
use super::error::{Error, Result};

/// Of Zerynth's ssl module, as `port/modmqtt.c` has them.
const CERT_NONE: isize = 1;
const CERT_OPTIONAL: isize = 2;
const CERT_REQUIRED: isize = 4;
const CLIENT_AUTH: isize = 8;
const SERVER_AUTH: isize = 16;

/// A context of the built-in TLS.
#[repr(C)]
pub struct SslContext {
    base: sys::mp_obj_base_t,
    memory: HeapBytes,
}

// SAFETY: `repr(C)`, the header first, and `new_object` is the only maker.
unsafe impl NativeType for SslContext {
    const TYPE: *const sys::mp_obj_type_t = &raw const sys::mqtt_type_ssl_context;
    type Args = HeapBytes;

    fn fields(base: sys::mp_obj_base_t, memory: HeapBytes) -> Self {
        Self { base, memory }
    }
}

impl SslContext {
    /// What connections need of it.
    pub fn context(&self) -> Context<'_> {
        Context::load(self.memory.as_bytes())
    }
}

/// The context that `obj` is; `None` if it is something else.
pub fn ssl_context_of<'a>(obj: Obj) -> Option<&'a SslContext> {
    // SAFETY: of the type, and kept alive by whoever keeps `obj`. Does not raise.
    obj.is_of::<SslContext>()
        .then(|| unsafe { from_obj::<SslContext>(obj) })
}

/// `create_ssl_context(cacert, clicert, pkey, hostname, options)`.
pub fn create_ssl_context([cacert, clicert, pkey, hostname, options]: [Obj; 5]) -> Result<Obj> {
    let cacert = Parameter::CaCert.buffer(cacert)?;
    let clicert = Parameter::CliCert.buffer(clicert)?;
    let pkey = Parameter::PKey.buffer(pkey)?;
    let hostname = Parameter::HostName.utf8_string(hostname)?;
    let sources = Sources {
        cacert: cacert.as_bytes(),
        clicert: clicert.as_bytes(),
        pkey: pkey.as_bytes(),
        hostname: hostname.as_str(),
        verify: verifies(options)?,
    };
    let refused = |error: ContextError| {
        Error::from(Exception::with_text(
            ExceptionKind::ValueError,
            &error.describe(),
        ))
    };
    let scratch = HeapBytes::new(Context::memory(&sources)).ok_or_else(Error::no_memory)?;
    let used = Context::build(&sources, scratch.claim()).map_err(refused)?;
    let memory = HeapBytes::new(used).ok_or_else(Error::no_memory)?;
    let built = scratch.claim().get_mut(..used).unwrap_or(&mut []);
    memory.claim().copy_from_slice(built);
    // The client's key need not lie about twice.
    built.fill(0);
    scratch.free();
    Ok(new_object::<SslContext>(memory)?)
}

/// Whether the server is verified: unless CERT_NONE says otherwise.
fn verifies(options: Obj) -> Result<bool> {
    let wrong = |fault| Parameter::Options.refuse(fault);
    let options = options.as_int()?.ok_or_else(|| wrong(Fault::NotInt))?;
    let all = CERT_NONE | CERT_OPTIONAL | CERT_REQUIRED | CLIENT_AUTH | SERVER_AUTH;
    if options < 0 || options & !all != 0 {
        return Err(wrong(Fault::UnknownOptions));
    }
    let verified = options & (CERT_OPTIONAL | CERT_REQUIRED) != 0;
    let for_server = options & (CLIENT_AUTH | SERVER_AUTH) == CLIENT_AUTH;
    if options & CERT_NONE != 0 && verified || for_server {
        return Err(wrong(Fault::ContradictingOptions));
    }
    Ok(options & CERT_NONE == 0)
}
