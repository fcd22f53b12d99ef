#!/usr/bin/env python3
"""Measures the module against umqtt.simple on a board that QEMU emulates.

    build/venv/bin/python bench/board.py BOARD [--output FOLDER]

QEMU counts instructions (`-icount shift=0`: one instruction is one nanosecond of the board's clock),
so what comes out does not depend on this machine. Everything is measured twice, each time from power
on: the page shows the first run, and how far the second was from it. With --output, bench.md is written
there.
"""

import argparse
from pathlib import Path

from page import write_section
from peer import Peer
from umqtt_source import ROOT

import qemu

# Of all that a script does, in s.
PATIENCE = 300


def measure(board, script, port):
    """What the script reports, by name."""
    scripts = ROOT / "bench/scripts"
    source = f"HOST = {qemu.HOST!r}\nPORT = {port!r}\n"
    source += (scripts / "board_common.py").read_text(encoding="utf-8")
    source += (scripts / script).read_text(encoding="utf-8")
    with qemu.Board(board, ROOT / f"build/{board}-bench/firmware.elf", options=("-icount", "shift=0")) as machine:
        machine.enter_raw_repl()
        machine.run(qemu.NETWORK_UP)
        lines = machine.run(source, PATIENCE).splitlines()
    return {name: int(value) for name, value in (line.split(" = ") for line in lines)}


FLOOR = "floor: "
HEAP = "heap: "
# Interrupts use the same one, whenever they come: what counts is the most that was seen.
STACK = "stack: "


def is_memory(name):
    """Whether it is in bytes."""
    return name.startswith((HEAP, STACK))


def table(board, ours, theirs):
    """`theirs` has the floors, too: what the port and its network take for the same bytes."""
    lines = [
        f"| {board} | mqtt | umqtt.simple | umqtt.simple / mqtt | without a client | above that |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    names = [*ours, *(name for name in theirs if name not in ours and not name.startswith(FLOOR))]
    for name in sorted(names, key=lambda name: (is_memory(name), name.startswith(STACK))):
        values = [results.get(name) for results in (ours, theirs)]
        unit = " bytes" if is_memory(name) else " instructions"
        cells = ["–" if value is None else f"{value:,}{unit}" for value in values]
        cells.append(f"{values[1] / values[0]:.2f}" if all(values) else "")
        floor = theirs.get(FLOOR + name)
        cells += ["", ""] if floor is None else [f"{floor:,}", f"{(values[1] - floor) / (values[0] - floor):.2f}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def largest_differences(first, second):
    """Between two runs: of instructions in percent, of heap in bytes."""
    differences = {name: abs(second[name] - value) for name, value in first.items()}
    percent = max(100 * differences[name] / first[name] for name in first if not is_memory(name))
    return percent, max(differences[name] for name in first if name.startswith(HEAP))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with Peer() as peer:
        runs = [
            [measure(options.board, script, peer.port) for script in ("board_mqtt.py", "board_umqtt.py")]
            for _ in range(2)
        ]
    ours, theirs = (
        {name: max(run[side][name] for run in runs) if name.startswith(STACK) else value for name, value in first.items()}
        for side, first in enumerate(runs[0])
    )
    differences = [largest_differences(*results) for results in zip(*runs)]
    percent, heap = (max(values) for values in zip(*differences))
    text = table(options.board, ours, theirs)
    text += f"\nTwo runs, each from power on, differed by {percent:.1f} % at most, in heap by {heap} bytes.\n"
    print(text)
    if options.output:
        write_section(options.output, "board", text)


if __name__ == "__main__":
    main()
