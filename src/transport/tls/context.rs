//! The arguments of `create_ssl_context`, checked, and kept as DER in the caller's memory.

use rustls_pki_types::{CertificateDer, ServerName};
use zeroize::Zeroize;

use super::client_key::{self, ClientKey, Kept};
use super::context_error::{Argument, ContextError, Reason};
use super::der;
use super::pem;
use super::store::{self, Kind, Writer};

/// The arguments that a context is made of. An empty one was not given.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Certificates of authorities: PEM with any number, or one in DER.
    pub cacert: &'a [u8],
    /// The client's certificate: PEM or DER.
    pub clicert: &'a [u8],
    /// The client's private key: PEM or DER; PKCS#8, SEC 1 or PKCS#1.
    pub pkey: &'a [u8],
    /// The name that the server must have, if it is not that of `connect()`.
    pub hostname: &'a str,
    /// Whether the server is verified.
    pub verify: bool,
    /// The application protocols to offer (RFC 7301), each behind a byte with its length: at most
    /// [`MAX_PROTOCOLS`] names of 1 to 255 bytes, which have [`MAX_PROTOCOL_BYTES`] together.
    pub alpn: &'a [u8],
}

/// The most application protocols that a context offers.
pub const MAX_PROTOCOLS: usize = 8;
/// The most bytes of their names together.
pub const MAX_PROTOCOL_BYTES: usize = 256;

/// The names in `list`, of which each stands behind a byte with its length, up to one that is no name.
pub(super) fn protocols(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    core::iter::from_fn(move || {
        let (length, bytes) = rest.split_first()?;
        let (name, after) = bytes.split_at_checked(usize::from(*length))?;
        rest = after;
        (!name.is_empty()).then_some(name)
    })
}

/// A context in the memory where [`Context::build`] has put it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a>(&'a [u8]);

/// The most parts besides the certificates of authorities. Their PEM is always longer than the part
/// that is kept.
const PARTS: usize = 6;

impl<'a> Context<'a> {
    /// The most bytes that [`Self::build`] needs.
    pub fn memory(sources: &Sources<'_>) -> usize {
        [sources.cacert, sources.clicert, sources.pkey, sources.alpn]
            .iter()
            .fold(sources.hostname.len(), |sum, it| {
                sum.saturating_add(it.len())
            })
            .saturating_add(PARTS.saturating_mul(store::HEADER))
    }

    /// Checks `sources` and writes the parts that connections need into `memory`. Returns the number
    /// of bytes; the bytes behind them are of no use, and hold no secrets.
    ///
    /// # Errors
    ///
    /// The argument at fault, and its fault.
    pub fn build(sources: &Sources<'_>, memory: &mut [u8]) -> Result<usize, ContextError> {
        let mut writer = Writer::new(memory);
        let built = write(sources, &mut writer);
        writer.room().zeroize();
        if built.is_err() {
            memory.zeroize();
        }
        built
    }

    /// Takes the context that [`Self::build`] has written.
    pub fn load(memory: &'a [u8]) -> Self {
        Self(memory)
    }

    /// The name that the server must have, if it is not that of `connect()`.
    pub fn hostname(&self) -> Option<&'a str> {
        core::str::from_utf8(self.first(Kind::HostName)?).ok()
    }

    /// Whether the server is verified.
    pub(super) fn verifies(&self) -> bool {
        self.first(Kind::Unverified).is_none()
    }

    /// The certificates of authorities.
    pub(super) fn anchors(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        store::parts(self.0, Kind::Anchor)
    }

    /// The application protocols to offer, each behind a byte with its length.
    pub(super) fn alpn(&self) -> &'a [u8] {
        self.first(Kind::Protocols).unwrap_or_default()
    }

    /// The client's certificate.
    pub(super) fn client_certificate(&self) -> Option<&'a [u8]> {
        self.first(Kind::ClientCertificate)
    }

    /// The client's key.
    pub(super) fn client_key(&self) -> Option<Kept<'a>> {
        [Kind::P256Key, Kind::RsaKey]
            .into_iter()
            .find_map(|kind| Some((kind, self.first(kind)?)))
    }

    fn first(&self, kind: Kind) -> Option<&'a [u8]> {
        store::parts(self.0, kind).next()
    }
}

