"""The keep-alive while the client has other things to do than to look at its clock."""

import threading

import pytest
from harness import mqtt_packets as mqtt
from harness.fake_broker import FakeBroker
from harness.fault_proxy import FaultProxy, Remote
from harness.flooding import SECONDS, Steady
from harness.peer import Peer
from harness.targets import Mps2

# Mosquitto's own settings, where the tests' broker has others.
DEFAULTS = ["max_queued_messages 1000"]
KEEP_ALIVE = 2
READERS = pytest.mark.parametrize("loop", [True, False], ids=["loop", "no loop"])


def thrown_out(broker):
    return [line for line in broker.log().splitlines() if "exceeded timeout" in line]


@READERS
@pytest.mark.timeout(300 + 3 * SECONDS)
def test_messages_that_come_twice_as_fast_as_the_function_takes_them(run_script, new_broker, loop, target):
    """The broker never throws the client out, and the memory stays as it is."""
    broker = new_broker(config=DEFAULTS)
    most = 16 * 1024 if isinstance(target, Mps2) else 64 * 1024
    with Steady(broker, "steady", every=0.01):
        run_script(
            "steady_messages", 60 + 2 * SECONDS, PORT=broker.port, LOOP=loop, SECONDS=SECONDS, WORK=20, MOST=most
        )
    assert thrown_out(broker) == []
    if loop:
        # The client sends nothing else: one in each keep-alive at the least.
        assert broker.log().count("Received PINGREQ from steady") >= SECONDS // KEEP_ALIVE - 1


@READERS
@pytest.mark.parametrize("qos", [0, 1])
def test_a_payload_that_takes_several_times_the_keep_alive_to_arrive(run_script, new_broker, loop, qos, largest):
    """The answer to the first PINGREQ is behind it; the others go out all the same."""
    broker = new_broker(config=DEFAULTS)
    size = min(largest, 1_000_000)

    with FaultProxy(broker.host, broker.port) as proxy, Peer(broker) as peer:

        def begin():
            # 8 s, or more.
            proxy.drip(0.01, "down", size // 800)
            peer.publish("slow-payload", bytes(size), qos)

        peer.on("begin", begin)
        run_script("slow_payload", 100, PORT=proxy.port, LOOP=loop, SIZE=size, QOS=qos)
    assert thrown_out(broker) == []
    assert broker.log().count("Received PINGREQ from slow-payload") >= 3


@pytest.mark.parametrize("how", ["killed", "reset", "silent"])
def test_a_broker_that_dies_while_its_messages_are_delivered(run_script, how):
    """`connected()` says so after 1.5 times the keep-alive and one function, not after the backlog."""
    ended = threading.Event()
    messages = b"".join(mqtt.publish("m", b"%d" % number) for number in range(40))

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        packet = link.expect_packet("PUBLISH", topic="begin")
        link.send(mqtt.puback(packet.packet_id))
        link.send_quietly(messages)
        while not ended.is_set():
            packet = link.next_packet()
            if packet is None:
                return
            if packet.kind == "PINGREQ" and not ended.is_set():
                link.send(mqtt.pingresp())

    def end():
        ended.set()
        link = broker.links[0]
        if how == "killed":
            # The kernel does the same for a process that is gone.
            link.abandon()
            link.socket.close()
        elif how == "reset":
            link.reset()

    with FakeBroker(script, patience=30) as broker, Remote(end=end) as remote:
        run_script("broker_dies", PORT=broker.port, CONTROL=remote.port, WORK=200, MESSAGES=40)
