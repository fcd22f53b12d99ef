//! TLS: servers that send bytes of the fuzzer, and contexts made of bytes of the fuzzer.

#[path = "../../tests/tls/link.rs"]
#[allow(dead_code)]
mod link;
#[path = "../../tests/tls/scripted.rs"]
#[allow(dead_code)]
mod scripted;

use link::{Client, MemoryStack, Received};
use mqtt::transport::tls::{Context, Sources, TlsError};
use p256::pkcs8::DecodePrivateKey;
use scripted::*;

const ROOT: &[u8] = include_bytes!("../../tests/tls/fixed/root.der");
const BROKER: &[u8] = include_bytes!("../../tests/tls/fixed/broker.der");
const KEY: &[u8] = include_bytes!("../../tests/tls/fixed/broker.key");

/// Input, taken from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// As many bytes as the next byte says, if there are as many.
    fn bytes(&mut self) -> &'a [u8] {
        let wanted = usize::from(self.byte().unwrap_or(0));
        let (front, rest) = self.0.split_at(wanted.min(self.0.len()));
        self.0 = rest;
        front
    }
}

/// The steps of a server in its handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Hello,
    Extensions,
    Request,
    Certificate,
    Proof,
    Finished,
    Other,
}

/// Takes any bytes as the steps of a server's handshake. The client must connect only if the server
/// has shown its certificate, proved that it has the key, and finished. Returns whether it has.
pub fn handshake(data: &[u8]) -> bool {
    let mut input = Input(data);
    let piece = usize::from(input.byte().unwrap_or(0)) + 1;
    let rest = input.0;
    let mut steps = Vec::new();
    let server = Server::new(|flight: &mut Flight| steps = take_steps(flight, Input(rest)));
    let mut stack = MemoryStack::new(server);
    stack.peer.closed = true;
    stack.piece = piece;
    let client = Client::trusting(ROOT);
    let (mut record, mut out) = client.buffers();
    let connected = client.connect_in(stack, &mut record, &mut out);
    let connected = connected.map(drop).map_err(|(error, ..)| error);
    let honest = [
        Step::Hello,
        Step::Extensions,
        Step::Certificate,
        Step::Proof,
    ];
    match connected {
        Ok(()) => {
            let kept: Vec<Step> = steps
                .iter()
                .copied()
                .take_while(|step| *step != Step::Finished)
                .filter(|step| honest.contains(step))
                .collect();
            let certificate = kept.iter().position(|it| *it == Step::Certificate);
            let proof = kept.iter().position(|it| *it == Step::Proof);
            assert!(steps.contains(&Step::Finished), "{steps:?}");
            assert!(certificate.is_some() && certificate < proof, "{steps:?}");
        }
        Err(error) => assert_ne!(error, TlsError::Internal, "{steps:?}"),
    }
    connected.is_ok()
}

fn take_steps(flight: &mut Flight, mut input: Input<'_>) -> Vec<Step> {
    let key = p256::ecdsa::SigningKey::from_pkcs8_der(KEY).unwrap();
    let mut steps = Vec::new();
    while let Some(step) = input.byte() {
        if steps.len() > 20 {
            break;
        }
        let protected = flight.keys.is_some();
        steps.push(match step % 12 {
            0 if !protected => {
                flight.server_hello();
                Step::Hello
            }
            1 if protected => {
                flight.encrypted_extensions();
                Step::Extensions
            }
            2 if protected => {
                flight.certificate_request();
                Step::Request
            }
            3 if protected => {
                flight.certificate(&[BROKER.to_vec()]);
                Step::Certificate
            }
            4 if protected => {
                flight.certificate_verify(&key);
                Step::Proof
            }
            5 if protected => {
                flight.finished();
                Step::Finished
            }
            6 if protected => {
                let kind = input.byte().unwrap_or(0);
                flight.message(kind, input.bytes());
                Step::Other
            }
            7 if protected => {
                let inner = input.bytes();
                flight.protected_inner(inner);
                Step::Other
            }
            // Something shown that is not quite the certificate.
            8 if protected => {
                let mut certificate = BROKER.to_vec();
                let place = usize::from(input.byte().unwrap_or(0)) * 2;
                let mask = input.byte().unwrap_or(1).max(1);
                if let Some(byte) = certificate.get_mut(place) {
                    *byte ^= mask;
                } else {
                    certificate.truncate(100);
                }
                flight.certificate(&[certificate]);
                Step::Other
            }
            9 => {
                let kind = input.byte().unwrap_or(0);
                let record = record(kind, input.bytes());
                flight.out.extend(record);
                Step::Other
            }
            10 if !protected => {
                let kind = input.byte().unwrap_or(SERVER_HELLO);
                flight.plain_message(kind, input.bytes());
                Step::Other
            }
            _ => {
                flight.out.extend(input.bytes());
                Step::Other
            }
        });
    }
    steps
}

