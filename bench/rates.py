"""The rates of the clients on this machine: runs their programs, and makes tables of the results."""

import argparse
import os
import platform
import statistics
import subprocess
from pathlib import Path

import umqtt_source
from umqtt_source import BUILD, ROOT

# The time limit of a task, in s.
PATIENCE = 120

OURS, OURS_PORT, UMQTT, LIBMOSQUITTO = "mqtt", "mqtt, port's TLS", "umqtt.simple", "libmosquitto (C)"
# For bench/dropin.py.
DROPIN = "the drop-in"
# For bench/aio.py.
AIO = "mqtt_aio"
# umqtt.simple takes this many times longer, so it gets fewer messages.
UMQTT_SHARE = 5
# The programs of the clients in Python; of the others mqtt_bench.py.
SCRIPTS = {UMQTT: "umqtt_bench.py", DROPIN: "umqtt_bench.py", AIO: "aio_bench.py"}


class Clients:
    """The commands that start the clients."""

    def __init__(self, peer, scale):
        self.peer = peer
        self.scale = scale
        self.original = umqtt_source.fetch()

    def command(self, client):
        if client == LIBMOSQUITTO:
            return [BUILD / "libmosquitto"]
        script = SCRIPTS.get(client, "mqtt_bench.py")
        return [ROOT / "build/unix/micropython", ROOT / "bench/scripts" / script]

    def rate(self, client, task, tls):
        """Operations a second."""
        kind, count, *rest = task
        if client in (UMQTT, LIBMOSQUITTO):
            # They know one way to receive.
            kind = kind.removesuffix("_into")
        share = UMQTT_SHARE if client in (UMQTT, DROPIN) else 1
        count = max(8, int(count * self.scale / share) // 8 * 8)
        port = self.peer.tls_port if tls else self.peer.port
        umqtt = ROOT / "port/lib/umqtt.simple" if client == DROPIN else self.original
        environment = {**os.environ, "MICROPYPATH": f"{umqtt}:{ROOT / 'bench/scripts'}:.frozen"}
        if tls:
            environment.update(BENCH_CA=str(self.peer.ca), BENCH_TLS="port" if client == OURS_PORT else "builtin")
        done = subprocess.run(
            [*map(str, self.command(client)), *map(str, (port, kind, count, *rest))],
            env=environment, stdout=subprocess.PIPE, timeout=PATIENCE, check=True, text=True,
        )
        return count / float(done.stdout)


def ratio(rates, ours, other):
    """The median of ours to theirs, round by round; None where they cannot."""
    if other not in rates:
        return None
    return statistics.median(one / theirs for one, theirs in zip(rates[ours], rates[other], strict=True))


def medians(rates):
    return {name: {client: statistics.median(values) for client, values in measured.items()}
            for name, measured in rates.items()}


def parser(page):
    """The options of a script that measures rates; `page` is its documentation."""
    made = argparse.ArgumentParser(description=page, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--scale", type=float, default=1.0, help="of the numbers of messages")
    made.add_argument("--output", type=Path)
    return made


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


def table(rates, clients):
    """The rates of all clients, and the ratios of the first one's to those of the others."""
    ours, *others = clients
    lines = [
        "| | " + " | ".join([*clients, *(f"{ours} / {other}" for other in others)]) + " |",
        "|---|" + "---:|" * (len(clients) + len(others)),
    ]
    for name, measured in medians(rates).items():
        cells = [f"{measured[client]:,.0f}" if client in measured else "–" for client in clients]
        ratios = [ratio(rates[name], ours, other) for other in others]
        cells += ["–" if value is None else f"{value:.2f}" for value in ratios]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
