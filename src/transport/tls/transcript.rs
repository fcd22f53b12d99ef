//! The hash of the handshake's messages, which sees the choice of the application protocol and the traffic
//! secrets pass.
//!
//! `embedded-tls` sends the names of application protocols (RFC 7301), but forgets the server's answer,
//! in EncryptedExtensions. It hashes every message as one piece, and shows the hash to the verifier.
//!
//! It also derives its keys with this hash, in HMAC, and keeps the traffic secrets to itself. But an
//! HMAC hashes its key first. So this hash knows the secret, and gives it in place of the key that
//! [`Suite`](super::suite::Suite) asks for: a key of 32 bytes, which no other derivation has.

use sha2::digest::core_api::BlockSizeUser;
use sha2::digest::{
    FixedOutput, FixedOutputReset, HashMarker, Output, OutputSizeUser, Reset, Update,
};
use sha2::{Digest, Sha256};

use super::client_hello;
use super::context::protocols;
use super::schedule::{BLOCK, INNER_PAD, OUTER_PAD, SECRET};

/// The type of EncryptedExtensions (RFC 8446, section 4).
const ENCRYPTED_EXTENSIONS: u8 = 8;
/// The extension `application_layer_protocol_negotiation` (RFC 7301, section 3.1).
const ALPN: u16 = 16;

/// The server's choice among the application protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It has made none.
    Nothing,
    /// A name with this mark; see [`mark`].
    Name(Mark),
    /// It has not chosen exactly one.
    Malformed,
}

/// The front of a name's SHA-256: names are longer than there is room for in each hash.
pub type Mark = [u8; 8];

/// The mark of a name.
pub fn mark(name: &[u8]) -> Mark {
    let digest = Sha256::digest(name);
    digest.first_chunk().copied().unwrap_or_default()
}

/// The information for the key, of as many bytes as the secret (RFC 8446, section 7.1).
const KEY_OF_32_BYTES: &[u8] = b"\x00\x20\x09tls13 key\0";

/// The bytes that have been hashed.
#[derive(Clone)]
enum State {
    /// None.
    Empty,
    /// As many as the block that the key of an HMAC makes with a pad. They wait for the next bytes, because
    /// there is no room for them beside the hash.
    Block([u8; BLOCK]),
    /// An HMAC that derives the key: its result is this secret.
    Key([u8; SECRET]),
    /// All others.
    Hash(Sha256),
}

impl State {
    /// The state after `data`, which is hashed as one piece.
    fn after(self, data: &[u8]) -> Self {
        match self {
            // A ClientHello is longer.
            Self::Empty if data.len() == BLOCK => data
                .first_chunk()
                .map_or(Self::Empty, |it| Self::Block(*it)),
            Self::Empty => Self::Hash(match client_hello::with_both(data) {
                // The network gets the same.
                Some((front, rest)) => Sha256::new_with_prefix(front).chain_update(rest),
                None => Sha256::new_with_prefix(data),
            }),
            Self::Block(block) if data == KEY_OF_32_BYTES => Self::Key(secret(&block, INNER_PAD)),
            // The outer hash: the inner one has given the secret.
            Self::Block(block) if data == secret(&block, OUTER_PAD) => {
                Self::Key(secret(&block, OUTER_PAD))
            }
            Self::Block(block) => Self::Hash(Sha256::new_with_prefix(block).chain_update(data)),
            Self::Key(secret) => Self::Key(secret),
            Self::Hash(hash) => Self::Hash(hash.chain_update(data)),
        }
    }
}

/// The secret that makes this block with this pad.
fn secret(block: &[u8; BLOCK], pad: u8) -> [u8; SECRET] {
    let front = block.first_chunk().copied().unwrap_or_default();
    front.map(|byte: u8| byte ^ pad)
}

/// SHA-256 of the messages, the server's choice, and a traffic secret.
#[derive(Clone)]
pub struct Transcript {
    state: State,
    choice: Choice,
}

impl Transcript {
    /// The server's choice in the messages so far.
    pub fn choice(&self) -> Choice {
        self.choice
    }
}

/// The choice in this message, if it is EncryptedExtensions.
fn choice_in(message: &[u8]) -> Option<Choice> {
    // A type, a length of three bytes, and the length of the extensions.
    let ([ENCRYPTED_EXTENSIONS, _, _, _, _, _], mut rest) = message.split_first_chunk()? else {
        return None;
    };
    while let Some(([a, b, high, low], body)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (body, after) = body.split_at_checked(length)?;
        if u16::from_be_bytes([*a, *b]) == ALPN {
            let mut names = protocols(body.get(2..)?);
            return Some(match (names.next(), names.next()) {
                (Some(name), None) => Choice::Name(mark(name)),
                _ => Choice::Malformed,
            });
        }
        rest = after;
    }
    None
}

impl Update for Transcript {
    fn update(&mut self, data: &[u8]) {
        if let Some(choice) = choice_in(data) {
            self.choice = choice;
        }
        self.state = core::mem::replace(&mut self.state, State::Empty).after(data);
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self {
            state: State::Empty,
            choice: Choice::Nothing,
        }
    }
}

impl OutputSizeUser for Transcript {
    type OutputSize = <Sha256 as OutputSizeUser>::OutputSize;
}

impl BlockSizeUser for Transcript {
    type BlockSize = <Sha256 as BlockSizeUser>::BlockSize;
}

impl HashMarker for Transcript {}

impl FixedOutput for Transcript {
    fn finalize_into(self, out: &mut Output<Self>) {
        *out = match self.state {
            State::Empty => Sha256::digest([]),
            State::Block(block) => Sha256::digest(block),
            State::Key(secret) => secret.into(),
            State::Hash(hash) => hash.finalize(),
        };
    }
}

impl Reset for Transcript {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl FixedOutputReset for Transcript {
    fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
        FixedOutput::finalize_into(core::mem::take(self), out);
    }
}
