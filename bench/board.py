#!/usr/bin/env python3
"""Measures the module against umqtt.simple on a board that QEMU emulates.

    python3 bench/board.py BOARD [--output FOLDER]

QEMU counts instructions (`-icount shift=0`: one instruction is one nanosecond of the board's clock),
so what comes out does not depend on this machine. With --output, bench.md is written there.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from run import BUILD, ROOT, fetch_umqtt

sys.path.insert(0, str(ROOT / "python_tests"))
import qemu  # noqa: E402

# Of all that a script does, in s.
PATIENCE = 300


def measure(board, script, port, **more):
    """What the script reports, by name."""
    scripts = ROOT / "bench/scripts"
    defines = {"HOST": qemu.HOST, "PORT": port, **more}
    source = "".join(f"{name} = {value!r}\n" for name, value in defines.items())
    source += (scripts / "board_common.py").read_text(encoding="utf-8")
    source += (scripts / script).read_text(encoding="utf-8")
    with qemu.Board(board, ROOT / "build" / board / "firmware.elf", options=("-icount", "shift=0")) as machine:
        machine.enter_raw_repl()
        machine.run(qemu.NETWORK_UP)
        lines = machine.run(source, PATIENCE).splitlines()
    return {name: int(value) for name, value in (line.split(" = ") for line in lines)}


def table(board, ours, theirs):
    lines = [
        f"| {board} | mqtt | umqtt.simple | umqtt.simple / mqtt |",
        "|---|---:|---:|---:|",
    ]
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        values = [results.get(name) for results in (ours, theirs)]
        unit = " bytes" if name.startswith(("heap", "stack")) else " instructions"
        cells = ["–" if value is None else f"{value:,}{unit}" for value in values]
        ratio = f"{values[1] / values[0]:.2f}" if all(values) else ""
        lines.append(f"| {name} | {cells[0]} | {cells[1]} | {ratio} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    umqtt = (fetch_umqtt() / "umqtt/simple.py").read_text(encoding="utf-8")
    with subprocess.Popen([BUILD / "peer"], stdout=subprocess.PIPE, text=True) as peer:
        try:
            port = int(peer.stdout.readline())
            ours = measure(options.board, "board_mqtt.py", port)
            theirs = measure(options.board, "board_umqtt.py", port, UMQTT=umqtt)
        finally:
            peer.kill()
    text = table(options.board, ours, theirs)
    print(text)
    if options.output:
        from run import write_section

        write_section(options.output, "board", text)


if __name__ == "__main__":
    main()
