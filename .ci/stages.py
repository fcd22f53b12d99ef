#!/usr/bin/env python3
"""Runs make targets, all of them, and says at the end which failed.

    .ci/stages.py make fmt-check clippy host-test ...
    .ci/stages.py make board-test tls-test ... --first unix --beside fmt-check clippy ...

Each target is a stage: one line with its result, its time and the totals that pytest or cargo printed.
The stages run one after the other. Those of --first run before all others; those of --beside run one after
the other, too, but at the same time as the rest. The output of a stage goes to build/test/STAGE.log, and
onto the screen when the stage fails. The exit status is 1 when a stage failed.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
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
        self.process = None
        self.passed = False
        self.seconds = 0.0

    def start(self):
        """Starts the target."""
        with open(self.log, "wb") as log:
            # A process group of its own: the processes that make has started end with it.
            self.process = subprocess.Popen(
                [self.make, "--no-print-directory", self.name],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self):
        """Waits for the end of the target."""
        begin = time.monotonic()
        self.passed = self.process.wait() == 0
        self.seconds = time.monotonic() - begin

    def end(self):
        """Ends the target, if it runs."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)

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


class Run:
    """All stages: which run, which have ended."""

    def __init__(self):
        self.begin = time.monotonic()
        self.running = []
        self.ended = []
        self.interrupted = False
        self._lock = threading.Lock()

    def in_turn(self, stages):
        """Runs these one after the other."""
        for stage in stages:
            with self._lock:
                if self.interrupted:
                    return
                stage.start()
                self.running.append(stage)
                self._show_running()
            stage.wait()
            with self._lock:
                self.running.remove(stage)
                if self.interrupted:
                    return
                self.ended.append(stage)
                if not stage.passed:
                    show_log(stage)
                print(stage.line(), flush=True)
                self._show_running()

    def _show_running(self):
        if sys.stdout.isatty() and self.running:
            names = ", ".join(stage.name for stage in self.running)
            print(f"  ...    {names:60}", end="\r", flush=True)

    def interrupt(self):
        """Ends the stages that run; their names."""
        with self._lock:
            self.interrupted = True
            running = list(self.running)
            for stage in running:
                stage.end()
        for stage in running:
            stage.process.wait()
        return ", ".join(stage.name for stage in running)

    def summary(self):
        """The closing lines."""
        return summary(self.ended, time.monotonic() - self.begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("make", help="the make program")
    parser.add_argument("stages", nargs="+", metavar="STAGE", help="a target of the Makefile")
    parser.add_argument("--first", nargs="+", metavar="STAGE", default=[], help="run before all others")
    parser.add_argument("--beside", nargs="+", metavar="STAGE", default=[], help="run at the same time as the rest")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A shell that starts this program in the background lets it ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    first, stages, beside = (
        [Stage(options.make, name) for name in names] for names in (options.first, options.stages, options.beside)
    )
    run = Run()
    try:
        for lanes in ([first], [stages, beside]):
            threads = [threading.Thread(target=run.in_turn, args=[lane]) for lane in lanes if lane]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    except KeyboardInterrupt:
        print(f"interrupted in {run.interrupt()}")
        print(run.summary(), flush=True)
        return 130
    except SystemExit:
        run.interrupt()
        raise
    print(run.summary(), flush=True)
    return 0 if all(stage.passed for stage in run.ended) else 1


if __name__ == "__main__":
    sys.exit(main())
