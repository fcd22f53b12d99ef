#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: one packet of each kind, streams of them, and sequences of
events that the fuzzer would be long in finding."""

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

STREAMS = {
    "handshakes": ["puback", "pubrec", "pubcomp", "suback", "unsuback", "pingresp"],
    "messages": ["publish-qos0", "publish-qos1", "publish-qos2", "publish-qos2-dup", "pubrel"],
    "long": ["publish-long", "publish-qos2", "publish-long"],
    "violation": ["publish-qos1", "identifier-0"],
    "second-connack": ["publish-qos2", "connack"],
}

# Numbers of simulation::Action.
PUBLISH, BROKER, TO_BROKER, TO_CLIENT, DELIVER = 0, 4, 8, 12, 17
FORGET, ASK, SUBSCRIBE, UNSUBSCRIBE, GIVE_UP, LAZY, CUT, DIAL, LOSE = 20, 21, 22, 23, 24, 25, 26, 27, 29
GARBAGE, STRAY = 30, 31

UP = [(TO_BROKER, 9), (TO_CLIENT, 255)]
SESSIONS = {
    "publish": UP + [(PUBLISH, 1), (PUBLISH, 2), (TO_BROKER, 9), (TO_CLIENT, 255), (ASK, 0)],
    "receive": UP + [(BROKER, 1), (BROKER, 2), (TO_CLIENT, 255), (DELIVER, 0), (DELIVER, 0)] + UP,
    "redeliver": UP + [(PUBLISH, 2), (PUBLISH, 1), (TO_BROKER, 1), (CUT, 0), (DIAL, 0)] + UP,
    "released": UP + [(PUBLISH, 2), (TO_BROKER, 1), (TO_CLIENT, 4), (CUT, 0), (DIAL, 0)] + UP,
    "queued": UP + [(BROKER, 2), (TO_CLIENT, 255), (CUT, 0), (DIAL, 0)] + UP + [(DELIVER, 0)],
    "queued-lost": UP + [(BROKER, 2), (TO_CLIENT, 255), (LOSE, 0), (DIAL, 0)] + UP
    + [(BROKER, 2), (TO_CLIENT, 255), (DELIVER, 0), (DELIVER, 0)],
    "cut-off": UP + [(BROKER, 2), (TO_CLIENT, 15), (CUT, 1), (DIAL, 0)] + UP,
    "pile-up": UP + [(LAZY, 1)] + [(BROKER, 2)] * 10 + [(TO_CLIENT, 255)] * 2 + [(DELIVER, 0)] * 9
    + [(LAZY, 0)] + UP,
    "subscribe": UP + [(SUBSCRIBE, 0), (SUBSCRIBE, 3), (SUBSCRIBE, 0), (GIVE_UP, 0), (UNSUBSCRIBE, 0)] + UP,
    "forget": UP + [(PUBLISH, 1), (FORGET, 0), (PUBLISH, 1)] + UP + [(ASK, 0)],
    "stray": UP + [(PUBLISH, 2), (STRAY, 1), (STRAY + 32, 3), (GARBAGE, 5), (DIAL, 0)],
}


def write(target, name, data):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


for name, packet in PACKETS.items():
    write("decode", name, bytes.fromhex(packet))
for name, packets in STREAMS.items():
    stream = b"".join(bytes.fromhex(PACKETS[packet]) for packet in packets)
    write("stream", name, bytes([2, 0, 3, 1]) + stream)
for name, actions in SESSIONS.items():
    for clean in 0, 1:
        pairs = b"".join(bytes(action) for action in actions)
        write("session", f"{name}-{'clean' if clean else 'stored'}", bytes([clean]) + pairs)
