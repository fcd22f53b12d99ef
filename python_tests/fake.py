"""A broker that says what a test wants it to say, and keeps what it was told.

    with FakeBroker() as fake:
        ... fake.host, fake.port ...
        assert [p.kind for p in fake.packets] == ["CONNECT", "DISCONNECT"]

Without further word it answers as a broker has to, though it passes no messages on. A function
`answer(fake, connection, packet)` takes over: it gives the bytes to send (see `well_behaved`),
or `None` for no answer.
"""

import socket
import struct
import threading
from dataclasses import dataclass

KINDS = (
    "RESERVED CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP "
    "SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT RESERVED15"
).split()


@dataclass(frozen=True)
class Packet:
    """A control packet as it came."""

    connection: int
    first: int
    body: bytes

    @property
    def kind(self):
        return KINDS[self.first >> 4]

    @property
    def flags(self):
        return self.first & 15

    @property
    def qos(self):
        """Of a PUBLISH."""
        return self.first >> 1 & 3

    @property
    def retain(self):
        """Of a PUBLISH."""
        return bool(self.first & 1)

    @property
    def id(self):
        """Of any packet that has one."""
        if self.kind != "PUBLISH":
            return self.body[:2]
        after_topic = 2 + len(self.topic)
        return self.body[after_topic : after_topic + 2] if self.qos else b""

    @property
    def topic(self):
        """Of a PUBLISH."""
        return self.body[2 : 2 + int.from_bytes(self.body[:2], "big")]

    @property
    def payload(self):
        """Of a PUBLISH."""
        return self.body[2 + len(self.topic) + len(self.id) :]

    def connect(self):
        """Of a CONNECT: a dict of its fields; those that are absent are not there."""
        rest = self.body
        assert rest[:7] == b"\0\4MQTT\4", rest
        flags, keepalive = struct.unpack(">BH", rest[7:10])
        fields = {"keepalive": keepalive, "clean": bool(flags & 2)}
        names = ["client_id"]
        if flags & 4:
            fields |= {"will_qos": flags >> 3 & 3, "will_retain": bool(flags & 0x20)}
            names += ["will_topic", "will_payload"]
        names += ["username"] * bool(flags & 0x80) + ["password"] * bool(flags & 0x40)
        rest = rest[10:]
        for name in names:
            size = int.from_bytes(rest[:2], "big")
            fields[name], rest = rest[2 : 2 + size], rest[2 + size :]
        assert rest == b"" and not flags & 1
        return fields


def publish(topic, payload=b"", first=0x30, id=b""):
    """A PUBLISH packet."""
    body = len(topic).to_bytes(2, "big") + topic + id + payload
    assert len(body) < 128
    return bytes([first, len(body)]) + body


def well_behaved(fake, connection, packet):
    match packet.kind:
        case "CONNECT":
            return b"\x20\2\0\0"
        case "PUBLISH" if packet.qos:
            return bytes([0x40 if packet.qos == 1 else 0x50, 2]) + packet.id
        case "PUBREC":
            return b"\x62\2" + packet.id
        case "PUBREL":
            return b"\x70\2" + packet.id
        case "SUBSCRIBE":
            return b"\x90\3" + packet.id + packet.body[-1:]
        case "UNSUBSCRIBE":
            return b"\xb0\2" + packet.id
        case "PINGREQ":
            return b"\xd0\0"
    return None


def closing(fake, connection, packet):
    """Well-behaved, until it gets a message on the topic `close`."""
    if packet.kind == "PUBLISH" and packet.topic == b"close":
        connection.shutdown(socket.SHUT_RDWR)
        return None
    return well_behaved(fake, connection, packet)


class FakeBroker:
    """Listens until it is closed. Its threads are gone after that."""

    def __init__(self, answer=well_behaved, host="127.0.0.1", port=0):
        self.answer = answer
        self.packets = []
        self.connections = 0
        self.ended = 0
        self._changed = threading.Condition()
        self._open = []
        self._threads = []
        self._listener = socket.create_server((host, port))
        self.host, self.port = self._listener.getsockname()

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        # A close alone does not wake who accepts or receives.
        for each in [self._listener, *self._open]:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def wait_for(self, condition, timeout=10):
        """Until `condition(self)` holds; fails if it does not in time."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), timeout), [p.kind for p in self.packets]

    def of_kind(self, kind):
        return [packet for packet in self.packets if packet.kind == kind]

    def _start(self, function, *args):
        thread = threading.Thread(target=function, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            with self._changed:
                number = self.connections
                self.connections += 1
                self._changed.notify_all()
            self._start(self._serve, number, connection)

    def _serve(self, number, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb")
            while packet := self._read(number, stream):
                with self._changed:
                    self.packets.append(packet)
                    self._changed.notify_all()
                answer = self.answer(self, connection, packet)
                if answer:
                    connection.sendall(answer)
        except (OSError, ValueError):
            pass  # closed by either side
        finally:
            connection.close()
            with self._changed:
                self.ended += 1
                self._changed.notify_all()

    @staticmethod
    def _read(number, stream):
        first = stream.read(1)
        if not first:
            return None
        size, shift = 0, 0
        while True:
            digit = stream.read(1)[0]
            size |= (digit & 127) << shift
            shift += 7
            if digit < 128:
                break
        body = stream.read(size)
        return Packet(number, first[0], body) if len(body) == size else None
