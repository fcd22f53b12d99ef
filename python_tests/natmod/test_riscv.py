"""The native module on a 32-bit RISC-V processor: MicroPython's own qemu port, which has no network."""

from pathlib import Path

import pytest
from harness import native_module, processes
from harness.raw_repl import Board
from harness.targets import ROOT

pytestmark = pytest.mark.natmod

FIRMWARE = ROOT / "build/qemu-VIRT_RV32-bare/firmware.elf"
MODULE = ROOT / "build/mpy/rv32imc/mqtt.mpy"
# In memory that the firmware does not use.
ADDRESS = 0x87000000


# That port has no time either: a clock that goes on by a millisecond at each look.
CLOCK = """
import sys
class time:
    now = 0
    @staticmethod
    def ticks_ms():
        time.now += 1
        return time.now
    @staticmethod
    def sleep_ms(ms):
        time.now += ms
sys.modules["time"] = time
del sys
"""


class Virt(Board):
    """QEMU's machine `virt` with the module in its memory, imported before a script."""

    def __init__(self):
        super().__init__(
            [
                processes.find_tool("qemu-system-riscv32", "qemu-system-misc"),
                *("-machine", "virt", "-bios", "none", "-m", "128M", "-kernel", str(FIRMWARE)),
                *("-display", "none", "-monitor", "none", "-serial", "stdio", "-semihosting"),
                *("-device", f"loader,file={MODULE},addr={ADDRESS:#x},force-raw=on"),
            ]
        )

    def enter_raw_repl(self):
        super().enter_raw_repl()
        self.run(CLOCK)
        self.run(native_module.importing({MODULE: ADDRESS}))


def test_a_session():
    for file in (FIRMWARE, MODULE):
        if not file.exists():
            pytest.fail(f"there is no {file}: `make mpy-test` makes it")
    script = Path(__file__).with_name("session_without_network.py")
    with Virt() as board:
        board.enter_raw_repl()
        assert board.run(script.read_text(encoding="utf-8")) == "OK\n"
