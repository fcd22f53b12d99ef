"""MQTT packets, built and parsed without any help from the code under test.

Every builder returns bytes: `connack()`, `publish("t", b"x", qos=1, packet_id=7)`, ... They check
nothing, so that wrong packets can be made as easily as right ones. `Parser` takes a stream apart:

    parser = Parser()
    parser.feed(data)
    for packet in parser: ...       # Packet objects; an incomplete packet waits for more

`parse` takes one whole packet. Both are strict, and raise `Malformed`. The version is 4, MQTT 3.1.1, or 5.

The builders make packets of MQTT 3.1.1; `mqtt5` has those of MQTT 5, which adds blocks of properties and
reason codes as bytes.
"""

import struct
from dataclasses import dataclass, field

from harness.properties import decode, prefixed, variable

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = range(8, 16)

NAMES = {
    CONNECT: "CONNECT",
    CONNACK: "CONNACK",
    PUBLISH: "PUBLISH",
    PUBACK: "PUBACK",
    PUBREC: "PUBREC",
    PUBREL: "PUBREL",
    PUBCOMP: "PUBCOMP",
    SUBSCRIBE: "SUBSCRIBE",
    SUBACK: "SUBACK",
    UNSUBSCRIBE: "UNSUBSCRIBE",
    UNSUBACK: "UNSUBACK",
    PINGREQ: "PINGREQ",
    PINGRESP: "PINGRESP",
    DISCONNECT: "DISCONNECT",
    AUTH: "AUTH",
}
KINDS = {name: kind for kind, name in NAMES.items()}

# The flags that each kind must have in its first byte; those of PUBLISH mean something.
FLAGS = {PUBREL: 2, SUBSCRIBE: 2, UNSUBSCRIBE: 2}


class Malformed(Exception):
    """Bytes that are no packet of MQTT."""


# ---- building


def packet(first_byte, body=b""):
    return bytes([first_byte]) + variable(len(body)) + body


def connect(
    client_id="",
    clean_session=True,
    keepalive=0,
    username=None,
    password=None,
    will=None,
    version=4,
    properties=b"",
    will_properties=b"",
):
    """`will` is (topic, payload, qos, retain)."""
    flags = 2 if clean_session else 0
    tail = prefixed(client_id)
    if will is not None:
        topic, payload, qos, retain = will
        flags |= 4 | qos << 3 | (0x20 if retain else 0)
        tail += will_properties + prefixed(topic) + prefixed(payload)
    if username is not None:
        flags |= 0x80
        tail += prefixed(username)
    if password is not None:
        flags |= 0x40
        tail += prefixed(password)
    head = prefixed("MQTT") + bytes([version, flags]) + struct.pack(">H", keepalive)
    return packet(0x10, head + properties + tail)


def connack(session_present=False, code=0, properties=b""):
    return packet(0x20, bytes([1 if session_present else 0, code]) + properties)


def publish(topic, payload=b"", qos=0, packet_id=None, dup=False, retain=False, properties=b""):
    first = 0x30 | (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    if isinstance(payload, str):
        payload = payload.encode()
    identifier = b"" if packet_id is None else struct.pack(">H", packet_id)
    return packet(first, prefixed(topic) + identifier + properties + bytes(payload))


def puback(packet_id, tail=b""):
    return packet(0x40, struct.pack(">H", packet_id) + tail)


def pubrec(packet_id, tail=b""):
    return packet(0x50, struct.pack(">H", packet_id) + tail)


def pubrel(packet_id, tail=b""):
    return packet(0x62, struct.pack(">H", packet_id) + tail)


def pubcomp(packet_id, tail=b""):
    return packet(0x70, struct.pack(">H", packet_id) + tail)


def subscribe(packet_id, *filters, properties=b""):
    """Each filter is (filter, qos)."""
    body = b"".join(prefixed(text) + bytes([qos]) for text, qos in filters)
    return packet(0x82, struct.pack(">H", packet_id) + properties + body)


def suback(packet_id, *codes, properties=b""):
    return packet(0x90, struct.pack(">H", packet_id) + properties + bytes(codes))


def unsubscribe(packet_id, *filters, properties=b""):
    body = b"".join(prefixed(text) for text in filters)
    return packet(0xA2, struct.pack(">H", packet_id) + properties + body)


def unsuback(packet_id, tail=b""):
    return packet(0xB0, struct.pack(">H", packet_id) + tail)


def pingreq():
    return packet(0xC0)


def pingresp():
    return packet(0xD0)


def disconnect(tail=b""):
    return packet(0xE0, tail)


def auth(tail=b""):
    return packet(0xF0, tail)


# ---- parsing


@dataclass(frozen=True)
class Packet:
    """One packet: its kind by name, its fields, and the bytes it was made of."""

    kind: str
    raw: bytes = field(repr=False, compare=False, default=b"")
    fields: dict = field(default_factory=dict)

    def __getattr__(self, name):
        try:
            return self.__dict__["fields"][name]
        except KeyError:
            raise AttributeError(f"{self.kind} has no {name}") from None

    def __str__(self):
        return " ".join([self.kind, *(f"{name}={short(value)}" for name, value in self.fields.items())])


def short(value):
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(value)} long)"


