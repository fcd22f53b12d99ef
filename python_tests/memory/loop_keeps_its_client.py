# A client to which only its loop refers: nothing of it is collected.
import gc

import mqtt
from on_target.support import wait_until


class Counter(mqtt.Client):
    def __init__(self, name, got):
        super().__init__(name, command_timeout=10000)
        self.got = got
        self.prefix = "counted " + name

    def count(self, client, payload, topic):
        assert client is self
        if payload == b"end":
            client.disconnect()
        client.got.append((client.prefix, payload))


def clear_stack(depth):
    """Old references on the stack keep the objects that they point to."""
    return 0 if depth == 0 else 1 + clear_stack(depth - 1)


def start(number, got):
    client = Counter("counter-%d" % number, got)
    assert client.connect(HOST, 60, PORT) == 0
    client.subscribe("count/%d" % number, client.count)


speaker = mqtt.Client("speaker", command_timeout=10000)
assert speaker.connect(HOST, 60, PORT) == 0
got = []
for number in range(3):
    start(number, got)
clear_stack(10)
for payload in (b"1", b"2", b"end"):
    gc.collect()
    garbage = [bytearray(50) for _ in range(100)]
    for number in range(3):
        speaker.publish("count/%d" % number, payload)
    wait_until(lambda: len(got) == 3)
    assert sorted(got) == [("counted counter-%d" % number, payload) for number in range(3)], got
    got.clear()
speaker.disconnect()
print("OK")
