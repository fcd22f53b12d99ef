//! A client made of the real events and roles, with the steps of `src/module/` in the same order.
//!
//! The functions of `module` need the whole VM. Each function here names the one that it follows, and
//! leaves out only steps that touch neither an event, a role nor a lock.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Condvar, Mutex};
use mqtt::sync::{Atomic as _, Counter as _, Event, ExclusiveRole, HeldByCaller, RoleGuard};
use mqtt::time::{Deadline, Instant};

use crate::vm::{Memory, Model};

/// A packet of the broker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Packet {
    /// The answer to a command.
    Answer(usize),
    /// A message for the application; they count from 0.
    Message(usize),
    /// The acknowledgement of a message from the outbox.
    Acknowledgement,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Error {
    Late,
    Interrupts,
    ConnectionLost,
}

impl From<HeldByCaller> for Error {
    fn from(_: HeldByCaller) -> Self {
        Self::Interrupts
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The state that belongs to a role. loom reports two threads that use it at once.
pub struct Owned(UnsafeCell<usize>);

impl Owned {
    pub fn new() -> Self {
        Self(UnsafeCell::new(0))
    }

    pub fn touch(&mut self) {
        // SAFETY: loom checks that no other thread uses it.
        self.0.with_mut(|it| unsafe { *it += 1 });
    }
}

/// A socket: bytes in, and the end of the stream.
pub struct Socket {
    stream: Mutex<Stream>,
    ready: Condvar,
}

#[derive(Default)]
struct Stream {
    incoming: VecDeque<Packet>,
    shut_down: bool,
}

impl Socket {
    fn new() -> Self {
        Self {
            stream: Mutex::new(Stream::default()),
            ready: Condvar::new(),
        }
    }

    /// The broker sends a packet.
    pub fn arrive(&self, packet: Packet) {
        self.stream.lock().unwrap().incoming.push_back(packet);
        self.ready.notify_all();
    }

    fn shutdown(&self) {
        self.stream.lock().unwrap().shut_down = true;
        self.ready.notify_all();
    }

    /// `mqtt_vm_wait_stream` and a read.
    fn read<V: Model>(&self) -> Result<Packet, Error> {
        V::exit();
        let mut stream = self.stream.lock().unwrap();
        while stream.incoming.is_empty() && !stream.shut_down {
            stream = self.ready.wait(stream).unwrap();
        }
        let packet = match stream.shut_down {
            true => None,
            false => stream.incoming.pop_front(),
        };
        drop(stream);
        V::enter();
        packet.ok_or(Error::ConnectionLost)
    }
}

#[derive(Default)]
pub struct Session {
    pub down: bool,
    /// Counts connections.
    pub connection: usize,
    pub answers: [bool; 2],
    /// Acknowledgements that have not been written.
    pub output: usize,
    /// Messages in the outbox.
    pub queued: usize,
    /// Messages from it that the broker has acknowledged.
    pub acknowledged: usize,
    /// The window, which has one place, is full.
    full: bool,
}

impl Session {
    fn has_output(&self) -> bool {
        self.output > 0 || (self.queued > 0 && !self.full)
    }
}

#[derive(Default)]
pub struct LoopState {
    pub thread: usize,
    pub stop: bool,
}

pub struct Client<V: Model> {
    pub changed: Event<V>,
    pub written: Event<V>,
    pub cancelled: V::Counter,
    pub reader: ExclusiveRole<Owned, V>,
    pub writer: ExclusiveRole<Owned, V>,
    pub delivery: ExclusiveRole<Owned, V>,
    pub session: Memory<Session>,
    pub socket: Memory<Option<Arc<Socket>>>,
    pub inbox: Memory<VecDeque<usize>>,
    pub read_loop: Memory<LoopState>,
    pub opened: AtomicUsize,
    pub closed: AtomicUsize,
    pub delivered: AtomicUsize,
}

/// `role::SocketRole`.
pub struct SocketRole<'a, V: Model> {
    role: RoleGuard<'a, Owned, V>,
    _user: SocketUser<'a, V>,
}

/// `role::SocketUser`.
struct SocketUser<'a, V: Model>(&'a Client<V>);

impl<V: Model> Drop for SocketUser<'_, V> {
    fn drop(&mut self) {
        if self.0.is_down() {
            self.0.try_close();
        }
    }
}

impl<V: Model> Deref for SocketRole<'_, V> {
    type Target = Owned;

    fn deref(&self) -> &Owned {
        &self.role
    }
}

