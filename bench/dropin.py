#!/usr/bin/env python3
"""Measures the drop-in umqtt.simple against the original, with the same programs on the same interpreter.

    build/venv/bin/python bench/dropin.py [--rounds N] [--scale X] [--output FOLDER]

As bench/run.py does it: the numbers are medians of interleaved rounds. With --output, the script writes its section
of FOLDER/bench.md.
"""


from page import write_section
from peer import Peer
from rates import DROPIN, UMQTT, Clients, arguments, machine, table

# Name, task and its arguments with COUNT first.
TASKS = [
    ("publish QoS 0, 16 B", ("publish", 300_000, 16, 0)),
    ("publish QoS 0, 1 kB", ("publish", 200_000, 1000, 0)),
    ("publish QoS 1, one at a time", ("publish", 20_000, 64, 1)),
    ("receive QoS 0, 16 B", ("receive", 400_000, 16)),
    ("receive QoS 0, 1 kB", ("receive", 200_000, 1000)),
    ("receive QoS 0, 16 kB", ("receive", 40_000, 16_000)),
    ("connect and disconnect", ("connect", 1000)),
]
CLIENTS = (DROPIN, UMQTT)


def measure(rounds, scale):
    """The rates of all rounds by task and client."""
    rates = {name: {client: [] for client in CLIENTS} for name, _ in TASKS}
    with Peer() as peer:
        clients = Clients(peer, scale)
        for _ in range(rounds):
            for name, task in TASKS:
                for client in CLIENTS:
                    rates[name][client].append(clients.rate(client, task, tls=False))
    return rates


def main():
    options = arguments(__doc__)
    text = (
        f"{table(measure(options.rounds, options.scale), CLIENTS)}\n"
        f"Operations a second and ratios, medians of {options.rounds} interleaved rounds.\nMachine: {machine()}.\n"
    )
    print(text)
    if options.output:
        write_section(options.output, "dropin", text)


if __name__ == "__main__":
    main()
