"""A broker that follows a test's script, right or wrong.

A script is a function. It runs in a thread, gets the broker, and talks to the client:

    def script(broker):
        link = broker.accept()
        link.expect(mqtt_packets.connect("id"))         # these very bytes
        link.send(mqtt_packets.connack(), pieces=1)     # byte by byte
        packet = link.expect_packet("PUBLISH", qos=1)   # one of these
        link.reset()                                    # or drop(), for a FIN
        link = broker.accept()
        ...

    with FakeBroker(script) as broker:
        run_script("some_client", PORT=broker.port)

A failure of the script is raised where the `with` ends, with the conversation up to then.
Every wait has a deadline. Connections that the script leaves open stay so until the `with` ends.
Strangers, whose first bytes are no CONNECT of the test's clients, are turned away, and the script does
not hear of them.

`SmallBroker` is a script with a memory: a broker for one client that keeps to the standard, but
cuts the connection where it is told to.
"""

import select
import socket
import struct
import threading
import time
import traceback
from dataclasses import dataclass

from harness import loopback, mqtt5, mqtt_packets
from harness.mqtt_packets import Malformed
from harness.packet_texts import describe, difference, hexdump

# For one step of a script, in seconds. Only failures take so long.
PATIENCE = 60
# How often a wait for a connection looks whether the test is over, in seconds.
PERIOD = 0.1
LOGGED = 60


class ScriptFailure(AssertionError):
    """The client did something that the script did not expect."""


class Aborted(Exception):
    """The test is over; nobody wants the script any longer."""


class FakeBroker:
    """Listens on a port of loopback for as long as the `with` lasts.

    `clients` are the client identifiers that the test's clients have; None: any client of MQTT counts.
    `patience` is how long each step may take; `result` is the value that the script returned. With `buffer` the
    kernel keeps so many bytes of a connection for us, and no more.
    """

    host = loopback.HOST

    def __init__(self, script, patience=PATIENCE, buffer=None, clients=None):
        self.script = script
        self.clients = clients
        self.patience = patience
        self.buffer = buffer
        self.result = None
        self.port = None
        self.links = []
        self._listener = None
        self._thread = None
        self._failure = None
        self._aborted = False
        self._log = []
        # Connections of which it is not known yet whose they are, and clients that the script has not
        # taken yet.
        self._unknown = []
        self._known = []

    def __enter__(self):
        self._listener = loopback.listen()
        if self.buffer is not None:
            # Connections inherit it.
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="fake broker", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, _kind, error, _traceback):
        # The client is gone: the packet that the script still waits for will not come, or is here already.
        self._thread.join(2 * self.patience if error is None else 1)
        late = self._thread.is_alive()
        self._aborted = True
        self._listener.close()
        for link in self.links:
            link.abandon()
        self._thread.join(self.patience)
        for connection in [*self._unknown, *self._known]:
            connection.close()
        if self._failure is not None and not isinstance(self._failure, Aborted):
            raise ScriptFailure(self._report()) from error
        if late and error is None:
            raise ScriptFailure(f"the fake broker's script did not end\n{self.log()}")
        if error is not None:
            # pytest shows what was printed.
            print(f"the fake broker's conversation:\n{self.log()}")

    def accept(self, within=None, silent=False, anybody=False):
        """The client's next connection. With `silent` one counts, too, that ends without a word; with
        `anybody` one that says something else than MQTT.
        """
        deadline = time.monotonic() + (self.patience if within is None else within)
        while not self._known:
            left = deadline - time.monotonic()
            if left <= 0:
                raise ScriptFailure("no connection came")
            self._sort_arrivals(min(left, PERIOD), silent, anybody)
        connection = self._known.pop(0)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(self, connection, len(self.links) + 1)
        self.links.append(link)
        link.note("connected")
        return link

    def _sort_arrivals(self, seconds, silent=False, anybody=False):
        """Takes new connections, and tells clients from strangers, for so long at most."""
        poll = select.poll()
        try:
            poll.register(self._listener, select.POLLIN)
        except ValueError:  # It is closed.
            raise Aborted from None
        for connection in self._unknown:
            poll.register(connection, select.POLLIN)
        ready = [file for file, _ in poll.poll(seconds * 1000)]
        if self._aborted:
            raise Aborted
        if self._listener.fileno() in ready:
            try:
                self._unknown.append(self._listener.accept()[0])
            except OSError:
                raise Aborted from None
        for connection in list(self._unknown):
            data = loopback.peek(connection)
            if data is None:
                continue
            ours = (anybody or loopback.is_client(data, self.clients)) if data else silent
            if ours is None:
                # The rest of its first packet is on its way, and the bytes that are there already wake every poll.
                time.sleep(0.001)
                continue
            self._unknown.remove(connection)
            if ours:
                self._known.append(connection)
            else:
                self._log.append(f"  a stranger, who said {hexdump(data, 32) or 'nothing'}")
                connection.close()

    def log(self):
        """The end of the conversation."""
        lines = list(self._log)
        cut = [f"  ... {len(lines) - LOGGED} lines"] if len(lines) > LOGGED else []
        return "\n".join(cut + lines[-LOGGED:])

    def _run(self):
        try:
            self.result = self.script(self)
        except BaseException as failure:
            self._failure = failure
            # The client need not wait for its own deadlines.
            for link in self.links:
                link.abandon()
            self._listener.close()

    def _report(self):
        failure = self._failure
        frames = [
            f"  {frame.filename}:{frame.lineno}: {frame.line}" for frame in traceback.extract_tb(failure.__traceback__)
        ]
        text = str(failure) if isinstance(failure, ScriptFailure) else repr(failure)
        return "\n".join([text, "in the fake broker's script:", *frames, "after:", self.log()])


