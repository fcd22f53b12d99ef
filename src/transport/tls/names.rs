//! The names in a certificate, for the text of an error.

use core::net::IpAddr;

use super::super::address_text::address_text;
use super::der;

/// The capacity of [`Names`], in bytes.
pub const MAX_NAMES: usize = 120;

/// As many names as fit, with commas between them.
pub type Names = heapless::String<MAX_NAMES>;

/// The sign for names that do not fit.
const MORE: &str = ", ...";

/// The extension subjectAltName (RFC 5280, section 4.2.1.6): id-ce-subjectAltName.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const OBJECT_IDENTIFIER: u8 = 0x06;
const BOOLEAN: u8 = 0x01;
/// `[3] EXPLICIT`: the extensions, in a TBSCertificate.
const EXTENSIONS: u8 = 0xa3;
/// `[2]` and `[7]` of a GeneralName.
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// Appends the DNS names and IP addresses in the certificate's subjectAltName to `names`.
pub fn collect(certificate: &[u8], names: &mut Names) {
    let Some(mut entries) = subject_alt_name(certificate) else {
        return;
    };
    while let Some((kind, name)) = der::element(&mut entries) {
        let before = names.len();
        let written = write_name(kind, name, before > 0, names);
        let fits = names.len().saturating_add(MORE.len()) <= MAX_NAMES;
        if written.is_none() || !(fits || entries.is_empty()) {
            // A name that does not fit is left out, and the sign stands for it.
            names.truncate(before);
            let _ = names.push_str(MORE);
            return;
        }
    }
}

/// The GeneralNames.
fn subject_alt_name(certificate: &[u8]) -> Option<&[u8]> {
    let mut certificate = der::only(certificate, der::SEQUENCE)?;
    let (_, mut tbs) = der::element(&mut certificate)?;
    let extensions = loop {
        if let (EXTENSIONS, extensions) = der::element(&mut tbs)? {
            break extensions;
        }
    };
    let mut extensions = der::only(extensions, der::SEQUENCE)?;
    loop {
        let (_, mut extension) = der::element(&mut extensions)?;
        let id = der::element(&mut extension)?;
        let mut value = der::element(&mut extension)?;
        if value.0 == BOOLEAN {
            value = der::element(&mut extension)?;
        }
        if id == (OBJECT_IDENTIFIER, SUBJECT_ALT_NAME) {
            return der::only(value.1, der::SEQUENCE);
        }
    }
}

/// Writes one name; `None` when there is no room.
fn write_name(kind: u8, name: &[u8], comma: bool, names: &mut Names) -> Option<()> {
    let separator = if comma { ", " } else { "" };
    match kind {
        DNS_NAME => {
            // An IA5String, with any bytes that the issuer has accepted.
            let name = core::str::from_utf8(name).unwrap_or("?");
            let plain = name.bytes().all(|byte| byte.is_ascii_graphic());
            names.push_str(separator).ok()?;
            names.push_str(if plain { name } else { "?" }).ok()
        }
        IP_ADDRESS => {
            let v4 = <[u8; 4]>::try_from(name).map(IpAddr::from);
            let address = v4.or_else(|_| <[u8; 16]>::try_from(name).map(IpAddr::from));
            names.push_str(separator).ok()?;
            match address {
                Ok(address) => names.push_str(&address_text(address)).ok(),
                Err(_) => names.push('?').ok(),
            }
        }
        _ => Some(()),
    }
}
