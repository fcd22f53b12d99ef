//! The failures of the module, and the one place that makes Python exceptions of them.

use crate::codec::DecodeError;
#[cfg(feature = "v5")]
use crate::codec::ReasonCode;
use crate::micropython::{
    ErrorCause, Exception, ExceptionKind, NoMemory, Obj, PackedError, StreamCause, StreamError,
    errno,
};
use crate::session;
use crate::transport::{ConnectError, PipeError};

/// Why a method of the module fails: an exception, or a [`Reason`] and a number. It is one word, so
/// that the processor returns a result in registers.
#[derive(Clone, Copy, Debug)]
pub struct Error(PackedError);

pub type Result<T> = core::result::Result<T, Error>;

const _: () = assert!(size_of::<Result<()>>() == size_of::<usize>());

/// Defines [`Reason`], and the errno and the text of each.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $errno:ident, $text:literal;)*) => {
        /// The kind of failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        /// The errno of each [`Reason`], which counts if the error's own number is 0.
        static ERRNOS: &[u8] = &[$(small(errno::$errno),)*];

        /// The text of each [`Reason`].
        static TEXTS: &[&str] = &[$($text,)*];
    };
}

// The reasons up to `SubscriptionRefused` are faults and refusals of the broker: they become
// `MQTTException`.
reasons! {
    /// The broker broke the protocol; the number is that of a [`session::Error`].
    Protocol = EPROTO, "";
    /// The broker has acknowledged a QoS 2 message with PUBACK.
    NoQos2 = EPROTO, "the broker has no QoS 2: it took the message at QoS 1";
    /// The answer to CONNECT is no packet of MQTT.
    NotMqtt = EPROTO, "the server did not answer in MQTT: TLS or HTTP perhaps";
    /// The broker of MQTT 5 has refused something, or has ended the connection: a reason code (table 2-6 of its
    /// standard).
    #[cfg_attr(not(feature = "v5"), allow(dead_code))]
    Refused = EPROTO, "";
    /// SUBACK with this return code (section 3.9.3).
    SubscriptionRefused = EPROTO, "the broker refused the subscription";
    /// The same, as every other user of the connection gets it; the number is the same.
    Broken = ECONNRESET, "";
    /// The port's own TLS failed; the number is an error of mbedTLS.
    TlsNumber = EPROTO, "";
    /// There is no connection.
    NotConnected = ENOTCONN, "not connected to a broker";
    /// `connect` has never been called.
    NeverConnected = ENOTCONN, "connect() comes first";
    /// There is a connection. MicroPython prints no name for this errno, as it does for others.
    AlreadyConnected = EISCONN, "EISCONN: already connected";
    /// The connection ended while a call waited for the broker.
    ConnectionLost = ECONNRESET, "the connection was lost";
    /// The broker closed the connection; the number is the first byte of the packet that it was
    /// given last.
    ConnectionClosed = ECONNRESET, "the broker closed the connection";
    /// `disconnect` ended the connection, or the attempt to connect.
    Disconnected = ECONNABORTED, "disconnect() was called";
    /// Without threads: MicroPython called a function (of a timer, for example) in the middle of a
    /// method.
    Interrupts = EAGAIN, "called in the middle of another call that uses the connection";
    /// The attempt to connect made way for another one.
    #[cfg_attr(not(feature = "aio"), allow(dead_code))]
    ConnectedAgain = ECONNABORTED, "connect() was called again";
    /// A role that another thread has was not free in time.
    ConnectionInUse = ETIMEDOUT, "another thread used the connection for longer than command_timeout";
    /// The role of writer was not free in time.
    WriterInUse = EAGAIN, "another thread wrote for longer than command_timeout";
    /// The network failed while connected.
    Network = EIO, "the network failed while connected";
    /// The network failed while connecting.
    CannotConnect = EIO, "cannot connect to the broker";
    /// The network connection took too long.
    ConnectTimedOut = ETIMEDOUT, "no connection to the broker within command_timeout";
    /// The resolver did not find the name.
    NameNotFound = EIO, "the host name was not found";
    /// The resolver took too long.
    NameTimedOut = ETIMEDOUT, "the host name was not found within command_timeout";
    /// TLS failed, with an errno.
    Tls = EPROTO, "TLS failed";
    /// A write took too long.
    SendTimedOut = ETIMEDOUT, "the broker took no data within command_timeout";
    /// A write that must not wait found no room; no program sees it.
    WouldWait = EAGAIN, "";
    /// The rest of a packet took too long.
    Stalled = ETIMEDOUT, "the broker stopped in the middle of a packet";
    /// The answer to CONNECT did not come.
    NoConnAck = ETIMEDOUT, "no CONNACK within command_timeout";
    /// The answer to a PUBLISH of QoS 1 did not come.
    NoPubAck = ETIMEDOUT, "no PUBACK within command_timeout";
    /// An answer in the exchange of QoS 2 did not come.
    NoPubRec = ETIMEDOUT, "no PUBREC or PUBCOMP within command_timeout";
    /// A message that a `Delivery` stands for was not acknowledged in time.
    #[cfg_attr(not(feature = "outbox"), allow(dead_code))]
    NotDelivered = ETIMEDOUT, "not acknowledged yet";
    /// The answer to SUBSCRIBE did not come.
    NoSubAck = ETIMEDOUT, "no SUBACK within command_timeout";
    /// The answer to UNSUBSCRIBE did not come.
    NoUnsubAck = ETIMEDOUT, "no UNSUBACK within command_timeout";
    /// The answer to PINGREQ did not come.
    NoPingResp = ETIMEDOUT, "no answer to PINGREQ";
    /// The role of writer will not be free before the calling function returns.
    FunctionInTheWay = EAGAIN, "not sent: this function must return first";
    /// The window of messages stayed full, or the outbox is.
    WindowFull = ENOBUFS, "not sent: too many unacknowledged messages";
    /// Messages that wait for their functions stand in the way.
    InboxFull = ENOBUFS, "in flight; this function must return first";
    /// The payload of a message that was being sent got another size.
    PayloadResized = EINVAL, "payload resized while being sent";
    /// The table of UNSUBSCRIBEs stayed full.
    UnsubscribesFull = ENOBUFS, "too many UNSUBSCRIBEs at once for command_timeout";
    /// The table of incoming QoS 2 messages could not grow.
    IncomingFull = ENOMEM, "no memory for the identifiers of incoming QoS 2 messages";
    /// A topic name whose alias the broker is going to use could not be kept.
    #[cfg_attr(not(feature = "v5"), allow(dead_code))]
    NoTopicMemory = ENOMEM, "no memory for a topic name";
    /// The end of an authentication on a running connection did not come.
    #[cfg_attr(not(feature = "v5"), allow(dead_code))]
    NoAuth = ETIMEDOUT, "no AUTH within command_timeout";
    /// The answer to a request did not come.
    #[cfg_attr(not(feature = "v5"), allow(dead_code))]
    NoAnswer = ETIMEDOUT, "no answer to the request";
    /// The table of requests is full.
    #[cfg_attr(not(feature = "v5"), allow(dead_code))]
    RequestsFull = ENOBUFS, "too many requests at once";
    /// `disconnect` waited for the loop in vain.
    LoopStillRuns = ETIMEDOUT, "the read loop did not end in time";
}

