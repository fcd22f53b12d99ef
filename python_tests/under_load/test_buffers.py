"""The bytes that are sent are those that the caller gave, even if its buffer changes meanwhile."""

import re
import threading
import time

import pytest
from harness import mqtt_packets as mqtt
from harness.fake_broker import FakeBroker
from harness.fault_proxy import Remote
from harness.targets import Mps2

# Larger than the buffers of a connection: the call must wait for the broker to read.
SIZE = 8_000_000


def waits_to_send(port):
    """The number of sent bytes that the kernel still holds for this port of ours."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [re.split("[ :]+", line.strip()) for line in table.readlines()[1:]]
    return sum(int(row[6], 16) for row in rows if int(row[4], 16) == port)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is gone"])
@pytest.mark.parametrize("view", [False, True], ids=["bytearray", "memoryview"])
@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.plain
def test_a_buffer_that_another_thread_changes_while_it_is_sent(run_script, target, change, view, qos):
    if isinstance(target, Mps2):
        pytest.skip("it takes threads")
    go_on = threading.Event()
    got = {}

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        assert go_on.wait(30)
        packet = link.expect_packet("PUBLISH", within=30)
        got["payload"] = packet.payload
        if packet.qos:
            link.send(mqtt.puback(packet.packet_id))
        link.expect_goodbye()

    def until_blocked():
        """The call has sent as much as the kernel takes, and nothing more leaves."""
        deadline = time.monotonic() + 9
        before, since = 0, time.monotonic()
        while before == 0 or time.monotonic() - since < 0.3:
            assert time.monotonic() < deadline, "the call sends nothing"
            time.sleep(0.02)
            if (now := waits_to_send(broker.port)) != before:
                before, since = now, time.monotonic()

    # The received packet would be a line of the log.
    with FakeBroker(script, patience=30, buffer=1 << 14) as broker, Remote(blocked=until_blocked, go_on=go_on.set) as remote:
        run_script(
            "changed_buffer",
            PORT=broker.port,
            CONTROL=remote.port,
            SIZE=SIZE,
            CHANGE=change,
            VIEW=view,
            QOS=qos,
        )
    payload = got["payload"]
    strange = len(payload) - payload.count(b"A")
    secret = payload.count(b"SECRET")
    assert (len(payload), strange, secret) == (SIZE, 0, 0)
