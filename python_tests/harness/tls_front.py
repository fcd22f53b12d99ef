"""TLS in front of a server that speaks none.

    with TlsFront(("127.0.0.1", broker.port), server_context(identity)) as front:
        ... front.port ...

Bytes pass both ways. The end of a connection, FIN or RST, passes on as the same kind of end: FIN becomes
close_notify.
"""

import select
import socket
import ssl
import struct
import tempfile
import threading
import time

from harness import loopback

CHUNK = 1 << 16
# The first byte of every connection with TLS (RFC 8446, section 5.1).
HANDSHAKE_RECORD = b"\x16"
# An emulated board takes its time, in s.
HANDSHAKE = 120
# The time for bytes on their way when clients are gone, in s.
GRACE = 10
# How long a client that has said DISCONNECT may take to end, in s.
PATIENCE = 60
DISCONNECT = b"\xe0\x00"
# How often a thread looks whether it is to end, in s.
PERIOD = 0.05


def server_context(identity, *, version=None, clients=None):
    """The context of a server. `version`: the only one. `clients`: a CA; clients need its certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*identity.files(folder))
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem)
    return context


class TlsFront:
    """Listens on the target's address for as long as the `with` lasts. `failures` are the handshakes that failed; `ends` says
    of each connection that has ended, in that order, whether the client sent close_notify. A connection
    counts when it has begun with a handshake's record. `protocols` are the application protocols that the
    context has chosen for them (`None` for none).

    `truncate`: the first connection ends without close_notify when so many bytes of the server's
    have passed.
    """

    def __init__(self, target, context, truncate=None):
        self.target = target
        self.host = target[0]
        self.context = context
        self.truncate = truncate
        self.port = None
        self.failures = []
        self.ends = []
        self.protocols = []
        self._closing = False
        self._ended = False
        self._threads = []

    def __enter__(self):
        self._listener = loopback.listen(self.host)
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="TLS front", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        # Bytes of clients that are gone still arrive.
        self._closing = True
        deadline = time.monotonic() + GRACE
        for thread in [self._thread, *self._threads]:
            thread.join(max(0, deadline - time.monotonic()))
        self._ended = True
        for thread in self._threads:
            thread.join(GRACE)
        self._listener.close()

    def _run(self):
        while not self._closing:
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._serve, args=(client,), name="TLS connection", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setblocking(False)
        if not self._begins_handshake(client):
            client.close()
            return
        try:
            # An end without close_notify is to be told from one with it.
            options = {"do_handshake_on_connect": False, "suppress_ragged_eofs": False}
            secure = self.context.wrap_socket(client, server_side=True, **options)
            if not self._handshake(secure):
                secure.close()
                return
        except OSError as error:
            self.failures.append(error)
            client.close()
            return
        try:
            server = socket.create_connection(self.target, 5)
        except OSError:
            reset(secure)
            return
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.setblocking(False)
        truncate, self.truncate = self.truncate, None
        relay = _Relay(secure, server, truncate)
        relay.run(lambda: self._closing, lambda: self._ended)
        self.ends.append(relay.close_notify)

    def _begins_handshake(self, client):
        deadline = time.monotonic() + HANDSHAKE
        while not self._closing and time.monotonic() < deadline:
            data = loopback.peek(client)
            if data is not None:
                return data[:1] == HANDSHAKE_RECORD
            _wait([client], [], PERIOD)
        return False

    def _handshake(self, secure):
        deadline = time.monotonic() + HANDSHAKE
        while not self._closing and time.monotonic() < deadline:
            try:
                secure.do_handshake()
                self.protocols.append(secure.selected_alpn_protocol())
                return True
            except ssl.SSLWantReadError:
                _wait([secure], [], PERIOD)
            except ssl.SSLWantWriteError:
                _wait([], [secure], PERIOD)
        return False


class _Relay:
    """A connection with TLS and one without."""

    def __init__(self, secure, plain, truncate):
        # Bytes that still pass down; None: all.
        self.left = truncate
        self.secure = secure
        self.plain = plain
        self.up = bytearray()
        self.down = bytearray()
        # The last bytes that the client has said.
        self.last_words = b""
        self.up_ended = self.down_ended = False
        self.up_passed = self.down_passed = False
        # The client's.
        self.close_notify = False
        self.patience = None

    def run(self, is_closing, is_over):
        try:
            while not is_over() and not (self.up_passed and (self.down_passed or is_closing())):
                self._step()
        except (ConnectionError, ssl.SSLError):
            # The peer may be any: the other one shall know.
            reset(self.secure)
            reset(self.plain)
            return
        self.secure.close()
        self.plain.close()

    def _step(self):
        readers = [s for s, ended, full in self._sides() if not ended and not full]
        writers = [s for s, data in ((self.plain, self.up), (self.secure, self.down)) if data]
        waiting = self.secure in readers and self.secure.pending() > 0
        _wait(readers, writers, 0 if waiting else PERIOD)
        if self.secure in readers:
            self.up_ended = self._receive_up()
        if self.plain in readers:
            self.down_ended = self._receive(self.plain, self.down)
            if self.left is not None:
                del self.down[self.left :]
        self._send(self.plain, self.up)
        passed = len(self.down)
        self._send(self.secure, self.down)
        if self.left is not None:
            self.left -= passed - len(self.down)
            if self.left == 0:
                self._quietly(self._end_without_goodbye)
                self.up_passed = self.down_passed = True
                return
        if self.up_ended and not self.up and not self.up_passed:
            self.up_passed = True
            self._quietly(lambda: self.plain.shutdown(socket.SHUT_WR))
        if self.down_ended and not self.down and not self.down_passed:
            # A broker ends at DISCONNECT, when the client's close_notify is still under way: Python's ssl
            # cannot tell it from an end without one after ours.
            self.patience = self.patience or time.monotonic() + PATIENCE
            if not self.up_ended and self.last_words == DISCONNECT and time.monotonic() < self.patience:
                return
            self.down_passed = True
            self._quietly(self._say_close_notify)

    def _sides(self):
        return ((self.secure, self.up_ended, len(self.up) >= CHUNK), (self.plain, self.down_ended, len(self.down) >= CHUNK))

    def _end_without_goodbye(self):
        """The end of the bytes that go down; then until the client ends. Closed at once, the socket would answer
        the
        client's next bytes with a reset, which overtakes bytes that the client has not read yet."""
        self.secure.shutdown(socket.SHUT_WR)
        self.secure.settimeout(GRACE)
        while self.secure.recv(CHUNK):
            pass

    def _say_close_notify(self):
        # Raises unless the other one's has come, too: it does not wait for that.
        self.secure.unwrap()
        self.close_notify = True

    def _receive_up(self):
        before = len(self.up)
        try:
            ended = self._receive(self.secure, self.up)
            self.last_words = (self.last_words + self.up[before:])[-len(DISCONNECT) :]
        except ssl.SSLZeroReturnError:
            ended = True
        except ssl.SSLEOFError:
            # MicroPython's TLS ends like this.
            return True
        self.close_notify |= ended
        return ended

    @staticmethod
    def _receive(source, data):
        """Whether it is the end."""
        try:
            piece = source.recv(CHUNK)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return False
        data += piece
        return not piece

    @staticmethod
    def _send(sink, data):
        while data:
            try:
                del data[: sink.send(bytes(data[:CHUNK]))]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                return

    @staticmethod
    def _quietly(action):
        try:
            action()
        except OSError:
            pass  # The other one was quicker.


def _wait(readers, writers, seconds):
    """As select.select(), for any number of open files."""
    poll = select.poll()
    events = {}
    for sockets, event in ((readers, select.POLLIN), (writers, select.POLLOUT)):
        for side in sockets:
            events[side] = events.get(side, 0) | event
    for side, event in events.items():
        poll.register(side, event)
    poll.poll(seconds * 1000)


def reset(side):
    """RST."""
    try:
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass  # It is closed already.
    side.close()
