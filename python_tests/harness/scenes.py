"""Brokers and networks that misbehave, for tests of every driver of the loop.

Each fixture runs the script of that name beside the test:

    def test_something(network):
        network("half_open", BUSY=True)
"""

import contextlib
import threading

import pytest
from harness.fake_broker import FakeBroker
from harness.fault_proxy import FaultProxy, Remote
from harness.flooding import SECONDS, Steady, acknowledged_behind, messages
from harness.peer import Peer
from harness.targets import Mps2

# The client identifiers of the cases of network_cases.py.
CLIENTS = ["half-open", "stalled", "black", "slow", "refused", "backing-off", "asked-again", "ways-to-end"]
CLIENTS += [f"cut-anywhere-{direction}{how}" for direction in ("up", "down") for how in ("rst", "fin")]
# Mosquitto's own settings, where the tests' broker has others.
DEFAULTS = ["max_queued_messages 1000"]
# Mosquitto 2.0 changes the order of QoS 2 messages when they have to queue for its window.
WINDOW = ["max_inflight_messages 1020"]


@pytest.fixture
def network(broker, run_script):
    """Runs a case of network_cases.py with a proxy between it and the broker."""

    def run(case, timeout=40, **defines):
        with FaultProxy(broker.host, broker.port, CLIENTS) as proxy:
            return run_script(
                "network_cases", timeout, PORT=proxy.port, CONTROL=proxy.control_port, CASE=case, **defines
            )

    return run


@pytest.fixture
def restarting(new_broker, run_script):
    """Runs a case of broker_cases.py with a broker that it can end and start again."""

    def run(case, persistence, **defines):
        broker = new_broker(persistence=persistence, config=WINDOW)
        with Remote(stop=broker.stop, kill=broker.kill, start=broker.start) as remote:
            return run_script("broker_cases", 60, PORT=broker.port, CONTROL=remote.port, CASE=case, **defines)

    return run


@pytest.fixture
def sends_and_reads_nothing(run_script, target, packets):
    """Runs acknowledgements_that_cannot_leave.py: bounded memory, and an end in time."""
    flood = b"".join(packets.publish("flood", b"", 1, number) for number in range(1, 1001))

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.expect_packet("PUBLISH", topic="go")
        link.flood(flood, 900)
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.send(packets.puback(link.expect_packet("PUBLISH", topic="after").packet_id))
        link.expect_goodbye()

    def run(**defines):
        limits = {"LIMIT": 60000 * target.slowness, "MOST": 15000 if isinstance(target, Mps2) else 2000}
        with FakeBroker(script, buffer=1024, clients=["full"]) as broker:
            run_script("acknowledgements_that_cannot_leave", 100, PORT=broker.port, **limits, **defines)

    return run


@pytest.fixture
def larger_than_the_memory(run_script, packets):
    """Runs message_larger_than_the_memory.py: such messages come three times at a QoS, and each time a small one."""

    def run(qos):
        large = packets.publish("large", bytes(1 << 20), qos, 7 if qos else None)

        def script(broker):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe()
            for _ in range(3):
                link.send_quietly(large)
                if qos:
                    link.expect(packets.puback(7) if qos == 1 else packets.pubrec(7))
                if qos == 2:
                    # Again: it counts as delivered.
                    link.send_quietly(packets.publish("large", bytes(1 << 20), qos, 7, dup=True))
                    link.expect(packets.pubrec(7))
                    link.send(packets.pubrel(7))
                    link.expect(packets.pubcomp(7))
                link.send(packets.publish("next", b"small", 1, 8))
                link.expect(packets.puback(8))
            link.send(packets.publish("end"))
            link.expect_goodbye()

        with FakeBroker(script, clients=["memory"]) as broker:
            lines = run_script("message_larger_than_the_memory", 50, PORT=broker.port)
        assert len(lines) == 3, lines
        assert all("thrown away" in line for line in lines)

    return run


# Seconds, by the client's clock.
KEEP_ALIVE = 2


@pytest.fixture
def watched(new_broker, target):
    """Makes a broker that takes the client for dead when it is silent for too long, and the proxy to it."""

    @contextlib.contextmanager
    def make(client):
        broker = new_broker(config=DEFAULTS)
        # A board that computes falls behind the broker's clock.
        patience = 5 * KEEP_ALIVE if isinstance(target, Mps2) else None
        with FaultProxy(broker.host, broker.port, [client], patience) as proxy:
            yield broker, proxy
        assert [line for line in broker.log().splitlines() if "exceeded timeout" in line] == []

    return make


def pings_of(client, broker):
    """The number of PINGREQs that the broker has got so far."""
    return broker.log().count(f"Received PINGREQ from {client}")


