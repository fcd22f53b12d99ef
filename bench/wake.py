#!/usr/bin/env python3
"""Counts the instructions of a device that wakes up, on a board that QEMU emulates.

    python3 bench/wake.py BOARD

With a saved session: restore, connect, receive the message that waits, save, disconnect. With a clean session:
connect, subscribe, disconnect. QEMU counts instructions (`-icount shift=0`), but not those of a processor that sleeps. Each
value is the smallest of 41 rounds, with a private Mosquitto as the broker: a packet that comes at another moment
wakes the processor once more, for some 2,000 instructions.
"""

import argparse
import sys

from umqtt_source import ROOT

sys.path.insert(0, str(ROOT / "python_tests"))
from harness import qemu  # noqa: E402
from harness.broker import Mosquitto  # noqa: E402

# The time limit of the script, in s.
PATIENCE = 300


def measure(board):
    """The instructions of each step, by name."""
    script = (ROOT / "bench/scripts/board_wake.py").read_text(encoding="utf-8")
    image = ROOT / f"build/{board}/firmware.elf"
    with Mosquitto() as broker, qemu.Board(board, image, options=("-icount", "shift=0")) as machine:
        machine.enter_raw_repl()
        machine.run(qemu.NETWORK_UP)
        lines = machine.run(f"HOST = {qemu.HOST!r}\nPORT = {broker.port}\n{script}", PATIENCE).splitlines()
    return {name: int(value) for name, value in (line.split(" = ") for line in lines)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board")
    for name, value in measure(parser.parse_args().board).items():
        print(f"{value:10,} instructions  {name}")


if __name__ == "__main__":
    main()
