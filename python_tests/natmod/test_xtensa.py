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
FOLDERS = ["xtensawin", "xtensawin-tls"]
# The processor's clock counts its instructions, so a busy machine changes nothing.
MACHINE = ["-M", "sim", "-cpu", "dc233c", "-icount", "shift=4"]


@pytest.fixture(params=FOLDERS)
def folder(request):
    return request.param


@pytest.fixture
def run(tmp_path, folder):
    """Runs a program; returns its output. The firmware finds its files in the current folder."""
    module = ROOT / "build/mpy" / folder / "mqtt.mpy"
    for file in (FIRMWARE, module):
        if not file.exists():
            pytest.fail(f"there is no {file}: `make mpy-test` makes it")
    shutil.copy(module, tmp_path)

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


@pytest.mark.parametrize("folder", ["xtensawin-tls"])
def test_the_built_in_tls_makes_contexts(run):
    program = """
import mqtt
print(mqtt.create_ssl_context(hostname="broker.example", options=mqtt.CERT_NONE))
try:
    mqtt.create_ssl_context(cacert="nonsense")
except ValueError as error:
    print(error)
"""
    assert run(program) == "<SSLContext>\ncacert is neither PEM nor DER\n"
