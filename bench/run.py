#!/usr/bin/env python3
"""Measures the module against umqtt.simple, on the same interpreter, and libmosquitto, in C.

    python3 bench/run.py [--rounds N] [--scale X] [--output FOLDER]

`make bench` builds what it needs. Every round runs each task by each client, one after the other
against the same peer (bench/peer.c), so that what else the machine does meets all of them. The
numbers are medians: of the rates, and of the ratios within each round. With --output, bench.md and
bench.svg are written there.
"""

import argparse
import hashlib
import os
import platform
import statistics
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
UMQTT = "micropython-umqtt.simple==1.3.4"
UMQTT_SHA256 = "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f"
# A task takes longer than this only if something is wrong, in s.
PATIENCE = 120

OURS, UMQTT_NAME, LIBMOSQUITTO = "mqtt", "umqtt.simple", "libmosquitto (C)"

# (name, task and its arguments with COUNT first, clients)
ALL = (OURS, UMQTT_NAME, LIBMOSQUITTO)
NO_UMQTT = (OURS, LIBMOSQUITTO)
TASKS = [
    ("publish QoS 0, 16 B", ("publish", 300_000, 16, 0, 1), ALL),
    ("publish QoS 0, 64 B", ("publish", 300_000, 64, 0, 1), ALL),
    ("publish QoS 0, 1 kB", ("publish", 200_000, 1000, 0, 1), ALL),
    ("publish QoS 0, 16 kB", ("publish", 40_000, 16_000, 0, 1), ALL),
    ("receive QoS 0, 16 B", ("receive", 400_000, 16), ALL),
    ("receive QoS 0, 64 B", ("receive", 400_000, 64), ALL),
    ("receive QoS 0, 1 kB", ("receive", 200_000, 1000), ALL),
    ("receive QoS 0, 16 kB", ("receive", 40_000, 16_000), ALL),
    ("publish QoS 1, one at a time", ("publish", 20_000, 64, 1, 1), ALL),
    ("publish QoS 2, one at a time", ("publish", 10_000, 64, 2, 1), NO_UMQTT),
    ("publish QoS 1, eight threads", ("publish", 20_000, 64, 1, 8), NO_UMQTT),
    ("publish QoS 2, eight threads", ("publish", 10_000, 64, 2, 8), NO_UMQTT),
    ("connect and disconnect", ("connect", 1000), ALL),
]
# umqtt.simple takes so many times longer: it gets fewer messages.
UMQTT_SHARE = 5


def fetch_umqtt():
    """The folder in which umqtt.simple lies as its authors have published it."""
    archive = BUILD / f"{UMQTT.replace('==', '-')}.tar.gz"
    if not archive.exists():
        subprocess.run([BUILD / "venv/bin/unearth", UMQTT, "--no-binary", "--download", BUILD],
                       check=True, stdout=subprocess.DEVNULL)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != UMQTT_SHA256:
        sys.exit(f"{archive} is not what it was: its SHA-256 is another")
    folder = BUILD / UMQTT.replace("==", "-")
    if not folder.exists():
        with tarfile.open(archive) as tar:
            tar.extractall(BUILD, filter="data")
    return folder


