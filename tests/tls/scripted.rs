//! A TLS 1.3 server that follows the script of a test, against the standard if need be.

use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce, Tag};
use chacha20poly1305::ChaCha20Poly1305;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use p256::ecdsa::signature::Signer;
use sha2::{Digest, Sha256};

use super::link::Peer;

pub const CHANGE_CIPHER_SPEC: u8 = 20;
pub const ALERT: u8 = 21;
pub const HANDSHAKE: u8 = 22;
pub const APPLICATION_DATA: u8 = 23;

pub const SERVER_HELLO: u8 = 2;
pub const NEW_SESSION_TICKET: u8 = 4;
pub const ENCRYPTED_EXTENSIONS: u8 = 8;
pub const CERTIFICATE: u8 = 11;
pub const CERTIFICATE_REQUEST: u8 = 13;
pub const CERTIFICATE_VERIFY: u8 = 15;
pub const FINISHED: u8 = 20;
pub const KEY_UPDATE: u8 = 24;

pub const AES: u16 = 0x1301;
pub const CHACHA: u16 = 0x1303;

/// ecdsa_secp256r1_sha256.
pub const P256_SHA256: u16 = 0x0403;

type Secret = [u8; 32];

fn expand(secret: &Secret, label: &str, context: &[u8], length: usize) -> Vec<u8> {
    let label = format!("tls13 {label}");
    let mut info = (length as u16).to_be_bytes().to_vec();
    info.push(label.len() as u8);
    info.extend(label.as_bytes());
    info.push(context.len() as u8);
    info.extend(context);
    let mut out = vec![0; length];
    let hkdf = Hkdf::<Sha256>::from_prk(secret).unwrap();
    hkdf.expand(&info, &mut out).unwrap();
    out
}

fn derive(secret: &Secret, label: &str, transcript: &[u8]) -> Secret {
    let hash = Sha256::digest(transcript);
    expand(secret, label, &hash, 32).try_into().unwrap()
}

fn extract(salt: &[u8], material: &[u8]) -> Secret {
    Hkdf::<Sha256>::extract(Some(salt), material).0.into()
}

/// Records of one direction.
pub struct Direction {
    suite: u16,
    secret: Secret,
    iv: Vec<u8>,
    sequence: u64,
}

impl Direction {
    fn new(suite: u16, secret: &Secret) -> Self {
        Self {
            suite,
            secret: *secret,
            iv: expand(secret, "iv", b"", 12),
            sequence: 0,
        }
    }

    fn update(&mut self) {
        let next = expand(&self.secret, "traffic upd", b"", 32);
        *self = Self::new(self.suite, &next.try_into().unwrap());
    }

    fn nonce(&mut self) -> Vec<u8> {
        let mut nonce = self.iv.clone();
        for (byte, other) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= other;
        }
        self.sequence += 1;
        nonce
    }

    /// A record of this inner plaintext: content, type, padding, just as it is.
    pub fn seal(&mut self, inner: &[u8]) -> Vec<u8> {
        let length = (inner.len() + 16) as u16;
        let mut record = vec![APPLICATION_DATA, 3, 3];
        record.extend(length.to_be_bytes());
        let mut sealed = inner.to_vec();
        let nonce = self.nonce();
        let nonce = Nonce::from_slice(&nonce);
        let key = |length| expand(&self.secret, "key", b"", length);
        let tag = match self.suite {
            CHACHA => ChaCha20Poly1305::new_from_slice(&key(32))
                .unwrap()
                .encrypt_in_place_detached(nonce, &record, &mut sealed),
            _ => Aes128Gcm::new_from_slice(&key(16))
                .unwrap()
                .encrypt_in_place_detached(nonce, &record, &mut sealed),
        }
        .unwrap();
        record.extend(sealed);
        record.extend(tag);
        record
    }

    /// The inner plaintext of a record.
    fn open(&mut self, record: &[u8]) -> Option<Vec<u8>> {
        let (sealed, tag) = record[5..].split_last_chunk::<16>()?;
        let mut inner = sealed.to_vec();
        let nonce = self.nonce();
        let (nonce, tag) = (Nonce::from_slice(&nonce), Tag::from_slice(tag));
        let key = |length| expand(&self.secret, "key", b"", length);
        match self.suite {
            CHACHA => ChaCha20Poly1305::new_from_slice(&key(32))
                .unwrap()
                .decrypt_in_place_detached(nonce, &record[..5], &mut inner, tag),
            _ => Aes128Gcm::new_from_slice(&key(16))
                .unwrap()
                .decrypt_in_place_detached(nonce, &record[..5], &mut inner, tag),
        }
        .ok()?;
        Some(inner)
    }
}

