#!/usr/bin/env python3
"""Prints which tests prove which statement of MQTT 3.1.1 and 5.0, from the names of the tests.

Fails when a statement has neither a test nor a reason, or both, and when a test names a statement
that there is not. A statement that is marked as one for later has neither.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The lists, by the word that their ids begin with.
STATEMENTS = {
    "MQTT": ROOT / "tests" / "mqtt-3.1.1-client-statements.txt",
    "MQTT5": ROOT / "tests" / "mqtt-5-client-statements.txt",
}

STATEMENT = re.compile(r"(server |later )?((MQTT5?)-\d+\.\d+\.\d+-\d+)(?:: (\S.*))?")
RUST_TEST = re.compile(r"#\[test\]\s*(?:#\[[^\]]*\]\s*)*fn (mqtt5?_\w+)")
PYTHON_TEST = re.compile(r"^\s*(?:async )?def (test_mqtt_\w+|test_mqtt5_\d\w+)", re.MULTILINE)
# A name may begin with several.
IDS = re.compile(r"(?:test_)?((?:mqtt5?_\d+_\d+_\d+_\d+_)+)(?!\d)\w")
ID = re.compile(r"(mqtt5?)_(\d+)_(\d+)_(\d+)_(\d+)_")


class List:
    """The statements of one version."""

    def __init__(self, word, path):
        # The ids that bind a client, the reasons of those that have one, the ids for later, those that bind a server.
        self.client, self.reasons, self.later, self.server = [], {}, set(), set()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            match = STATEMENT.fullmatch(line)
            if not match or match[3] != word:
                sys.exit(f"{path.name}:{number}: {line}")
            mark, statement, _, reason = match.groups()
            if statement in self:
                sys.exit(f"{path.name}:{number}: {statement} stands there twice")
            if mark == "server ":
                self.server.add(statement)
                continue
            self.client.append(statement)
            if mark == "later ":
                self.later.add(statement)
            if reason:
                self.reasons[statement] = reason

    def __contains__(self, statement):
        return statement in self.client or statement in self.server

    def report(self, proofs):
        """Prints the statements with their proofs, and their numbers; yields the faults."""
        for statement in self.client:
            proved, reason = proofs[statement], self.reasons.get(statement)
            if statement in self.later:
                reason = "not yet: session and module do not speak all of this version"
            print(f"{statement}: {reason}" if reason else statement)
            for test in proved:
                print(f"    {test}")
            if not proved and not reason:
                yield f"{statement} has neither a test nor a reason"
            if proved and reason:
                yield f"{statement} has a reason although it has tests"
        for statement in sorted(self.server & proofs.keys()):
            print(f"{statement} (binds a server)")
            for test in proofs[statement]:
                print(f"    {test}")


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
    lists = {word: List(word, path) for word, path in STATEMENTS.items()}
    proofs = collections.defaultdict(list)
    faults = []
    for path, name in tests():
        ids = IDS.match(name)
        named = [(word.upper(), f"{a}.{b}.{c}-{d}") for word, a, b, c, d in ID.findall(ids.group(1) if ids else "")]
        if not named:
            faults.append(f"{path}: {name} names no statement")
        for word, number in named:
            statement = f"{word}-{number}"
            if statement not in lists[word]:
                faults.append(f"{path}: {name}: there is no {statement}")
            proofs[statement].append(f"{path} {name}")
    for statements in lists.values():
        faults += statements.report(proofs)
    for word, statements in lists.items():
        proved = sum(bool(proofs[statement]) for statement in statements.client)
        print(f"{STATEMENTS[word].stem}: {len(statements.client)} statements: {proved} proved by tests, "
              f"{len(statements.reasons)} with a reason, {len(statements.later)} not yet")
    if faults:
        sys.exit("\n".join(faults))


main()