fn write(sources: &Sources<'_>, writer: &mut Writer<'_>) -> Result<usize, ContextError> {
    if sources.verify {
        if sources.cacert.is_empty() {
            return Err(Argument::CaCert.is(Reason::Missing));
        }
    } else {
        let put = writer.put(Kind::Unverified, &[]);
        put.map_err(|reason| Argument::CaCert.is(reason))?;
    }
    if !sources.hostname.is_empty() {
        if sources.verify && ServerName::try_from(sources.hostname).is_err() {
            return Err(Argument::HostName.is(Reason::BadName));
        }
        let put = writer.put(Kind::HostName, sources.hostname.as_bytes());
        put.map_err(|reason| Argument::HostName.is(reason))?;
    }
    if !sources.cacert.is_empty() {
        write_certificates(sources.cacert, Kind::Anchor, writer)
            .map_err(|reason| Argument::CaCert.is(reason))?;
    }
    if !sources.alpn.is_empty() {
        let put = writer.put(Kind::Protocols, sources.alpn);
        put.map_err(|reason| Argument::Alpn.is(reason))?;
    }
    write_client(sources, writer)?;
    Ok(writer.used())
}

/// Adds the client's certificate and key; neither comes without the other.
fn write_client(sources: &Sources<'_>, writer: &mut Writer<'_>) -> Result<(), ContextError> {
    match (sources.clicert, sources.pkey) {
        ([], []) => return Ok(()),
        ([], _) => return Err(Argument::CliCert.is(Reason::Missing)),
        (_, []) => return Err(Argument::PKey.is(Reason::Missing)),
        _ => {}
    }
    let key = write_key(sources.pkey, writer).map_err(|reason| Argument::PKey.is(reason))?;
    let count = write_certificates(sources.clicert, Kind::ClientCertificate, writer)
        .map_err(|reason| Argument::CliCert.is(reason))?;
    // `embedded-tls` has room for one certificate in its Certificate message.
    if count > 1 {
        return Err(Argument::CliCert.is(Reason::Chain));
    }
    let certificate = writer.last();
    if !key.belongs_to(certificate) {
        return Err(Argument::PKey.is(Reason::Mismatch));
    }
    Ok(())
}

/// Adds certificates in PEM or DER, each as a part; returns their number.
fn write_certificates(
    mut source: &[u8],
    kind: Kind,
    writer: &mut Writer<'_>,
) -> Result<usize, Reason> {
    if !pem::is_pem(source) {
        der::only(source, der::SEQUENCE).ok_or(Reason::Unreadable)?;
        check_certificate(source)?;
        writer.put(kind, source)?;
        return Ok(1);
    }
    let mut count = 0_usize;
    while let Some(block) = pem::next_block(&mut source)? {
        if !matches!(block.label, b"CERTIFICATE" | b"X509 CERTIFICATE") {
            continue;
        }
        let len = block.decode(writer.room())?;
        check_certificate(writer.room().get(..len).unwrap_or(&[]))?;
        writer.finish(kind, len)?;
        count = count.saturating_add(1);
    }
    if count == 0 {
        return Err(Reason::WrongPem);
    }
    Ok(count)
}

fn check_certificate(der: &[u8]) -> Result<(), Reason> {
    let certificate = CertificateDer::from(der);
    webpki::anchor_from_trusted_cert(&certificate)
        .map(|_| ())
        .map_err(|_| Reason::BadCertificate)
}

/// Adds a private key in PEM or DER.
fn write_key(source: &[u8], writer: &mut Writer<'_>) -> Result<ClientKey, Reason> {
    let room = writer.room();
    let len = if pem::is_pem(source) {
        decode_key(source, room)?
    } else {
        der::only(source, der::SEQUENCE).ok_or(Reason::Unreadable)?;
        let place = room.get_mut(..source.len()).ok_or(Reason::NoMemory)?;
        place.copy_from_slice(source);
        source.len()
    };
    let der = room.get(..len).unwrap_or(&[]);
    let kept = client_key::parse(der)?;
    let key = ClientKey::new(kept).ok_or(Reason::BadKey)?;
    // The key is a piece of the DER, and moves to the front.
    let (kind, size) = (kept.0, kept.1.len());
    let start = kept.1.as_ptr().addr().saturating_sub(der.as_ptr().addr());
    let end = start.saturating_add(size);
    if end > room.len() {
        return Err(Reason::NoMemory);
    }
    room.copy_within(start..end, 0);
    writer.finish(kind, size)?;
    Ok(key)
}

/// Decodes the first private key in PEM into the front of `room`; returns the number of bytes.
fn decode_key(mut source: &[u8], room: &mut [u8]) -> Result<usize, Reason> {
    while let Some(block) = pem::next_block(&mut source)? {
        match block.label {
            b"ENCRYPTED PRIVATE KEY" => return Err(Reason::Encrypted),
            b"PRIVATE KEY" | b"EC PRIVATE KEY" | b"RSA PRIVATE KEY" => {}
            _ => continue,
        }
        if block.is_encrypted() {
            return Err(Reason::Encrypted);
        }
        return block.decode(room);
    }
    Err(Reason::WrongPem)
}