class _Body:
    def __init__(self, data, version=4):
        self.data = data
        self.version = version
        self.at = 0

    def part(self, n, what):
        return _Body(self.take(n, what), self.version)

    def properties(self):
        """The field of the properties, which only MQTT 5 has."""
        return {"properties": decode(self, Malformed)} if self.version == 5 else {}

    def take(self, n, what):
        piece = self.data[self.at : self.at + n]
        if len(piece) < n:
            raise Malformed(f"the packet ends in {what}")
        self.at += n
        return piece

    def byte(self, what):
        return self.take(1, what)[0]

    def number(self, what):
        return struct.unpack(">H", self.take(2, what))[0]

    def variable(self, what):
        value = 0
        for i in range(4):
            byte = self.byte(what)
            value |= (byte & 0x7F) << 7 * i
            if not byte & 0x80:
                return value
        raise Malformed(f"{what} has more than four bytes")

    def packet_id(self):
        value = self.number("the packet identifier")
        if value == 0:
            raise Malformed("packet identifier 0")
        return value

    def binary(self, what):
        return self.take(self.number(f"the length of {what}"), what)

    def string(self, what):
        data = self.binary(what)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed(f"{what} is not UTF-8: {error}") from None
        if "\0" in text:
            raise Malformed(f"{what} has U+0000")
        return text

    def rest(self):
        return self.take(len(self.data) - self.at, "")

    def more(self):
        return self.at < len(self.data)


def split_fixed_header(data):
    """(first byte, remaining length, bytes of the fixed header), or None if it is incomplete."""
    value = 0
    for i in range(1, 5):
        if i >= len(data):
            return None
        value |= (data[i] & 0x7F) << 7 * (i - 1)
        if not data[i] & 0x80:
            return data[0], value, i + 1
    raise Malformed("a remaining length of more than four bytes")


def version_of(connect):
    """The version that the bytes of a CONNECT ask for."""
    _, _, begin = split_fixed_header(connect)
    return connect[begin + 6]


def with_keep_alive(connect, seconds):
    """The CONNECT that these bytes begin with, with another keep-alive."""
    # Behind the protocol's name, its version and the flags.
    at = split_fixed_header(connect)[2] + 8
    return connect[:at] + seconds.to_bytes(2, "big") + connect[at + 2 :]


def parse(data, version=4):
    """The one packet that `data` is."""
    parser = Parser(version)
    parser.feed(data)
    packets = list(parser)
    if len(packets) != 1 or parser.left():
        raise Malformed(f"not one whole packet: {bytes(data).hex(' ')}")
    return packets[0]


class Parser:
    """Takes a stream of packets apart. A CONNECT says its version itself."""

    def __init__(self, version=4):
        self._data = bytearray()
        self._version = version

    def feed(self, data):
        self._data += data

    def left(self):
        """The bytes that are not a whole packet yet."""
        return bytes(self._data)

    def __iter__(self):
        return self

    def __next__(self):
        header = split_fixed_header(self._data)
        if header is None:
            raise StopIteration
        first, length, header_len = header
        if len(self._data) < header_len + length:
            raise StopIteration
        raw = bytes(self._data[: header_len + length])
        del self._data[: header_len + length]
        return parse_body(first, _Body(raw[header_len:], self._version), raw)


def parse_body(first, body, raw):
    kind, flags = first >> 4, first & 15
    if kind not in NAMES or (kind == AUTH and body.version == 4):
        raise Malformed(f"packet type {kind}")
    if kind == PUBLISH:
        fields = _publish(flags, body)
    else:
        if flags != FLAGS.get(kind, 0):
            raise Malformed(f"{NAMES[kind]} with flags {flags:#x}")
        fields = _READERS[kind](body)
    if body.more():
        raise Malformed(f"{NAMES[kind]} with {len(body.rest())} bytes too many")
    return Packet(NAMES[kind], raw, fields)