class Clients:
    """How each client is started."""

    def __init__(self, port, scale):
        self.port = port
        self.scale = scale
        self.environment = {**os.environ, "MICROPYPATH": f"{fetch_umqtt()}:.frozen"}

    def command(self, client):
        if client == LIBMOSQUITTO:
            return [BUILD / "libmosquitto"]
        script = "mqtt_bench.py" if client == OURS else "umqtt_bench.py"
        return [ROOT / "build/unix/micropython", ROOT / "bench/scripts" / script]

    def rate(self, client, task):
        """Operations a second."""
        kind, count, *rest = task
        share = UMQTT_SHARE if client == UMQTT_NAME else 1
        count = max(8, int(count * self.scale / share) // 8 * 8)
        arguments = [str(argument) for argument in (self.port, kind, count, *rest)]
        done = subprocess.run(
            [*map(str, self.command(client)), *arguments],
            env=self.environment, stdout=subprocess.PIPE, timeout=PATIENCE, check=True, text=True,
        )
        return count / float(done.stdout)


def measure(rounds, scale):
    """Per task and client the rates of all rounds."""
    with subprocess.Popen([BUILD / "peer"], stdout=subprocess.PIPE, text=True) as peer:
        try:
            clients = Clients(int(peer.stdout.readline()), scale)
            rates = {name: {client: [] for client in who} for name, _, who in TASKS}
            for number in range(rounds):
                for name, task, who in TASKS:
                    for client in who:
                        rates[name][client].append(clients.rate(client, task))
                print(f"round {number + 1} of {rounds}", file=sys.stderr)
        finally:
            peer.kill()
    return rates


def ratio(rates, other):
    """The median of ours to theirs, round by round; None where they cannot."""
    if other not in rates:
        return None
    return statistics.median(ours / theirs for ours, theirs in zip(rates[OURS], rates[other], strict=True))


def machine():
    """The machine, in a line."""
    model = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{model or platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def table(rates):
    lines = [
        f"| | {OURS} | {UMQTT_NAME} | {LIBMOSQUITTO} | {OURS} / {UMQTT_NAME} | {OURS} / {LIBMOSQUITTO} |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, measured in rates.items():
        cells = [f"{statistics.median(measured[client]):,.0f}" if client in measured else "–" for client in ALL]
        ratios = [ratio(measured, other) for other in (UMQTT_NAME, LIBMOSQUITTO)]
        cells += ["–" if value is None else f"{value:.2f}" for value in ratios]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


BAR, GAP, LEFT, WIDTH = 11, 10, 190, 420
COLOURS = {OURS: "#b7410e", UMQTT_NAME: "#9aa5b1", LIBMOSQUITTO: "#3e4c59"}


def plot(rates):
    """Bars of the rates, each task on a scale of its own."""
    shapes, y = [], 34
    for x, client in zip((LEFT, LEFT + 80, LEFT + 200), ALL, strict=True):
        shapes.append(f'<rect x="{x}" y="8" width="10" height="10" fill="{COLOURS[client]}"/>')
        shapes.append(f'<text x="{x + 14}" y="17">{client}</text>')
    for name, measured in rates.items():
        medians = {client: statistics.median(values) for client, values in measured.items()}
        largest = max(medians.values())
        middle = y + BAR * len(medians) / 2 + 4
        shapes.append(f'<text x="{LEFT - 8}" y="{middle:g}" text-anchor="end">{name}</text>')
        for client, rate in medians.items():
            width = max(1, round(WIDTH * rate / largest))
            shapes.append(f'<rect x="{LEFT}" y="{y}" width="{width}" height="{BAR - 1}" fill="{COLOURS[client]}"/>')
            shapes.append(f'<text x="{LEFT + width + 4}" y="{y + BAR - 2}" class="n">{rate:,.0f}/s</text>')
            y += BAR
        y += GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 80}" height="{y}" '
        'font-family="sans-serif" font-size="12">\n<style>.n{font-size:10px}</style>\n'
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def write_section(folder, name, text):
    """Replaces what stands between two marks in bench.md."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "bench.md"
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    if begin not in before:
        before += f"\n{begin}{end}"
    head, rest = before.split(begin, 1)
    _, tail = rest.split(end, 1)
    page.write_text(f"{head}{begin}{text}{end}{tail}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of messages")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    rates = measure(options.rounds, options.scale)
    text = (
        f"{table(rates)}\nOperations a second and ratios, medians of {options.rounds} interleaved rounds.\n"
        f"Machine: {machine()}.\n"
    )
    print(text)
    if options.output:
        write_section(options.output, "rates", text)
        (options.output / "bench.svg").write_text(plot(rates), encoding="utf-8")


if __name__ == "__main__":
    main()
