//! The handshake: `embedded-tls` between [`Wire`] and [`Provider`].

use core::cell::Cell;
use core::pin::pin;
use core::task::{Context as Polled, Poll, Waker};

use embedded_tls::TlsError as HandshakeError;
use embedded_tls::{MaxFragmentLength, TlsConfig, TlsConnection, TlsContext};
use rustls_pki_types::ServerName;
use zeroize::{Zeroize, Zeroizing};

use crate::time::Deadline;
use crate::transport::Wait;

use super::aead::Algorithm;
use super::client_key::ClientKey;
use super::connection::Buffers;
use super::context::{self, Context, MAX_PROTOCOLS};
use super::error::{LinkError, TlsError};
use super::keys::{HEADER, MAX_CONTENT, OVERHEAD};
use super::names::Names;
use super::provider::Provider;
use super::random::Random;
use super::schedule::SECRET;
use super::suite::Suite;
use super::verifier::Verifier;
use super::wire::{Leave, Stage, Wire};
use super::{Link, Platform};

/// The parameters of a handshake.
pub struct Handshake<'h> {
    /// The authorities that are trusted, and the client's certificate.
    pub context: Context<'h>,
    /// The server's DNS name or its address, in text; the name in the context takes precedence.
    pub host: &'h str,
    /// The deadline for all of it.
    pub deadline: Deadline,
    /// Gets the names in the certificate when the error is [`TlsError::NameMismatch`].
    pub names: &'h mut Names,
}

/// The result of a handshake, which a [`Connection`](super::Connection) is made of.
///
/// It is small: the expanded keys must not lie on the stack below a handshake.
pub struct Established {
    pub(super) algorithm: Algorithm,
    pub(super) reading: Secret,
    pub(super) writing: Secret,
    /// The longest content of a record that the client has announced.
    pub(super) max_content: usize,
    /// The server has asked for a client certificate.
    pub(super) was_asked: bool,
}

/// The traffic secret of one direction.
type Secret = Zeroizing<[u8; SECRET]>;

impl Handshake<'_> {
    /// Makes the handshake on a connected socket, in buffers of the sizes in
    /// [`Buffers`], and leaves nothing in them. It waits for the network.
    ///
    /// # Errors
    ///
    /// Those of TLS, and of the stack.
    #[inline(never)]
    pub fn run<S: Wait>(
        self,
        link: &mut Link<'_, S>,
        record: &mut [u8],
        out: &mut [u8],
        platform: &mut impl Platform,
    ) -> Result<Established, LinkError<S::Error>> {
        let steps = pin!(self.steps(link, record, out, platform, None));
        match steps.poll(&mut Polled::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            // `Wire` has waited for everything.
            Poll::Pending => Err(TlsError::Internal.into()),
        }
    }

    /// The same in steps. With `leaves`, a step ends where the network is not ready, and `leaves` gets the
    /// readiness that the next step needs.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn steps<S: Wait>(
        self,
        link: &mut Link<'_, S>,
        record: &mut [u8],
        out: &mut [u8],
        platform: &mut impl Platform,
        leaves: Option<Leave<'_>>,
    ) -> Result<Established, LinkError<S::Error>> {
        let context = self.context;
        let time = match context.verifies() {
            true => platform.unix_time().ok_or(TlsError::NoClock)?,
            false => 0,
        };
        let host = context.hostname().unwrap_or(self.host);
        let server_name = ServerName::try_from(host).ok();
        if context.verifies() && server_name.is_none() {
            return Err(TlsError::BadHost.into());
        }
        let key = match context.client_key() {
            None => None,
            Some(kept) => Some(ClientKey::new(kept).ok_or(TlsError::BadContext)?),
        };
        // A literal address is no server name (RFC 6066, section 3), nor is a final dot part
        // of one.
        let sni = match &server_name {
            Some(ServerName::DnsName(_)) => Some(host.strip_suffix('.').unwrap_or(host)),
            _ => None,
        };
        let mut provider = Provider {
            random: Random::new(platform).ok_or(TlsError::NoEntropy)?,
            verifier: Verifier::new(context, server_name, time, self.names),
            certificate: context.client_certificate(),
            key,
            was_asked: false,
        };
        let (fragment, max_content) = fragment_length(record.len())?;
        // `embedded-tls` does not check it.
        let [plain, protected] = Buffers::parts(&context, sni.map_or(0, str::len));
        if out.len() < plain.saturating_add(protected) {
            return Err(TlsError::SmallBuffer.into());
        }
        let (plain, protected) = out.split_at_mut(plain);
        let offered: heapless::Vec<&[u8], MAX_PROTOCOLS> = context::protocols(context.alpn())
            .take(MAX_PROTOCOLS)
            .collect();
        let mut config = TlsConfig::new();
        if let Some(sni) = sni {
            config = config.with_server_name(sni);
        }
        if let Some(fragment) = fragment {
            config = config.with_max_fragment_length(fragment);
        }

        if !offered.is_empty() {
            config = config.with_alpn(&offered);
        }

        let room = record.len().saturating_sub(HEADER);
        let (stage, failure) = (Cell::new(Stage::Hello), Cell::new(None));
        let wire = Wire::new(
            link,
            self.deadline,
            room,
            protected,
            &stage,
            &failure,
            leaves,
        );
        let mut connection = TlsConnection::<_, Suite>::new(wire, record, plain);
        if let Err(error) = connection
            .open(TlsContext::new(&config, &mut provider))
            .await
        {
            let known = provider.verifier.failure().map(LinkError::Tls);
            return Err(failure.take().or(known).unwrap_or(reason(error).into()));
        }
        provider.verifier.is_satisfied()?;
        let Stage::Protected(algorithm) = stage.get() else {
            return Err(TlsError::Internal.into());
        };
        let secrets = take_secrets(&mut connection, &stage).await;
        record.zeroize();
        out.zeroize();
        stage.set(Stage::Hello);
        let (writing, reading) = secrets.ok_or(TlsError::Internal)?;
        Ok(Established {
            algorithm,
            reading,
            writing,
            max_content,
            was_asked: provider.was_asked,
        })
    }
}