/// An errno of the port in one byte.
const fn small(errno: u16) -> u8 {
    assert!(errno <= u8::MAX as u16, "an errno of one byte");
    errno as u8
}

impl Error {
    pub const NOT_CONNECTED: Self = Self::because(Reason::NotConnected);

    /// Makes the error for a reason, with the errno of the reason.
    pub const fn because(reason: Reason) -> Self {
        Self::new(reason, 0)
    }

    /// Makes the error for a reason, with a number of its own: an errno, or the number that the
    /// documentation of the reason tells.
    pub const fn new(reason: Reason, number: u16) -> Self {
        Self(PackedError::from_code(reason as u32 | (number as u32) << 8))
    }

    /// Makes the error for a reason code of MQTT 5.
    #[cfg(feature = "v5")]
    pub fn refused(code: ReasonCode) -> Self {
        Self::new(Reason::Refused, code.get().into())
    }

    /// The broker's fault that the error is about.
    #[cfg(feature = "v5")]
    pub fn protocol_fault(self) -> Option<session::Error> {
        match self.0.cause() {
            ErrorCause::Code(code) if code & 0xff == Reason::Protocol as u32 => {
                let [_, number, ..] = code.to_le_bytes();
                session::Error::from_number(number)
            }
            _ => None,
        }
    }

