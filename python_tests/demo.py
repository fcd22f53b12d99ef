#!/usr/bin/env python3
"""Shows the module at work: examples/hello.py on a target, with a private Mosquitto, and with
mosquitto_pub as the other client."""

import argparse
import subprocess
import sys
import threading

from harness import processes
from harness.broker import BrokerError, Mosquitto
from harness.targets import ROOT, TARGETS, TargetMissing

SCRIPT = ROOT / "examples" / "hello.py"
READY = "waiting for messages of another client"
TIMEOUT = 60


def publish_from_outside(broker):
    for qos in range(3):
        topic, payload = f"demo/from-mosquitto_pub/{qos}", f"hello at QoS {qos}"
        tool = processes.find_tool("mosquitto_pub", "mosquitto-clients")
        command = [tool, "-h", broker.host, "-p", str(broker.port), "-q", str(qos), "-t", topic, "-m", payload]
        print(f"$ mosquitto_pub -q {qos} -t {topic} -m '{payload}'", flush=True)
        subprocess.run(command, check=True, timeout=60)


def demo(target, broker):
    """Runs the script, and prints its output; returns its exit status."""
    defines = {"HOST": target.host, "PORT": broker.port}
    process = target.popen(SCRIPT, defines, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    timeout = TIMEOUT * target.slowness
    watchdog = threading.Timer(timeout, process.kill)
    watchdog.start()
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            if line.strip() == READY:
                publish_from_outside(broker)
        status = process.wait()
        if not watchdog.is_alive():
            print(f"demo.py: {SCRIPT.name} did not end within {timeout} s", file=sys.stderr)
        return status if status >= 0 else 128 - status
    finally:
        watchdog.cancel()
        processes.end(process)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="unix", choices=TARGETS)
    target = TARGETS[parser.parse_args().target]
    try:
        target.check()
        with Mosquitto() as broker:
            print(f"Mosquitto listens on port {broker.port}; {SCRIPT.name} runs on target {target.name}", flush=True)
            return demo(target, broker)
    except (TargetMissing, BrokerError, OSError, subprocess.SubprocessError) as error:
        print(f"demo.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
