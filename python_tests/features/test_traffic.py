"""Messages in bulk, and large ones. The other side is a client of other people's making."""

import hashlib
import itertools

import pytest
from harness.peer import Peer, payload_of
from harness.targets import Unix

COUNT = 10_000
MIB = 1 << 20


@pytest.fixture
def orderly_broker(new_broker):
    """Makes a broker that passes so many messages on before they are acknowledged; 0: no limit.

    Beyond its limit Mosquitto queues, and then a new message may overtake those in the queue.
    """
    return lambda limit: new_broker(config=[f"max_inflight_messages {limit}"])


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_many_messages_out(run_script, orderly_broker, qos):
    """10,000 messages of 0 to 1,000 bytes arrive once, in order, byte for byte."""
    broker = orderly_broker(0)
    with Peer(broker) as peer:
        peer.subscribe("many/out", qos)
        run_script("many_messages_out", PORT=broker.port, COUNT=COUNT, QOS=qos, TOPIC="many/out")
        for number, message in enumerate(peer.take(COUNT)):
            assert message == ("many/out", payload_of(number)), number
        assert peer.take(1) == [("many/out", b"end")]
        assert set(peer.details) == {(qos, False)}


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_many_messages_in(run_script, target, orderly_broker, qos):
    """The same in the other direction."""
    broker = orderly_broker(0)
    # A board has memory for so many at once, a PC for all of them: the broker sends messages of
    # QoS 2, too, without waiting for the handshakes of those before.
    portion = COUNT if isinstance(target, Unix) else 500
    numbers = iter(range(COUNT))

    def publish_portion():
        for number in itertools.islice(numbers, portion):
            peer.publish("many/in", payload_of(number), qos)

    with Peer(broker) as peer:
        peer.on("many/ready", publish_portion)
        run_script(
            "many_messages_in",
            PORT=broker.port,
            COUNT=COUNT,
            PORTION=portion,
            QOS=qos,
            TOPIC="many/in",
            READY="many/ready",
        )


@pytest.mark.smoke
def test_round_trip(run_script):
    """Published and received by the same client, at every pair of qualities of service."""
    run_script("round_trip", TOPIC="round/trip")


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_large_message_out(run_script, broker, qos, largest):
    """A mebibyte, or as much as the target has the memory for."""
    size = min(MIB, largest)
    with Peer(broker) as peer:
        peer.subscribe("large", qos)
        run_script("large_message_out", SIZE=size, QOS=qos, TOPIC="large")
        (message,) = peer.take(1)
        assert message == ("large", bytes(range(256)) * (size // 256))


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_large_message_in(run_script, broker, qos, largest):
    size = min(MIB, largest)
    payload = b"".join(payload_of(number) for number in range(2100))[:size]
    assert len(payload) == size
    with Peer(broker) as peer:
        peer.on("large/ready", lambda: peer.publish("large", payload, qos))
        digest = hashlib.sha256(payload).digest()
        run_script("large_message_in", SIZE=size, DIGEST=digest, QOS=qos, TOPIC="large", READY="large/ready")


def test_two_hundred_subscriptions(run_script):
    """Wildcards that overlap: each function whose filter matches gets the message, in order."""
    run_script("many_filters", COUNT=200)


def test_text_beyond_ascii(run_script, broker):
    with Peer(broker) as peer:
        peer.subscribe("世界/#", 1)
        peer.on("utf8/ready", lambda: peer.publish("世界/grüße/🎉", "πάντα ῥεῖ", 1))
        run_script("utf8", READY="utf8/ready")
        assert peer.take(2) == [("世界/grüße/🎉", "πάντα ῥεῖ".encode()), ("世界/é", "日本語".encode())]


def test_empty_messages(run_script, broker):
    """A payload of no bytes is a message like any other."""
    with Peer(broker) as peer:
        peer.subscribe("empty", 2)
        peer.on("empty/ready", lambda: [peer.publish("empty/in", b"", qos) for qos in range(3)])
        run_script("empty_messages", TOPIC="empty", IN="empty/in", READY="empty/ready")
        assert peer.take(9) == [("empty", b"")] * 9


def test_several_clients_at_once(run_script, target):
    run_script("several_clients", CLIENTS=target.clients, MESSAGES=50)


def test_threads_that_publish_at_once(run_script, orderly_broker):
    """Packets do not mix, and every message arrives once."""
    threads, each = 4, 250
    broker = orderly_broker(0)
    with Peer(broker) as peer:
        peer.subscribe("threads/+", 2)
        run_script("publishing_threads", PORT=broker.port, THREADS=threads, EACH=each)
        came = peer.take(threads * each)
        for thread in range(threads):
            mine = [payload for topic, payload in came if topic == f"threads/{thread}"]
            assert mine == [b"%d " % number + payload_of(number) for number in range(each)]
        assert peer.is_empty()
