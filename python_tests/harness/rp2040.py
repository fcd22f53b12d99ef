#!/usr/bin/env python3
"""Runs a script on an emulated Arduino Nano RP2040 Connect, over the raw REPL of its USB.

    python3 -m harness.rp2040 ARDUINO_NANO_RP2040_CONNECT build/ARDUINO_NANO_RP2040_CONNECT/firmware.uf2 script.py

As qemu.py does on its boards. The board is in a wireless network where the host's loopback is 10.0.0.1.
"""

import struct
import sys
import tempfile
import time
from pathlib import Path

from harness import native_module, processes, raw_repl

# How the board sees the loopback of the machine that the emulator runs on.
HOST = "10.0.0.1"

ROOT = Path(__file__).resolve().parents[2]
EMULATOR = ROOT / "port/rp2/emulator/nano.mjs"
# The last thing that its installation makes.
BOOT_ROM = ROOT / "build/emulator/bootrom.bin"

# Nobody but the host knows the time.
NETWORK_UP = """
import machine, network, time
machine.RTC().datetime({clock})
_wlan = network.WLAN()
_wlan.active(True)
_wlan.connect("emulated", "password")
while not _wlan.isconnected(): time.sleep_ms(10)
del machine, network, time, _wlan
"""


# Where the native module lies in the flash: between the firmware and the file system.
NATIVE_MODULE_AT = 0x10400000


def uf2(data, address):
    """The data as blocks of a UF2 file, which put it at this address of the flash."""
    size = 256
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(
        # The mark of the beginning, no flags, the place, the block's number, no family.
        struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0, address + size * number, size, number, len(blocks), 0)
        + block.ljust(476, b"\0")
        + struct.pack("<I", 0x0AB16F30)
        for number, block in enumerate(blocks)
    )


class Board(raw_repl.Board):
    """The board, with a UF2 in its flash. With the flavour `mpy` the native module lies in the flash, too, and is
    imported before the script.
    """

    @property
    def network_up(self):
        now = time.gmtime()
        return NETWORK_UP.format(clock=(*now[:3], now.tm_wday, *now[3:6], 0))

    def __init__(self, name, image):
        self.native = next(iter(native_module.files_for(name)), None)
        with tempfile.NamedTemporaryFile(suffix=".uf2") as both:
            if self.native:
                both.write(Path(image).read_bytes() + uf2(self.native.read_bytes(), NATIVE_MODULE_AT))
                both.flush()
                image = both.name
            super().__init__([processes.find_tool("node", "nodejs"), str(EMULATOR), str(image)])
            if self.native:
                # The prompt: the emulator has read the file.
                self.write(b"\r")
                self.read_until(b">>> ")

    def enter_raw_repl(self):
        super().enter_raw_repl()
        if self.native:
            self.run(native_module.importing({self.native: NATIVE_MODULE_AT}))


if __name__ == "__main__":
    sys.exit(raw_repl.main(Board, __doc__))