def _publish(flags, body):
    dup, qos, retain = bool(flags & 8), flags >> 1 & 3, bool(flags & 1)
    if qos == 3:
        raise Malformed("PUBLISH with QoS 3")
    if dup and qos == 0:
        raise Malformed("PUBLISH with DUP and QoS 0")
    topic = body.string("the topic")
    if "+" in topic or "#" in topic:
        raise Malformed(f"topic name {topic!r}")
    fields = {"topic": topic, "qos": qos, "dup": dup, "retain": retain}
    if qos:
        fields["packet_id"] = body.packet_id()
    fields.update(body.properties())
    if not topic and not fields.get("properties", {}).get("topic_alias"):
        raise Malformed("PUBLISH without a topic name")
    fields["payload"] = body.rest()
    return fields


def _connect(body):
    protocol = body.binary("the protocol name")
    level = body.byte("the protocol level")
    if protocol != b"MQTT" or level not in (4, 5):
        raise Malformed(f"protocol {protocol!r}, level {level}")
    body.version = level
    flags = body.byte("the connect flags")
    if flags & 1:
        raise Malformed("CONNECT with its reserved flag")
    has_will, will_qos, will_retain = bool(flags & 4), flags >> 3 & 3, bool(flags & 0x20)
    if will_qos == 3 or (not has_will and (will_qos or will_retain)):
        raise Malformed(f"CONNECT with will flags {flags:#x}")
    if flags & 0x40 and not flags & 0x80 and level == 4:
        raise Malformed("CONNECT with a password and no user name")
    fields = {"clean_session": bool(flags & 2), "keepalive": body.number("the keep alive")}
    fields.update(body.properties())
    fields["client_id"] = body.string("the client identifier")
    if not fields["client_id"] and not fields["clean_session"] and level == 4:
        raise Malformed("CONNECT without a client identifier, and no clean session")
    fields["will"] = None
    if has_will:
        if level == 5:
            fields["will_properties"] = body.properties()["properties"]
        topic = body.string("the will topic")
        fields["will"] = (topic, body.binary("the will message"), will_qos, will_retain)
    fields["username"] = body.string("the user name") if flags & 0x80 else None
    fields["password"] = body.binary("the password") if flags & 0x40 else None
    return fields


def _connack(body):
    flags, code = body.byte("the flags"), body.byte("the return code")
    if flags > 1 or (code > 5 and body.version == 4) or (flags and code):
        raise Malformed(f"CONNACK {flags} {code}")
    return {"session_present": bool(flags), "code": code, **body.properties()}


def _reason(body):
    """A reason code and properties, which only MQTT 5 has, and which may be left out there."""
    if body.version == 4:
        return {}
    fields = {"code": body.byte("the reason code") if body.more() else 0, "properties": {}}
    if body.more():
        fields.update(body.properties())
    return fields


def _identified(body):
    return {"packet_id": body.packet_id(), **_reason(body)}


def _subscribe(body):
    fields = {"packet_id": body.packet_id(), **body.properties(), "filters": []}
    most = 0x2E if body.version == 5 else 2
    while body.more():
        text = body.string("a topic filter")
        qos = body.byte("a requested QoS")
        if not text or qos > most or qos & 3 == 3:
            raise Malformed(f"SUBSCRIBE for {text!r} with QoS {qos}")
        fields["filters"].append((text, qos))
    if not fields["filters"]:
        raise Malformed("SUBSCRIBE without a topic filter")
    return fields


def _suback(body):
    fields = {"packet_id": body.packet_id(), **body.properties(), "codes": list(body.rest())}
    if not fields["codes"] or (body.version == 4 and not set(fields["codes"]) <= {0, 1, 2, 0x80}):
        raise Malformed(f"SUBACK with {fields['codes']}")
    return fields


def _unsubscribe(body):
    fields = {"packet_id": body.packet_id(), **body.properties(), "filters": []}
    while body.more():
        fields["filters"].append(body.string("a topic filter"))
    if not all(fields["filters"]) or not fields["filters"]:
        raise Malformed("UNSUBSCRIBE without a topic filter")
    return fields


def _unsuback(body):
    if body.version == 4:
        return _identified(body)
    return {"packet_id": body.packet_id(), **body.properties(), "codes": list(body.rest())}


def _empty(_body):
    return {}


_READERS = {
    CONNECT: _connect,
    CONNACK: _connack,
    PUBACK: _identified,
    PUBREC: _identified,
    PUBREL: _identified,
    PUBCOMP: _identified,
    SUBSCRIBE: _subscribe,
    SUBACK: _suback,
    UNSUBSCRIBE: _unsubscribe,
    UNSUBACK: _unsuback,
    PINGREQ: _empty,
    PINGRESP: _empty,
    DISCONNECT: _reason,
    AUTH: _reason,
}
