//! The `Client` object: its fields, and the settings of the user.

use portable_atomic::{AtomicBool, AtomicI16, AtomicU8, AtomicU32};

use crate::codec::QoS;
use crate::micropython::{
    Event, GcVec, Immutable, Mutex, NativeType, ORDERING, Obj, ObjCell, Text, TextCell, as_obj,
    clear_stack, current_thread, from_obj, now, sys,
};
use crate::session::{Receipt, Session};
use crate::time::{Deadline, Instant};
use crate::transport::Socket;

use super::application::Python;
#[cfg(feature = "v5")]
use super::authentication::Authentication;
#[cfg(feature = "aio")]
use super::driven::Driven;
use super::error::{Error, Reason, Result};
use super::inbox::{Content, Inbox};
#[cfg(feature = "into")]
use super::parts::PartsState;
use super::properties::Block;
use super::read_loop::LoopState;
use super::reader::Reader;
#[cfg(feature = "v5")]
use super::request::Requests;
use super::role::ExclusiveRole;
#[cfg(feature = "v5")]
use super::version::Told;
use super::writer::Writer;

/// The message that the broker publishes when the client is lost.
#[derive(Clone, Copy, Debug)]
pub struct LastWill {
    pub topic: Text,
    pub payload: Immutable,
    pub qos: QoS,
    pub retain: bool,
    pub properties: Block,
}

/// The Python object that makes TLS connections.
#[derive(Clone, Copy, Debug)]
pub enum Security {
    /// A context of `create_ssl_context`.
    #[cfg(feature = "tls")]
    BuiltIn(Obj),
    /// An object with `wrap_socket()`.
    #[cfg(feature = "port-tls")]
    Port(Obj),
}

/// The parameters of `connect`, kept for `reconnect`.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    pub host: Text,
    pub port: u16,
    pub ssl_ctx: Option<Security>,
    /// Seconds.
    pub keepalive: u16,
    pub breconnect_cb: Option<Obj>,
    pub aconnect_cb: Option<Obj>,
    pub loop_failure: Option<Obj>,
}

/// The settings of the user.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub client_id: Text,
    pub endpoint: Option<Endpoint>,
    pub username: Option<Text>,
    pub password: Option<Immutable>,
    pub will: Option<LastWill>,
    /// Those of CONNECT.
    pub properties: Block,
    #[cfg(feature = "v5")]
    pub authentication: Option<Authentication>,
}

/// The message that is being delivered, for `client.message`.
///
/// It belongs to the role of delivery. Contexts without it may look at any time: they see some
/// objects, or none.
#[derive(Debug)]
pub struct Delivered {
    pub topic: ObjCell,
    pub payload: ObjCell,
    #[cfg(feature = "v5")]
    pub properties: ObjCell,
    /// The bits of [`MessageFlags`](crate::session::MessageFlags).
    pub flags: AtomicU8,
    /// It lies here where there is room for it.
    #[cfg(feature = "into")]
    pub parts: PartsState,
}

impl Delivered {
    fn nothing() -> Self {
        Self {
            topic: ObjCell::nothing(),
            payload: ObjCell::nothing(),
            #[cfg(feature = "v5")]
            properties: ObjCell::nothing(),
            flags: AtomicU8::new(0),
            #[cfg(feature = "into")]
            parts: PartsState::unused(),
        }
    }

    /// Notes that this message is being delivered.
    pub fn set(&self, content: &Content, receipt: Receipt) {
        self.topic.set(Some(content.topic.obj()));
        self.payload.set(Some(content.payload.obj()));
        #[cfg(feature = "v5")]
        self.properties.set(content.properties.obj());
        self.flags.store(receipt.flags().bits(), ORDERING);
    }

    /// Notes that it has been.
    pub fn clear(&self) {
        self.topic.set(None);
        self.payload.set(None);
        #[cfg(feature = "v5")]
        self.properties.set(None);
    }
}

/// The value of `get_return_code` before the first attempt to connect.
const NO_ATTEMPT: i16 = i16::MIN;
/// Its value when the last attempt got no CONNACK.
pub const NO_CONNACK: i16 = -1;

