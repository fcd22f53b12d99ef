#!/usr/bin/env python3
"""Runs conformance/interoperability.py against several brokers, and writes the table of the results into
 docs/interoperability.md.

    python3 python_tests/interoperability.py            (make interoperability-table prepares and calls it)
    python3 python_tests/interoperability.py --check    fails if the table says something else
"""

import argparse
import concurrent.futures
import contextlib
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import processes
from harness.broker import Mosquitto
from harness.loopback import HeldPort
from harness.targets import ROOT, TARGETS

HERE = Path(__file__).resolve().parent
PAGE = ROOT / "docs" / "interoperability.md"
INSTALLED = ROOT / "build" / "brokers"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
TIMEOUT = 180
# Brokers that run at the same time.
AT_ONCE = 2
USER, PASSWORD = "ann", "secret"


@contextlib.contextmanager
def program(command):
    """A broker that takes its port, and the user that may connect, as its last arguments; gives the port."""
    with HeldPort() as held, tempfile.TemporaryFile() as log:
        port = held.number
        arguments = [*map(str, command), str(port), USER, PASSWORD]
        process = processes.start(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not accepts(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    sys.exit(f"{command[1]} does not run:\n{log.read().decode(errors='replace')}")
                time.sleep(0.05)
            yield port
        finally:
            processes.end(process)


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def mosquitto():
    with Mosquitto(users={USER: PASSWORD}, config=["sys_interval 1"]) as broker:
        yield broker.port


def mosquitto_version():
    with Mosquitto() as broker:
        return re.search(r"mosquitto version (\S+) starting", broker.log())[1]


def amqtt():
    return program([INSTALLED / "venv" / "bin" / "python", HERE / "brokers" / "amqtt_broker.py"])


def amqtt_version():
    return re.search(r"^amqtt==(\S+)$", (HERE / "brokers" / "requirements.txt").read_text(), re.MULTILINE)[1]


def aedes():
    node = processes.find_tool("node", "nodejs")
    return program([node, HERE / "brokers" / "aedes_broker.mjs", INSTALLED / "node_modules"])


def aedes_version():
    return json.loads((HERE / "brokers" / "package.json").read_text())["dependencies"]["aedes"]


def rabbitmq():
    return program([sys.executable, HERE / "brokers" / "rabbitmq_broker.py"])


def ejabberd():
    return program([sys.executable, HERE / "brokers" / "ejabberd_broker.py"])


def package_version(package):
    """The version of a package of the system, without Debian's part of it."""
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True)
    return found.stdout.split("-")[0]


BROKERS = {
    "Mosquitto": (mosquitto, mosquitto_version),
    "amqtt": (amqtt, amqtt_version),
    "Aedes": (aedes, aedes_version),
    "ejabberd": (ejabberd, lambda: package_version("ejabberd")),
    "RabbitMQ": (rabbitmq, lambda: package_version("rabbitmq-server")),
}


def run(start, target):
    """The results of a broker: {check: passed}; and all that was printed."""
    with start() as port:
        defines = {"HOST": target.host, "PORT": port, "USER": USER, "PASSWORD": PASSWORD}
        script = HERE / "conformance" / "interoperability.py"
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        result = target.run(script, defines, TIMEOUT, text=True, **pipes)
    if result.returncode or not result.stdout.endswith("\nOK\n"):
        sys.exit(f"the script ended with {result.returncode}:\n{result.stdout}")
    found = re.findall(r"^(ok|no) (.*)$", result.stdout, re.MULTILINE)
    return {name: word == "ok" for word, name in found}, result.stdout


def table(results, versions):
    names = list(results)
    lines = ["| | " + " | ".join(f"{name} {versions[name]}" for name in names) + " |"]
    lines.append("|---|" + "---|" * len(names))
    for check in results[names[0]]:
        marks = ["works" if results[name][check] else "**fails**" for name in names]
        lines.append(f"| {check} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing: compare with what the page says")
    parser.add_argument("--broker", choices=list(BROKERS), action="append", help="only these; writes nothing")
    options = parser.parse_args()
    names = options.broker or list(BROKERS)
    versions = {name: BROKERS[name][1]() for name in names}
    results, printed = {}, {}
    # Most of the time a broker waits for time to pass. The slowest one begins.
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = {name: pool.submit(run, BROKERS[name][0], TARGETS["unix"]) for name in reversed(names)}
    for name in names:
        results[name], printed[name] = runs[name].result()
        passed = sum(results[name].values())
        print(f"{name} {versions[name]}: {passed} of {len(results[name])} checks passed", flush=True)
        if passed < len(results[name]) and not options.check:
            print(printed[name])
    if options.broker:
        return 0
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    old, _, after = rest.partition(END)
    new = table(results, versions)
    if options.check:
        if comparable(old) != comparable(new):
            print(f"{PAGE.name} says something else:\n{old}\nFound:\n{new}", *printed.values(), sep="\n", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(before + BEGIN + new + END + after, encoding="utf-8")
    return 0


def comparable(text):
    """Without the versions: Mosquitto is the system's own."""
    return re.sub(r" \d+(\.\d+)+", "", text)


if __name__ == "__main__":
    sys.exit(main())
