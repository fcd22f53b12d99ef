#!/usr/bin/env python3
"""Many messages over a link that breaks again and again: broken_link_again_and_again.py with a broker and a proxy, from
faults/ or from aio/.

    make soak MESSAGES=1000000
    build/venv/bin/python python_tests/soak.py --asyncio
"""

import argparse
import sys

from harness.broker import Mosquitto
from harness.fault_proxy import FaultProxy
from harness.targets import ROOT, TARGETS

# Beyond its window Mosquitto queues, and then a new message may overtake those in the queue.
ORDERLY = ["max_inflight_messages 0"]
SCRIPT = "broken_link_again_and_again.py"


def soak(target, folder, messages, fault_every, timeout):
    """Runs the script of this folder; the completed process."""
    with Mosquitto(config=["log_type warning", *ORDERLY]) as broker, FaultProxy(broker.host, broker.port, ["soak"]) as proxy:
        defines = {
            "HOST": target.host,
            "SLOWNESS": target.slowness,
            "PORT": proxy.port,
            "CONTROL": proxy.control_port,
            "MESSAGES": messages,
            "FAULT_EVERY": fault_every,
        }
        return target.run(ROOT / "python_tests" / folder / SCRIPT, defines, timeout=timeout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="unix", choices=TARGETS)
    parser.add_argument("--asyncio", action="store_true", help="with mqtt_aio")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--fault-every", type=int, default=3000)
    parser.add_argument("--timeout", type=int, default=7200, help="seconds")
    args = parser.parse_args()
    result = soak(TARGETS[args.target], "aio" if args.asyncio else "faults", args.messages, args.fault_every, args.timeout)
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
