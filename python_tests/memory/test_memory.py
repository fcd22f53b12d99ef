"""The collector, and the memory of ended clients and connections."""

import pytest
from harness import mqtt_packets
from harness.fake_broker import FakeBroker
from harness.obliging import CLOSE, ObligingBroker, echo, oblige
from harness.targets import Unix


@pytest.fixture
def echoing():
    with ObligingBroker(echo) as broker:
        yield broker


def test_collecting_beside_traffic(run_script, broker):
    """gc.collect() again and again, in every thread there is."""
    run_script("collecting_beside_traffic", MESSAGES=150, TOPIC="collecting")


def test_publishing_takes_no_heap_and_receiving_the_payload(run_script, broker):
    run_script("allocations", TOPIC="allocations/in")


def test_clients_are_not_kept(run_script):
    run_script("clients_are_not_kept")


def test_payloads_are_not_kept(run_script, broker):
    run_script("payloads_are_not_kept", TOPIC="payloads")


def test_kept_and_dropped_payloads(run_script, broker):
    run_script("kept_and_dropped_payloads", TOPIC="kept")


def test_a_payload_in_a_gap(run_script, broker):
    run_script("payload_in_a_gap", TOPIC="gap")


@pytest.mark.parametrize(("unanswered", "disconnect"), [("PUBREL", False), ("PUBLISH", True)])
def test_a_payload_that_is_not_sent_again_is_not_kept(run_script, unanswered, disconnect):
    def answer(packet):
        return None if packet.kind == unanswered else oblige(packet)

    with ObligingBroker(answer) as broker:
        run_script("released_payload", HOST=broker.host, PORT=broker.port, DISCONNECT=disconnect)


def test_messages_that_nobody_waits_for_leave_nothing(run_script, broker):
    run_script("outbox_leaves_nothing")


def test_clients_that_are_forgotten(run_script, echoing):
    """They are collected, and their sockets closed: connected, without a loop, refused, never connected."""
    run_script("forgotten_clients_are_closed", HOST=echoing.host, PORT=echoing.port, CLIENTS=300)
    kinds = echoing.kinds()
    assert kinds.count("CONNECT") >= 300


def test_a_loop_keeps_its_client(run_script, broker):
    run_script("loop_keeps_its_client")


def test_connecting_again_and_again_leaves_nothing_open(run_script, echoing, tls):
    # Most of the time goes into handshakes of TLS, where there are any.
    run_script("connecting_again_and_again", HOST=echoing.host, PORT=echoing.port, TIMES=300 if tls is None else 60)


def test_no_memory_for_a_message(run_script, broker):
    """A message that does not fit is thrown away, with a line on the console; the rest goes on."""
    lines = run_script("message_that_does_not_fit", TOPIC="too/large")
    assert len([line for line in lines if line.startswith("mqtt: a message was thrown away")]) == 2


@pytest.mark.plain
def test_no_memory_for_an_identifier(run_script):
    """The connection ends in order, with the reason on the console; on the next one the broker starts again."""
    topic, count = "identifiers", 200

    def send_all(link, dup):
        packets = (mqtt_packets.publish(topic, bytes([i]), 2, packet_id=i + 1, dup=dup) for i in range(count))
        link.send_quietly(b"".join(packets))

    def script(broker):
        link = broker.accept()
        link.accept_connect(clean_session=False)
        link.accept_subscribe()
        link.expect_packet("PUBLISH", topic="all")
        send_all(link, False)
        received = set()
        while (packet := link.next_packet()) is not None:
            assert packet.kind == "PUBREC"
            received.add(packet.packet_id)
        link = broker.accept()
        link.accept_connect(session_present=True, clean_session=False)
        send_all(link, True)
        completed = set()
        while (packet := link.next_packet()).kind != "DISCONNECT":
            if packet.kind == "PUBREC":
                link.send(mqtt_packets.pubrel(packet.packet_id))
            elif packet.kind == "PUBCOMP":
                completed.add(packet.packet_id)
            else:
                link.send(mqtt_packets.puback(packet.packet_id))
        return received, completed

    with FakeBroker(script, clients=["identifiers"]) as broker:
        lines = run_script("no_memory_for_identifiers", PORT=broker.port, TOPIC=topic, COUNT=count)
    received, completed = broker.result
    assert len(received) < count
    assert completed == set(range(1, count + 1))
    # When there is no memory for an exception either, Python's own stands for it.
    reasons = ("no memory for the identifiers of incoming QoS 2 messages", "MemoryError")
    (ended,) = [line for line in lines if line.startswith("mqtt: read loop ended: ")]
    assert any(reason in ended for reason in reasons), ended


def test_the_loop_runs_beside_a_busy_program(run_script, echoing):
    """While the main program computes, sleeps and waits, messages come in soon."""
    run_script("busy_program", HOST=echoing.host, PORT=echoing.port)


@pytest.mark.parametrize(
    "script, defines",
    [
        ("features/arguments_by_position_and_name", {}),
        ("features/methods_in_callback", {"START_LOOP": True}),
        ("features/round_trip", {"TOPIC": "stress"}),
        ("features/resubscribe", {"TOPIC": "stress"}),
        ("features/subscriptions", {"TOPIC": "stress"}),
    ],
)
def test_a_collection_at_every_allocation(run_script, broker, echoing, script, defines):
    """The collector must see the objects that only Rust refers to for a while."""
    if script == "features/arguments_by_position_and_name":
        defines = {"HOST": echoing.host, "PORT": echoing.port}
    run_script(script, GC_THRESHOLD=16, **defines)


class Unkind:
    """Echoes; closes and breaks the protocol where it is told to, once; refuses some clients and filters."""

    def __init__(self):
        self.done = set()

    def __call__(self, packet):
        if packet.kind == "CONNECT" and packet.client_id.startswith("refused "):
            return mqtt_packets.connack(False, int(packet.client_id[-1]))
        if packet.kind == "SUBSCRIBE" and packet.filters[0][0].startswith("refused"):
            return mqtt_packets.suback(packet.packet_id, 0x80)
        if packet.kind == "PUBLISH" and packet.topic in ("close", "illegal"):
            # It comes again after the reconnection.
            if packet.payload in self.done:
                return oblige(packet)
            self.done.add(packet.payload)
            return CLOSE if packet.topic == "close" else mqtt_packets.publish("illegal/#")
        return echo(packet)


@pytest.mark.plain
def test_a_collection_at_every_allocation_and_exceptions_of_every_kind(run_script, target, closed_port):
    # One of its contexts does not encrypt.
    rounds = 3 if isinstance(target, Unix) else 1
    with ObligingBroker(Unkind()) as broker:
        defines = {"HOST": broker.host, "PORT": broker.port, "CLOSED_PORT": closed_port}
        run_script("collecting_always", GC_THRESHOLD=16, ROUNDS=rounds, **defines)


def test_a_collection_while_arguments_are_taken(run_script):
    """In one call that makes several objects."""
    with ObligingBroker() as broker:
        run_script("features/good_arguments", HOST=broker.host, PORT=broker.port, LONGEST=1001, GC_THRESHOLD=16)
    assert broker.of_kind("CONNECT")[2].will == ("t", b"x" * 1001, 2, True)
