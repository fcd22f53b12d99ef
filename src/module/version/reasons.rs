//! Reason codes and the texts that come with them, of the broker and of the client.

use portable_atomic::{AtomicBool, AtomicU8};

use crate::codec::{
    DISCONNECT, Disconnect, Output as _, Properties, PropertyId, Reason as BrokersReason,
    ReasonCode,
};
use crate::micropython::{
    Buffer, Exception, ExceptionKind, ORDERING, Obj, ObjCell, Text, front_of,
};
use crate::module::client::Client;
use crate::module::error::{Error, Result};
#[cfg(feature = "outbox")]
use crate::module::outbox::delivery_of;
use crate::module::output::Output;
use crate::module::properties::Block;
use crate::module::writer::Writer;
use crate::session;

/// Bytes of a broker's Reason String that the text of an exception shows.
const SHOWN: usize = 128;

/// The words of the broker that only MQTT 5 has.
pub struct Told {
    /// The properties of the last CONNACK.
    connack: ObjCell,
    /// Whether the last CONNACK was one of MQTT 5.
    has_connack: AtomicBool,
    /// The last Reason String. When the broker has refused a message that no caller waits for, it is the
    /// `Delivery` of that message, until the Reason String has been read.
    reason: ObjCell,
    /// The code that the Reason String came with.
    code: AtomicU8,
    /// Whether it came with a DISCONNECT.
    is_farewell: AtomicBool,
}

impl Told {
    /// No word yet.
    pub fn nothing() -> Self {
        Self {
            connack: ObjCell::nothing(),
            has_connack: AtomicBool::new(false),
            reason: ObjCell::nothing(),
            code: AtomicU8::new(0),
            is_farewell: AtomicBool::new(false),
        }
    }

    /// Keeps the Reason String of a refusal, as far as there is memory for it.
    pub fn keep(&self, reason: &BrokersReason<'_>) {
        let text = reason
            .properties
            .and_then(|properties| properties.text(PropertyId::REASON_STRING));
        let text = text.and_then(|text| Text::copy(text).ok());
        #[cfg(feature = "outbox")]
        if let Some(message) = self.reason.get().and_then(delivery_of) {
            message.hear(text);
        }
        self.reason.set(text.map(|text| text.obj()));
        self.code.store(reason.code.get(), ORDERING);
        self.is_farewell.store(false, ORDERING);
    }

    /// Keeps the Reason String of a DISCONNECT.
    pub fn keep_farewell(&self, reason: &BrokersReason<'_>) {
        self.keep(reason);
        self.is_farewell.store(true, ORDERING);
    }

    /// The Reason String of the last DISCONNECT, unless another one has come after it.
    pub fn farewell(&self) -> Option<Text> {
        let words = self.reason.get().and_then(Text::of_str);
        words.filter(|_| self.is_farewell.load(ORDERING))
    }

    /// Notes that the Reason String which is read next is about the message of this `Delivery`.
    #[cfg(feature = "outbox")]
    pub fn await_reason(&self, delivery: Obj) {
        self.reason.set(Some(delivery));
        self.is_farewell.store(false, ORDERING);
    }

    /// The dict of the properties of the last CONNACK, or `None`.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn connack(&self) -> Result<Obj> {
        if self.has_connack.load(ORDERING) {
            Block::dict_of(self.connack.get())
        } else {
            Ok(Obj::none())
        }
    }

    /// The bytes of the properties of the last CONNACK.
    pub fn connack_bytes(&self) -> Option<Buffer> {
        let bytes = self.connack.get()?;
        // It is a `bytes` object: asking for its memory does not fail.
        Buffer::of(bytes).ok().flatten()
    }

    /// Keeps the properties of a CONNACK.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn keep_connack(&self, properties: Option<Properties<'_>>) -> Result<()> {
        self.connack.set(Block::copy(properties)?.obj());
        self.has_connack.store(properties.is_some(), ORDERING);
        Ok(())
    }
}

/// The way in which the client ends a connection.
#[derive(Clone, Copy)]
pub struct Goodbye {
    code: ReasonCode,
    properties: Block,
}

impl Goodbye {
    /// The program has called `disconnect`, or connects again.
    pub const NORMAL: Self = Self {
        code: ReasonCode::SUCCESS,
        properties: Block::EMPTY,
    };

    /// The program's own reason.
    pub fn new(code: ReasonCode, properties: Block) -> Self {
        Self { code, properties }
    }

    /// Bytes of the DISCONNECT, at the most.
    pub fn encoded_len(&self) -> usize {
        self.packet().encoded_len()
    }

    fn packet(&self) -> Disconnect<'_> {
        Disconnect {
            code: self.code,
            properties: self.properties.properties(),
        }
    }

    /// Puts the DISCONNECT.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn write(self, client: &Client, output: &mut Output<'_>) -> Result<()> {
        let packet = self.packet();
        // An empty reason is left out (section 3.14.2.1).
        if packet.code == ReasonCode::SUCCESS && packet.properties == Properties::EMPTY
            || !client.version().is_5()
        {
            return output.put(&DISCONNECT);
        }
        packet.encode(output)
    }
}

impl Client {
    /// Tells a broker of MQTT 5 that `error`, which ends the connection, is its fault, if the packet can leave
    /// at once (section 4.13.1 of the standard).
    pub fn tell_fault(&self, connection: u32, error: Error) {
        let fault = error.protocol_fault();
        if let Some(code) = fault.and_then(session::Error::reason_code)
            && self.version().is_5()
            && self.is_up()
        {
            self.tell(connection, Goodbye::new(code, Block::EMPTY));
        }
    }

    /// Says goodbye, if that can leave at once.
    #[cold]
    pub fn tell(&self, connection: u32, goodbye: Goodbye) {
        // Without the role, a packet is being written: nothing may come in the middle of it.
        if let Some(mut writer) = self.try_writer()
            && self.connection() == connection
        {
            self.tell_with(&mut writer, goodbye);
        }
    }

    /// The same for the context that has the role of writer.
    pub fn tell_with(&self, writer: &mut Writer, goodbye: Goodbye) {
        let socket = *self.socket.lock();
        if let Some(socket) = socket
            && writer.is_free(self)
        {
            let mut output = Output::at_once(self, socket);
            let written = goodbye.write(self, &mut output);
            // The connection ends either way.
            let _ = written.and_then(|()| output.flush());
            writer.reset(self);
        }
    }

    /// The same error, with the broker's own words if there are any.
    pub fn explained(&self, error: Error) -> Error {
        let words = self.told.reason.get().and_then(Text::of_str);
        let code = self.told.code.load(ORDERING);
        let is_about = |error: Error| error.reason_code().is_some_and(|it| it.get() == code);
        with_words(error, words.filter(|_| is_about(error)))
    }

    /// The same error, which has ended the connection, with the broker's own words if there are any.
    pub fn explained_failure(&self, error: Error) -> Error {
        with_words(error, self.told.farewell())
    }
}

/// The same error, with the broker's own words.
pub fn with_words(error: Error, words: Option<Text>) -> Error {
    let (Some(code), Some(words)) = (error.reason_code(), words) else {
        return error;
    };
    let name = code.name();
    let separator = if name.is_empty() { "" } else { ": " };
    let Ok(text) = Text::joined(&[name, separator, front_of(words.as_str(), SHOWN)]) else {
        return error;
    };
    let kind = ExceptionKind::MQTTException;
    Exception::with_code_and_object(kind, code.get().into(), text.obj()).into()
}