/// The native part of a client.
///
/// The client itself, which the program has, is an instance of the class `Client` or of one that
/// derives from it, and refers to this.
///
/// It lies on MicroPython's heap, so that the collector sees what its fields refer to.
/// `settings`, `session`, `socket`, `inbox`, `read_loop` and `failure` are locks over
/// memory: held for a few instructions, never across a call into the VM. The roles are held
/// longer, and are taken in this order: `connecting`, `reader`, `writer`. The large fields come
/// last: fields near the front are reached with shorter instructions.
#[repr(C)]
pub struct Client {
    base: sys::mp_obj_base_t,
    /// The client that the program has.
    instance: Obj,
    /// Milliseconds.
    pub cycle_timeout: u32,
    /// Milliseconds.
    pub command_timeout: u32,
    /// Something below has changed.
    pub changed: Event,
    /// The role of writer is free: for those who want it, or need something to have been written.
    /// Apart from `changed`: these contexts wake for nothing else, and no other context wakes for it.
    pub written: Event,
    /// Counts the calls that end attempts to connect.
    pub cancelled: AtomicU32,
    return_code: AtomicI16,
    /// The console has been told of a function that took too long.
    warned: AtomicBool,
    /// The first byte of the packet that was written last, 0 before the first.
    pub last_packet: AtomicU8,
    /// The message that is being delivered.
    pub delivered: Delivered,
    /// The function for the messages that no other function gets.
    pub callback: ObjCell,
    /// The role of the context that connects.
    pub connecting: ExclusiveRole<()>,
    /// The role of the context that calls the application's functions.
    pub delivery: ExclusiveRole<()>,
    /// The role of the context that writes to the socket.
    pub writer: ExclusiveRole<Writer>,
    pub read_loop: Mutex<LoopState>,
    /// Why the last connection ended.
    pub failure: Mutex<Option<Error>>,
    /// The topic of the last `publish`, which is valid.
    pub topic: TextCell,
    pub inbox: Mutex<Inbox>,
    /// The owner of the role of reader or of writer uses it, the owner of both closes it.
    pub socket: Mutex<Option<Socket>>,
    pub session: Mutex<Session<Python>>,
    /// The function into whose buffer a payload is being received.
    #[cfg(feature = "into")]
    pub parts_source: ObjCell,
    /// The function of `set_store`.
    #[cfg(feature = "store")]
    pub store: ObjCell,
    pub settings: Mutex<Settings>,
    /// The words of a broker of MQTT 5.
    #[cfg(feature = "v5")]
    pub told: Told,
    /// The data of a broker's challenge that the function of `set_authentication` has not had.
    #[cfg(feature = "v5")]
    pub challenge: ObjCell,
    #[cfg(feature = "v5")]
    pub requests: Mutex<Requests>,
    #[cfg(feature = "aio")]
    pub driven: Driven,
    /// The role of the context that reads from the socket.
    pub reader: ExclusiveRole<Reader>,
}

/// The parameters of the constructor.
pub struct NewClient {
    /// The client that the program has.
    pub instance: Obj,
    pub client_id: Text,
    pub clean_session: bool,
    pub cycle_timeout: u32,
    pub command_timeout: u32,
}

// SAFETY: `repr(C)`, the header first, and `new_object` is the only maker.
unsafe impl NativeType for Client {
    const KIND: u32 = sys::MQTT_TYPE_CLIENT;
    type Args = NewClient;

    fn clear_stack() {
        // Room for the fields and for other values of that frame.
        clear_stack::<{ size_of::<Self>() + 512 }>();
    }

    fn fields(base: sys::mp_obj_base_t, args: NewClient) -> Self {
        Self {
            base,
            instance: args.instance,
            cycle_timeout: args.cycle_timeout,
            command_timeout: args.command_timeout,
            changed: Event::new(),
            written: Event::new(),
            settings: Mutex::new(Settings {
                client_id: args.client_id,
                endpoint: None,
                username: None,
                password: None,
                will: None,
                properties: Block::EMPTY,
                #[cfg(feature = "v5")]
                authentication: None,
            }),
            session: Mutex::new(Session::new(args.clean_session, GcVec::new(), GcVec::new())),
            socket: Mutex::new(None),
            inbox: Mutex::new(Inbox::new()),
            read_loop: Mutex::new(LoopState::NEW),
            failure: Mutex::new(None),
            topic: TextCell::nothing(),
            return_code: AtomicI16::new(NO_ATTEMPT),
            last_packet: AtomicU8::new(0),
            delivered: Delivered::nothing(),
            callback: ObjCell::nothing(),
            #[cfg(feature = "into")]
            parts_source: ObjCell::nothing(),
            #[cfg(feature = "store")]
            store: ObjCell::nothing(),
            #[cfg(feature = "v5")]
            told: Told::nothing(),
            #[cfg(feature = "v5")]
            challenge: ObjCell::nothing(),
            #[cfg(feature = "v5")]
            requests: Mutex::new(Requests::NONE),
            #[cfg(feature = "aio")]
            driven: Driven::nothing(),
            warned: AtomicBool::new(false),
            cancelled: AtomicU32::new(0),
            connecting: ExclusiveRole::new(()),
            delivery: ExclusiveRole::new(()),
            writer: ExclusiveRole::new(Writer::NEW),
            reader: ExclusiveRole::new(Reader::new()),
        }
    }
}