impl<V: Model> DerefMut for SocketRole<'_, V> {
    fn deref_mut(&mut self) -> &mut Owned {
        &mut self.role
    }
}

/// The messages that the inbox takes before it is full.
const INBOX: usize = 1;

pub fn deadline() -> Deadline {
    Deadline::after(Instant::from_ms(0), 1)
}

impl<V: Model> Client<V> {
    /// A client with a connection, and the broker's end of it.
    pub fn connected() -> (Arc<Self>, Arc<Socket>) {
        let socket = Arc::new(Socket::new());
        let client = Self {
            changed: Event::new(),
            written: Event::new(),
            cancelled: V::Counter::new(0),
            reader: ExclusiveRole::new(Owned::new()),
            writer: ExclusiveRole::new(Owned::new()),
            delivery: ExclusiveRole::new(Owned::new()),
            session: Memory::new(Session::default()),
            socket: Memory::new(Some(Arc::clone(&socket))),
            inbox: Memory::new(VecDeque::new()),
            read_loop: Memory::new(LoopState::default()),
            opened: AtomicUsize::new(1),
            closed: AtomicUsize::new(0),
            delivered: AtomicUsize::new(0),
        };
        // The locks' atomics come to be before the threads do.
        let taken = [
            client.reader.is_taken(),
            client.writer.is_taken(),
            client.delivery.is_taken(),
        ];
        assert!(!taken.contains(&true));
        (Arc::new(client), socket)
    }

    fn connection(&self) -> usize {
        self.session.lock().connection
    }

    pub fn is_down(&self) -> bool {
        self.session.lock().down
    }

    /// `wait::wait_for`.
    pub fn wait_for(&self, poll: impl Fn(&Session) -> bool) -> Result<(), Error> {
        loop {
            let seen = self.changed.seen();
            if poll(&self.session.lock()) {
                return Ok(());
            }
            let Some(reader) = self.try_reader() else {
                self.changed.wait(seen, 1)?;
                continue;
            };
            if poll(&self.session.lock()) {
                return Ok(());
            }
            if self.read_for_others(reader) {
                continue;
            }
            let seen = self.changed.seen();
            if poll(&self.session.lock()) {
                return Ok(());
            }
            self.changed.wait(seen, 1)?;
        }
    }

    /// `wait::read_for_others`. False: messages stand in the way.
    fn read_for_others(&self, mut reader: SocketRole<'_, V>) -> bool {
        if self.inbox.lock().len() >= INBOX {
            drop(reader);
            self.deliver_without_loop();
            return self.inbox.lock().is_empty();
        }
        let connection = self.connection();
        let result = self.read(&mut reader);
        let result = result.map(|packet| {
            if let Packet::Message(number) = packet {
                self.queue(number);
            }
        });
        drop(reader);
        match result {
            Ok(()) => self.deliver_without_loop(),
            Err(_) => self.fail(connection),
        }
        true
    }

    /// `Reader::read`.
    fn read(&self, reader: &mut SocketRole<'_, V>) -> Result<Packet, Error> {
        let socket = self.socket.lock().clone().ok_or(Error::ConnectionLost)?;
        self.flush_output();
        let packet = socket.read::<V>()?;
        reader.touch();
        match packet {
            Packet::Answer(number) => self.session.lock().answers[number] = true,
            Packet::Message(_) => {}
            Packet::Acknowledgement => {
                let mut session = self.session.lock();
                session.full = false;
                session.acknowledged += 1;
            }
        }
        Ok(packet)
    }

    /// `delivery::queue`.
    fn queue(&self, number: usize) {
        let full = {
            let mut inbox = self.inbox.lock();
            inbox.push_back(number);
            inbox.len() >= INBOX
        };
        if full {
            self.written.signal();
        }
    }

    /// `delivery::deliver_next`. The function lets other threads run.
    pub fn deliver_next(&self) -> bool {
        if self.inbox.lock().is_empty() {
            return false;
        }
        let Some(mut delivery) = self.delivery.try_take(&self.changed) else {
            return false;
        };
        let Some(number) = self.inbox.lock().pop_front() else {
            return false;
        };
        self.deliver(&mut delivery, number);
        true
    }

