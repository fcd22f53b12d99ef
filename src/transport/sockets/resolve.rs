//! From host names to addresses.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use embedded_nal::{AddrType, Dns, nb};

use crate::micropython::{
    Buffer, Exception, HAS_DESCRIPTORS, Obj, StreamError, errno, new_str, qstr,
};

use super::MicroPythonStack;

impl Dns for MicroPythonStack<'_> {
    type Error = StreamError;

    fn get_host_by_name(
        &mut self,
        hostname: &str,
        addr_type: AddrType,
    ) -> nb::Result<IpAddr, StreamError> {
        let found = match addr_type {
            // A port without descriptors knows IPv4 only.
            AddrType::IPv6 if !HAS_DESCRIPTORS => Ok(None),
            _ => self
                .module()
                .and_then(|module| resolve(module, hostname, &addr_type)),
        };
        match found {
            Ok(Some(address)) => Ok(address),
            Ok(None) => Err(nb::Error::Other(StreamError::errno(errno::EHOSTUNREACH))),
            // The ports have no common errno for a name that does not resolve.
            Err(exception) if exception.is_os_error() => {
                Err(nb::Error::Other(StreamError::errno(errno::EHOSTUNREACH)))
            }
            Err(exception) => Err(nb::Error::Other(StreamError::exception(exception))),
        }
    }

    fn get_host_by_address(
        &mut self,
        _addr: IpAddr,
        _result: &mut [u8],
    ) -> nb::Result<usize, StreamError> {
        // MicroPython has no such function.
        Err(nb::Error::Other(StreamError::errno(errno::EOPNOTSUPP)))
    }
}

/// The first address of `hostname` of the wanted family.
fn resolve(module: Obj, hostname: &str, family: &AddrType) -> Result<Option<IpAddr>, Exception> {
    let host = new_str(hostname)?;
    let found = module.call_method(qstr::getaddrinfo, &[host, Obj::from_u16(0)])?;
    for index in 0..MAX_ADDRESSES {
        let Ok(entry) = found.item(index) else {
            break;
        };
        let address = parse_sockaddr(module, entry.item(4)?)?;
        let wanted = match (family, address) {
            (AddrType::IPv4, Some(IpAddr::V4(_)))
            | (AddrType::IPv6, Some(IpAddr::V6(_)))
            | (AddrType::Either, Some(_)) => true,
            (_, _) => false,
        };
        if wanted {
            return Ok(address);
        }
    }
    Ok(None)
}

/// The number of entries that are looked at in the answer of `getaddrinfo`.
const MAX_ADDRESSES: i16 = 32;

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
