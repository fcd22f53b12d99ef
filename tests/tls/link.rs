//! A network in memory and in virtual time: no sockets, no threads, no sleeping.

use std::collections::VecDeque;
use std::net::SocketAddr;

use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind, nb};
use mqtt::time::{Deadline, Instant};
use mqtt::transport::tls::{
    Buffers, Connection, Context, Handshake, Link, LinkError, Names, Platform, Sources, TlsError,
};
use mqtt::transport::{Interest, Wait};

/// The other end.
pub trait Peer {
    /// Bytes from the client.
    fn receive(&mut self, bytes: &[u8]);
    /// Bytes for the client, at this time in ms.
    fn send(&mut self, now: u32) -> Vec<u8>;
    /// Whether nothing more comes.
    fn is_closed(&self) -> bool;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeverFails;

impl TcpError for NeverFails {
    fn kind(&self) -> TcpErrorKind {
        TcpErrorKind::Other
    }
}

pub struct MemoryStack<P> {
    pub peer: P,
    incoming: VecDeque<u8>,
    pub now: u32,
    /// The most that one call receives.
    pub piece: usize,
    /// Number of bytes that the network takes before it is full.
    pub room: usize,
}

impl<P: Peer> MemoryStack<P> {
    pub fn new(peer: P) -> Self {
        Self {
            peer,
            incoming: VecDeque::new(),
            now: 0,
            piece: usize::MAX,
            room: usize::MAX,
        }
    }

    fn fetch(&mut self) {
        if self.incoming.is_empty() {
            self.incoming.extend(self.peer.send(self.now));
        }
    }

    pub fn link<'s>(&'s mut self, socket: &'s mut ()) -> Link<'s, Self> {
        Link {
            stack: self,
            socket,
        }
    }
}

impl<P: Peer> TcpClientStack for MemoryStack<P> {
    type TcpSocket = ();
    type Error = NeverFails;

    fn socket(&mut self) -> Result<(), NeverFails> {
        Ok(())
    }

    fn connect(&mut self, (): &mut (), _: SocketAddr) -> nb::Result<(), NeverFails> {
        Ok(())
    }

    fn send(&mut self, (): &mut (), bytes: &[u8]) -> nb::Result<usize, NeverFails> {
        let n = bytes.len().min(self.room);
        if n == 0 {
            return Err(nb::Error::WouldBlock);
        }
        self.room -= n;
        self.peer.receive(&bytes[..n]);
        Ok(n)
    }

    fn receive(&mut self, (): &mut (), bytes: &mut [u8]) -> nb::Result<usize, NeverFails> {
        self.fetch();
        let n = bytes.len().min(self.piece).min(self.incoming.len());
        if n == 0 && !self.peer.is_closed() {
            return Err(nb::Error::WouldBlock);
        }
        for byte in &mut bytes[..n] {
            *byte = self.incoming.pop_front().unwrap();
        }
        Ok(n)
    }

    fn close(&mut self, (): ()) -> Result<(), NeverFails> {
        Ok(())
    }
}

impl<P: Peer> Wait for MemoryStack<P> {
    fn now(&mut self) -> Instant {
        Instant::from_ms(self.now)
    }

    fn wait(&mut self, (): &(), interest: Interest, timeout: u32) -> Result<bool, NeverFails> {
        self.fetch();
        let ready = match interest {
            Interest::Receive => !self.incoming.is_empty() || self.peer.is_closed(),
            Interest::Send => self.room > 0,
        };
        if !ready {
            self.now += timeout.min(10);
        }
        Ok(ready)
    }

    fn idle(&mut self, timeout: u32) -> Result<(), NeverFails> {
        self.now += timeout;
        Ok(())
    }
}

/// 2030-01-01, when all certificates of the tests are valid that are not meant to be invalid.
pub const NOW: u64 = 1_893_456_000;

/// A port with a clock and a source of not so random bytes.
pub struct Port {
    pub time: Option<u64>,
    pub entropy: bool,
    pub seed: u8,
}

impl Default for Port {
    fn default() -> Self {
        Self {
            time: Some(NOW),
            entropy: true,
            seed: 1,
        }
    }
}

impl Platform for Port {
    fn random(&mut self, bytes: &mut [u8]) -> bool {
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = (i as u8).wrapping_mul(7) ^ self.seed;
        }
        self.entropy
    }

    fn unix_time(&mut self) -> Option<u64> {
        self.time
    }
}

/// How a client is to connect.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    pub sources: Sources<'a>,
    pub host: &'a str,
    pub time: Option<u64>,
    pub entropy: bool,
    /// Bytes of the buffers, if not as many as usual.
    pub record: Option<usize>,
    pub out: Option<usize>,
    pub timeout: u32,
}

impl<'a> Client<'a> {
    /// One that trusts these authorities.
    pub fn trusting(cacert: &'a [u8]) -> Self {
        Self {
            sources: Sources {
                cacert,
                clicert: &[],
                pkey: &[],
                hostname: "",
                verify: true,
                alpn: &[],
            },
            host: "broker.example",
            time: Some(NOW),
            entropy: true,
            record: None,
            out: None,
            timeout: 10_000,
        }
    }