class Link:
    """One connection of the client, as the broker sees it."""

    def __init__(self, broker, connection, number):
        self.broker = broker
        self.number = number
        self.socket = connection
        self._data = bytearray()
        # The version that the client's CONNECT asks for, and the module that makes its packets.
        self.version = 4
        self.mqtt = mqtt_packets
        self._end = None
        self._begin = time.monotonic()
        # Of the packets that came, in order.
        self.packets = []

    def note(self, text):
        self.broker._log.append(f"  {time.monotonic() - self._begin:7.3f} #{self.number} {text}")

    def _take_version(self, data):
        """Reads the version of a CONNECT, whose first bytes these are."""
        if data[:1] == b"\x10":
            self.version = mqtt_packets.version_of(data)
            self.mqtt = {4: mqtt_packets, 5: mqtt5}.get(self.version, mqtt_packets)

    # ---- packets of the client

    def expect(self, data, within=None):
        """The client's next bytes must be exactly these."""
        deadline = self._deadline(within)
        while len(self._data) < len(data):
            n = len(self._data)
            if self._data != data[:n] or not self._receive(deadline):
                break
        got = bytes(self._data[: len(data)])
        self._take_version(data)
        if got != data:
            why = f"\n(then: {self._end})" if self._end else ""
            raise ScriptFailure(difference(data, bytes(self._data), self.version) + why)
        del self._data[: len(data)]
        for line in describe(got, self.version):
            self.note(f"<- {line}")

    def next_packet(self, within=None):
        """The client's next packet, whatever it is; None at the end of the connection."""
        deadline = self._deadline(within)
        while True:
            try:
                header = mqtt_packets.split_fixed_header(self._data)
                if header is not None and len(self._data) >= header[1] + header[2]:
                    raw = bytes(self._data[: header[1] + header[2]])
                    self._take_version(raw)
                    packet = mqtt_packets.parse(raw, self.version)
                    del self._data[: len(raw)]
                    self.note(f"<- {packet}")
                    self.packets.append(packet)
                    return packet
            except Malformed as error:
                raise ScriptFailure(f"the client sent {hexdump(self._data, 64)}: {error}") from None
            if not self._receive(deadline):
                if self._end is None:
                    raise ScriptFailure(f"no packet came; so far: {hexdump(self._data, 64) or 'nothing'}")
                if self._data:
                    raise ScriptFailure(f"the connection ended ({self._end}) in a packet: {hexdump(self._data, 64)}")
                return None

    def expect_packet(self, kind, within=None, **fields):
        """The client's next packet must be of this kind, and have these fields."""
        packet = self.next_packet(within)
        if packet is None:
            raise ScriptFailure(f"expected {kind}, but the connection ended ({self._end})")
        wrong = {name: value for name, value in fields.items() if packet.fields.get(name, "?") != value}
        if packet.kind != kind or wrong:
            wanted = " ".join([kind, *(f"{name}={mqtt_packets.short(value)}" for name, value in fields.items())])
            raise ScriptFailure(f"expected {wanted}\n     got {packet}\n         {hexdump(packet.raw, 64)}")
        return packet

    def expect_end(self, within=None):
        """The client must close the connection now, without another byte. How it did: FIN or RST."""
        deadline = self._deadline(within)
        if not self._data:
            self._receive(deadline)
        if self._data:
            got = "\n".join(describe(self._data, self.version))
            raise ScriptFailure(f"expected the end of the connection, got\n{got}")
        if self._end is None:
            raise ScriptFailure("the client did not close the connection")
        self.note(f"<- {self._end}")
        # A broker that kept its side open would keep the client's side from being gone.
        self.abandon()
        return self._end

    def expect_silence(self, seconds):
        """Nothing may come for so long, not even the end."""
        if self._data or self._receive(time.monotonic() + seconds) or self._end:
            raise ScriptFailure(f"expected nothing, got {self._end or describe(self._data, self.version)}")

    def arrives(self, seconds):
        """Whether bytes are here, or come within so many seconds."""
        return bool(self._data) or self._receive(time.monotonic() + seconds)

    # ---- packets of the broker

    def send(self, data, pieces=None, pause=0):
        """Sends bytes: at once, or in pieces of so many bytes (a number, or one number for each
        piece; the rest in one), with a pause in between (seconds; 0 still makes them packets of
        their own on the network).
        """
        for line in describe(data, self.version):
            self.note(f"-> {line}")
        if pieces is None:
            self.send_quietly(data)
            return
        sizes = iter([]) if isinstance(pieces, int) else iter(pieces)
        at = 0
        while at < len(data):
            size = pieces if isinstance(pieces, int) else next(sizes, len(data))
            if at and pause:
                time.sleep(pause)
            self.send_quietly(data[at : at + size])
            at += size

    def send_quietly(self, data):
        """Sends without a word in the log, for large amounts."""
        self.socket.settimeout(self.broker.patience)
        try:
            self.socket.sendall(data)
        except OSError as error:
            if self.broker._aborted:
                raise Aborted from None
            raise ScriptFailure(f"cannot send {hexdump(data, 32)}: {error}") from None

    def flood(self, data, within=None):
        """Sends this again and again, reading nothing, until the client ends the connection, or makes
        another one: the end may be stuck behind bytes that we did not read. How many bytes have left.
        """
        deadline = self._deadline(within)
        self.socket.settimeout(0)
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP | select.POLLOUT)
        sent = 0
        while time.monotonic() < deadline:
            events = [event for _, event in poll.poll(PERIOD * 1000)]
            self.broker._sort_arrivals(0)
            if self.broker._known or (events and events != [select.POLLOUT]):
                self.note(f"<- the end, after {sent} bytes of a flood")
                return sent
            try:
                while True:
                    sent += self.socket.send(data[sent % len(data) :])
            except BlockingIOError:
                continue
            except OSError:
                self.note(f"<- an end, after {sent} bytes of a flood")
                return sent
        raise ScriptFailure(f"the client did not end the connection; {sent} bytes of a flood have left")

    def drop(self):
        """FIN: the client sees the end of the stream after all that was sent."""
        self.note("-> FIN")
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The client was quicker.

    def reset(self):
        """RST: bytes that were not delivered may be lost, in both directions."""
        self.note("-> RST")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self._end = "RST of ours"

    def cut(self, how):
        {"fin": self.drop, "rst": self.reset}[how]()

    # ---- whole exchanges

    def accept_connect(self, session_present=False, within=None, **fields):
        """CONNECT (with these fields), answered with an accepting CONNACK."""
        packet = self.expect_packet("CONNECT", within, **fields)
        self.send(self.mqtt.connack(session_present))
        return packet

    def accept_subscribe(self, *codes, within=None, **fields):
        """SUBSCRIBE (with these fields), answered with these codes or else with the QoS that it asks for."""
        packet = self.expect_packet("SUBSCRIBE", within, **fields)
        self.send(self.mqtt.suback(packet.packet_id, *(codes or [qos & 3 for _, qos in packet.filters])))
        return packet

    def expect_goodbye(self, within=None):
        """DISCONNECT as the last thing, then the end of the connection."""
        self.expect(self.mqtt.disconnect(), within)
        return self.expect_end(within)

    def until_goodbye(self, within=None):
        """The client's packets one by one, up to its DISCONNECT; each within so many seconds."""
        while (packet := self.next_packet(within)) is not None and packet.kind != "DISCONNECT":
            yield packet
        if packet is None:
            raise ScriptFailure(f"the connection ended ({self._end}) without DISCONNECT")

    # ---- inside

    def abandon(self):
        """Ends it, from another thread too."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if self.broker._aborted:
            self.socket.close()

    def receive_quietly(self, size=65536, within=None):
        """Some bytes, unparsed, for large amounts; b"" at the end of the connection."""
        if not self._data:
            self._receive(self._deadline(within), size)
        data = bytes(self._data)
        self._data.clear()
        if not data and self._end is None:
            raise ScriptFailure("nothing came")
        return data

    def _deadline(self, within):
        return time.monotonic() + (self.broker.patience if within is None else within)

    def _receive(self, deadline, size=65536):
        """Takes in more bytes. False: none came before the deadline, or it is the end."""
        if self._end is not None:
            return False
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        try:
            self.socket.settimeout(left)
            data = self.socket.recv(size)
        except TimeoutError:
            return False
        except ConnectionResetError:
            self._end = "RST"
            return False
        except OSError:
            if self.broker._aborted:
                raise Aborted from None
            self._end = "an error"
            return False
        if not data:
            self._end = "FIN"
            return False
        self._data += data
        return True


# ---- a broker with a memory


@dataclass(frozen=True)
class Cut:
    """Where a `SmallBroker` cuts the connection: before or after (`when`) it has taken in ("in")
    or sent ("out") the packet number `nth` of this `kind`. `how`: "fin" or "rst".

    Before taking it in, the packet is lost; after, it is not answered.
    """

    when: str
    direction: str
    kind: str
    nth: int = 1
    how: str = "fin"

    def __str__(self):
        return f"{self.when}-{self.direction}-{self.kind}{self.nth if self.nth > 1 else ''}-{self.how}"


@dataclass
class Outgoing:
    """A message for the client."""

    topic: str
    payload: bytes
    qos: int
    packet_id: int = None
    # "new", "sent" (PUBLISH was), "released" (PUBREL was), "done"
    state: str = "new"


class CutHere(Exception):
    """A `SmallBroker` has cut the connection."""


class SmallBroker:
    """A script for `FakeBroker`: one client, one session, kept over connections.

    It sends `messages` when the client has subscribed, in one piece, then, when their handshakes
    are complete, `END`. It ends with the client's DISCONNECT, or at the end of the connection
    number `connections`.

    `taken` are the messages that it took over from the client, as (topic, payload, qos, dup, id).
    `logs` has a list of the packets of each connection.
    """

    END = Outgoing("end", b"", 0)
    FIRST_ID = 10

    def __init__(self, cuts=(), messages=(), keep_session=True, **told):
        self.cuts = list(cuts)
        # The properties of the CONNACK, with MQTT 5.
        self.told = told
        self.messages = [Outgoing(m.topic, m.payload, m.qos) for m in messages]
        self.keep_session = keep_session
        self.taken = []
        self.logs = []
        self.connects = []
        self.subscriptions = []
        self._has_session = False
        self._incoming = set()
        self._counts = {}
        self._link = None

    def __call__(self, broker):
        while True:
            self._link = broker.accept()
            self._counts = {key: n for key, n in self._counts.items() if self.cuts}
            try:
                if self._serve():
                    return
            except CutHere:
                pass

    def _serve(self):
        """One connection; whether the client said goodbye."""
        link, log = self._link, []
        connect = link.expect_packet("CONNECT")
        self.connects.append(connect)
        self.logs.append(log)
        if connect.clean_session or not self.keep_session:
            self._forget()
        self._out("CONNACK", self._link.mqtt.connack(self._has_session, **self.told))
        if self._has_session:
            self._redeliver()
        self._has_session = not connect.clean_session
        while True:
            packet = link.next_packet()
            if packet is None:
                return False
            log.append(packet)
            if packet.kind == "DISCONNECT":
                link.expect_end()
                return True
            self._maybe_cut("before", "in", packet.kind)
            answers = getattr(self, f"_on_{packet.kind.lower()}")(packet)
            self._maybe_cut("after", "in", packet.kind)
            for kind, data in answers:
                self._out(kind, data)
            if packet.kind == "SUBSCRIBE":
                self._deliver()
            self._end_if_done()

    def _forget(self):
        self._has_session = False
        self._incoming.clear()
        self.subscriptions.clear()

    def _count(self, when, direction, kind):
        key = (when, direction, kind)
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key]

    def _maybe_cut(self, when, direction, kind):
        n = self._count(when, direction, kind)
        for cut in self.cuts:
            if (cut.when, cut.direction, cut.kind, cut.nth) == (when, direction, kind, n):
                self.cuts.remove(cut)
                self._link.cut(cut.how)
                raise CutHere

    def _out(self, kind, data):
        self._maybe_cut("before", "out", kind)
        self._link.send(data)
        self._maybe_cut("after", "out", kind)

    # The messages that the client publishes.

    def _on_publish(self, packet):
        if packet.qos == 2 and packet.packet_id in self._incoming:
            return [("PUBREC", self._link.mqtt.pubrec(packet.packet_id))]
        packet_id = packet.packet_id if packet.qos else None
        self.taken.append((packet.topic, packet.payload, packet.qos, packet.dup, packet_id))
        if packet.qos == 1:
            return [("PUBACK", self._link.mqtt.puback(packet_id))]
        if packet.qos == 2:
            self._incoming.add(packet_id)
            return [("PUBREC", self._link.mqtt.pubrec(packet_id))]
        return []

    def _on_pubrel(self, packet):
        self._incoming.discard(packet.packet_id)
        return [("PUBCOMP", self._link.mqtt.pubcomp(packet.packet_id))]

    # The messages that it gets.

    def _on_subscribe(self, packet):
        self.subscriptions += packet.filters
        return [("SUBACK", self._link.mqtt.suback(packet.packet_id, *(qos & 3 for _, qos in packet.filters)))]

    def _on_unsubscribe(self, packet):
        return [("UNSUBACK", self._link.mqtt.unsuback(packet.packet_id))]

    def _on_pingreq(self, _packet):
        return [("PINGRESP", self._link.mqtt.pingresp())]

    def _on_puback(self, packet):
        self._message(packet, 1, "sent").state = "done"
        return []

    def _on_pubrec(self, packet):
        message = self._message(packet, 2, "sent", "released")
        message.state = "released"
        return [("PUBREL", self._link.mqtt.pubrel(packet.packet_id))]

    def _on_pubcomp(self, packet):
        self._message(packet, 2, "released").state = "done"
        return []

    def _message(self, packet, qos, *states):
        for message in self.messages:
            if (message.packet_id, message.qos) == (packet.packet_id, qos) and message.state in states:
                return message
        raise ScriptFailure(f"{packet} is for no message that awaits it: {self.messages}")

    def _deliver(self):
        for i, message in enumerate(self.messages):
            if message.state == "new":
                message.packet_id = self.FIRST_ID + i if message.qos else None
                self._send_publish(message, False)

    def _redeliver(self):
        # [MQTT-4.4.0-1] in their order; a message that was never sent comes as new.
        for message in self.messages:
            if message.state == "sent":
                self._send_publish(message, True)
            elif message.state == "released":
                self._out("PUBREL", self._link.mqtt.pubrel(message.packet_id))
        if self.subscriptions:
            self._deliver()
        self._end_if_done()

    def _send_publish(self, message, dup):
        data = self._link.mqtt.publish(message.topic, message.payload, message.qos, message.packet_id, dup)
        self._maybe_cut("before", "out", "PUBLISH")
        message.state = "sent" if message.qos else "done"
        self._link.send(data)
        self._maybe_cut("after", "out", "PUBLISH")

    def _end_if_done(self):
        done = self.messages and self.END.topic and all(message.state == "done" for message in self.messages)
        if done and not getattr(self._link, "said_end", False):
            self._link.said_end = True
            self._link.send(self._link.mqtt.publish(self.END.topic, self.END.payload))
