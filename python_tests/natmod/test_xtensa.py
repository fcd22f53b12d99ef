"""The native module on an emulated processor with register windows, as an ESP32 has: threads under a GIL, the
errno numbers of newlib, no network.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from harness import processes
from harness.targets import ROOT

pytestmark = pytest.mark.natmod

FIRMWARE = ROOT / "build/xtensa/firmware.elf"
MODULE = ROOT / "build/mpy/xtensawin/mqtt.mpy"
# The processor's clock counts its instructions, so a busy machine changes nothing.
MACHINE = ["-M", "sim", "-cpu", "dc233c", "-icount", "shift=4"]


@pytest.fixture
def run(tmp_path):
    """Runs a program; returns its output. The firmware finds its files in the current folder."""
    for file in (FIRMWARE, MODULE):
        if not file.exists():
            pytest.fail(f"there is no {file}: `make mpy-test` makes it")
    shutil.copy(MODULE, tmp_path)

    def run(program):
        (tmp_path / "main.py").write_text(program, encoding="utf-8")
        command = [processes.find_tool("qemu-system-xtensa", "qemu-system-misc"), *MACHINE, "-semihosting"]
        command += ["-display", "none", "-monitor", "none", "-serial", "stdio", "-kernel", FIRMWARE]
        result = subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run


def test_a_session(run):
    script = Path(__file__).with_name("session_without_network.py")
    assert run(script.read_text(encoding="utf-8")) == "OK\n"


def test_the_kind_of_processor(run):
    assert run("import sys; print(sys.implementation._mpy >> 10 & 15)") == "10\n"


def test_errno_numbers_are_the_firmwares(run):
    program = """
import mqtt
try:
    mqtt.Client("nobody").publish("topic", "payload")
except OSError as error:
    print(error.errno)
"""
    # newlib's ENOTCONN.
    assert run(program) == "128\n"
