"""Deadlines and Ctrl-C while the broker floods the client with messages that match no filter, and does not
answer."""

import contextlib
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from harness.fake_broker import FakeBroker
from harness.flooding import KINDS, flooding
from harness.targets import Mps2, Unix

READERS = pytest.mark.parametrize("loop", [True, False], ids=["loop", "no loop"])
# A client that acknowledges can be slower than one that throws away: two are tried with every call.
THOROUGH = ("pingresp", "publish_0")
# A flood keeps an emulated board busy for a minute: one kind of packet is enough there; all of them flood a PC.
# `--thorough` sends all kinds.
FLOODS = [pytest.param(kind, marks=[] if kind == "pingresp" else [pytest.mark.thorough]) for kind in KINDS]
THOROUGH_FLOODS = [kind for kind in FLOODS if kind.values[0] in THOROUGH]
CALLS = ("publish_1", "publish_2", "subscribe", "unsubscribe")


@pytest.fixture
def flooded(run_script, target):
    """Runs deadlines.py: the calls in turn, in one flood, which the first one brings about."""

    def run(kind, *calls, **defines):
        with FakeBroker(flooding(kind)) as broker:
            # A board's clock is this machine's, its processor is not.
            command = 2000 * min(target.slowness, 2)
            defines = {"CALLS": calls, "COMMAND": command, "LOOP": True, **defines}
            run_script("deadlines", 40, PORT=broker.port, **defines)

    return run


@READERS
@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.both_versions(board=False, loop=[True])
def test_a_flood_in_place_of_an_answer(flooded, kind, loop):
    flooded(kind, *(CALLS if kind in THOROUGH else CALLS[:1]), LOOP=loop)


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.both_versions(board=False)
def test_a_flood_in_place_of_an_answer_to_a_callback(flooded, kind):
    if kind == "message":
        pytest.skip("the function's call cannot keep what comes: see test_load_memory.py")
    flooded(kind, *CALLS[:1], WHERE="function", MAY_BE_FULL=kind.startswith("publish"))


@pytest.mark.parametrize("kind", THOROUGH_FLOODS)
@pytest.mark.both_versions(board=False)
def test_a_flood_in_place_of_an_answer_to_a_thread(flooded, kind):
    flooded(kind, *CALLS[:1], WHERE="thread")


@READERS
@pytest.mark.parametrize("kind", THOROUGH_FLOODS)
@pytest.mark.both_versions(board=False, loop=[True])
def test_a_message_that_cannot_leave_during_a_flood(flooded, kind, loop, target):
    if isinstance(target, Mps2):
        pytest.skip("QEMU's network takes a board's largest message at once")
    flooded(kind, "publish_0_large", LOOP=loop)


@READERS
@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.parametrize("call", ["publish_1", "disconnect"])
@pytest.mark.both_versions(board=False, loop=[True], call=["publish_1"])
def test_a_flood_that_begins_with_the_connack(flooded, kind, loop, call):
    """Filters that were registered before are subscribed to by connect(), with the same deadline; disconnect()
    ends a loop that has more to read than it can.
    """
    flooded(kind, call, LOOP=loop, NAME="registered")


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.both_versions(board=False)
def test_the_loop_disconnects_in_a_flood(flooded, kind):
    flooded(kind, "disconnect", WHERE="function", GO="go flood")


@READERS
@pytest.mark.parametrize("kind", THOROUGH_FLOODS)
@pytest.mark.both_versions(board=False, loop=[True])
def test_reconnecting_out_of_a_flood(flooded, kind, loop):
    flooded(kind, "publish_1", "reconnect", LOOP=loop)


# ---- Ctrl-C

# How long after the signal the program's own clock, which is this machine's, may show at the most, in seconds.
PROMPT = 0.2
SITUATIONS = ("publish_1", "subscribe", "publish_0_large", "thread", "connect")


@READERS
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("kind", [*THOROUGH, "message", "publish_1"])
@pytest.mark.plain
def test_ctrl_c_in_a_flood(target, kind, situation, loop):
    if not isinstance(target, Unix):
        pytest.skip("the target is no process of this machine")
    with FakeBroker(flooding(kind)) as broker, contextlib.ExitStack() as stack:
        defines = {"HOST": broker.host, "PORT": broker.port, "LOOP": loop, "SITUATION": situation}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = stack.enter_context(target.popen(Path(__file__).with_name("interrupted.py"), defines, text=True, **pipes))
        stack.callback(process.kill)
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        stack.callback(watchdog.cancel)
        assert process.stdout.readline() == "ready\n", process.stdout.read()
        # It waits, and the flood has come to it, or it has not waited at all.
        deadline = time.monotonic() + 20
        while not getattr(broker, "flooding", False) and process.poll() is None:
            assert time.monotonic() < deadline, broker.log()
            time.sleep(0.01)
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        lines = said.splitlines()
        assert process.returncode == 0 and lines[-1] == "OK", said
        caught = re.search(r"caught at (\d+)", said)
        assert caught, said
        assert int(caught[1]) / 1000 - began < PROMPT
