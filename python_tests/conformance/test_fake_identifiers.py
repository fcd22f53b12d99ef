"""Packet identifiers over hundreds of thousands of messages."""


import pytest
from harness import mqtt_packets as mqtt
from harness.fake_broker import FakeBroker
from harness.link import ScriptFailure
from harness.packet_texts import describe

WITHHELD = 10

class Acknowledger:
    """A script that takes PUBLISH packets apart as fast as it can: QoS 1, less than 128 bytes.

    It withholds the PUBACKs of topic "hold" until one of topic "release" comes, and sees to it
    that no identifier is used twice at once.
    """

    def __init__(self):
        self.count = 0
        self.held = []
        self.wraps = 0

    def __call__(self, broker):
        link = broker.accept()
        link.accept_connect()
        data = b""
        in_use = set()
        last = 0
        while True:
            data += link.receive_quietly(1 << 16)
            at, end, acks = 0, len(data), []
            while end - at >= 2 and end - at >= 2 + data[at + 1]:
                if data[at] != 0x32:
                    if data[at:] == mqtt.disconnect():
                        link.expect_end()
                        return
                    raise ScriptFailure(f"expected PUBLISH, got {describe(data[at:])}")
                topic_end = at + 4 + data[at + 3]
                topic, packet_id = data[at + 4 : topic_end], data[topic_end : topic_end + 2]
                at += 2 + data[at + 1]
                if packet_id in in_use or packet_id == b"\0\0":
                    raise ScriptFailure(f"identifier {packet_id.hex()} is in use ({self.count} messages)")
                if topic == b"t":
                    self.count += 1
                    if packet_id[0] < last >> 1:
                        self.wraps += 1
                    last = packet_id[0]
                    acks.append(packet_id)
                elif topic == b"hold":
                    in_use.add(packet_id)
                    self.held.append(packet_id)
                else:
                    acks += [packet_id, *self.held]
                    in_use.clear()
            data = data[at:]
            if acks:
                link.send_quietly(b"\x40\x02" + b"\x40\x02".join(acks))

@pytest.mark.first
@pytest.mark.parametrize("count", [200_000], ids=lambda n: f"{n // 1000}k")
def test_mqtt_2_3_1_2_no_identifier_is_used_twice_at_once(run_script, count):
    broker_script = Acknowledger()
    with FakeBroker(broker_script, clients=["many"]) as broker:
        run_script("many_identifiers", 110, PORT=broker.port, COUNT=count, PUBLISHERS=8, WITHHELD=WITHHELD)
    assert broker_script.count == count
    assert len(set(broker_script.held)) == WITHHELD
    assert broker_script.wraps >= count // 65536
