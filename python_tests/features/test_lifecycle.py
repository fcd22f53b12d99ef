"""Connecting, disconnecting, the loop, and the functions that are called on the way."""

import threading

import pytest
from harness import loopback, mqtt_packets
from harness.obliging import CLOSE, ObligingBroker, echo, oblige, oblige_until_close
from harness.peer import Peer
from harness.targets import Unix


@pytest.fixture
def echoing():
    """Sends every message back, and closes the connection for one on the topic `close`."""
    with ObligingBroker(echo) as broker:
        yield broker


@pytest.mark.smoke
def test_states(run_script, closed_port):
    run_script("connection_states", CLOSED_PORT=closed_port)


def test_connecting_in_vain(run_script, closed_port):
    """A closed port, an unknown name, a peer that does not answer, a peer that is no broker."""

    def answer(packet):
        return b"HTTP/1.1 400 Bad Request\r\n\r\n" if packet.client_id == "web" else None

    with ObligingBroker(answer) as broker:
        run_script("connecting_in_vain", HOST=broker.host, PORT=broker.port, CLOSED_PORT=closed_port)


def test_a_peer_that_accepts_and_closes(run_script):
    with loopback.listen() as listener:

        def accept_and_close():
            for _ in range(3):
                listener.accept()[0].close()

        thread = threading.Thread(target=accept_and_close, daemon=True)
        thread.start()
        run_script("closed_at_once", HOST=loopback.HOST, PORT=listener.getsockname()[1])
        thread.join(60)


@pytest.mark.smoke
def test_the_loop(run_script, echoing):
    run_script("loop", HOST=echoing.host, PORT=echoing.port)


@pytest.mark.smoke
def test_reading_by_hand(run_script):
    """wait_msg(), ping() and set_callback()."""
    run_script("by_hand")


def test_the_connection_ends_while_reading_by_hand(run_script, echoing):
    run_script("by_hand_lost", HOST=echoing.host, PORT=echoing.port)


def test_a_broker_that_is_silent_while_reading_by_hand(run_script):
    with ObligingBroker(lambda packet: oblige(packet) if packet.kind == "CONNECT" else None) as silent:
        run_script("by_hand_silent", HOST=silent.host, PORT=silent.port)


def test_an_ended_connection_frees_its_memory(run_script):
    """Above all that of TLS, 35 kB on a PC."""
    run_script("memory/memory_of_ended_connections")


def test_callbacks_of_connect(run_script, echoing):
    """breconnect_cb and aconnect_cb: when, in which order, with which arguments, and how they may raise."""
    run_script("connect_callbacks", HOST=echoing.host, PORT=echoing.port)


def test_aconnect_cb_that_subscribes(run_script, echoing):
    """The client does not subscribe a second time to the filters that it subscribes to, but to all others."""
    run_script("aconnect_cb_that_subscribes", HOST=echoing.host, PORT=echoing.port)
    filters = [
        sorted(packet.filters[0][0] for packet in conversation if packet.kind == "SUBSCRIBE")
        for conversation in echoing.conversations
    ]
    assert filters == [["by/callback"] + ["by/hand"], ["by/callback", "by/hand"], ["by/callback", "by/hand"]]


def test_loop_failure(run_script, echoing):
    lines = run_script("loop_failure", HOST=echoing.host, PORT=echoing.port)
    assert lines.count("ZeroDivisionError: divide by zero") == 1
    ended = [line for line in lines if line.startswith("mqtt: read loop ended: ")]
    assert len(ended) == 1 and "OSError: [Errno 104] ECONNRESET" in ended[0]


def test_calls_that_look_like_failures_but_succeed(run_script, echoing):
    """disconnect() and reconnect() do not call loop_failure; the loop goes on with a new connection."""
    run_script("ends_that_are_no_failure", HOST=echoing.host, PORT=echoing.port)


@pytest.mark.parametrize("start_loop", [True, False])
def test_methods_in_a_callback(run_script, broker, start_loop):
    run_script("methods_in_callback", START_LOOP=start_loop)


def test_reconnect_in_a_callback(run_script, echoing):
    run_script("reconnect_in_callback", HOST=echoing.host, PORT=echoing.port)


def test_disconnect_in_a_callback(run_script, echoing):
    run_script("disconnect_in_callback", HOST=echoing.host, PORT=echoing.port)


def test_the_timeout_of_disconnect(run_script, echoing):
    run_script("disconnect_timeout", HOST=echoing.host, PORT=echoing.port)


def test_a_publish_that_is_not_acknowledged(run_script):
    """It ends after command_timeout, and the connection stays."""

    def answer(packet):
        return None if packet.kind == "PUBLISH" else echo(packet)

    with ObligingBroker(answer) as broker:
        run_script("unacknowledged_publish", HOST=broker.host, PORT=broker.port)


