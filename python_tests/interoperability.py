#!/usr/bin/env python3
"""Runs conformance/interoperability.py against several brokers, and conformance/interoperability_5.py against those that
speak MQTT 5, and writes the tables of the results into docs/interoperability.md.

    python3 python_tests/interoperability.py            (make interoperability-table prepares and calls it)
    python3 python_tests/interoperability.py --check    fails if a table says something else
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
# The tables of the page by their scripts: each begins with the first line, and ends with the second one.
TABLES = {
    "interoperability": ("<!-- table -->\n", "<!-- end of table -->\n"),
    "interoperability_5": ("<!-- table of MQTT 5 -->\n", "<!-- end of table of MQTT 5 -->\n"),
}
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


def rumqttd():
    return program([INSTALLED / "venv" / "bin" / "python", HERE / "brokers" / "rumqttd_broker.py"])


def rumqttd_version():
    [components] = (INSTALLED / "venv" / "lib").glob("*/site-packages/iotcore-*/sboms/*.json")
    listed = json.loads(components.read_text(encoding="utf-8"))["components"]
    return next(component["version"] for component in listed if component["name"] == "rumqttd")


def rabbitmq():
    return program([sys.executable, HERE / "brokers" / "rabbitmq_broker.py"])


def ejabberd():
    return program([sys.executable, HERE / "brokers" / "ejabberd_broker.py"])


def package_version(package):
    """The version of a package of the system, without Debian's part of it."""
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True)
    return found.stdout.split("-")[0]


# How each one is started, its version, and its scripts.
BOTH = tuple(TABLES)
BROKERS = {
    "Mosquitto": (mosquitto, mosquitto_version, BOTH),
    "amqtt": (amqtt, amqtt_version, BOTH[:1]),
    "Aedes": (aedes, aedes_version, BOTH[:1]),
    "ejabberd": (ejabberd, lambda: package_version("ejabberd"), BOTH),
    "RabbitMQ": (rabbitmq, lambda: package_version("rabbitmq-server"), BOTH[:1]),
    # Of MQTT 5 alone: it has another port for each version.
    "rumqttd": (rumqttd, rumqttd_version, BOTH[1:]),
}


def run(start, scripts, target):
    """The results of a broker by script, each {check: passed}; and all that was printed."""
    results, printed = {}, ""
    with start() as port:
        for name in scripts:
            defines = {"HOST": target.host, "PORT": port, "USER": USER, "PASSWORD": PASSWORD}
            script = HERE / "conformance" / f"{name}.py"
            pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
            result = target.run(script, defines, TIMEOUT, text=True, **pipes)
            if result.returncode or not result.stdout.endswith("\nOK\n"):
                sys.exit(f"the script ended with {result.returncode}:\n{result.stdout}")
            found = re.findall(r"^(ok|no) (.*)$", result.stdout, re.MULTILINE)
            results[name] = {check: word == "ok" for word, check in found}
            printed += result.stdout
    return results, printed


def table(results, versions):
    """The table of one script: `results` are its brokers' results by name."""
    lines = ["| | " + " | ".join(f"{name} {versions[name]}" for name in results) + " |"]
    lines.append("|---|" + "---|" * len(results))
    for check in next(iter(results.values())):
        marks = ["works" if passed[check] else "**fails**" for passed in results.values()]
        lines.append(f"| {check} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


def replaced(page, results, versions):
    """The page with the tables of these results."""
    for script, (begin, end) in TABLES.items():
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        of_script = {name: found[script] for name, found in results.items() if script in found}
        page = before + begin + table(of_script, versions) + end + after
    return page


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
        runs = {name: pool.submit(run, BROKERS[name][0], BROKERS[name][2], TARGETS["unix"]) for name in reversed(names)}
    for name in names:
        results[name], printed[name] = runs[name].result()
        passed = [passed for found in results[name].values() for passed in found.values()]
        print(f"{name} {versions[name]}: {sum(passed)} of {len(passed)} checks passed", flush=True)
        if not all(passed) and not options.check:
            print(printed[name])
    if options.broker:
        return 0
    old = PAGE.read_text(encoding="utf-8")
    new = replaced(old, results, versions)
    if options.check:
        if comparable(old) != comparable(new):
            print(f"{PAGE.name} says something else:\n{old}\nFound:\n{new}", *printed.values(), sep="\n", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(new, encoding="utf-8")
    return 0


def comparable(text):
    """Without the versions: Mosquitto is the system's own."""
    return re.sub(r" \d+(\.\d+)+", "", text)


if __name__ == "__main__":
    sys.exit(main())