/// Takes any bytes as the records of a server after its handshake. The client must receive the
/// application data up to the first record that the standard forbids.
pub fn records(data: &[u8]) {
    let mut input = Input(data);
    let piece = usize::from(input.byte().unwrap_or(0)) + 1;
    let most = usize::from(input.byte().unwrap_or(0)) + 1;
    let server = Server::new(|flight: &mut Flight| {
        take_steps(flight, Input(&[0, 1, 5]));
    });
    // The client checks no signature: this target is not about the handshake, and they take long.
    let client = Client::careless();
    let (mut record, mut out) = client.buffers();
    let stack = MemoryStack::new(server);
    let connected = client.connect_in(stack, &mut record, &mut out);
    let mut session = connected.ok().unwrap();
    let mut expected = Vec::new();
    let mut over = false;
    while let Some(kind) = input.byte() {
        let content = input.bytes();
        match kind % 4 {
            0 => {
                session.stack.peer.protected(APPLICATION_DATA, content);
                if !over {
                    expected.extend(content);
                }
            }
            1 => {
                session.stack.peer.raw(content);
                over |= !content.is_empty();
            }
            2 => {
                session.stack.peer.protected_inner(content);
                // Application data by chance, or by design.
                let end = content.iter().rposition(|byte| *byte != 0);
                match end.map(|end| (content[end], &content[..end])) {
                    Some((APPLICATION_DATA, content)) if !over => expected.extend(content),
                    Some((ALERT, [_, 90])) => {}
                    _ => over = true,
                }
            }
            // Data in front of it make it no flood.
            3 if kind % 8 == 7 && !over => {
                session.stack.peer.protected(APPLICATION_DATA, b"new keys");
                expected.extend(b"new keys");
                let update = message(KEY_UPDATE, &[kind / 128]);
                session.stack.peer.update_keys(&[&update]);
            }
            _ => {
                let mut ticket = vec![NEW_SESSION_TICKET, 0, 0, content.len() as u8];
                ticket.extend(content);
                session.stack.peer.protected(HANDSHAKE, &ticket);
            }
        }
    }
    session.stack.piece = piece;
    session.stack.peer.closed = true;
    let mut received = Vec::new();
    let end = loop {
        match session.receive(most) {
            Received::Bytes(bytes) => received.extend(bytes),
            Received::Nothing => assert!(session.connection.pending()),
            end => break end,
        }
    };
    assert_eq!(received, expected);
    assert_ne!(end, Received::Error(TlsError::Internal));
    assert_eq!(session.receive(most), end, "the end is for good");
}

/// Takes any bytes as the arguments of a context.
pub fn context(data: &[u8]) {
    let mut input = Input(data);
    let verify = input.byte().unwrap_or(0) % 2 == 0;
    let mut length = || usize::from(input.byte().unwrap_or(0)) * 8;
    let (first, second) = (length(), length());
    let rest = input.0;
    let (clicert, rest) = rest.split_at(first.min(rest.len()));
    let (pkey, cacert) = rest.split_at(second.min(rest.len()));
    let sources = Sources {
        cacert,
        clicert,
        pkey,
        hostname: "broker.example",
        verify,
        alpn: b"\x04mqtt",
    };
    let mut memory = vec![0xee; Context::memory(&sources)];
    let built = Context::build(&sources, &mut memory);
    match built {
        Ok(used) => {
            let mut again = vec![0x11; used];
            assert_eq!(Context::build(&sources, &mut again), Ok(used));
            assert_eq!(again, memory[..used]);
            let context = Context::load(&again);
            assert_eq!(context.hostname(), Some("broker.example"));
        }
        Err(error) => {
            assert!(!error.describe().is_empty());
            assert!(memory.iter().all(|byte| *byte == 0));
        }
    }
}
