"""MQTT 3.1.1 packets, built and parsed without any help from the code under test.

Every builder returns bytes: `connack()`, `publish("t", b"x", qos=1, packet_id=7)`, ... They check
nothing, so that wrong packets can be made as easily as right ones. `Parser` takes a stream apart:

    parser = Parser()
    parser.feed(data)
    for packet in parser: ...       # Packet objects; an incomplete packet waits for more

`parse` takes one whole packet. Both are strict, and raise `Malformed`.
"""

import struct
from dataclasses import dataclass, field

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = range(8, 15)

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
}
KINDS = {name: kind for kind, name in NAMES.items()}

# The flags that each kind must have in its first byte; those of PUBLISH mean something.
FLAGS = {PUBREL: 2, SUBSCRIBE: 2, UNSUBSCRIBE: 2}


class Malformed(Exception):
    """Bytes that are no packet of MQTT 3.1.1."""


# ---- building


def remaining_length(n):
    """The variable-length number of a fixed header (section 2.2.3)."""
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out)


def packet(first_byte, body=b""):
    return bytes([first_byte]) + remaining_length(len(body)) + body


def prefixed(value):
    """A string or bytes with its two-byte length."""
    data = value.encode() if isinstance(value, str) else bytes(value)
    return struct.pack(">H", len(data)) + data


def connect(
    client_id="",
    clean_session=True,
    keepalive=0,
    username=None,
    password=None,
    will=None,
):
    """`will` is (topic, payload, qos, retain)."""
    flags = 2 if clean_session else 0
    tail = prefixed(client_id)
    if will is not None:
        topic, payload, qos, retain = will
        flags |= 4 | qos << 3 | (0x20 if retain else 0)
        tail += prefixed(topic) + prefixed(payload)
    if username is not None:
        flags |= 0x80
        tail += prefixed(username)
    if password is not None:
        flags |= 0x40
        tail += prefixed(password)
    return packet(0x10, prefixed("MQTT") + bytes([4, flags]) + struct.pack(">H", keepalive) + tail)


def connack(session_present=False, code=0):
    return packet(0x20, bytes([1 if session_present else 0, code]))