pub fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut record = vec![kind, 3, 3];
    record.extend((body.len() as u16).to_be_bytes());
    record.extend(body);
    record
}

pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend(&(body.len() as u32).to_be_bytes()[1..]);
    message.extend(body);
    message
}

fn with_length<const N: usize>(bytes: &[u8]) -> Vec<u8> {
    let mut all = (bytes.len() as u32).to_be_bytes()[4 - N..].to_vec();
    all.extend(bytes);
    all
}

/// The first flight of the server, which a script writes, and the state of the handshake so far.
pub struct Flight {
    /// Bytes for the client.
    pub out: Vec<u8>,
    /// All messages so far.
    pub transcript: Vec<u8>,
    /// The cipher suite of the ServerHello.
    pub suite: u16,
    /// Our ephemeral key, and the client's.
    shared: Secret,
    point: Vec<u8>,
    handshake_secret: Secret,
    server_secret: Secret,
    client_secret: Secret,
    /// The keys of the handshake in our direction, after [`Self::server_hello`].
    pub keys: Option<Direction>,
    master: Secret,
    application: Option<(Secret, Secret)>,
    /// The messages up to our Finished, and the client's after that.
    at_finished: Vec<u8>,
}

impl Flight {
    fn new(client_hello: &[u8]) -> Self {
        let key = p256::ecdh::EphemeralSecret::random(&mut Counter(3));
        let client = p256::PublicKey::from_sec1_bytes(key_share(client_hello)).unwrap();
        let shared = *key.diffie_hellman(&client).raw_secret_bytes();
        Self {
            out: Vec::new(),
            transcript: client_hello.to_vec(),
            suite: AES,
            shared: shared.into(),
            point: p256::EncodedPoint::from(key.public_key())
                .as_bytes()
                .to_vec(),
            handshake_secret: [0; 32],
            server_secret: [0; 32],
            client_secret: [0; 32],
            keys: None,
            master: [0; 32],
            application: None,
            at_finished: Vec::new(),
        }
    }

    /// The key share of the ServerHello.
    pub fn key_share(&self) -> Vec<u8> {
        let mut share = vec![0, 23];
        share.extend(with_length::<2>(&self.point));
        share
    }

    /// The body of a ServerHello.
    pub fn hello_body(
        &self,
        random: [u8; 32],
        suite: u16,
        extensions: &[(u16, Vec<u8>)],
    ) -> Vec<u8> {
        let mut all = Vec::new();
        for (kind, data) in extensions {
            all.extend(kind.to_be_bytes());
            all.extend(with_length::<2>(data));
        }
        let mut body = vec![3, 3];
        body.extend(random);
        body.push(0);
        body.extend(suite.to_be_bytes());
        body.push(0);
        body.extend(with_length::<2>(&all));
        body
    }

    /// A ServerHello as it should be, and the keys that follow from it.
    pub fn server_hello(&mut self) {
        let extensions = [(43, vec![3, 4]), (51, self.key_share())];
        let body = self.hello_body([7; 32], self.suite, &extensions);
        self.plain_message(SERVER_HELLO, &body);
        self.make_keys();
    }

    /// Sends the messages before a certificate: ServerHello and EncryptedExtensions.
    pub fn begin(&mut self) {
        self.server_hello();
        self.encrypted_extensions();
    }

    pub fn make_keys(&mut self) {
        let early = extract(&[0; 32], &[0; 32]);
        let derived = derive(&early, "derived", b"");
        self.handshake_secret = extract(&derived, &self.shared);
        let secret = &self.handshake_secret;
        self.client_secret = derive(secret, "c hs traffic", &self.transcript);
        self.server_secret = derive(secret, "s hs traffic", &self.transcript);
        self.master = extract(&derive(secret, "derived", b""), &[0; 32]);
        self.keys = Some(Direction::new(self.suite, &self.server_secret));
    }

    /// A message in the clear, in a record of its own.
    pub fn plain_message(&mut self, kind: u8, body: &[u8]) {
        let message = message(kind, body);
        self.transcript.extend(&message);
        self.out.extend(record(HANDSHAKE, &message));
    }

    /// A protected record of this content.
    pub fn protected(&mut self, kind: u8, content: &[u8]) {
        let mut inner = content.to_vec();
        inner.push(kind);
        self.protected_inner(&inner);
    }

