#!/usr/bin/env python3
"""Prints which tests prove which statement of MQTT 3.1.1, from the names of the tests.

Fails when a statement has neither a test nor a reason, or both, and when a test names a statement
that there is not.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STATEMENTS = ROOT / "tests" / "mqtt-3.1.1-client-statements.txt"

STATEMENT = re.compile(r"(server )?(MQTT-\d+\.\d+\.\d+-\d+)(?:: (\S.*))?")
RUST_TEST = re.compile(r"#\[test\]\s*(?:#\[[^\]]*\]\s*)*fn (mqtt_\w+)")
PYTHON_TEST = re.compile(r"^\s*(?:async )?def (test_mqtt_\w+)", re.MULTILINE)
# A name may begin with several.
IDS = re.compile(r"(?:test_)?((?:mqtt_\d+_\d+_\d+_\d+_)+)(?!\d)\w")
ID = re.compile(r"mqtt_(\d+)_(\d+)_(\d+)_(\d+)_")


def statements():
    """The ids that bind a client, the reasons of those that have one, the ids that bind a server."""
    client, reasons, server = [], {}, set()
    for number, line in enumerate(STATEMENTS.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = STATEMENT.fullmatch(line)
        if not match:
            sys.exit(f"{STATEMENTS.name}:{number}: {line}")
        for_server, statement, reason = match.groups()
        if statement in client or statement in server:
            sys.exit(f"{STATEMENTS.name}:{number}: {statement} stands there twice")
        if for_server:
            server.add(statement)
            continue
        client.append(statement)
        if reason:
            reasons[statement] = reason
    return client, reasons, server


def tests():
    """Every test that is named after a statement: its file and its name."""
    for folder, suffix, pattern in (
        ("src", "rs", RUST_TEST),
        ("tests", "rs", RUST_TEST),
        ("python_tests", "py", PYTHON_TEST),
    ):
        for path in sorted((ROOT / folder).rglob(f"*.{suffix}")):
            for name in pattern.findall(path.read_text()):
                yield path.relative_to(ROOT), name


def main():
    client, reasons, server = statements()
    proofs = collections.defaultdict(list)
    faults = []
    for path, name in tests():
        ids = IDS.match(name)
        named = [f"MQTT-{a}.{b}.{c}-{d}" for a, b, c, d in ID.findall(ids.group(1) if ids else "")]
        if not named:
            faults.append(f"{path}: {name} names no statement")
        for statement in named:
            if statement not in client and statement not in server:
                faults.append(f"{path}: {name}: there is no {statement}")
            proofs[statement].append(f"{path} {name}")
    for statement in client:
        proved, reason = proofs[statement], reasons.get(statement)
        print(f"{statement}: {reason}" if reason else statement)
        for test in proved:
            print(f"    {test}")
        if not proved and not reason:
            faults.append(f"{statement} has neither a test nor a reason")
        if proved and reason:
            faults.append(f"{statement} has a reason although it has tests")
    for statement in sorted(server & proofs.keys()):
        print(f"{statement} (binds a server)")
        for test in proofs[statement]:
            print(f"    {test}")
    proved = sum(bool(proofs[statement]) for statement in client)
    print(f"{len(client)} statements: {proved} proved by tests, {len(reasons)} with a reason")
    if faults:
        sys.exit("\n".join(faults))


main()
