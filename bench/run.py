#!/usr/bin/env python3
"""Measures the module against umqtt.simple on the same interpreter, and against libmosquitto in C.

    build/venv/bin/python bench/run.py [--rounds N] [--scale X] [--output FOLDER | --tasks TEXT]

`make bench` builds the programs. In each round every client runs every task, one after the other, against
the same peer (bench/peer.c), so that other load on the machine affects them all. The numbers are medians: of
the rates, and of the ratios within each round. With --output, the script writes bench.md and bench.svg into
FOLDER. With --tasks, it runs the tasks alone whose names have TEXT in them.
"""

import os
import sys

from page import plot, write_section
from peer import Peer
from rates import LIBMOSQUITTO, OURS, OURS_PORT, UMQTT, Clients, machine, medians, parser, table

ALL = (OURS, UMQTT, LIBMOSQUITTO)
NO_UMQTT = (OURS, LIBMOSQUITTO)
ALL_TLS = (OURS, OURS_PORT, UMQTT, LIBMOSQUITTO)

# (name, task and its arguments with COUNT first, clients)
PLAIN_TASKS = [
    ("publish QoS 0, 16 B", ("publish", 300_000, 16, 0, 1), ALL),
    ("publish QoS 0, 64 B", ("publish", 300_000, 64, 0, 1), ALL),
    ("publish QoS 0, 1 kB", ("publish", 200_000, 1000, 0, 1), ALL),
    ("publish QoS 0, 16 kB", ("publish", 40_000, 16_000, 0, 1), ALL),
    ("receive QoS 0, 16 B", ("receive", 400_000, 16), ALL),
    ("receive QoS 0, 64 B", ("receive", 400_000, 64), ALL),
    ("receive QoS 0, 1 kB", ("receive", 200_000, 1000), ALL),
    ("receive QoS 0, 16 kB", ("receive", 40_000, 16_000), ALL),
    ("receive QoS 0, 16 kB, into=", ("receive_into", 40_000, 16_000), ALL),
    ("publish QoS 1, one at a time", ("publish", 20_000, 64, 1, 1), ALL),
    ("publish QoS 2, one at a time", ("publish", 10_000, 64, 2, 1), NO_UMQTT),
    ("publish QoS 1, eight threads", ("publish", 20_000, 64, 1, 8), NO_UMQTT),
    ("publish QoS 2, eight threads", ("publish", 10_000, 64, 2, 8), NO_UMQTT),
    ("connect and disconnect", ("connect", 1000), ALL),
]
TLS_TASKS = [
    ("TLS: publish QoS 0, 64 B", ("publish", 80_000, 64, 0, 1), ALL_TLS),
    ("TLS: publish QoS 0, 16 kB", ("publish", 8000, 16_000, 0, 1), ALL_TLS),
    ("TLS: receive QoS 0, 64 B", ("receive", 200_000, 64), ALL_TLS),
    ("TLS: receive QoS 0, 16 kB", ("receive", 8000, 16_000), ALL_TLS),
    ("TLS: receive QoS 0, 16 kB, into=", ("receive_into", 8000, 16_000), ALL_TLS),
    ("TLS: publish QoS 1, one at a time", ("publish", 8000, 64, 1, 1), (OURS, OURS_PORT, LIBMOSQUITTO)),
    ("TLS: connect and disconnect", ("connect", 100), ALL_TLS),
]


def measure(rounds, scale, text=""):
    """Per task with `text` in its name, and client, the rates of all rounds: without TLS, and with it."""
    plain, secure = ([task for task in tasks if text in task[0]] for tasks in (PLAIN_TASKS, TLS_TASKS))
    groups = [(tasks, {name: {client: [] for client in who} for name, _, who in tasks}) for tasks in (plain, secure)]
    with Peer() as peer:
        clients = Clients(peer, scale)
        for number in range(rounds):
            for tasks, rates in groups:
                for name, task, who in tasks:
                    for client in who:
                        rates[name][client].append(clients.rate(client, task, tasks is secure))
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return [rates for _, rates in groups]


def main():
    options = parser(__doc__)
    options.add_argument("--tasks", default="", help="of these names")
    options = options.parse_args()
    if options.tasks and options.output:
        sys.exit("the page has the results of all tasks")
    load = os.getloadavg()[0]
    plain, tls = measure(options.rounds, options.scale, options.tasks)
    text = (
        f"{table(plain, ALL)}\n{table(tls, ALL_TLS)}\n"
        f"Operations a second and ratios, medians of {options.rounds} interleaved rounds.\n"
        f"Machine: {machine()}; its load was {load:.1f} before.\n"
    )
    print(text)
    if options.output:
        write_section(options.output, "rates", text)
        (options.output / "bench.svg").write_text(plot(medians({**plain, **tls})), encoding="utf-8")


if __name__ == "__main__":
    main()