    /// A protected record of this inner plaintext.
    pub fn protected_inner(&mut self, inner: &[u8]) {
        let record = self.keys.as_mut().unwrap().seal(inner);
        self.out.extend(record);
    }

    /// A message in a record of its own.
    pub fn message(&mut self, kind: u8, body: &[u8]) {
        let message = message(kind, body);
        self.transcript.extend(&message);
        self.protected(HANDSHAKE, &message);
    }

    pub fn encrypted_extensions(&mut self) {
        self.message(ENCRYPTED_EXTENSIONS, &[0, 0]);
    }

    /// EncryptedExtensions with this list of application protocols, each behind a byte with its length,
    /// behind an extension of another kind.
    pub fn application_protocols(&mut self, list: &[u8]) {
        let names = with_length::<2>(list);
        // server_name, which is empty.
        let mut extensions = vec![0, 0, 0, 0, 0, 16];
        extensions.extend(with_length::<2>(&names));
        let body = with_length::<2>(&extensions);
        self.message(ENCRYPTED_EXTENSIONS, &body);
    }

    pub fn certificate_body(chain: &[Vec<u8>]) -> Vec<u8> {
        let mut entries = Vec::new();
        for certificate in chain {
            entries.extend(with_length::<3>(certificate));
            entries.extend([0, 0]);
        }
        let mut body = vec![0];
        body.extend(with_length::<3>(&entries));
        body
    }

    pub fn certificate(&mut self, chain: &[Vec<u8>]) {
        self.message(CERTIFICATE, &Self::certificate_body(chain));
    }

    pub fn certificate_request(&mut self) {
        let mut body = vec![0];
        let mut extensions = vec![0, 13];
        extensions.extend(with_length::<2>(&with_length::<2>(&[4, 3])));
        body.extend(with_length::<2>(&extensions));
        self.message(CERTIFICATE_REQUEST, &body);
    }

    /// The bytes that a CertificateVerify at this point signs.
    pub fn to_be_signed(&self) -> Vec<u8> {
        let mut signed = vec![0x20; 64];
        signed.extend(b"TLS 1.3, server CertificateVerify\0");
        signed.extend(Sha256::digest(&self.transcript));
        signed
    }

    pub fn certificate_verify_body(scheme: u16, signature: &[u8]) -> Vec<u8> {
        let mut body = scheme.to_be_bytes().to_vec();
        body.extend(with_length::<2>(signature));
        body
    }

    pub fn certificate_verify(&mut self, key: &p256::ecdsa::SigningKey) {
        let signature: p256::ecdsa::DerSignature = key.sign(&self.to_be_signed());
        let body = Self::certificate_verify_body(P256_SHA256, signature.as_bytes());
        self.message(CERTIFICATE_VERIFY, &body);
    }

    /// The body of a Finished at this point.
    pub fn finished_body(&self) -> Vec<u8> {
        finished(&self.server_secret, &self.transcript)
    }

    pub fn finished(&mut self) {
        let body = self.finished_body();
        self.message(FINISHED, &body);
        self.handshake_is_over();
    }

    /// Makes the keys for application data, which depend on the messages so far.
    pub fn handshake_is_over(&mut self) {
        if self.application.is_some() {
            return;
        }
        self.at_finished.clone_from(&self.transcript);
        self.application = Some((
            derive(&self.master, "s ap traffic", &self.transcript),
            derive(&self.master, "c ap traffic", &self.transcript),
        ));
    }
}

fn finished(secret: &Secret, transcript: &[u8]) -> Vec<u8> {
    let key = expand(secret, "finished", b"", 32);
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).unwrap();
    mac.update(&Sha256::digest(transcript));
    mac.finalize().into_bytes().to_vec()
}

/// The point in the client's key share.
fn key_share(client_hello: &[u8]) -> &[u8] {
    extension(client_hello, 51).unwrap()[6..]
        .try_into()
        .unwrap()
}

/// The data of an extension of the ClientHello.
pub fn extension(client_hello: &[u8], wanted: u16) -> Option<&[u8]> {
    // Message header, version, random, empty session id, two suites, no compression, length.
    let mut rest = &client_hello[4 + 2 + 32 + 1 + 6 + 2 + 2..];
    while !rest.is_empty() {
        let kind = u16::from_be_bytes([rest[0], rest[1]]);
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        if kind == wanted {
            return Some(&rest[4..4 + length]);
        }
        rest = &rest[4 + length..];
    }
    None
}

/// Bytes that are the same each time.
pub struct Counter(pub u8);

