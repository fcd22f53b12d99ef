//! The hash of the handshake's messages, which sees the choice of the application protocol pass.
//!
//! `embedded-tls` sends the names of application protocols (RFC 7301), but forgets the server's answer,
//! in EncryptedExtensions. It hashes every message as one piece, and shows the hash to the verifier.

use sha2::digest::core_api::BlockSizeUser;
use sha2::digest::{
    FixedOutput, FixedOutputReset, HashMarker, Output, OutputSizeUser, Reset, Update,
};
use sha2::{Digest, Sha256};

use super::context::protocols;

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

/// SHA-256 of the messages, and the server's choice.
#[derive(Clone)]
pub struct Transcript {
    hash: Sha256,
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
        Update::update(&mut self.hash, data);
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self {
            hash: Sha256::default(),
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
        FixedOutput::finalize_into(self.hash, out);
    }
}

impl Reset for Transcript {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl FixedOutputReset for Transcript {
    fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
        FixedOutputReset::finalize_into_reset(&mut self.hash, out);
        Reset::reset(self);
    }
}
