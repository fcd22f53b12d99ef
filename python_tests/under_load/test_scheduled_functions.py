"""Functions that MicroPython runs in between, on top of a call that waits: they call every method."""

import threading

import pytest
from harness.fake_broker import FakeBroker
from harness.fault_proxy import Remote

READERS = pytest.mark.parametrize("loop", [True, False], ids=["loop", "no loop"])
INNER = ("publish_0", "publish_1", "publish_2", "publish_later", "subscribe", "unsubscribe")
OUTER = ("publish_1", "publish_2", "subscribe", "unsubscribe")


def obliging(broker):
    """A broker that answers everything at once."""
    link = broker.accept()
    link.accept_connect()
    for packet in link.until_goodbye():
        link.oblige(packet)
    link.expect_end()


def inner_first(broker):
    """A broker that answers packets with `outer` in them only when it has answered those with `inner` in them."""
    link = broker.accept()
    link.accept_connect()
    waiting = inner_id = None
    done = False
    for packet in link.until_goodbye():
        if b"outer" in packet.raw:
            waiting = packet
        else:
            link.oblige(packet)
        if b"inner" in packet.raw:
            inner_id = packet.fields.get("packet_id")
            # A handshake that begins with PUBREC ends with PUBCOMP.
            done = packet.fields.get("qos") != 2
        elif packet.kind == "PUBREL" and packet.packet_id == inner_id:
            done = True
        if waiting is not None and done:
            link.oblige(waiting)
            waiting = inner_id = None
            done = False
    link.expect_end()


@READERS
@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("inner", INNER)
@pytest.mark.both_versions(board=False)
def test_a_scheduled_function_in_a_call_that_waits(run_script, loop, outer, inner):
    """The call is answered only after the function's own: neither waits for itself, time and again."""
    times = 200 if (outer, inner) == ("publish_1", "publish_1") else 20
    with FakeBroker(inner_first) as broker:
        run_script("scheduled", PORT=broker.port, LOOP=loop, OUTER=outer, INNER=inner, TIMES=times)


@READERS
@pytest.mark.parametrize("inner", ["publish_1", "publish_2", "subscribe"])
@pytest.mark.both_versions(board=False)
def test_functions_are_scheduled_all_the_time(run_script, loop, inner):
    """Nothing is held back: whichever thread runs them, on top of whichever wait, all calls end well."""

    with FakeBroker(obliging) as broker:
        run_script("scheduled", PORT=broker.port, LOOP=loop, OUTER="publish_1", INNER=inner, TIMES=200)


class Stage(threading.Event):
    """Where a script on the target is told to have come to."""

    def check(self):
        assert self.is_set(), "not yet"


@READERS
@pytest.mark.parametrize("inner", ["disconnect", "reconnect"])
def test_a_scheduled_function_ends_the_connection_of_a_call_that_waits(run_script, loop, inner):
    """The call ends with it, long before its deadline."""
    times = 10
    waiting = Stage()

    def script(broker):
        for _ in range(times):
            link = broker.accept()
            link.accept_connect()
            link.expect_packet("PUBLISH", topic="outer")
            waiting.set()
            link.expect_goodbye()
            if inner == "reconnect":
                link = broker.accept()
                link.accept_connect()
                link.expect_goodbye()

    with FakeBroker(script) as broker, Remote(waiting=waiting.check, again=waiting.clear) as remote:
        run_script(
            "scheduled_end", PORT=broker.port, CONTROL=remote.port, LOOP=loop, INNER=inner, TIMES=times
        )


@pytest.mark.parametrize("inner", [*INNER, "disconnect"])
def test_a_scheduled_function_while_the_client_connects(run_script, inner):
    """There is nothing to publish on: it is told at once, and the connection is made. disconnect() ends that."""
    times = 10
    waiting = Stage()
    done = threading.Event()

    def script(broker):
        for _ in range(times):
            link = broker.accept()
            link.expect_packet("CONNECT")
            waiting.set()
            if inner == "disconnect":
                link.expect_end()
                continue
            assert done.wait(broker.patience), "the function did not end"
            done.clear()
            link.send(link.mqtt.connack())
            # A filter that was registered is asked for now.
            for packet in link.until_goodbye():
                link.oblige(packet)

    commands = {"waiting": waiting.check, "again": waiting.clear, "done": done.set}
    with FakeBroker(script) as broker, Remote(**commands) as remote:
        run_script("scheduled_connect", PORT=broker.port, CONTROL=remote.port, INNER=inner, TIMES=times)


@pytest.mark.board
@pytest.mark.parametrize("inner", ["publish_1", "publish_2", "subscribe"])
def test_a_timer_that_calls_methods_all_the_time(run_script, inner):
    """A timer's function calls a method every few milliseconds, while the program waits in others."""

    with FakeBroker(obliging) as broker:
        run_script("timer", PORT=broker.port, INNER=inner, TIMES=200)
