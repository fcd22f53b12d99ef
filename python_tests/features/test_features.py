"""The services of a broker: retained messages, wills, passwords, sessions, keep-alive."""

import os

import pytest
from harness import mqtt_packets
from harness.obliging import ObligingBroker, oblige
from harness.peer import Peer

# How long a client stays idle, in s: `IDLE=600 make python-test PYTEST='-k idle --tls builtin'`.
IDLE = float(os.environ.get("IDLE", "3.5"))
USERS = {"ann": "secret", "jörg": "pässword"}


def test_retained_messages(run_script, broker):
    with Peer(broker) as peer:
        run_script("retained_messages", TOPIC="retained/topic")
        # The script has left one behind.
        peer.subscribe("retained/#", 1)
        assert peer.take(1) == [("retained/topic", b"last")]
        assert peer.details == [(1, True)]
        peer.deliver("retained/topic", b"", 0, True)


def test_passwords(run_script, new_broker):
    """A refusal is a return code, no exception."""
    run_script("passwords", PORT=new_broker(users=USERS).port)


def test_a_will_is_published_when_the_client_is_lost(run_script, broker):
    with Peer(broker) as peer:
        peer.subscribe("will/#", 2)
        run_script("will", TOPIC="will/lost", DISCONNECT=False)
        assert peer.take(2) == [("will/lost", "Grüße\0".encode())] * 2
        assert sorted(peer.details) == [(1, False), (2, False)]


def test_no_will_is_published_after_a_disconnect(run_script, broker):
    with Peer(broker) as peer:
        peer.subscribe("will/#", 2)
        run_script("will", TOPIC="will/kept", DISCONNECT=True)
        peer.deliver("will/end", b"", 2)
        assert peer.take(1) == [("will/end", b"")]


def test_a_retained_will(run_script, broker):
    with Peer(broker) as peer:
        peer.subscribe("retained_will")
        run_script("retained_will", TOPIC="retained_will")
        assert peer.take(1) == [("retained_will", b"gone")]
        peer.subscribe("retained_will")
        assert peer.take(1) == [("retained_will", b"gone")]
        assert peer.details[1] == (0, True)
        peer.deliver("retained_will", b"", 0, True)


@pytest.mark.timeout(1800 + 2 * IDLE)
def test_an_idle_client_stays_connected(run_script, broker):
    """Mosquitto closes connections that were idle for one and a half keep-alives."""
    run_script("idle_connection", 30 + IDLE, IDLE_MS=int(IDLE * 1000))
    assert "keep_alive has exceeded timeout" not in broker.log()


def test_a_session_is_resumed(run_script, broker):
    """A client that registers before it connects misses no message that the broker has kept."""
    kept = [(f"session/{number}", b"%d" % number, number % 2 + 1) for number in range(20)]

    with Peer(broker) as peer:
        run_script("session_over_programs", STEP=1, KEPT=[])
        for message in kept:
            peer.deliver(*message)
        run_script("session_over_programs", STEP=2, KEPT=kept)
        peer.deliver("session/late", b"", 1)
        run_script("session_over_programs", STEP=3, KEPT=[])


def test_one_object_resumes_its_session(run_script, broker):
    with Peer(broker) as peer:
        peer.on("resume/ready", lambda: [peer.publish(f"resume/{n}", b"%d" % n, 2) for n in range(10)])
        run_script("session_over_connections", TOPIC="resume", READY="resume/ready")


def test_subscriptions(run_script):
    """Unsubscribing, replacing, the types of a function's arguments."""
    run_script("subscriptions", TOPIC="subscriptions")


def test_subscriptions_survive_a_clean_reconnect(run_script):
    run_script("resubscribe", TOPIC="resubscribe")


def test_an_exception_in_a_callback_is_printed(run_script):
    lines = run_script("callback_raises", TOPIC="callback/raises")
    assert lines.count("Traceback (most recent call last):") == 2
    assert lines.count("ZeroDivisionError: divide by zero") == 1
    assert lines.count("ValueError: of the second function") == 1
    assert any("in divide" in line for line in lines)


def test_a_refused_subscription(run_script):
    def refuse(packet):
        if packet.kind == "SUBSCRIBE" and packet.filters[0][0].startswith("refused"):
            return mqtt_packets.suback(packet.packet_id, 0x80)
        if packet.kind == "SUBSCRIBE" and packet.filters[0][1] == 2:
            return mqtt_packets.suback(packet.packet_id, 0x80)
        if packet.kind == "PUBLISH":
            return mqtt_packets.publish(packet.topic, packet.payload)
        return oblige(packet)

    with ObligingBroker(refuse) as broker:
        run_script("refused_subscriptions", HOST=broker.host, PORT=broker.port)


@pytest.mark.parametrize("code", range(1, 6))
def test_a_refused_connection(run_script, code):
    """The return code of CONNACK is returned; the socket is closed, and no loop is started."""
    with ObligingBroker(lambda packet: mqtt_packets.connack(False, code)) as broker:
        run_script("refused_connection", HOST=broker.host, PORT=broker.port, CODE=code)
    assert broker.kinds() == ["CONNECT"] * 3
