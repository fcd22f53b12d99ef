#!/usr/bin/env python3
"""Measures the drop-in umqtt.simple against the original, with the same programs on the same interpreter.

    build/venv/bin/python bench/dropin.py [--rounds N] [--scale X] [--output FOLDER]

As bench/run.py does it: the numbers are medians of interleaved rounds. With --output, the script writes its section
of FOLDER/bench.md.
"""

from compare import main
from rates import DROPIN, UMQTT

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

if __name__ == "__main__":
    main(__doc__, "dropin", TASKS, (DROPIN, UMQTT))