@pytest.fixture
def steady(run_script, watched, most, target):
    """Runs steady_messages.py: messages come twice as fast as its function takes them. The broker never throws the
    client out, and the memory stays as it is.
    """

    def run(pings=True, **defines):
        # Longer than the broker has patience.
        seconds = max(SECONDS, 12 * KEEP_ALIVE if isinstance(target, Mps2) else 4 * KEEP_ALIVE)
        with watched("steady") as (broker, proxy), Steady(broker, "steady", every=0.01):
            run_script(
                "steady_messages",
                60 + 2 * seconds,
                PORT=proxy.port,
                KEEP_ALIVE=KEEP_ALIVE,
                SECONDS=seconds,
                WORK=20,
                MOST=most,
                **defines,
            )
        if pings:
            # The client sends nothing else: one in each keep-alive at the least.
            assert pings_of("steady", broker) >= seconds // KEEP_ALIVE - 1

    return run


@pytest.fixture
def slow_payload(run_script, watched, largest):
    """Runs slow_payload.py: a payload takes so long to arrive that the client pings four times meanwhile. The answer
    to the first PINGREQ is behind it; the others go out all the same.
    """

    def run(qos, **defines):
        size = min(largest, 1_000_000)
        ended = threading.Event()
        with watched("slow-payload") as (broker, proxy), Peer(broker) as peer:

            def let_through():
                while pings_of("slow-payload", broker) < 4:
                    if ended.wait(0.1):
                        return
                proxy.normal()

            def begin():
                # By itself it would take twenty times the keep-alive, and longer where this machine is slow.
                proxy.drip(0.01, "down", size // (2000 * KEEP_ALIVE))
                peer.publish("slow-payload", bytes(size), qos)

            peer.on("begin", begin)
            watcher = threading.Thread(target=let_through, name="watcher")
            watcher.start()
            try:
                run_script("slow_payload", 100, PORT=proxy.port, KEEP_ALIVE=KEEP_ALIVE, SIZE=size, QOS=qos, **defines)
            finally:
                ended.set()
                watcher.join()
        assert pings_of("slow-payload", broker) >= 4

    return run


@pytest.fixture
def dying(run_script, packets):
    """Runs broker_dies.py with a broker that dies, in one of three ways, while its messages are delivered."""
    messages = b"".join(packets.publish("m", b"%d" % number) for number in range(40))

    def run(how):
        ended = threading.Event()

        def script(broker):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe()
            packet = link.expect_packet("PUBLISH", topic="begin")
            link.send(packets.puback(packet.packet_id))
            link.send_quietly(messages)
            while not ended.is_set():
                packet = link.next_packet()
                if packet is None:
                    return
                if packet.kind == "PINGREQ" and not ended.is_set():
                    link.send(packets.pingresp())

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

    return run


@pytest.fixture
def most(target):
    """The limit of the messages that wait, without the one being received, in bytes."""
    return 16 * 1024 if isinstance(target, Mps2) else 64 * 1024


@pytest.fixture
def full_inbox(run_script, packets, most):
    """Runs full_inbox.py: a function takes longer than command_timeout, and the client leaves messages unread
    meanwhile. Every message comes, in order.
    """

    def run(**defines):
        count = 1 + 2 * most // 1000

        def script(broker):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe()
            for number in range(count):
                link.send_quietly(packets.publish("m", b"%06d" % number + bytes(1000)))
            for _ in link.until_goodbye():
                pass

        with FakeBroker(script, clients=["full-inbox"]) as broker:
            run_script("full_inbox", 60, PORT=broker.port, COUNT=count, **defines)

    return run


@pytest.fixture
def behind_a_backlog(run_script, packets, most):
    """Runs behind_a_backlog.py: a function's call cannot keep the messages before its answer: ENOBUFS, and everything
    comes in order afterwards.
    """

    def run(call, qos, **defines):
        size = 500
        count = 1 + 6 * most // size
        kind = {"subscribe": "SUBSCRIBE", "unsubscribe": "UNSUBSCRIBE"}.get(call, "PUBLISH")

        def script(broker):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe()
            link.accept_subscribe()
            link.send(packets.publish("go"))
            # Without a loop the program waits for an answer, too, and the function is called in that wait.
            waiting = []
            while (packet := link.next_packet()).kind != kind or packet.fields.get("topic") == "reading":
                waiting.append(packet)
            last = {
                "publish_1": packets.puback,
                "publish_2": packets.pubrec,
                "subscribe": lambda packet_id: packets.suback(packet_id, 1),
                "unsubscribe": packets.unsuback,
            }[call](packet.packet_id)
            data = b"".join(messages(packets, count, size, qos)) + last + packets.publish("end")
            data += b"".join(packets.puback(each.packet_id) for each in waiting)
            broker.patience = 100
            return acknowledged_behind(link, data)

        with FakeBroker(script, patience=30) as broker:
            run_script(
                "behind_a_backlog", PORT=broker.port, CALL=call, QOS=qos, COUNT=count, SIZE=size, MOST=most, **defines
            )
        # Every one, once, in the order in which it came.
        assert broker.result == [number + 1 for number in range(count)] * qos

    return run
