//! The context that `create_ssl_context` makes, for the built-in TLS.

use heapless::Vec;

use crate::micropython::{
    Buffer, Exception, ExceptionKind, HeapBytes, NativeType, Obj, from_obj, new_object, sys,
};
use crate::transport::tls::{Context, ContextError, MAX_PROTOCOL_BYTES, MAX_PROTOCOLS, Sources};

use super::super::args::{Fault, parameter};
use super::super::error::{Error, Result};

/// A context of the built-in TLS.
#[repr(C)]
pub struct SslContext {
    base: sys::mp_obj_base_t,
    memory: HeapBytes,
}

// SAFETY: `repr(C)`, the header first, and `new_object` is the only maker.
unsafe impl NativeType for SslContext {
    const KIND: u32 = sys::MQTT_TYPE_SSL_CONTEXT;
    type Args = HeapBytes;

    fn fields(base: sys::mp_obj_base_t, memory: HeapBytes) -> Self {
        Self { base, memory }
    }
}

impl SslContext {
    /// The context as connections use it.
    pub fn context(&self) -> Context<'_> {
        Context::load(self.memory.as_bytes())
    }
}

/// Takes `obj` as such a context; `None` for any other object.
pub fn ssl_context_of<'a>(obj: Obj) -> Option<&'a SslContext> {
    // SAFETY: the type is checked, and the caller keeps `obj` alive. Does not raise.
    obj.is_of::<SslContext>()
        .then(|| unsafe { from_obj::<SslContext>(obj) })
}

/// `create_ssl_context(cacert, clicert, pkey, hostname, options, *, alpn)`.
///
/// # Errors
///
/// `TypeError` and `ValueError` for an argument at fault; `MemoryError`.
pub fn create_ssl_context(args: &sys::mqtt_create_ssl_context_args_t) -> Result<Obj> {
    let cacert = parameter!(cacert).buffer(args.cacert)?;
    let clicert = parameter!(clicert).buffer(args.clicert)?;
    let pkey = parameter!(pkey).buffer(args.pkey)?;
    let hostname = parameter!(hostname).utf8_string(args.hostname)?;
    let sources = Sources {
        cacert: cacert.as_bytes(),
        clicert: clicert.as_bytes(),
        pkey: pkey.as_bytes(),
        hostname: hostname.as_str(),
        verify: verifies(args.options)?,
        alpn: &names(args.alpn)?,
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
    // No second copy of the client's key stays in memory.
    built.fill(0);
    scratch.free();
    Ok(new_object::<SslContext>(memory)?)
}

/// The most bytes of a list of application protocols.
const PROTOCOL_LIST: usize = MAX_PROTOCOL_BYTES + MAX_PROTOCOLS;

/// The names of application protocols, each behind a byte with its length. `None`: there are none.
fn names(alpn: Obj) -> Result<Vec<u8, PROTOCOL_LIST>> {
    let wrong = |fault| parameter!(alpn).refuse(fault);
    let mut list = Vec::new();
    if alpn.is_none() {
        return Ok(list);
    }
    // A text is a sequence, too: of its characters.
    if Buffer::of(alpn)?.is_some() {
        return Err(wrong(Fault::NotNames));
    }
    for index in 0.. {
        let name = match alpn.item(index) {
            Err(exception) if exception.is_index_error() && index > 0 => break,
            Err(exception) if exception.is_index_error() => return Err(wrong(Fault::BadNames)),
            Err(exception) if exception.is_ordinary() && !exception.is_memory_error() => {
                return Err(wrong(Fault::NotNames));
            }
            item => item?,
        };
        let name = Buffer::of(name)?.ok_or_else(|| wrong(Fault::NotNames))?;
        let name = name.as_bytes();
        let before = usize::from(index.unsigned_abs());
        let names = list.len().saturating_sub(before).saturating_add(name.len());
        let fits = before < MAX_PROTOCOLS && names <= MAX_PROTOCOL_BYTES && !name.is_empty();
        let added = match u8::try_from(name.len()) {
            Ok(length) if fits => list.push(length).is_ok() && list.extend_from_slice(name).is_ok(),
            _ => false,
        };
        if !added {
            return Err(wrong(Fault::BadNames));
        }
    }
    Ok(list)
}

/// Whether `options` demand that the server is verified: all but CERT_NONE do.
fn verifies(options: Obj) -> Result<bool> {
    const NONE: isize = sys::MQTT_CERT_NONE as isize;
    const VERIFIED: isize = (sys::MQTT_CERT_OPTIONAL | sys::MQTT_CERT_REQUIRED) as isize;
    const CLIENT: isize = sys::MQTT_SERVER_AUTH as isize;
    const SERVER: isize = sys::MQTT_CLIENT_AUTH as isize;
    let wrong = |fault| parameter!(options).refuse(fault);
    let options = options.as_int()?.ok_or_else(|| wrong(Fault::NotInt))?;
    if options < 0 || options & !(NONE | VERIFIED | CLIENT | SERVER) != 0 {
        return Err(wrong(Fault::UnknownOptions));
    }
    let verified = options & VERIFIED != 0;
    let for_server = options & (CLIENT | SERVER) == SERVER;
    if options & NONE != 0 && verified || for_server {
        return Err(wrong(Fault::ContradictingOptions));
    }
    Ok(options & NONE == 0)
}
