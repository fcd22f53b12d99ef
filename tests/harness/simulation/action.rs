//! The events that can happen to a client, in any order.

use std::vec::Vec;

use mqtt::codec::QoS;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The application publishes.
    Publish(QoS),
    /// The application publishes, and waits for nothing.
    PublishLater(QoS),
    /// The application ends the connection.
    Disconnect,
    /// The network takes that many bytes of the packets of the outbox at once; 0: all.
    Narrow(u8),
    /// The application gives up waiting for one of its handshakes.
    Forget(u8),
    /// The application asks how its handshakes stand.
    Ask,
    /// The application subscribes to a filter.
    Subscribe(u8),
    /// The application gives up waiting for one of its SUBACKs.
    GiveUp(u8),
    /// The application unsubscribes from a filter.
    Unsubscribe(u8),
    /// The handlers of one message are called.
    Deliver,
    /// The client puts off writing acknowledgements, or stops doing so.
    Lazy(bool),
    /// The client reads no more while the inbox has that many messages; 0: it always reads.
    InboxRoom(u8),
    /// The network takes that many packets to the broker.
    ToBroker(u8),
    /// The network takes that many bytes to the client.
    ToClient(u8),
    /// The broker publishes to the client.
    BrokerPublish(QoS),
    /// The connection breaks. `late`: the client's reader does not notice at once.
    Cut { late: bool },
    /// The client loses its memory. `saved`: it has just saved its session, and nothing has left since.
    PowerLoss { saved: bool },
    /// The broker loses its session of the client.
    LoseSession,
    /// The client connects.
    Connect,
    /// The client authenticates again, and the broker asks that many times. MQTT 3.1.1 has no such thing.
    Authenticate(u8),
    /// Time goes by, in tenths of a second.
    Wait(u8),
    /// The broker violates the protocol from here on: it sends a byte.
    Garbage(u8),
    /// The broker violates the protocol from here on: it sends an acknowledgement (type, packet
    /// identifier).
    Stray(u8, u8),
}

impl Action {
    /// The actions that `bytes` stand for; any bytes stand for some.
    pub fn from_bytes(bytes: &[u8]) -> Vec<Self> {
        let pairs = bytes.chunks_exact(2);
        pairs
            .map(|pair| Self::from_pair(pair[0], pair[1]))
            .collect()
    }

    /// Frequent actions have several numbers.
    pub fn from_pair(kind: u8, argument: u8) -> Self {
        let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][usize::from(argument % 3)];
        match kind % 32 {
            0..=2 => Self::Publish(qos),
            3 if qos == QoS::AtMostOnce => Self::PublishLater(QoS::AtLeastOnce),
            3 => Self::PublishLater(qos),
            4..=7 => Self::BrokerPublish(qos),
            8..=11 => Self::ToBroker(argument),
            12..=16 => Self::ToClient(argument),
            17..=19 => Self::Deliver,
            20 => Self::Forget(argument),
            21 => Self::Ask,
            22 => Self::Subscribe(argument),
            23 => Self::Unsubscribe(argument),
            24 => Self::GiveUp(argument),
            25 if argument < 128 => Self::Lazy(argument % 2 == 1),
            25 => Self::InboxRoom(argument % 4),
            26 if argument >= 224 => Self::Disconnect,
            26 => Self::Cut {
                late: argument % 2 == 1,
            },
            28 if argument >= 128 => Self::Narrow(argument % 8),
            27 | 28 => Self::Connect,
            29 if argument < 64 => Self::LoseSession,
            29 => Self::Wait(argument),
            // Rare: after a violation few checks are left.
            30 if argument < 8 => Self::Garbage(argument.wrapping_mul(37)),
            30 if argument < 64 => Self::Authenticate(argument % 4),
            31 if argument < 8 => Self::Stray(argument, kind / 32),
            31 => Self::Wait(argument),
            30 if argument >= 192 => Self::PowerLoss {
                saved: argument % 2 == 1,
            },
            _ => Self::Ask,
        }
    }
}
