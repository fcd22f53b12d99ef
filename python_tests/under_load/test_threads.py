"""Threads and sockets that are short, or that several calls have in hand when the connection ends."""

import contextlib
import functools
import resource
import subprocess
import threading
from pathlib import Path

import pytest
from harness import mqtt_packets as mqtt
from harness.fake_broker import FakeBroker
from harness.fault_proxy import Remote
from harness.targets import Mps2, Unix

READERS = pytest.mark.parametrize("loop", [True, False], ids=["loop", "no loop"])


@pytest.mark.parametrize("call", ["connect", "loop"])
@pytest.mark.plain
def test_no_thread_for_the_loop(target, call):
    """connect() fails and leaves nothing half-made; when there are threads again, it works."""
    if not isinstance(target, Unix) or target.slowness != 1:
        pytest.skip("it takes a process whose memory can be limited")
    ended = []

    def script(broker):
        if call == "connect":
            link = broker.accept()
            link.accept_connect()
            # With a goodbye or without.
            packet = link.next_packet()
            assert packet is None or packet.kind == "DISCONNECT", packet
            ended.append(None)
        link = broker.accept()
        link.accept_connect()
        for packet in link.until_goodbye():
            link.send(mqtt.puback(packet.packet_id))

    with FakeBroker(script, patience=20) as broker, contextlib.ExitStack() as stack:
        defines = {"HOST": broker.host, "PORT": broker.port, "CALL": call}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = stack.enter_context(target.popen(Path(__file__).with_name("no_thread.py"), defines, text=True, **pipes))
        stack.callback(process.kill)
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        stack.callback(watchdog.cancel)
        said = [process.stdout.readline()]
        assert said == ["ready\n"], said + process.stdout.readlines()
        # Its heap is there already; a thread's stack is not.
        unlimited = resource.prlimit(process.pid, resource.RLIMIT_AS)
        resource.prlimit(process.pid, resource.RLIMIT_AS, (size_of(process.pid) + (1 << 15), unlimited[1]))
        say(process, "limited")
        said.append(process.stdout.readline())
        resource.prlimit(process.pid, resource.RLIMIT_AS, unlimited)
        say(process, "unlimited")
        rest, _ = process.communicate(timeout=60)
        if process.returncode != 0 or not rest.endswith("OK\n"):
            pytest.fail("".join(said) + rest, pytrace=False)
    assert len(ended) == (call == "connect")


def size_of(pid):
    """The address space of a process, in bytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def say(process, word):
    process.stdin.write(word + "\n")
    process.stdin.flush()


@READERS
@pytest.mark.parametrize("how", ["reset", "fin", "disconnect", "reconnect"])
def test_a_connection_that_ends_while_several_threads_use_it(run_script, target, loop, how):
    """One is blocked in a write, one waits for an answer: both end, and the socket is closed."""
    if isinstance(target, Mps2):
        pytest.skip("it takes threads")
    times = 5
    stages = {"small": threading.Event(), "large": threading.Event()}

    def script(broker):
        for _ in range(times):
            link = broker.accept()
            link.accept_connect()
            link.expect_packet("PUBLISH", topic="small")
            stages["small"].set()
            # The beginning of the large one. The rest stays where it is.
            link.receive_quietly(16)
            stages["large"].set()
            if how in ("reset", "fin"):
                assert go_on.wait(20)
                go_on.clear()
                if how == "reset":
                    link.reset()
                else:
                    link.abandon()
                    link.socket.close()
            else:
                # Nothing of it is taken: the client ends it all the same.
                assert go_on.wait(60)
                go_on.clear()
                link.abandon()
                link.socket.close()
                if how == "reconnect":
                    second = broker.accept()
                    second.accept_connect()
                    second.expect_goodbye()

    go_on = threading.Event()

    def until(stage):
        assert stage.wait(9)
        stage.clear()

    commands = {name: functools.partial(until, stage) for name, stage in stages.items()}
    with FakeBroker(script, patience=60, buffer=1 << 14) as broker, Remote(**commands, end=go_on.set) as remote:
        run_script(
            "shared_socket", 60, PORT=broker.port, CONTROL=remote.port, LOOP=loop, HOW=how, TIMES=times
        )
