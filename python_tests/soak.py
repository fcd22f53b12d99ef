#!/usr/bin/env python3
"""Many messages over a link that breaks again and again: faults/broken_link_again_and_again.py with a broker and a proxy.

    make soak MESSAGES=1000000
"""

import argparse
import sys

from harness.broker import Mosquitto
from harness.fault_proxy import FaultProxy
from harness.targets import ROOT, TARGETS

# Beyond its window Mosquitto queues, and then a new message may overtake those in the queue.
ORDERLY = ["max_inflight_messages 0"]
SCRIPT = ROOT / "python_tests" / "faults" / "broken_link_again_and_again.py"


def soak(target, messages, fault_every, timeout):
    """Runs it; the completed process."""
    with Mosquitto(config=["log_type warning", *ORDERLY]) as broker, FaultProxy(broker.host, broker.port, ["soak"]) as proxy:
        defines = {
            "HOST": target.host,
            "PORT": proxy.port,
            "CONTROL": proxy.control_port,
            "MESSAGES": messages,
            "FAULT_EVERY": fault_every,
        }
        return target.run(SCRIPT, defines, timeout=timeout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="unix", choices=TARGETS)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--fault-every", type=int, default=3000)
    parser.add_argument("--timeout", type=int, default=7200, help="seconds")
    args = parser.parse_args()
    result = soak(TARGETS[args.target], args.messages, args.fault_every, args.timeout)
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
