"""The harness knows both ways in which the unix port runs a file.

No package has MicroPython 1.27 yet. In its place stands the interpreter that is built here, with a program that gives
its output and status as 1.27 does.
"""

import shlex
import signal
import subprocess

import pytest
from harness.ending import INTERRUPTED, traceback_apart
from harness.targets import Unix

# The time limit of steps that take no time, in s.
PATIENCE = 60

STAND_IN = """\
#!/bin/sh
exec {image} {driver} "$@" 2>&1
"""
DRIVER = """\
import sys

sys.argv.pop(0)
with open(sys.argv[0]) as file:
    code = compile(file.read(), sys.argv[0], "exec")
try:
    exec(code, {"__name__": "__main__"})
except KeyboardInterrupt as error:
    sys.print_exception(error, sys.stdout)
    sys.exit(130)
"""


@pytest.fixture(params=["as built", "as 1.27"])
def interpreter(request, target, tmp_path):
    if not isinstance(target, Unix):
        pytest.skip("the target is no process of this machine")
    if request.param == "as built":
        return target
    target.check()
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER, encoding="utf-8")
    file = tmp_path / "micropython"
    file.write_text(STAND_IN.format(image=shlex.quote(str(target.image)), driver=driver), encoding="utf-8")
    file.chmod(0o755)
    return type(target)(target.name, file, target.made_by)


@pytest.fixture
def start(interpreter, tmp_path):
    """Starts a program."""

    def start(source):
        script = tmp_path / "script.py"
        script.write_text(source, encoding="utf-8")
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return interpreter.popen(script, text=True, **pipes)

    return start


def end_of(process):
    with process:
        output = process.communicate(timeout=PATIENCE)
    return process.returncode, *traceback_apart(process.returncode, *output)


@pytest.mark.parametrize(
    "source, last, status",
    [
        ("raise ValueError('it')", "ValueError: it", 1),
        ("import sys; sys.exit(7)", None, 7),
        ("import sys; sys.exit(1)", None, 1),
        ("pass", None, 0),
    ],
)
def test_the_end(start, source, last, status):
    # The lines that the script prints itself stay where they are.
    ended, printed, errors = end_of(start(f"print('Traceback of the script')\n{source}\n"))
    assert (ended, printed) == (status, "Traceback of the script\n"), errors
    assert errors.splitlines()[-1:] == ([last] if last else [])
    assert errors.startswith("Traceback (most recent call last):\n") == (last is not None)


def test_ctrl_c(start):
    process = start("print('ready')\nwhile True: pass\n")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    status, printed, errors = end_of(process)
    assert status in INTERRUPTED and printed == ""
    assert errors.splitlines()[-1] == "KeyboardInterrupt: "


def test_a_caught_ctrl_c(start):
    process = start("print('ready')\ntry:\n    while True: pass\nexcept KeyboardInterrupt:\n    print('caught')\n")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert end_of(process) == (0, "caught\n", "")
