#!/usr/bin/env python3
"""Runs a script on an emulated Arduino Nano RP2040 Connect, over the raw REPL of its USB.

    python3 -m harness.rp2040 ARDUINO_NANO_RP2040_CONNECT build/ARDUINO_NANO_RP2040_CONNECT/firmware.uf2 script.py

As qemu.py does on its boards. The board is in a wireless network where the host's loopback is 10.0.0.1.
"""

import sys
import time
from pathlib import Path

from harness import processes, raw_repl

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


class Board(raw_repl.Board):
    """The board, with a UF2 in its flash."""

    @property
    def network_up(self):
        now = time.gmtime()
        return NETWORK_UP.format(clock=(*now[:3], now.tm_wday, *now[3:6], 0))

    def __init__(self, name, image):
        super().__init__([processes.find_tool("node", "nodejs"), str(EMULATOR), str(image)])


if __name__ == "__main__":
    sys.exit(raw_repl.main(Board, __doc__))
