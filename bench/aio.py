#!/usr/bin/env python3
"""Measures coroutines with mqtt_aio against plain calls of umqtt.simple, on the same interpreter.

    build/venv/bin/python bench/aio.py [--rounds N] [--scale X] [--output FOLDER]

As bench/run.py does it: the numbers are medians of interleaved rounds. With --output, the script writes its section
of FOLDER/bench.md.
"""

from compare import main
from rates import AIO, UMQTT

TASKS = [
    ("publish QoS 0, 16 B", ("publish", 200_000, 16, 0)),
    ("publish QoS 0, 64 B", ("publish", 200_000, 64, 0)),
    ("publish QoS 0, 1 kB", ("publish", 150_000, 1000, 0)),
    ("publish QoS 1, one at a time", ("publish", 20_000, 64, 1)),
    ("receive QoS 0, 64 B", ("receive", 400_000, 64)),
]

if __name__ == "__main__":
    main(__doc__, "aio", TASKS, (AIO, UMQTT))