/// The client that is an entry of the list of scheduled loops.
pub fn client_of<'a>(listed: Option<Obj>) -> Option<&'a Client> {
    // SAFETY: only `Client` objects are put on the list. The list is used in the main context
    // alone, where a client stays alive while it is on the list or on the stack. Does not raise.
    listed.map(|client| unsafe { from_obj::<Client>(client) })
}

impl Client {
    /// The client that the program has: the argument of its callbacks.
    pub fn obj(&self) -> Obj {
        self.instance
    }

    /// The Python object of this native part.
    pub fn native(&self) -> Obj {
        as_obj(self)
    }

    /// The deadline of a command that begins now.
    pub fn command_deadline(&self) -> Deadline {
        Deadline::after(now(), self.command_timeout)
    }

    /// See [`Session::is_up`]. These three are functions of their own for the sake of size.
    #[inline(never)]
    pub fn is_up(&self) -> bool {
        self.session.lock().is_up()
    }

    /// See [`Session::is_down`].
    #[inline(never)]
    pub fn is_down(&self) -> bool {
        self.session.lock().is_down()
    }

    /// See [`Session::connection`].
    #[inline(never)]
    pub fn connection(&self) -> u32 {
        self.session.lock().connection()
    }

    /// The number of the connection that is up.
    ///
    /// # Errors
    ///
    /// [`Reason::NotConnected`].
    pub fn present_connection(&self) -> Result<u32> {
        let session = self.session.lock();
        if session.is_up() {
            Ok(session.connection())
        } else {
            Err(Error::NOT_CONNECTED)
        }
    }

    /// Looks at the clock of the keep-alive: milliseconds until the next look, if there is to be one.
    ///
    /// # Errors
    ///
    /// The broker has not answered a PINGREQ in time.
    pub fn check_timers(&self, present: Instant) -> Result<Option<u32>> {
        let mut session = self.session.lock();
        session.check_timers(present, self.command_timeout)?;
        Ok(session.next_check(present))
    }

    /// The code of the last CONNACK; `None` before the first attempt.
    pub fn return_code(&self) -> Option<i16> {
        match self.return_code.load(ORDERING) {
            NO_ATTEMPT => None,
            code => Some(code),
        }
    }

    /// Sets the code of the last CONNACK, or [`NO_CONNACK`].
    pub fn set_return_code(&self, code: i16) {
        self.return_code.store(code, ORDERING);
    }

    /// Whether the background loop runs.
    pub fn loop_runs(&self) -> bool {
        self.read_loop.lock().thread != 0
    }

    /// Whether the calling thread is that of the loop.
    pub fn in_loop(&self) -> bool {
        self.read_loop.lock().thread == current_thread()
    }

    /// Whether the caller is a function that the client has called with a message.
    pub fn is_delivering(&self) -> bool {
        self.delivery.is_mine()
    }

    /// True the first time: the console is told once.
    pub fn warns_of_slow_function(&self) -> bool {
        let first = !self.warned.load(ORDERING);
        self.warned.store(true, ORDERING);
        first
    }

    /// The same error; if it is the end of the connection by the broker, it names the packet that the
    /// broker was given last.
    pub fn name_last_packet(&self, error: Error) -> Error {
        if error.is(Reason::ConnectionClosed) {
            Error::new(
                Reason::ConnectionClosed,
                self.last_packet.load(ORDERING).into(),
            )
        } else {
            error
        }
    }

    /// The reason why the last connection ended, for the caller that has made it.
    #[cfg(feature = "aio")]
    pub fn own_failure(&self) -> Error {
        let failure = *self.failure.lock();
        failure.map_or(Error::NOT_CONNECTED, |error| self.explained_failure(error))
    }

    /// The reason why the last connection ended, for contexts that waited for it.
    pub fn last_failure(&self) -> Error {
        let failure = *self.failure.lock();
        failure.map_or(Error::because(Reason::ConnectionLost), Error::for_others)
    }
}