def publish(topic, payload=b"", qos=0, packet_id=None, dup=False, retain=False):
    first = 0x30 | (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    if isinstance(payload, str):
        payload = payload.encode()
    identifier = b"" if packet_id is None else struct.pack(">H", packet_id)
    return packet(first, prefixed(topic) + identifier + bytes(payload))


def puback(packet_id):
    return packet(0x40, struct.pack(">H", packet_id))


def pubrec(packet_id):
    return packet(0x50, struct.pack(">H", packet_id))


def pubrel(packet_id):
    return packet(0x62, struct.pack(">H", packet_id))


def pubcomp(packet_id):
    return packet(0x70, struct.pack(">H", packet_id))


def subscribe(packet_id, *filters):
    """Each filter is (filter, qos)."""
    body = b"".join(prefixed(text) + bytes([qos]) for text, qos in filters)
    return packet(0x82, struct.pack(">H", packet_id) + body)


def suback(packet_id, *codes):
    return packet(0x90, struct.pack(">H", packet_id) + bytes(codes))


def unsubscribe(packet_id, *filters):
    return packet(0xA2, struct.pack(">H", packet_id) + b"".join(prefixed(text) for text in filters))


def unsuback(packet_id):
    return packet(0xB0, struct.pack(">H", packet_id))


def pingreq():
    return packet(0xC0)


def pingresp():
    return packet(0xD0)


def disconnect():
    return packet(0xE0)


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
    def __init__(self, data):
        self.data = data
        self.at = 0

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


def parse(data):
    """The one packet that `data` is."""
    parser = Parser()
    parser.feed(data)
    packets = list(parser)
    if len(packets) != 1 or parser.left():
        raise Malformed(f"not one whole packet: {bytes(data).hex(' ')}")
    return packets[0]


class Parser:
    """Takes a stream of packets apart."""

    def __init__(self):
        self._data = bytearray()

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
        return parse_body(first, _Body(raw[header_len:]), raw)


def parse_body(first, body, raw):
    kind, flags = first >> 4, first & 15
    if kind not in NAMES:
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
    if not topic or "+" in topic or "#" in topic:
        raise Malformed(f"topic name {topic!r}")
    fields = {"topic": topic, "qos": qos, "dup": dup, "retain": retain}
    if qos:
        fields["packet_id"] = body.packet_id()
    fields["payload"] = body.rest()
    return fields


def _connect(body):
    protocol = body.binary("the protocol name")
    level = body.byte("the protocol level")
    if (protocol, level) != (b"MQTT", 4):
        raise Malformed(f"protocol {protocol!r}, level {level}")
    flags = body.byte("the connect flags")
    if flags & 1:
        raise Malformed("CONNECT with its reserved flag")
    has_will, will_qos, will_retain = bool(flags & 4), flags >> 3 & 3, bool(flags & 0x20)
    if will_qos == 3 or (not has_will and (will_qos or will_retain)):
        raise Malformed(f"CONNECT with will flags {flags:#x}")
    if flags & 0x40 and not flags & 0x80:
        raise Malformed("CONNECT with a password and no user name")
    fields = {"clean_session": bool(flags & 2), "keepalive": body.number("the keep alive")}
    fields["client_id"] = body.string("the client identifier")
    if not fields["client_id"] and not fields["clean_session"]:
        raise Malformed("CONNECT without a client identifier, and no clean session")
    fields["will"] = None
    if has_will:
        topic = body.string("the will topic")
        fields["will"] = (topic, body.binary("the will message"), will_qos, will_retain)
    fields["username"] = body.string("the user name") if flags & 0x80 else None
    fields["password"] = body.binary("the password") if flags & 0x40 else None
    return fields


def _connack(body):
    flags, code = body.byte("the flags"), body.byte("the return code")
    if flags > 1 or code > 5 or (flags and code):
        raise Malformed(f"CONNACK {flags} {code}")
    return {"session_present": bool(flags), "code": code}


def _identified(body):
    return {"packet_id": body.packet_id()}


def _subscribe(body):
    fields = {"packet_id": body.packet_id(), "filters": []}
    while body.more():
        text = body.string("a topic filter")
        qos = body.byte("a requested QoS")
        if not text or qos > 2:
            raise Malformed(f"SUBSCRIBE for {text!r} with QoS {qos}")
        fields["filters"].append((text, qos))
    if not fields["filters"]:
        raise Malformed("SUBSCRIBE without a topic filter")
    return fields


def _suback(body):
    fields = {"packet_id": body.packet_id(), "codes": list(body.rest())}
    if not fields["codes"] or not set(fields["codes"]) <= {0, 1, 2, 0x80}:
        raise Malformed(f"SUBACK with {fields['codes']}")
    return fields


def _unsubscribe(body):
    fields = {"packet_id": body.packet_id(), "filters": []}
    while body.more():
        fields["filters"].append(body.string("a topic filter"))
    if not all(fields["filters"]) or not fields["filters"]:
        raise Malformed("UNSUBSCRIBE without a topic filter")
    return fields


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
    UNSUBACK: _identified,
    PINGREQ: _empty,
    PINGRESP: _empty,
    DISCONNECT: _empty,
}


# ---- showing


def describe(data):
    """A description of `data`: one line for each packet, then the bytes that are left."""
    lines, parser = [], Parser()
    parser.feed(data)
    while True:
        before = parser.left()
        try:
            lines.append(str(next(parser)))
        except StopIteration:
            if before:
                lines.append(f"the beginning of {NAMES.get(before[0] >> 4, 'nothing')}: {hexdump(before, 32)}")
            return lines
        except Malformed as error:
            lines.append(f"malformed ({error}): {hexdump(before, 32)}")
            return lines


def hexdump(data, limit=None):
    if limit is not None and len(data) > limit:
        return f"{bytes(data[:limit]).hex(' ')} ... ({len(data)} bytes)"
    return bytes(data).hex(" ")


def difference(expected, got):
    """Two strings of bytes side by side, for people: decoded, and as hex from where they differ."""
    common = 0
    for a, b in zip(expected, got, strict=False):
        if a != b:
            break
        common += 1
    start = max(0, common - common % 16 - 16)
    lines = [f"expected {len(expected)} bytes, got {len(got)}; they differ from byte {common} on"]
    for name, data in (("expected", expected), ("got", got)):
        lines += [f"  {name}: {line}" for line in describe(data) or ["nothing"]]
    for at in range(start, min(max(len(expected), len(got)), start + 96), 16):
        for sign, data in (("-", expected), ("+", got)):
            row = bytes(data[at : at + 16])
            text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
            lines.append(f"  {sign}{at:06x}  {row.hex(' '):47}  {text}")
    return "\n".join(lines)
