"""Connections that end and are made again, under load and in a hurry."""

import contextlib
import socket
import threading

import pytest
from harness.certificates import root
from harness.fake_broker import FakeBroker
from harness.fault_proxy import Remote
from harness.targets import Mps2


@pytest.mark.parametrize("how", ["accepted and closed", "closed", "refused", "not reconnecting"])
@pytest.mark.parametrize("cycle", [20, 500])
@pytest.mark.both_versions(board=False, cycle=[20], how=["accepted and closed", "closed", "not reconnecting"])
def test_a_pause_between_calls_of_loop_failure(run_script, how, cycle):
    """Whether or not it connected meanwhile: a broker that accepts and closes is no reason for a storm."""

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.expect_packet("PUBLISH", topic="go")
        while True:
            link.drop()
            # The client may say goodbye before it sees that.
            while link.next_packet() is not None:
                pass
            link.abandon()
            link = broker.accept()
            packet = link.expect_packet("CONNECT")
            if packet.client_id == "ended":
                link.send(link.mqtt.connack())
                link.expect_goodbye()
                return broker.links
            if how == "accepted and closed":
                link.send(link.mqtt.connack())
            elif how == "refused":
                link.send(link.mqtt.connack(code=5))

    with FakeBroker(script) as broker:
        calls = 4 if cycle == 500 else 20
        run_script("failure_pauses", PORT=broker.port, CYCLE=cycle, CALLS=calls, RECONNECTS=how[:3] != "not")
    # One attempt for each call, beside the first connection and the last one.
    assert len(broker.result) == 2 + (calls if how[:3] != "not" else 0)


@pytest.mark.both_versions(board=False)
def test_two_clients_with_one_identifier(run_script, broker):
    """Each throws the other one out: they take turns, at the pace of their cycles."""
    run_script("one_identifier", PORT=broker.port, CYCLE=500, SECONDS=4)


@pytest.mark.both_versions
def test_a_long_pause_does_not_delay_messages(run_script):
    """The connection that loop_failure has made is read at once, and a disconnect() ends the pause."""

    def script(broker):
        for _ in range(2):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe()
            packet = link.expect_packet("PUBLISH", topic="go")
            link.drop()
            link.expect_end()
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe()
            link.send(link.mqtt.publish("t", b"at once"))
            # The second failure within the pause.
            link.expect_packet("PUBLISH", topic="again")
            link.drop()
            link.expect_end()
        return packet

    with FakeBroker(script) as broker:
        run_script("long_pause", PORT=broker.port)


@pytest.mark.both_versions
def test_a_message_that_comes_with_a_new_connection(run_script):
    """connect() on top of a loop that pauses: messages that come meanwhile are delivered when it has returned."""

    def script(broker):
        for number in range(3):
            link = broker.accept()
            link.expect_packet("CONNECT")
            # From the second connection on with a message in the same piece.
            link.send(link.mqtt.connack() + (link.mqtt.publish("t", b"with the CONNACK") if number else b""))
            for packet in link.until_goodbye():
                if packet.kind == "SUBSCRIBE":
                    link.send(link.mqtt.suback(packet.packet_id, 0))
                elif packet.topic == "ask":
                    link.send(link.mqtt.publish("t", b"in aconnect_cb") + link.mqtt.puback(packet.packet_id))
                else:
                    link.drop()
                    link.expect_end()
                    break

    def send():
        """When aconnect_cb has had its answer; nobody but the loop reads it."""
        link = broker.links[-1]
        link.send(link.mqtt.publish("t", b"unread"))

    # Nothing but the client is to say that it is late.
    with FakeBroker(script, patience=70) as broker, Remote(send=send) as remote:
        run_script("new_connection", PORT=broker.port, CONTROL=remote.port)


@pytest.mark.parametrize("where", ["loop_failure", "main"])
@pytest.mark.both_versions
def test_a_backlog_on_both_sides(run_script, where, target):
    """The broker takes nothing until its own messages are taken, and the client has as much to send again."""
    if isinstance(target, Mps2):
        pytest.skip("it takes threads")
    count, size, theirs = 16, 400_000, 30

    def script(broker):
        broker.patience = 60
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        taken = [link.expect_packet("PUBLISH").topic for _ in range(count)]
        link.drop()
        link.expect_end()
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(link.mqtt.connack(True))
        # All of it, before anything is read.
        link.send_quietly(b"".join(link.mqtt.publish("t", b"%02d" % n + bytes(size)) for n in range(theirs)))
        again = []
        for packet in link.until_goodbye():
            if packet.kind == "PUBLISH" and packet.topic != "after":
                assert packet.dup, packet
                again.append(packet.topic)
            if packet.kind == "PUBLISH":
                link.send(link.mqtt.puback(packet.packet_id))
        return taken, again

    with FakeBroker(script, buffer=1 << 16) as broker:
        run_script("backlogs", 100, PORT=broker.port, WHERE=where, COUNT=count, SIZE=size, THEIRS=theirs)
    taken, again = broker.result
    assert again == taken


@pytest.mark.parametrize("phase", ["tcp", "tls", "connack"])
def test_no_call_waits_for_a_connection_that_is_being_made(run_script, target, tls, phase):
    """ENOTCONN, at once, whatever the attempt waits for; and disconnect() ends it."""
    if isinstance(target, Mps2):
        pytest.skip("it takes threads; for timers there is test_board_loop.py")
    if tls and phase != "connack":
        pytest.skip("the test's TLS is before the broker")
    connecting = threading.Event()

    def script(broker):
        link = broker.accept(anybody=phase == "tls")
        if phase == "tls":
            # Its ClientHello.
            link.receive_quietly()
            connecting.set()
            link.receive_quietly(within=30)
            return
        link.accept_connect()
        link.accept_subscribe()
        link.expect_packet("PUBLISH", topic="go")
        if phase == "tcp":
            full(broker._listener, fillers)
        link.drop()
        link.expect_end()
        if phase == "tcp":
            connecting.set()
            return
        link = broker.accept()
        link.expect_packet("CONNECT")
        connecting.set()
        link.next_packet()

    def until_connecting():
        assert connecting.wait(9)

    with (
        contextlib.ExitStack() as fillers,
        FakeBroker(script, patience=30) as broker,
        Remote(connecting=until_connecting) as remote,
    ):
        run_script("while_connecting", PORT=broker.port, CONTROL=remote.port, PHASE=phase, CA=root().pem)


def full(listener, stack):
    """Has the kernel answer no more SYN on this listener."""
    listener.listen(0)
    for _ in range(4):
        each = stack.enter_context(socket.socket())
        each.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            each.connect(listener.getsockname())
