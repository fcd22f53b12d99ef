//! The named sizes of everything that is bounded at build time.
//!
//! Each can be set by an environment variable of the same name with `MQTT_` in front,
//! for example `MQTT_IN_FLIGHT=4 make unix`. The defaults are small on bare metal and
//! generous on a PC.
#![forbid(unsafe_code)]

/// `text` as a number; without a text `small` on bare metal and `large` elsewhere.
const fn size(text: Option<&str>, small: usize, large: usize) -> usize {
    match text {
        None if cfg!(target_os = "none") => small,
        None => large,
        Some(text) => match usize::from_str_radix(text, 10) {
            Ok(size) => size,
            // Evaluated by the compiler: a wrong setting fails the build.
            #[allow(clippy::panic)]
            Err(_) => panic!("an MQTT_... size is not a number"),
        },
    }
}

/// Outgoing QoS 1 and QoS 2 messages that may be unacknowledged at once, per client: the window.
///
/// A call of `publish` waits while the window is full.
pub const IN_FLIGHT: usize = size(option_env!("MQTT_IN_FLIGHT"), 8, 32);

/// Bytes of messages that came and wait for their functions to be called, per client.
///
/// Each message counts with its topic, its payload and the memory that it takes besides them. Once they
/// take so many, the socket is left unread until functions have returned, and TCP holds the broker
/// back. The message that is being read then comes on top.
pub const INBOX: usize = size(option_env!("MQTT_INBOX"), 8 * 1024, 64 * 1024);

/// Bytes of outgoing messages that wait for a place in the window, per client: the outbox.
///
/// Each message counts with its topic, its payload and the memory that it takes besides them. A message
/// that would take more is refused. 0 leaves out `publish(wait=False)`, for which the outbox is.
pub const OUTBOX: usize = size(option_env!("MQTT_OUTBOX"), 4 * 1024, 64 * 1024);

/// Incoming QoS 2 messages whose handshake may be open at once, per client: the largest number of
/// entries in the table of their identifiers, at 8 bytes each.
///
/// The client closes the connection to a broker that opens more; on the next connection the broker
/// sends again the messages that were not acknowledged. Some brokers open thousands for a slow
/// subscriber.
pub const INCOMING_QOS2: usize = size(option_env!("MQTT_INCOMING_QOS2"), 1024, 16 * 1024);

/// Acknowledgements that may wait to be written at once, per client.
///
/// The client writes a full queue before it reads anything more.
pub const ACK_QUEUE: usize = size(option_env!("MQTT_ACK_QUEUE"), 12, 128);

/// UNSUBSCRIBE packets that may be unacknowledged at once, per client.
///
/// Further calls wait.
pub const UNSUBSCRIBES: usize = size(option_env!("MQTT_UNSUBSCRIBES"), 4, 16);

/// Topic names that have an alias at once in packets to a broker of MQTT 5, per client.
#[cfg(feature = "v5")]
pub const TOPIC_ALIASES: usize = size(None, 4, 16);

/// Calls of `request` that may wait for their answers at once, per client.
#[cfg(feature = "v5")]
pub const REQUESTS: usize = size(None, 2, 16);

/// Bytes of the longest packet of a broker of MQTT 5 that is no PUBLISH: a CONNACK or an acknowledgement with
/// properties. One that does not fit into the read-ahead buffer is gathered on the heap.
#[cfg(feature = "v5")]
pub const LONGEST_ANSWER: usize = size(None, 2 * 1024, 64 * 1024);

/// Bytes of the read-ahead buffer, per client.
///
/// Packets that fit cost no read of their own. A payload that does not fit is read straight into
/// the object that the application gets.
pub const READ_AHEAD: usize = size(option_env!("MQTT_READ_AHEAD"), 256, 16 * 1024);

/// Bytes of the stack buffer that a packet is put together in, so that it leaves in one write.
/// Fields that do not fit are written straight from the memory of their owner.
pub const WRITE_STAGE: usize = size(option_env!("MQTT_WRITE_STAGE"), 160, 2048);

/// Bytes of stack for the thread of the read loop, on ports with threads.
pub const LOOP_STACK: usize = size(option_env!("MQTT_LOOP_STACK"), 8 * 1024, 256 * 1024);

/// Bytes of the buffer for a TLS record from the server, per TLS connection.
///
/// The longest record takes 16,662 bytes. With a smaller buffer the client asks the server for
/// shorter records (RFC 6066, max_fragment_length: 4096, 2048, 1024 or 512 bytes and an overhead of
/// 22); some servers ignore that.
pub const TLS_READ: usize = size(option_env!("MQTT_TLS_READ"), 2048 + 22, 16 * 1024 + 22);

/// Bytes of the buffer for a TLS record to the server, per TLS connection. It is larger if the
/// client's certificate needs more.
pub const TLS_WRITE: usize = size(option_env!("MQTT_TLS_WRITE"), 640, 16 * 1024 + 22);

/// Certificates that a TLS server may show besides its own. Each costs stack in the handshake, even
/// one that leads to no root. A chain has six issuers at most.
pub const TLS_INTERMEDIATES: usize = size(option_env!("MQTT_TLS_INTERMEDIATES"), 3, 15);

const _: () = assert!(TLS_INTERMEDIATES >= 1 && TLS_INTERMEDIATES <= 15);
const _: () = assert!(TLS_READ >= 512 + 22);
// The ClientHello, with the longest host name.
const _: () = assert!(TLS_WRITE >= 512);
const _: () = assert!(IN_FLIGHT >= 1 && IN_FLIGHT <= 1024);
const _: () = assert!(INBOX >= 1);
const _: () = assert!(INCOMING_QOS2 >= 1 && INCOMING_QOS2 <= 65535);
const _: () = assert!(ACK_QUEUE >= 4);
const _: () = assert!(UNSUBSCRIBES >= 1);
// SUBACK is the largest packet, other than PUBLISH, that must be whole in the buffer.
const _: () = assert!(READ_AHEAD >= 64);
const _: () = assert!(WRITE_STAGE >= 64);