/// The secrets of both directions, the client's first; see [`Suite`].
async fn take_secrets<S: Wait>(
    connection: &mut TlsConnection<'_, Wire<'_, '_, S>, Suite>,
    stage: &Cell<Stage>,
) -> Option<(Secret, Secret)> {
    stage.set(Stage::WriteSecret([0; SECRET]));
    let written = connection.write(&[0; SECRET]).await;
    connection.flush().await.ok()?;
    let Stage::WriteSecret(writing) = stage.replace(Stage::ReadSecret) else {
        return None;
    };
    let writing = Secret::new(writing);
    let mut reading = Secret::new([0; SECRET]);
    let read = connection.read(&mut *reading).await;
    let done = matches!((written, read), (Ok(SECRET), Ok(SECRET)));
    // Secrets of zeros alone are no secrets.
    let keys = *writing != [0; SECRET] && *reading != [0; SECRET];
    (done && keys).then_some((writing, reading))
}

/// The max_fragment_length to ask for (RFC 6066, section 4), and the longest content of a
/// record then.
fn fragment_length(record: usize) -> Result<(Option<MaxFragmentLength>, usize), TlsError> {
    let content = record.saturating_sub(OVERHEAD);
    match content {
        MAX_CONTENT.. => Ok((None, MAX_CONTENT)),
        4096.. => Ok((Some(MaxFragmentLength::Bits12), 4096)),
        2048.. => Ok((Some(MaxFragmentLength::Bits11), 2048)),
        1024.. => Ok((Some(MaxFragmentLength::Bits10), 1024)),
        512.. => Ok((Some(MaxFragmentLength::Bits9), 512)),
        _ => Err(TlsError::SmallBuffer),
    }
}

/// Translates an error of `embedded-tls`. Most faults are found before it sees them.
fn reason(error: HandshakeError) -> TlsError {
    match error {
        HandshakeError::InsufficientSpace
        | HandshakeError::EncodeError
        | HandshakeError::OutOfMemory => TlsError::SmallBuffer,
        HandshakeError::InvalidPrivateKey => TlsError::BadContext,
        HandshakeError::CryptoError => TlsError::BadMac,
        HandshakeError::InvalidSignature => TlsError::BadMac,
        HandshakeError::InvalidRecord => TlsError::Unexpected,
        HandshakeError::InvalidKeyShare | HandshakeError::InvalidCipherSuite => {
            TlsError::Parameters
        }
        HandshakeError::InternalError => TlsError::Internal,
        _ => TlsError::BadHandshake,
    }
}
