"""Ctrl-C, and the end of the program, whatever the client is doing."""

import contextlib
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from harness.ending import INTERRUPTED, traceback_apart
from harness.obliging import ObligingBroker, echo
from harness.targets import Unix

SCRIPT = Path(__file__).with_name("ways_to_end_a_program.py")
# How long an end may take, in seconds.
PROMPT = 2
SITUATIONS = ["idle", "traffic", "no loop", "publishing", "unanswered", "connecting", "in callback", "subscribing"]


def answer(packet):
    """Messages on `silence` are not answered, nor are filters on it."""
    if packet.kind in ("PUBLISH", "SUBSCRIBE") and b"silence" in packet.raw:
        return None
    if packet.kind == "CONNECT" and packet.client_id == "silence":
        return None
    return echo(packet)


@pytest.fixture
def start(target):
    """Starts ways_to_end_a_program.py in a situation; returns when it is in there."""
    if not isinstance(target, Unix):
        pytest.skip("the target is no process of this machine")
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(ObligingBroker(answer))

        def start(situation, ending="wait"):
            defines = {"HOST": broker.host, "PORT": broker.port, "SITUATION": situation, "ENDING": ending}
            pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            process = stack.enter_context(target.popen(SCRIPT, defines, text=True, **pipes))
            stack.callback(process.kill)
            watchdog = threading.Timer(120, process.kill)
            watchdog.start()
            stack.callback(watchdog.cancel)
            assert process.stdout.readline() == "ready\n", process.stderr.read()
            if situation in ("unanswered", "subscribing"):
                broker.wait_for(lambda: any(b"silence" in packet.raw for packet in broker.packets))
            if situation == "connecting":
                broker.wait_for(lambda: any(b"silence" in packet.raw for packet in broker.of_kind("CONNECT")))
            return process

        yield start


def end_of(process):
    """Exit status and the traceback, once it has ended; that must be soon."""
    begin = time.monotonic()
    # communicate() would lose the bytes that readline() has read beyond its line. The watchdog of `start` bounds this.
    output = process.stdout.read(), process.stderr.read()
    process.wait()
    assert time.monotonic() - begin < PROMPT
    _, said = traceback_apart(process.returncode, *output)
    return process.returncode, said


@pytest.mark.parametrize("situation", SITUATIONS)
def test_ctrl_c(start, situation):
    process = start(situation)
    process.send_signal(signal.SIGINT)
    status, said = end_of(process)
    assert status in INTERRUPTED, said
    assert said.count("Traceback") == 1
    assert said.splitlines()[-1] == "KeyboardInterrupt: "


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_client_outlives_ctrl_c(start, situation):
    """The program catches it, and goes on with the same client."""
    process = start(situation, "catch")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "caught\n", process.stderr.read()
    status, said = end_of(process)
    assert (status, said) == (0, "")


@pytest.mark.parametrize("situation", ["idle", "traffic", "no loop"])
@pytest.mark.parametrize("ending, status", [("end", 0), ("exit", 0), ("exit 7", 7), ("raise", 1), ("disconnect", 0)])
def test_the_end_of_the_program(start, situation, ending, status):
    """With a loop that runs: the process ends at once, with the status that it should."""
    process = start(situation, ending)
    code, said = end_of(process)
    assert code == status, said
    if ending == "raise":
        assert said.splitlines()[-1] == "ValueError: the end"
        assert said.count("Traceback") == 1
    else:
        assert said == ""


def test_many_programs_that_end(start):
    """Threads that are cut off at any point take nothing down with them."""
    for _ in range(30):
        process = start("traffic", "end")
        assert end_of(process) == (0, "")
