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

/// The part of an HMAC that this is.
#[derive(Clone, Copy)]
enum Part {
    /// Nothing has been hashed.
    Nothing,
    /// The front of the block that the key makes with a pad has been hashed.
    Block([u8; SECRET]),
    /// It derives the key: its result is this secret.
    Key([u8; SECRET]),
    /// Not one that matters.
    Other,
}

impl Part {
    /// The part after `data`, which is hashed as one piece.
    fn after(self, data: &[u8]) -> Self {
        let secret = |block: [u8; SECRET], pad| block.map(|byte| byte ^ pad);
        match self {
            // A ClientHello is longer.
            Self::Nothing if data.len() == BLOCK => data
                .first_chunk()
                .map_or(Self::Other, |it| Self::Block(*it)),
            Self::Block(block) if data == KEY_OF_32_BYTES => Self::Key(secret(block, INNER_PAD)),
            // The outer hash: the inner one has given the secret.
            Self::Block(block) if data == secret(block, OUTER_PAD) => {
                Self::Key(secret(block, OUTER_PAD))
            }
            Self::Key(secret) => Self::Key(secret),
            _ => Self::Other,
        }
    }
}

/// SHA-256 of the messages, the server's choice, and a traffic secret.
#[derive(Clone)]
pub struct Transcript {
    hash: Sha256,
    choice: Choice,
    part: Part,
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
        self.part = self.part.after(data);
        Update::update(&mut self.hash, data);
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self {
            hash: Sha256::default(),
            choice: Choice::Nothing,
            part: Part::Nothing,
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
        match self.part {
            Part::Key(secret) => *out = secret.into(),
            _ => FixedOutput::finalize_into(self.hash, out),
        }
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
