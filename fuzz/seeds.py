#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: one packet of each kind, streams of them, and sequences of
events that would take the fuzzer a long time to find."""

import base64
import pathlib

HERE = pathlib.Path(__file__).parent / "seeds"

PACKETS = {
    "connack": "20020000",
    "connack-session": "20020100",
    "connack-refused": "20020005",
    "publish-qos0": "30050001616869",
    "publish-qos1": "320700016100056869",
    "publish-qos2": "340700016100066869",
    "publish-qos2-dup": "3c0700016100066869",
    "publish-retained": "310400016178",
    "publish-utf8": "300b0007e282ac2f6669676869",
    "publish-long": "308201" + "0001" + "61" + "7a" * 127,
    "puback": "40020001",
    "pubrec": "50020002",
    "pubrel": "62020006",
    "pubcomp": "70020002",
    "suback": "9003000501",
    "suback-refused": "9003000580",
    "unsuback": "b0020006",
    "pingresp": "d000",
    "length-of-four-bytes": "d080808000",
    "length-too-long": "30ffffffff",
    "surrogate": "30070003eda0806869",
    "wildcard": "30040001237a",
    "identifier-0": "40020000",
}


def packet_of_5(first_byte, before, properties, behind=b""):
    """A packet of MQTT 5 with its properties between other fields."""
    body = before + bytes([len(properties)]) + properties + behind
    return bytes([first_byte, len(body)]) + body


USER, REASON, METHOD = b"\x26\0\1n\0\1v", b"\x1f\0\3why", b"\x15\0\1m"
LIMITS = b"\x11\0\0\0\x3c\x21\0\x0a\x22\0\5\x24\1\x25\1\x27\0\0\1\0\x28\1\x29\1\x2a\1\x13\0\x1e"
ASSIGNED = b"\x12\0\2id\x1a\0\1r\x1c\0\1s" + METHOD + b"\x16\0\1d"
MESSAGE = b"\1\1\2\0\0\0\x3c\3\0\1t\x08\0\3a/b\x09\0\2\0\1\x0b\1\x0b\x80\1\x23\0\2" + USER
PACKETS_OF_5 = {
    "connack": packet_of_5(0x20, b"\1\0", LIMITS),
    "connack-assigned": packet_of_5(0x20, b"\0\0", ASSIGNED),
    "connack-refused": packet_of_5(0x20, b"\0\x87", REASON + USER),
    "publish": packet_of_5(0x30, b"\0\1a", b"", b"hi"),
    "publish-properties": packet_of_5(0x3c, b"\0\1a\0\6", MESSAGE, b"hi"),
    "publish-alias": packet_of_5(0x32, b"\0\0\0\5", b"\x23\0\2", b"hi"),
    "publish-no-topic": packet_of_5(0x32, b"\0\0\0\5", USER, b"hi"),
    "puback": packet_of_5(0x40, b"\0\1\x10", REASON),
    "pubrec": packet_of_5(0x50, b"\0\2\x97", USER),
    "pubrel": packet_of_5(0x62, b"\0\6\x92", USER + USER),
    "pubcomp": packet_of_5(0x70, b"\0\2\0", b""),
    "puback-code": b"\x40\3\0\1\x80",
    "suback": packet_of_5(0x90, b"\0\5", REASON, b"\1\x80\xa2"),
    "unsuback": packet_of_5(0xb0, b"\0\6", USER, b"\0\x11"),
    "disconnect": packet_of_5(0xe0, b"\x9d", b"\x1c\0\1s" + REASON),
    "disconnect-code": b"\xe0\1\x8b",
    "disconnect-empty": b"\xe0\0",
    "auth": packet_of_5(0xf0, b"\x18", METHOD + b"\x16\0\1d"),
    "auth-empty": b"\xf0\0",
    "auth-no-method": packet_of_5(0xf0, b"\x18", REASON),
    "property-twice": packet_of_5(0x30, b"\0\1a", b"\1\1\1\1"),
    "property-unknown": packet_of_5(0x30, b"\0\1a", b"\4\1"),
    "length-not-shortest": b"\x30\x86\0\0\1a\0hi",
    "properties-not-shortest": b"\x30\7\0\1a\x80\0hi",
    "properties-longer": b"\x30\x06\0\1a\x09hi",
    "properties-surrogate": packet_of_5(0xe0, b"\0", b"\x1f\0\3\xed\xa0\x80"),
}

STREAMS = {
    "handshakes": ["puback", "pubrec", "pubcomp", "suback", "unsuback", "pingresp"],
    "messages": ["publish-qos0", "publish-qos1", "publish-qos2", "publish-qos2-dup", "pubrel"],
    "long": ["publish-long", "publish-qos2", "publish-long"],
    "violation": ["publish-qos1", "identifier-0"],
    "second-connack": ["publish-qos2", "connack"],
}

# Numbers of simulation::Action.
PUBLISH, LATER, BROKER, TO_BROKER, TO_CLIENT, DELIVER = 0, 3, 4, 8, 12, 17
FORGET, ASK, SUBSCRIBE, UNSUBSCRIBE, GIVE_UP, LAZY, CUT, CONNECT, LOSE = 20, 21, 22, 23, 24, 25, 26, 27, 29
GARBAGE, STRAY, WAIT = 30, 31, 29
# With other arguments, CUT and CONNECT mean this: disconnect(), and so many bytes of the outbox's packets at once.
DISCONNECT, NARROW, WIDE = (CUT, 224), (CONNECT + 1, 131), (CONNECT + 1, 128)
POWER_LOSS, SAVED_POWER_LOSS = (GARBAGE, 192), (GARBAGE, 193)
# Arguments of LAZY from 128 on set the room of the inbox.
ONE_MESSAGE, NO_LIMIT = (LAZY, 129), (LAZY, 128)

UP = [(TO_BROKER, 9), (TO_CLIENT, 255)]
SESSIONS = {
    "publish": UP + [(PUBLISH, 1), (PUBLISH, 2), (TO_BROKER, 9), (TO_CLIENT, 255), (ASK, 0)],
    "receive": UP + [(BROKER, 1), (BROKER, 2), (TO_CLIENT, 255), (DELIVER, 0), (DELIVER, 0)] + UP,
    "redeliver": UP + [(PUBLISH, 2), (PUBLISH, 1), (TO_BROKER, 1), (CUT, 0), (CONNECT, 0)] + UP,
    "released": UP + [(PUBLISH, 2), (TO_BROKER, 1), (TO_CLIENT, 4), (CUT, 0), (CONNECT, 0)] + UP,
    "queued": UP + [(BROKER, 2), (TO_CLIENT, 255), (CUT, 0), (CONNECT, 0)] + UP + [(DELIVER, 0)],
    "queued-lost": UP + [(BROKER, 2), (TO_CLIENT, 255), (LOSE, 0), (CONNECT, 0)] + UP
    + [(BROKER, 2), (TO_CLIENT, 255), (DELIVER, 0), (DELIVER, 0)],
    "cut-off": UP + [(BROKER, 2), (TO_CLIENT, 15), (CUT, 1), (CONNECT, 0)] + UP,
    "pile-up": UP + [(LAZY, 1)] + [(BROKER, 2)] * 10 + [(TO_CLIENT, 255)] * 2 + [(DELIVER, 0)] * 9
    + [(LAZY, 0)] + UP,
    "outbox": UP + [(LATER, 1), (LATER, 2)] * 22 + [(PUBLISH, 1)] + UP * 4 + [(PUBLISH, 1)] + UP,
    "outbox-freed": UP + [(PUBLISH, 1)] * 33 + [(LATER, 1)] + UP * 4 + [(ASK, 0)] + UP + [(FORGET, 0), (LATER, 2)] + UP,
    "outbox-lost": UP + [(LATER, 1), (LATER, 2)] * 18 + [(TO_BROKER, 3), (TO_CLIENT, 9), (CUT, 0), (LATER, 1), (CONNECT, 0)]
    + UP * 5,
    "outbox-narrow": UP + [NARROW] + [(LATER, 2), (LATER, 1), (BROKER, 1), (TO_CLIENT, 99), (DELIVER, 0)] * 3 + [(CUT, 0)]
    + [(CONNECT, 0)] + UP + [(PUBLISH, 1), (SUBSCRIBE, 0), (PUBLISH, 0), WIDE] + UP,
    "outbox-given-up": [(LATER, 1)] + UP + [(LATER, 1), (LATER, 2)] * 18 + [DISCONNECT, (LATER, 1), (CONNECT, 0)] + UP * 5,
    "subscribe": UP + [(SUBSCRIBE, 0), (SUBSCRIBE, 3), (SUBSCRIBE, 0), (GIVE_UP, 0), (UNSUBSCRIBE, 0)] + UP,
    "forget": UP + [(PUBLISH, 1), (FORGET, 0), (PUBLISH, 1)] + UP + [(ASK, 0)],
    "back-pressure": UP + [ONE_MESSAGE] + [(BROKER, 1), (BROKER, 2)] * 3 + [(TO_CLIENT, 255), (DELIVER, 0)] * 4
    + [(WAIT, 255), NO_LIMIT, (TO_BROKER, 9), (TO_CLIENT, 255), (WAIT, 255)],
    "unread-answer": UP + [ONE_MESSAGE, (BROKER, 1), (TO_CLIENT, 255)] + [(WAIT, 255), (TO_BROKER, 9)] * 4
    + [(DELIVER, 0), (TO_CLIENT, 255), (WAIT, 255)],
    "missing-answer": UP + [(WAIT, 255)] * 4 + [(CONNECT, 0)] + UP,
    "power-loss": UP + [(PUBLISH, 2), (LATER, 1), (BROKER, 2)] + UP + [(DELIVER, 0), SAVED_POWER_LOSS, (CONNECT, 0)] + UP
    + [(PUBLISH, 2), POWER_LOSS, (CONNECT, 0)] + UP + [(DELIVER, 0)] + UP,
    "stray": UP + [(PUBLISH, 2), (STRAY, 1), (STRAY + 32, 3), (GARBAGE, 5), (CONNECT, 0)],
}


# Saved sessions without their check sums; src/session/saved/mod.rs has the format.
SAVED_HEAD = b"\1\0\6client\0\5"
SAVED_HEAD_5 = b"\2" + SAVED_HEAD[1:]


def saved_bytes(data):
    return len(data).to_bytes(4, "big") + data


OUT_PROPERTIES = b"\1\1\2\0\0\0\x3c\3\0\1t\x08\0\3a/b\x09\0\2\0\1" + USER
SAVED_MESSAGE = b"\0\3out" + saved_bytes(OUT_PROPERTIES) + saved_bytes(b"8")
SAVED = {
    "empty": SAVED_HEAD + b"\0",
    "everything": SAVED_HEAD + b"\x11\0\3\0\3out\0\0\0\1" + b"8\x20\0\2\x36\0\3out\0\0\0\2" + b"10\x40\x12\x34\x52\0\4in/#\0",
    "identifier-twice": SAVED_HEAD + b"\x20\0\2\x20\0\2\0",
    "cut": SAVED_HEAD + b"\x11\0\3\0\3out\0\0\0\x99",
    "v5-everything": SAVED_HEAD_5 + b"\x19\0\3" + SAVED_MESSAGE + b"\x20\0\2\x3e" + SAVED_MESSAGE + b"\x40\x12\x34\x52\0\4in/#"
    + b"\x59\0\x0a$share/g/a\x28" + saved_bytes(b"\x0b\x80\1" + USER) + b"\0",
    "v5-plain": SAVED_HEAD_5 + b"\x11\0\3\0\3out\0\0\0\1" + b"8\x50\0\4in/#\0",
    "v5-alias": SAVED_HEAD_5 + b"\x19\0\3\0\1t\0\0\0\3\x23\0\1\0\0\0\0\0",
    "v5-options": SAVED_HEAD_5 + b"\x58\0\1a\x30\0\0\0\0\0",
}

# Numbers of the steps in tls.rs, with their arguments.
HELLO, EXTENSIONS, REQUEST, CERTIFICATE, PROOF, FINISHED = (bytes([n]) for n in range(6))
MESSAGE, INNER, TAMPERED, RECORD, PLAIN, RAW = range(6, 12)
HONEST = HELLO + EXTENSIONS + CERTIFICATE + PROOF + FINISHED


def counted(*values):
    """Numbers and, last, bytes with their number before."""
    return bytes(values[:-1]) + bytes([len(values[-1])]) + values[-1]


HANDSHAKES = {
    "honest": HONEST,
    "request": HELLO + EXTENSIONS + REQUEST + CERTIFICATE + PROOF + FINISHED,
    "no-certificate": HELLO + EXTENSIONS + FINISHED,
    "no-proof": HELLO + EXTENSIONS + CERTIFICATE + FINISHED,
    "finished-first": HELLO + EXTENSIONS + FINISHED + CERTIFICATE + PROOF,
    "proof-first": HELLO + EXTENSIONS + PROOF + CERTIFICATE + FINISHED,
    "tampered": HELLO + EXTENSIONS + bytes([TAMPERED, 20, 1]) + PROOF + FINISHED,
    "message": HELLO + counted(MESSAGE, 8, b"\0\0") + CERTIFICATE + PROOF + FINISHED,
    "inner": HELLO + counted(INNER, b"\x08\0\0\2\0\0\x16") + CERTIFICATE + PROOF + FINISHED,
    "change-cipher-spec": HELLO + counted(RECORD, 20, b"\1") + HONEST[1:],
    "alert": counted(RECORD, 21, b"\2\x46"),
    "tls-1.2": counted(PLAIN, 2, b"\3\3" + bytes(32) + b"\0\xc0\x2f\0"),
    "question": HELLO + counted(RECORD, 23, bytes(45)),
    "http": counted(RAW, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
}

DATA, BYTES, RECORD_INNER, TICKET = range(4)
RECORDS = {
    "data": counted(DATA, b"hello") + counted(DATA, b"") + counted(DATA, b"world"),
    "close": counted(DATA, b"hello") + counted(RECORD_INNER, b"\1\0\x15"),
    "padding": counted(RECORD_INNER, b"hello\x17" + bytes(40)) + counted(RECORD_INNER, b"\1\x5a\x15"),
    "tickets": counted(TICKET, bytes(100)) + counted(TICKET, b"") + counted(DATA, b"hello"),
    "key-update": counted(DATA, b"hello") + counted(RECORD_INNER, b"\x18\0\0\1\0\x16"),
    "alert": counted(RECORD_INNER, b"\2\x74\x15"),
    "empty": counted(RECORD_INNER, bytes(5)) + counted(DATA, b"hello"),
    "plain": counted(BYTES, b"\x16\3\3\0\4\x18\0\0\0"),
    "cut": counted(DATA, b"hello") + counted(BYTES, b"\x17\3\3\0\x20abc"),
}


def contexts():
    """Certificates and keys as in the tests, in the forms that there are."""
    tests = HERE.parent.parent / "tests" / "tls"
    root = (tests / "fixed" / "root.der").read_bytes()
    broker = (tests / "fixed" / "broker.der").read_bytes()
    key = (tests / "fixed" / "broker.key").read_bytes()
    pem = (b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(root)
           + b"-----END CERTIFICATE-----\n")
    yield "der", bytes(3) + root
    yield "pem", bytes(3) + pem
    yield "two", bytes(3) + pem + b"and\n" + pem
    # Lengths count by eight: the rest of a text is trailing garbage, or belongs to the next text.
    for name, own in ("sec1", "p256-sec1.pem"), ("pkcs8", "p256.pem"), ("rsa", "rsa-2048.pem"):
        text = (tests / "keys" / own).read_bytes()
        text += b" " * (-len(text) % 8)
        certificate = pem + b" " * (-len(pem) % 8)
        yield name, bytes([1, len(certificate) // 8, len(text) // 8]) + certificate + text
    text = base64.encodebytes(key)
    text = b"-----BEGIN PRIVATE KEY-----\n" + text + b"-----END PRIVATE KEY-----\n"
    text += b" " * (-len(text) % 8)
    client = base64.encodebytes(broker)
    client = b"-----BEGIN CERTIFICATE-----\n" + client + b"-----END CERTIFICATE-----\n"
    client += b" " * (-len(client) % 8)
    yield "client", bytes([0, len(client) // 8, len(text) // 8]) + client + text + pem


def write(target, name, data):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


for name, packet in PACKETS.items():
    write("decode", name, bytes.fromhex(packet))
for name, packet in PACKETS_OF_5.items():
    write("decode", f"v5-{name}", packet)
write("stream", "v5", bytes([2, 0, 3, 1]) + b"".join(PACKETS_OF_5.values()))
for name, packets in STREAMS.items():
    stream = b"".join(bytes.fromhex(PACKETS[packet]) for packet in packets)
    write("stream", name, bytes([2, 0, 3, 1]) + stream)
for name, actions in SESSIONS.items():
    for clean in 0, 1:
        pairs = b"".join(bytes(action) for action in actions)
        write("session", f"{name}-{'clean' if clean else 'stored'}", bytes([clean]) + pairs)
for name, state in SAVED.items():
    write("saved", name, state)
for name, steps in HANDSHAKES.items():
    write("tls_handshake", name, bytes([255]) + steps)
for name, records in RECORDS.items():
    write("tls_records", name, bytes([6, 99]) + records)
for name, data in contexts():
    write("tls_context", name, data)