    /// `delivery::deliver`.
    fn deliver(&self, delivery: &mut RoleGuard<'_, Owned, V>, number: usize) {
        delivery.touch();
        V::exit();
        V::enter();
        let before = self.delivered.fetch_add(1, Ordering::Relaxed);
        assert_eq!(before, number, "a message overtook another one");
        self.session.lock().output += 1;
    }

    /// `delivery::deliver_without_loop` and `deliver_waiting`.
    fn deliver_without_loop(&self) {
        let thread = self.read_loop.lock().thread;
        if thread != 0 && thread != V::current_thread() {
            return;
        }
        while self.deliver_next() {}
        self.flush_output();
    }

    /// `Client::publish_later`.
    pub fn publish_later(&self) {
        self.session.lock().queued += 1;
        self.flush_output();
    }

    /// `writer::flush`. The broker acknowledges a message of the outbox at once.
    pub fn flush_output(&self) {
        loop {
            if !self.session.lock().has_output() {
                return;
            }
            let Some(mut writer) = self.try_writer() else {
                return;
            };
            if self.is_down() {
                return;
            }
            let queued = {
                let mut session = self.session.lock();
                let queued = session.output == 0 && session.queued > 0 && !session.full;
                if queued {
                    session.queued -= 1;
                    session.full = true;
                }
                session.output = 0;
                queued
            };
            writer.touch();
            V::exit();
            V::enter();
            if queued && let Some(socket) = &*self.socket.lock() {
                socket.arrive(Packet::Acknowledgement);
            }
            drop(writer);
        }
    }

    /// `writer::write`.
    pub fn write(&self) -> Result<(), Error> {
        let mut writer = self.take_writer()?;
        let connection = self.connection();
        if self.is_down() {
            return Err(Error::ConnectionLost);
        }
        writer.touch();
        V::exit();
        V::enter();
        writer.touch();
        let lost = self.is_down();
        drop(writer);
        if lost {
            self.fail(connection);
            return Err(Error::ConnectionLost);
        }
        self.flush_output();
        Ok(())
    }