    /// One that verifies nothing.
    pub fn careless() -> Self {
        let mut client = Self::trusting(&[]);
        client.sources.verify = false;
        client
    }

    /// Connects to `peer`: a session, or the error and the names with it.
    pub fn connect<P: Peer>(self, peer: P) -> Result<Session<'static, P>, (TlsError, String)> {
        self.connect_over(MemoryStack::new(peer))
            .map_err(|(error, names, _)| (error, names))
    }

    /// The same over a network that is there. The buffers stay for good.
    pub fn connect_over<P: Peer>(
        self,
        stack: MemoryStack<P>,
    ) -> Result<Session<'static, P>, (TlsError, String, MemoryStack<P>)> {
        let (record, out) = self.buffers();
        self.connect_in(stack, record.leak(), out.leak())
    }

    fn context(&self) -> Vec<u8> {
        let mut memory = vec![0; Context::memory(&self.sources)];
        let used = Context::build(&self.sources, &mut memory).unwrap();
        memory.truncate(used);
        memory
    }

    /// Buffers for [`Self::connect_in`].
    pub fn buffers(&self) -> (Vec<u8>, Vec<u8>) {
        let buffers = Buffers::of(&Context::load(&self.context()));
        (
            vec![0xa5; self.record.unwrap_or(buffers.record)],
            vec![0x5a; self.out.unwrap_or(buffers.out)],
        )
    }

    /// The same in these buffers.
    pub fn connect_in<'b, P: Peer>(
        self,
        mut stack: MemoryStack<P>,
        record: &'b mut [u8],
        out: &'b mut [u8],
    ) -> Result<Session<'b, P>, (TlsError, String, MemoryStack<P>)> {
        let memory = self.context();
        let context = Context::load(&memory);
        let mut names = Names::new();
        let mut port = Port {
            time: self.time,
            entropy: self.entropy,
            ..Port::default()
        };
        let handshake = Handshake {
            context,
            host: self.host,
            deadline: Deadline::after(Instant::from_ms(stack.now), self.timeout),
            names: &mut names,
        };
        match handshake.run(&mut stack.link(&mut ()), record, out, &mut port) {
            Ok(established) => {
                let connection = Connection::new(&established, record, out);
                Ok(Session { connection, stack })
            }
            Err(LinkError::Tls(error)) => Err((error, names.to_string(), stack)),
            Err(LinkError::Stack(error)) => panic!("{error:?}"),
        }
    }

    /// The error that connecting to `peer` ends with.
    pub fn refuse(self, peer: impl Peer) -> TlsError {
        match self.connect(peer) {
            Ok(_) => panic!("the client has connected"),
            Err((error, _)) => error,
        }
    }
}

/// A connection and its network.
pub struct Session<'b, P> {
    pub connection: Connection<'b>,
    pub stack: MemoryStack<P>,
}

/// The result of receiving.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    Bytes(Vec<u8>),
    Nothing,
    End,
    Error(TlsError),
}

impl<P: Peer> Session<'_, P> {
    /// One call.
    pub fn receive(&mut self, most: usize) -> Received {
        let mut bytes = vec![0; most];
        let link = Link {
            stack: &mut self.stack,
            socket: &mut (),
        };
        match self.connection.receive(link, &mut bytes) {
            Ok(0) => Received::End,
            Ok(n) => Received::Bytes(bytes[..n].to_vec()),
            Err(nb::Error::WouldBlock) => Received::Nothing,
            Err(nb::Error::Other(LinkError::Tls(error))) => Received::Error(error),
            Err(nb::Error::Other(LinkError::Stack(error))) => panic!("{error:?}"),
        }
    }

    /// All bytes that have come, and the result after them.
    pub fn receive_all(&mut self) -> (Vec<u8>, Received) {
        let mut all = Vec::new();
        loop {
            match self.receive(1000) {
                Received::Bytes(bytes) => all.extend(bytes),
                Received::Nothing if self.connection.pending() => {}
                other => return (all, other),
            }
        }
    }

    /// One call.
    pub fn send(&mut self, bytes: &[u8]) -> Option<usize> {
        self.send_parts([bytes, &[]])
    }

    /// One call.
    pub fn send_parts(&mut self, parts: [&[u8]; 2]) -> Option<usize> {
        let link = Link {
            stack: &mut self.stack,
            socket: &mut (),
        };
        match self.connection.send(link, parts) {
            Ok(n) => Some(n),
            Err(nb::Error::WouldBlock) => None,
            Err(nb::Error::Other(error)) => panic!("{error:?}"),
        }
    }

    pub fn send_all(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let n = self.send(bytes).unwrap();
            bytes = &bytes[n..];
        }
    }

    pub fn close(&mut self) {
        let link = Link {
            stack: &mut self.stack,
            socket: &mut (),
        };
        self.connection.close(link);
    }
}