    /// The reason code, of an error that [`Self::refused`] has made.
    #[cfg(feature = "v5")]
    pub fn reason_code(self) -> Option<ReasonCode> {
        match self.0.cause() {
            ErrorCause::Code(code) if code & 0xff == Reason::Refused as u32 => {
                let [_, number, ..] = code.to_le_bytes();
                Some(ReasonCode::known(number))
            }
            _ => None,
        }
    }

    /// Makes a `MemoryError`.
    #[cold]
    pub fn no_memory() -> Self {
        Exception::with_text(
            ExceptionKind::MemoryError,
            "no memory for the client's tables",
        )
        .into()
    }

    /// The exception, if Python raised it.
    pub fn exception(self) -> Option<Exception> {
        match self.0.cause() {
            ErrorCause::Exception(exception) => Some(exception),
            ErrorCause::Code(_) => None,
        }
    }

    /// The Python exception object.
    pub fn into_exception(self) -> Obj {
        self.to_exception().as_obj()
    }

    /// The Python exception.
    #[cold]
    pub fn to_exception(self) -> Exception {
        let code = match self.0.cause() {
            ErrorCause::Exception(exception) => return exception,
            ErrorCause::Code(code) => code,
        };
        let [reason, low, high, _] = code.to_le_bytes();
        let number = u16::from_le_bytes([low, high]);
        let place = usize::from(reason);
        let mut errno = ERRNOS.get(place).copied().unwrap_or_default().into();
        // The number of these is no errno.
        const PROTOCOL: u8 = Reason::Protocol as u8;
        const BROKEN: u8 = Reason::Broken as u8;
        const TLS_NUMBER: u8 = Reason::TlsNumber as u8;
        #[cfg(feature = "v5")]
        const REFUSED: u8 = Reason::Refused as u8;
        const CLOSED: u8 = Reason::ConnectionClosed as u8;
        if number != 0 && !matches!(reason, PROTOCOL | BROKEN | TLS_NUMBER | CLOSED) {
            errno = number;
        }
        let kind = if reason <= Reason::SubscriptionRefused as u8 {
            ExceptionKind::MQTTException
        } else {
            ExceptionKind::OSError
        };
        if cfg!(feature = "terse") {
            return Exception::with_code(kind, errno, "");
        }
        let text = TEXTS.get(place).copied().unwrap_or_default();
        let numbered_text;
        let closed_text;
        let text = match reason {
            PROTOCOL | BROKEN => {
                session::Error::from_number(low).map_or(text, |error| error.describe())
            }
            TLS_NUMBER => {
                numbered_text = numbered(number);
                core::str::from_utf8(&numbered_text).unwrap_or_default()
            }
            #[cfg(feature = "v5")]
            REFUSED => ReasonCode::known(low).name(),
            CLOSED => {
                closed_text = closed_after(text, low);
                &closed_text
            }
            _ => text,
        };
        Exception::with_code(kind, errno, text)
    }

    /// Whether it is this reason, without a number.
    pub fn is(self, reason: Reason) -> bool {
        matches!(self.0.cause(), ErrorCause::Code(code) if code == reason as u32)
    }

    /// Whether it is a `MemoryError`.
    pub fn is_memory_error(self) -> bool {
        self.exception()
            .is_some_and(|exception| exception.is_memory_error())
    }

    /// Whether it is a failure of the connection, and not of the call alone.
    pub fn ends_connection(self) -> bool {
        match self.0.cause() {
            ErrorCause::Exception(exception) => exception.is_os_error(),
            ErrorCause::Code(_) => true,
        }
    }

    /// The same error for the first packet that a server sends: where MQTT has no packet that
    /// begins like that, the server speaks another protocol.
    pub fn of_first_packet(self) -> Self {
        let ErrorCause::Code(code) = self.0.cause() else {
            return self;
        };
        let [reason, number, ..] = code.to_le_bytes();
        if reason != Reason::Protocol as u8 {
            return self;
        }
        match session::Error::from_number(number) {
            Some(session::Error::Malformed(DecodeError::PacketType | DecodeError::Flags)) => {
                Self::because(Reason::NotMqtt)
            }
            _ => self,
        }
    }