    /// `writer::take_writer`.
    fn take_writer(&self) -> Result<SocketRole<'_, V>, Error> {
        loop {
            let seen = self.written.seen();
            if let Some(writer) = self.try_writer() {
                return Ok(writer);
            }
            if self.is_down() {
                return Err(Error::ConnectionLost);
            }
            if self.writer.is_mine() {
                return Err(Error::Interrupts);
            }
            self.written.wait(seen, 1)?;
        }
    }

    /// `read_loop::thread::run` and `read_loop::step`.
    pub fn run_loop(&self) {
        loop {
            {
                let mut read_loop = self.read_loop.lock();
                if read_loop.stop {
                    read_loop.thread = 0;
                    break;
                }
            }
            if self.is_down() {
                self.rest();
                continue;
            }
            let connection = self.connection();
            if self.step_with_connection().is_err() {
                self.fail(connection);
            }
        }
        self.changed.signal();
    }

    /// `read_loop::rest`, until a `disconnect`.
    fn rest(&self) {
        loop {
            let seen = self.changed.seen();
            if self.read_loop.lock().stop {
                return;
            }
            let Ok(()) = self.changed.wait(seen, 1);
        }
    }

    /// `read_loop::step_with_connection` and `wait_for_delivery`.
    fn step_with_connection(&self) -> Result<(), Error> {
        let seen = self.changed.seen();
        let reader = self.try_reader();
        let inbox_empty = self.inbox.lock().is_empty();
        if !inbox_empty && !self.delivery.is_taken() {
            drop(reader);
            self.deliver_next();
            return Ok(());
        }
        let Some(mut reader) = reader else {
            self.changed.wait(seen, 1)?;
            return Ok(());
        };
        if !inbox_empty {
            drop(reader);
            let seen = self.changed.seen();
            if self.delivery.is_taken() {
                self.changed.wait(seen, 1)?;
            }
            return Ok(());
        }
        if let Packet::Message(number) = self.read(&mut reader)? {
            // `delivery::deliver_or_queue`.
            if let Some(mut delivery) = self.delivery.try_take(&self.changed) {
                drop(reader);
                self.deliver(&mut delivery, number);
                return Ok(());
            }
            self.queue(number);
        }
        Ok(())
    }

    /// `Client::disconnect`.
    pub fn disconnect(&self) -> Result<(), Error> {
        {
            let mut read_loop = self.read_loop.lock();
            read_loop.stop = read_loop.thread != 0;
        }
        self.cancelled.increment();
        self.send_disconnect();
        loop {
            let seen = self.changed.seen();
            let read_loop = self.read_loop.lock();
            let ending = read_loop.stop && read_loop.thread != 0;
            drop(read_loop);
            if !ending {
                break;
            }
            self.changed.wait(seen, 1)?;
        }
        Ok(())
    }

    /// `Client::send_disconnect`.
    fn send_disconnect(&self) {
        let connection = {
            let session = self.session.lock();
            if session.down {
                return;
            }
            session.connection
        };
        if let Ok(mut writer) = self.wait_for_writer() {
            if !self.is_down() {
                writer.touch();
                V::exit();
                V::enter();
            }
            self.session.lock().down = true;
        }
        self.fail(connection);
        self.shutdown_socket();
        self.changed.signal();
    }

    /// `Client::fail`.
    pub fn fail(&self, connection: usize) {
        let ends = {
            let mut session = self.session.lock();
            let ends = session.connection == connection && !session.down;
            session.down |= ends;
            ends
        };
        if ends {
            self.shutdown_socket();
            self.changed.signal();
            self.written.signal();
            self.try_close();
        }
    }

    fn shutdown_socket(&self) {
        if let Some(socket) = &*self.socket.lock() {
            socket.shutdown();
        }
    }

    /// `Client::try_close`.
    fn try_close(&self) {
        while self.is_down() && self.socket.lock().is_some() && !self.writer.is_taken() {
            let Some(mut reader) = self.reader.try_take(&self.changed) else {
                return;
            };
            if let Some(mut writer) = self.writer.try_take(&self.written)
                && self.is_down()
            {
                self.close_socket(&mut reader, &mut writer);
            }
        }
    }

    /// `Client::try_reader`.
    pub fn try_reader(&self) -> Option<SocketRole<'_, V>> {
        let role = self.reader.try_take(&self.changed)?;
        Some(self.of_socket(role))
    }

    /// `Client::try_writer`.
    pub fn try_writer(&self) -> Option<SocketRole<'_, V>> {
        let role = self.writer.try_take(&self.written)?;
        Some(self.of_socket(role))
    }

    /// `Client::wait_for_reader`.
    fn wait_for_reader(&self) -> Result<SocketRole<'_, V>, Error> {
        let role = self.reader.take(&self.changed, deadline(), Error::Late)?;
        Ok(self.of_socket(role))
    }

    /// `Client::wait_for_writer`.
    fn wait_for_writer(&self) -> Result<SocketRole<'_, V>, Error> {
        let role = self.writer.take(&self.written, deadline(), Error::Late)?;
        Ok(self.of_socket(role))
    }

    fn of_socket<'a>(&'a self, role: RoleGuard<'a, Owned, V>) -> SocketRole<'a, V> {
        SocketRole {
            role,
            _user: SocketUser(self),
        }
    }

    /// `Client::close_socket`.
    fn close_socket(&self, reader: &mut Owned, writer: &mut Owned) {
        reader.touch();
        writer.touch();
        let socket = self.socket.lock().take();
        if socket.is_some() {
            // Closing lets other threads run.
            V::exit();
            V::enter();
            self.closed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// `Client::reconnect` and `establish`, without a loop.
    pub fn reconnect(&self) -> Result<(), Error> {
        self.send_disconnect();
        let cancelled = self.cancelled.load();
        let mut reader = self.wait_for_reader()?;
        let mut writer = self.wait_for_writer()?;
        self.close_socket(&mut reader, &mut writer);
        V::exit();
        let socket = Arc::new(Socket::new());
        socket.arrive(Packet::Answer(0));
        V::enter();
        self.opened.fetch_add(1, Ordering::Relaxed);
        *self.socket.lock() = Some(Arc::clone(&socket));
        {
            let mut session = self.session.lock();
            session.connection += 1;
            session.down = false;
        }
        let result = match self.cancelled.load() == cancelled {
            true => socket.read::<V>().map(|_| ()),
            false => Err(Error::ConnectionLost),
        };
        if result.is_err() {
            self.close_socket(&mut reader, &mut writer);
            self.session.lock().down = true;
            return result;
        }
        drop(reader);
        let connection = self.connection();
        writer.touch();
        V::exit();
        V::enter();
        let lost = self.is_down();
        drop(writer);
        if lost {
            self.fail(connection);
            return Err(Error::ConnectionLost);
        }
        Ok(())
    }
}
