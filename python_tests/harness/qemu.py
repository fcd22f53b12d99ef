#!/usr/bin/env python3
"""Runs a script on a board that QEMU emulates, over the board's raw REPL.

    python3 -m harness.qemu MPS2_AN385 build/MPS2_AN385/firmware.elf script.py

`run.py --target MPS2_AN385 script.py` is the way for people; it starts this file. The network is
up when the script begins, and the host's loopback is 10.0.2.2. The output of the script comes out as
it is printed; its exit status is that of CPython, and 1 if the board fails.
"""

import sys

from harness import native_module, processes, raw_repl

# How the board sees the loopback of the machine that QEMU runs on.
HOST = "10.0.2.2"

# The board keeps its own time: an instruction takes a nanosecond, so that a board's work takes equally
# long on every machine. That is faster than QEMU runs anywhere: the board's clock falls
# behind ours while it computes, and is never ahead. While the board sleeps its clock goes with ours.
CLOCK = ("-icount", "shift=0,sleep=on,align=off")

NETWORK_UP = """
import network, time
network.LAN().active(True)
while not network.LAN().isconnected(): time.sleep_ms(1)
del network, time
"""


# Where the emulator puts the files of the modules: into memory that the firmware does not use.
MODULES_AT = (0x21E00000, 0x21F00000)


class Board(raw_repl.Board):
    """One of Arm's MPS2 boards. With the flavour `mpy` its firmware is without the module, which is
    imported as a native .mpy file before the script; with `mpy-aio` so is the client for asyncio.

    `forward` maps ports of this machine's loopback to ports of the board's, `options` are more of
    QEMU's.
    """

    network_up = NETWORK_UP

    def __init__(self, name, image, forward=None, options=()):
        self.modules = dict(zip(native_module.files_for(name), MODULES_AT, strict=False))
        for file, address in self.modules.items():
            options = (*options, "-device", f"loader,file={file},addr={address:#x},force-raw=on")
        network = "".join(f",hostfwd=tcp:127.0.0.1:{ours}-:{theirs}" for ours, theirs in (forward or {}).items())
        super().__init__(
            [
                processes.find_tool("qemu-system-arm", "qemu-system-arm"),
                *("-machine", name.partition("-")[0].lower().replace("_", "-")),
                *("-kernel", str(image)),
                *("-display", "none", "-monitor", "none", "-serial", "stdio"),
                *("-nic", f"user{network}"),
                *CLOCK,
                # The board's clock, entropy, and exit status.
                *("-semihosting-config", "enable=on,target=native"),
                "-no-reboot",
                *options,
            ]
        )

    def enter_raw_repl(self):
        super().enter_raw_repl()
        if self.modules:
            self.run(native_module.importing(self.modules))


if __name__ == "__main__":
    sys.exit(raw_repl.main(Board, __doc__))