impl p256::elliptic_curve::rand_core::RngCore for Counter {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes([0; 4].map(|_: u8| self.next()))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes([0; 8].map(|_: u8| self.next()))
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.next());
    }

    fn try_fill_bytes(
        &mut self,
        bytes: &mut [u8],
    ) -> Result<(), p256::elliptic_curve::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl p256::elliptic_curve::rand_core::CryptoRng for Counter {}

impl Counter {
    fn next(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(5).wrapping_add(29);
        self.0
    }
}

/// The server.
pub struct Server<F> {
    script: F,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    flight: Option<Flight>,
    /// Keys that the client's records are under.
    reading: Option<Direction>,
    writing: Option<Direction>,
    pub client_hello: Vec<u8>,
    /// Content types and contents of the protected records of the client.
    pub heard: Vec<(u8, Vec<u8>)>,
    /// The client's Finished has come, and is right.
    pub established: bool,
    pub closed: bool,
    /// Milliseconds between two bytes, if it drips.
    pub drip: Option<u32>,
    last_drop: u32,
}

impl<F: FnMut(&mut Flight)> Server<F> {
    /// A server whose first flight `script` writes.
    pub fn new(script: F) -> Self {
        Self {
            script,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            flight: None,
            reading: None,
            writing: None,
            client_hello: Vec::new(),
            heard: Vec::new(),
            established: false,
            closed: false,
            drip: None,
            last_drop: 0,
        }
    }

    /// Sends bytes just as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.outgoing.extend(bytes);
    }

    /// A protected record of this content.
    pub fn protected(&mut self, kind: u8, content: &[u8]) {
        let mut inner = content.to_vec();
        inner.push(kind);
        self.protected_inner(&inner);
    }

    /// A protected record of this inner plaintext.
    pub fn protected_inner(&mut self, inner: &[u8]) {
        let record = self.writing.as_mut().unwrap().seal(inner);
        self.outgoing.extend(record);
    }

    /// Sends a KeyUpdate in these pieces, and goes on with new keys.
    pub fn update_keys(&mut self, pieces: &[&[u8]]) {
        for piece in pieces {
            self.protected(HANDSHAKE, piece);
        }
        self.writing.as_mut().unwrap().update();
    }

    fn understand(&mut self, record: &[u8]) {
        let Some(flight) = &mut self.flight else {
            if record[0] == HANDSHAKE {
                self.client_hello = record[5..].to_vec();
                let mut flight = Flight::new(&record[5..]);
                (self.script)(&mut flight);
                self.outgoing.append(&mut flight.out);
                if flight.keys.is_some() {
                    self.reading = Some(Direction::new(flight.suite, &flight.client_secret));
                }
                self.flight = Some(flight);
            }
            return;
        };
        let Some(mut inner) = self.reading.as_mut().and_then(|keys| keys.open(record)) else {
            self.heard.push((record[0], record[5..].to_vec()));
            return;
        };
        let kind = inner.pop().unwrap();
        if kind == HANDSHAKE && !self.established {
            let expected = finished(&flight.client_secret, &flight.at_finished);
            if inner.get(4..) == Some(&expected)
                && let Some((ours, theirs)) = flight.application
            {
                self.writing = Some(Direction::new(flight.suite, &ours));
                self.reading = Some(Direction::new(flight.suite, &theirs));
                self.established = true;
            }
            flight.at_finished.extend(&inner);
        } else if kind == HANDSHAKE && inner[0] == KEY_UPDATE {
            self.reading.as_mut().unwrap().update();
        }
        self.heard.push((kind, inner));
    }
}

impl<F: FnMut(&mut Flight)> Peer for Server<F> {
    fn receive(&mut self, bytes: &[u8]) {
        self.incoming.extend(bytes);
        while self.incoming.len() >= 5 {
            let length = usize::from(u16::from_be_bytes([self.incoming[3], self.incoming[4]]));
            if self.incoming.len() < 5 + length {
                break;
            }
            let record: Vec<u8> = self.incoming.drain(..5 + length).collect();
            self.understand(&record);
        }
    }

    fn send(&mut self, now: u32) -> Vec<u8> {
        match self.drip {
            None => core::mem::take(&mut self.outgoing),
            Some(period) if now >= self.last_drop + period && !self.outgoing.is_empty() => {
                self.last_drop = now;
                vec![self.outgoing.remove(0)]
            }
            Some(_) => Vec::new(),
        }
    }

    fn is_closed(&self) -> bool {
        self.closed && self.outgoing.is_empty()
    }
}
