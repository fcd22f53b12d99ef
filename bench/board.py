#!/usr/bin/env python3
"""Measures the module against umqtt.simple on a board that QEMU emulates.

    build/venv/bin/python bench/board.py BOARD [--output FOLDER]

QEMU counts instructions (`-icount shift=0`: one instruction is one nanosecond of the board's clock),
so the result does not depend on this machine. The script measures everything twice, each time from power
on. The page shows the first run and the largest difference to the second. With --output, the script writes
FOLDER/bench.md.
"""

import argparse
import sys
from pathlib import Path

from page import write_section
from peer import Peer
from umqtt_source import ROOT

sys.path.insert(0, str(ROOT / "python_tests"))
from harness import modules, qemu  # noqa: E402

# The time limit of a whole script, in s.
PATIENCE = 900
# The number of connections; one with TLS takes seconds.
CONNECTS, TLS_CONNECTS = 41, 5

OURS, OURS_PORT, UMQTT, SOCKET = "mqtt", "mqtt, port's TLS", "umqtt.simple", "without a client"
DROPIN = "the drop-in"
# The script and the kind of TLS of each client (bench/scripts/board_common.py).
PLAIN = {OURS: ("mqtt", None), UMQTT: ("umqtt", None), SOCKET: ("socket", None)}
TLS = {OURS: ("mqtt", "builtin"), OURS_PORT: ("mqtt", "port"), UMQTT: ("umqtt", "port")}
# The same program, once with the module in firmware and once with ours.
DROPINS = {DROPIN: ("umqtt", None), UMQTT: ("umqtt", None)}
DROPIN_SOURCE = ROOT / "port/lib/umqtt.simple/umqtt/simple.py"
# With TLS, MicroPython's own memory dominates these, which all clients share.
TLS_LEFT_OUT = ("heap: subscription", "heap: client", "heap: import")


def measure(board, client, script, tls, peer):
    """The values that the script reports, by name."""
    firmware = f"{board}-bench-tls" if tls else f"{board}-bench"
    definitions = {
        "HOST": qemu.HOST,
        "PORT": peer.tls_port if tls else peer.port,
        "CA": peer.ca.read_text(encoding="utf-8"),
        "CONNECTS": TLS_CONNECTS if tls else CONNECTS,
        "TLS": tls,
    }
    parts = ["board_common", *(["port_tls"] if tls == "port" else []), f"board_{script}"]
    source = "".join(f"{name} = {value!r}\n" for name, value in definitions.items())
    source += "\n".join((ROOT / f"bench/scripts/{part}.py").read_text(encoding="utf-8") for part in parts)
    if client == DROPIN:
        text = DROPIN_SOURCE.read_text(encoding="utf-8")
        source = f"{modules.preamble({'umqtt/simple.py': text})}\n{source}"
    with qemu.Board(board, ROOT / f"build/{firmware}/firmware.elf", options=("-icount", "shift=0")) as machine:
        machine.enter_raw_repl()
        machine.run(qemu.NETWORK_UP)
        lines = machine.run(source, PATIENCE).splitlines()
    return {name: int(value) for name, value in (line.split(" = ") for line in lines)}


HEAP = "heap: "
# Interrupts use the same stack at any time, so the largest value of the runs counts.
STACK = "stack: "


def is_memory(name):
    """Whether the value is in bytes."""
    return name.startswith((HEAP, STACK))


def in_order(results):
    """The names of all values in order: instructions, heap, stack."""
    names = dict.fromkeys(name for values in results.values() for name in values)
    return sorted(names, key=lambda name: (is_memory(name), name.startswith(STACK)))


def amount(name, value):
    return "–" if value is None else f"{value:,}{' bytes' if is_memory(name) else ' instructions'}"


def ratio(over, under):
    return f"{over / under:.2f}" if over and under else ""


def plain_table(board, results):
    lines = [
        f"| {board} | {OURS} | {UMQTT} | {UMQTT} / {OURS} | {SOCKET} | above that |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name in in_order(results):
        ours, theirs, floor = (results[client].get(name) for client in (OURS, UMQTT, SOCKET))
        cells = [amount(name, ours), amount(name, theirs), ratio(theirs, ours)]
        cells += ["", ""] if floor is None else [f"{floor:,}", ratio(theirs - floor, ours - floor)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def dropin_table(board, results):
    lines = [f"| {board} | {DROPIN} | {UMQTT} | {UMQTT} / {DROPIN} |", "|---|---:|---:|---:|"]
    for name in in_order(results):
        ours, theirs = (results[client].get(name) for client in (DROPIN, UMQTT))
        if name != HEAP + "import":
            # That one is in the firmware, and this one is compiled when it is imported.
            lines.append(f"| {name} | {amount(name, ours)} | {amount(name, theirs)} | {ratio(theirs, ours)} |")
    return "\n".join(lines) + "\n"


def tls_table(board, results):
    others = (OURS_PORT, UMQTT)
    lines = [
        f"| {board}, TLS | {OURS} | {' | '.join(others)} | {' | '.join(f'{other} / {OURS}' for other in others)} |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name in in_order(results):
        if name not in TLS_LEFT_OUT:
            values = [results[client].get(name) for client in (OURS, *others)]
            cells = [amount(name, value) for value in values] + [ratio(value, values[0]) for value in values[1:]]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def largest_differences(first, second):
    """The largest differences between two runs: of instructions in percent, of heap in bytes."""
    differences = {name: abs(second[name] - value) for name, value in first.items()}
    percent = max(100 * differences[name] / first[name] for name in first if not is_memory(name))
    return percent, max((differences[name] for name in first if name.startswith(HEAP)), default=0)


def section(board, clients, table, peer):
    """Measures all clients twice; returns the section of the page."""
    first, second = (
        {client: measure(board, client, script, tls, peer) for client, (script, tls) in clients.items()} for _ in range(2)
    )
    differences = [largest_differences(first[client], second[client]) for client in clients]
    for client, values in first.items():
        for name in values:
            if name.startswith(STACK):
                values[name] = max(values[name], second[client][name])
    percent, heap = (max(values) for values in zip(*differences, strict=True))
    text = table(board, first)
    return f"{text}\nTwo runs, each from power on, differed by {percent:.1f} % at most, in heap by {heap} bytes.\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with Peer() as peer:
        for name, clients, table in (
            ("board", PLAIN, plain_table),
            ("board-dropin", DROPINS, dropin_table),
            ("board-tls", TLS, tls_table),
        ):
            text = section(options.board, clients, table, peer)
            print(text)
            if options.output:
                write_section(options.output, name, text)


if __name__ == "__main__":
    main()
