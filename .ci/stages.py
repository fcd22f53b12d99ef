#!/usr/bin/env python3
"""Runs make targets one after the other, all of them, and says at the end which failed.

    .ci/stages.py make fmt-check clippy host-test ...

Each target is a stage: one line with its result, its time and the totals that pytest or cargo printed.
 The output of a stage goes to build/test/STAGE.log, and onto the screen when the stage fails. The
exit status is 1 when a stage failed.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test"
# The totals of pytest and of cargo, which stand beside the result.
PYTEST_TOTAL = re.compile(r"^=+ (.*\b(?:passed|failed|error|no tests ran)\b.*) =+$", re.MULTILINE)
CARGO_TOTAL = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed", re.MULTILINE)


def totals(log):
    """The sums that the tools of a stage print at their ends; an empty string where there are none."""
    found = PYTEST_TOTAL.findall(log)
    if found:
        return "; ".join(found)
    found = CARGO_TOTAL.findall(log)
    if found:
        passed, failed = (sum(map(int, column)) for column in zip(*found, strict=True))
        return f"{passed} passed, {failed} failed"
    return ""


class Stage:
    """One make target: runs it, and knows how it went."""

    def __init__(self, make, name):
        self.make = make
        self.name = name
        self.log = LOGS / f"{name}.log"
        self.passed = False
        self.seconds = 0.0

    def run(self):
        """Runs the target to its end. A SIGINT or SIGTERM that comes meanwhile ends the target, too."""
        begin = time.monotonic()
        with open(self.log, "wb") as log:
            # A process group of its own: the processes that make has started end with it.
            process = subprocess.Popen(
                [self.make, "--no-print-directory", self.name],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status = process.wait()
            except BaseException:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
                raise
            finally:
                self.seconds = time.monotonic() - begin
        self.passed = status == 0

    def line(self):
        """The one line about the stage."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        result = "passed" if self.passed else "FAILED"
        return f"{result} {self.seconds:7.1f} s  {self.name:24} {totals(text)}".rstrip()


def show_log(stage):
    """Prints all that a stage has printed."""
    print(f"---- {stage.log.relative_to(ROOT)}", flush=True)
    sys.stdout.buffer.write(stage.log.read_bytes())
    print(f"---- the end of {stage.log.relative_to(ROOT)}", flush=True)


def summary(stages, seconds):
    """The closing lines: the failed stages by name, then the counts."""
    failed = [stage.name for stage in stages if not stage.passed]
    lines = [f"all stages took {seconds:.0f} s; their logs are in {LOGS.relative_to(ROOT)}"]
    if failed:
        lines.append(f"failed: {' '.join(failed)}")
    lines.append(f"stages: {len(stages) - len(failed)} passed, {len(failed)} failed")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("make", help="the make program")
    parser.add_argument("stages", nargs="+", metavar="STAGE", help="a target of the Makefile")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A shell that starts this program in the background lets it ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    begin = time.monotonic()
    stages = [Stage(options.make, name) for name in options.stages]
    ended = []
    try:
        for stage in stages:
            if sys.stdout.isatty():
                print(f"  ...    {stage.name}", end="\r", flush=True)
            stage.run()
            ended.append(stage)
            if not stage.passed:
                show_log(stage)
            print(stage.line(), flush=True)
    except KeyboardInterrupt:
        print(f"interrupted in {stages[len(ended)].name}")
        print(summary(ended, time.monotonic() - begin), flush=True)
        return 130
    print(summary(ended, time.monotonic() - begin), flush=True)
    return 0 if all(stage.passed for stage in ended) else 1


if __name__ == "__main__":
    sys.exit(main())