    /// The error that every other user of the connection gets, when this error has ended it.
    pub fn for_others(self) -> Self {
        match self.0.cause() {
            ErrorCause::Code(code) if code & 0xff == Reason::Protocol as u32 => {
                Self::new(Reason::Broken, (code >> 8) as u16)
            }
            _ if self.ends_connection() && !self.is(Reason::NotConnected) => self,
            _ => Self::because(Reason::ConnectionLost),
        }
    }
}

/// Adds the name of the packet with this first byte to `text`.
fn closed_after(text: &str, first_byte: u8) -> heapless::String<64> {
    let name = match first_byte >> 4 {
        1 => "CONNECT",
        3 => "PUBLISH",
        4 => "PUBACK",
        5 => "PUBREC",
        6 => "PUBREL",
        7 => "PUBCOMP",
        8 => "SUBSCRIBE",
        10 => "UNSUBSCRIBE",
        12 => "PINGREQ",
        _ => "",
    };
    let qos = match first_byte >> 1 {
        0b11_001 | 0b11_101 => " of QoS 1",
        0b11_010 | 0b11_110 => " of QoS 2",
        _ => "",
    };
    let mut whole = heapless::String::new();
    // The longest text and name fit. Before the first packet there is nothing to add.
    for part in [text, " after ", name, qos] {
        if !name.is_empty() || part == text {
            let _ = whole.push_str(part);
        }
    }
    whole
}

/// Writes the number of an error of mbedTLS as its documentation does.
fn numbered(number: u16) -> [u8; NUMBERED.len()] {
    let mut text = *NUMBERED;
    let mut rest = number;
    for place in text.iter_mut().rev().take(4) {
        let digit = rest as u8 & 15;
        *place = digit.wrapping_add(if digit < 10 { b'0' } else { b'a' - 10 });
        rest >>= 4;
    }
    text
}

const NUMBERED: &[u8; 33] = b"TLS failed: mbedTLS error -0x0000";

impl From<Exception> for Error {
    fn from(exception: Exception) -> Self {
        Self(exception.into())
    }
}

impl From<NoMemory> for Error {
    fn from(_: NoMemory) -> Self {
        Self::no_memory()
    }
}

impl From<session::Error> for Error {
    #[cold]
    fn from(error: session::Error) -> Self {
        match error {
            session::Error::ConnectionLost => Self::because(Reason::ConnectionLost),
            session::Error::PingTimeout => Self::because(Reason::NoPingResp),
            _ => Self::new(Reason::Protocol, error.number().into()),
        }
    }
}

impl From<PipeError<StreamError>> for Error {
    fn from(error: PipeError<StreamError>) -> Self {
        match error {
            PipeError::Closed => Self::because(Reason::ConnectionClosed),
            PipeError::TimedOut => Self::because(Reason::SendTimedOut),
            PipeError::Stack(error) => from_stack(error, Reason::Network),
        }
    }
}

impl From<ConnectError<StreamError>> for Error {
    fn from(error: ConnectError<StreamError>) -> Self {
        match error {
            ConnectError::Resolve(error) => from_stack(error, Reason::NameNotFound),
            ConnectError::Connect(error) => from_stack(error, Reason::CannotConnect),
            ConnectError::ResolveTimedOut => Self::because(Reason::NameTimedOut),
            ConnectError::ConnectTimedOut => Self::because(Reason::ConnectTimedOut),
        }
    }
}

impl From<StreamError> for Error {
    fn from(error: StreamError) -> Self {
        from_stack(error, Reason::Tls)
    }
}

#[cold]
#[inline(never)]
fn from_stack(error: StreamError, reason: Reason) -> Error {
    match error.cause() {
        // A broker that closes without having read everything. ENOTCONN would tell a caller that the client has not
        // taken its message.
        StreamCause::Errno(errno::ECONNRESET | errno::ENOTCONN) if reason == Reason::Network => {
            Error::because(Reason::ConnectionClosed)
        }
        StreamCause::Errno(errno) => Error::new(reason, errno),
        StreamCause::Broken(number) => Error::new(Reason::TlsNumber, number),
        StreamCause::Cancelled => Error::because(Reason::Disconnected),
        StreamCause::Exception(exception) => exception.into(),
    }
}
