//! From host names to addresses.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use embedded_nal::nb;

use crate::micropython::{
    Buffer, Exception, HAS_DESCRIPTORS, Obj, StreamCause, StreamError, errno, new_str, qstr,
};
use crate::transport::{Addresses, Resolve};

use super::MicroPythonStack;

impl Resolve for MicroPythonStack<'_> {
    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        addresses: &mut Addresses,
    ) -> nb::Result<(), StreamError> {
        let answer = self
            .module()
            .and_then(|module| resolve(module, host, port, addresses));
        match answer {
            Ok(answer) => {
                self.answer = Some(answer);
                Ok(())
            }
            // The ports have no common errno for a name that does not resolve.
            Err(exception) if exception.is_os_error() => Err(nb::Error::Other(Self::no_address())),
            Err(exception) => Err(nb::Error::Other(StreamError::exception(exception))),
        }
    }

    fn no_address() -> StreamError {
        StreamError::errno(errno::EHOSTUNREACH)
    }

    fn is_final(error: &StreamError) -> bool {
        match error.cause() {
            StreamCause::Cancelled => true,
            StreamCause::Exception(exception) => !exception.is_os_error(),
            StreamCause::Errno(_) | StreamCause::Broken(_) => false,
        }
    }
}

/// Adds the addresses of `host`. The answer of the port's resolver.
fn resolve(
    module: Obj,
    host: &str,
    port: u16,
    addresses: &mut Addresses,
) -> Result<Obj, Exception> {
    let args = [new_str(host)?, Obj::from_u16(port)];
    let answer = module.call_method(qstr::getaddrinfo, &args)?;
    find(module, answer, &mut |address| {
        // Some systems give an address once for each kind of socket.
        !addresses.contains(&address) && addresses.push(address).is_err()
    })?;
    Ok(answer)
}

/// The first entry of the resolver's answer with an address that is `wanted`.
pub(super) fn find(
    module: Obj,
    answer: Obj,
    wanted: &mut dyn FnMut(IpAddr) -> bool,
) -> Result<Option<Obj>, Exception> {
    // An index behind the end would raise an exception, whose text takes longer than all the rest.
    for index in 0..answer.item_count()?.min(MAX_ENTRIES) {
        let entry = answer.item(index)?;
        if parse_sockaddr(module, entry.item(4)?)?.is_some_and(&mut *wanted) {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// The number of entries that are looked at in the answer of `getaddrinfo`.
const MAX_ENTRIES: i16 = 32;

/// Reads an address as `getaddrinfo` gives it: the system's own structure on the unix port, elsewhere
/// a tuple that begins with the address in text.
fn parse_sockaddr(module: Obj, sockaddr: Obj) -> Result<Option<IpAddr>, Exception> {
    if !HAS_DESCRIPTORS || Buffer::of(sockaddr)?.is_none() {
        let text = Buffer::of(sockaddr.item(0)?)?;
        return Ok(text.and_then(|text| parse_ipv4(text.as_bytes()).map(IpAddr::V4)));
    }
    let parts = module.call_method(qstr::sockaddr, &[sockaddr])?;
    let Some(address) = Buffer::of(parts.item(1)?)? else {
        return Ok(None);
    };
    let bytes = address.as_bytes();
    Ok(
        match (<[u8; 4]>::try_from(bytes), <[u8; 16]>::try_from(bytes)) {
            (Ok(v4), _) => Some(IpAddr::V4(Ipv4Addr::from(v4))),
            (_, Ok(v6)) => Some(IpAddr::V6(Ipv6Addr::from(v6))),
            _ => None,
        },
    )
}

/// Reads four numbers with dots between them. A port whose addresses are text knows IPv4 only. The
/// parser in `core` can panic.
fn parse_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() {
            return None;
        }
        for digit in part {
            let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
            *octet = u8::checked_mul(*octet, 10)?.checked_add(digit)?;
        }
    }
    parts.next().is_none().then_some(Ipv4Addr::from(octets))
}
