//! The named sizes of everything that is bounded at build time.
//!
//! Each can be set by an environment variable of the same name with `MQTT_` in front,
//! for example `MQTT_IN_FLIGHT=4 make unix`. The defaults are small on bare metal and
//! generous on a PC.
#![forbid(unsafe_code)]

/// `text` as a number, `small` on bare metal or `large` elsewhere when there is none.
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

/// Outgoing QoS 1 and QoS 2 messages that may be unacknowledged at once, per client.
///
/// A publisher waits while the window is full.
pub const IN_FLIGHT: usize = size(option_env!("MQTT_IN_FLIGHT"), 8, 32);

/// Bytes of messages that came and wait for their functions to be called, per client.
///
/// Each message counts with its topic, its payload and the memory that it takes besides them. Once they
/// take so many, the socket is left unread until functions have returned, and TCP holds the broker
/// back. The message that is being read then comes on top.
pub const INBOX: usize = size(option_env!("MQTT_INBOX"), 8 * 1024, 64 * 1024);

/// Incoming QoS 2 messages whose handshake may be open at once, per client: what the table of
/// their identifiers may grow to, at 8 bytes each.
///
/// A broker that opens more breaks the connection; it sends what was not acknowledged
/// again on the next one. Some brokers send thousands to a subscriber that is slow.
pub const INCOMING_QOS2: usize = size(option_env!("MQTT_INCOMING_QOS2"), 1024, 16 * 1024);

/// Acknowledgements that may wait to be written at once, per client.
///
/// When the queue is full, it is written before anything more is read.
pub const ACK_QUEUE: usize = size(option_env!("MQTT_ACK_QUEUE"), 12, 128);

/// UNSUBSCRIBE packets that may be unacknowledged at once, per client.
///
/// A further caller waits.
pub const UNSUBSCRIBES: usize = size(option_env!("MQTT_UNSUBSCRIBES"), 4, 16);

/// Bytes of the read-ahead buffer, per client.
///
/// Packets that fit cost no read of their own. A PUBLISH whose payload does not fit is
/// read straight into the object that the application gets.
pub const READ_AHEAD: usize = size(option_env!("MQTT_READ_AHEAD"), 256, 16 * 1024);

/// Bytes of the stack buffer in which a packet is put together, so that it leaves in one
/// write. Fields that do not fit are written straight from where they are.
pub const WRITE_STAGE: usize = size(option_env!("MQTT_WRITE_STAGE"), 160, 2048);

/// Bytes of stack for the thread of the read loop, on ports with threads.
pub const LOOP_STACK: usize = size(option_env!("MQTT_LOOP_STACK"), 8 * 1024, 256 * 1024);

/// Bytes of the buffer for a TLS record from the server, per TLS connection.
///
/// The longest record takes 16,662. With less, the server is asked for shorter ones (RFC
/// 6066, max_fragment_length: 4096, 2048, 1024 or 512 bytes and an overhead of 22); not
/// every server does as it is asked.
pub const TLS_READ: usize = size(option_env!("MQTT_TLS_READ"), 2048 + 22, 16 * 1024 + 22);

/// Bytes of the buffer for a TLS record to the server, per TLS connection. It is larger where
/// the client's certificate needs it.
pub const TLS_WRITE: usize = size(option_env!("MQTT_TLS_WRITE"), 640, 16 * 1024 + 22);

/// Certificates that a TLS server may show besides its own. Each costs stack in the handshake,
/// even if it is none that leads anywhere. Six issuers one above the other are the most.
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
// The largest packet that must be whole in the buffer, other than PUBLISH, is SUBACK.
const _: () = assert!(READ_AHEAD >= 64);
const _: () = assert!(WRITE_STAGE >= 64);