def test_disconnect_ends_the_waits_of_other_threads(run_script):
    """A publish, a subscribe, an unsubscribe, a connect: none is answered, and none goes on for long."""

    def answer(packet):
        if packet.kind == "CONNECT" and packet.client_id != "silence":
            return echo(packet)
        return None

    with ObligingBroker(answer) as broker:
        run_script("disconnect_ends_waits_of_threads", HOST=broker.host, PORT=broker.port)


def test_disconnect_between_the_network_connection_and_connect(run_script):
    with ObligingBroker(lambda packet: None) as broker:
        run_script("disconnect_while_connecting", HOST=broker.host, PORT=broker.port)


@pytest.mark.smoke
def test_a_broker_that_restarts(run_script, new_broker):
    """The recipe: a loop_failure that reconnects until it succeeds."""
    broker = new_broker()
    ready, done = threading.Event(), threading.Event()

    def restart():
        if ready.wait(120):
            broker.kill()
            broker.start()
        # A broker does not outlive the thread that started it.
        done.wait(120)

    with Peer(broker) as peer:
        peer.on("restart/ready", ready.set)
        thread = threading.Thread(target=restart)
        thread.start()
        try:
            run_script("restarting_broker", PORT=broker.port)
        finally:
            ready.set()
            done.set()
            thread.join(60)


def test_reasons_of_failures(run_script):
    """Every way in which a broker ends a connection has its own reason; a PUBACK for QoS 2 ends none."""
    refused = []

    def answer(packet):
        if packet.kind == "CONNECT" and not refused:
            refused.append(packet)
            return CLOSE
        if packet.kind == "SUBSCRIBE" and packet.filters[0][0] == "close":
            return CLOSE
        if packet.kind == "PUBLISH" and packet.topic == "violation":
            return mqtt_packets.connack()
        if packet.kind == "PUBLISH" and packet.topic == "downgrade":
            return mqtt_packets.puback(packet.packet_id)
        return oblige_until_close(packet)

    with ObligingBroker(answer) as broker:
        run_script("reasons_of_failures", HOST=broker.host, PORT=broker.port)
    assert [packet.topic for packet in broker.of_kind("PUBLISH")].count("downgrade") == 1


@pytest.mark.parametrize("first, most", [(100, 400), (300, 200)])
def test_connecting_again_by_itself(run_script, first, most):
    """Pauses that double; a refusal, a callback that raises and a closed connection are failures alike."""
    refusals = [3, 5, 2]

    def answer(packet):
        if packet.kind == "CONNECT" and packet.client_id == "again":
            if packet.username == "refused":
                return mqtt_packets.connack(code=5)
            # The first connection is accepted.
            if len(broker.of_kind("CONNECT")) > 1 and refusals:
                return mqtt_packets.connack(code=refusals.pop())
        return oblige_until_close(packet)

    with ObligingBroker(answer) as broker:
        lines = run_script("connecting_again_by_itself", HOST=broker.host, PORT=broker.port, FIRST=first, MOST=most)
    assert lines.count("ValueError: not this time") == 1


def test_the_message_that_is_being_delivered(run_script):
    messages = [
        mqtt_packets.publish("m/0", b"zero"),
        mqtt_packets.publish("m/r", b"kept", retain=True),
        mqtt_packets.publish("m/1", b"", 1, 11),
        mqtt_packets.publish("m/d", b"again", 1, 12, retain=True, dup=True),
        mqtt_packets.publish("m/2", b"two", 2, 13),
        mqtt_packets.publish("m/x", b"raise", 2, 14, retain=True, dup=True),
    ]

    def answer(packet):
        answer = oblige(packet)
        if packet.kind == "PUBLISH" and packet.topic == "go":
            return answer + b"".join(messages)
        return answer

    with ObligingBroker(answer) as broker:
        lines = run_script("message_being_delivered", HOST=broker.host, PORT=broker.port)
    assert lines.count("ValueError: the message is gone all the same") == 1


@pytest.mark.parametrize("hosts", [["[::1]", "::1"], ["localhost"]], ids=" ".join)
def test_addresses(run_script, target, hosts):
    """`localhost` may have two addresses, of which one refuses."""
    if not isinstance(target, Unix):
        pytest.skip("the board's network is IPv4 alone, and its localhost is the board")
    with ObligingBroker(host="::1" if "::1" in hosts else "127.0.0.1") as broker:
        run_script("addresses", server=broker.host, HOSTS=hosts, PORT=broker.port)
    assert [packet.payload.decode() for packet in broker.of_kind("PUBLISH")] == hosts
