#!/usr/bin/env python3
"""Runs the tests again and again beside busy loops, and lists what failed how often.

    make flaky RUNS=10 LOAD=2 PYTEST='-k lifecycle' TARGET=MPS2_AN385
    python3 python_tests/flaky.py --runs 10 --load 2 -- --target MPS2_AN385 -k lifecycle

The arguments behind `--` go to pytest. The logs are build/test/flaky/run-NUMBER.log (--logs). The exit status is 0
when no run failed.
"""

import argparse
import collections
import contextlib
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

from harness import processes

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test" / "flaky"
BUSY_LOOP = "while True: pass"


@contextlib.contextmanager
def busy_loops(count):
    """So many processes that compute without end. They end with the `with`, and with us however we end."""
    loops = [processes.start([sys.executable, "-c", BUSY_LOOP], stdin=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield
        ended = [loop for loop in loops if loop.poll() is not None]
        if ended:
            raise RuntimeError(f"{len(ended)} of {count} busy loops ended early: the runs were not all loaded")
    finally:
        for loop in loops:
            loop.kill()
        for loop in loops:
            loop.wait()


def failures(report):
    """The names of the tests that failed or could not be run, from pytest's JUnit report; and its counts."""
    suite = xml.parse(report).getroot().find("testsuite")
    names = []
    for case in suite.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            names.append(f"{case.get('classname', '')}::{case.get('name')}")
    # A test that fails, and whose fixtures fail after it, stands there twice.
    names = list(dict.fromkeys(names))
    count = int(suite.get("tests"))
    skipped = int(suite.get("skipped"))
    return names, f"{count - skipped - len(names)} passed, {len(names)} failed, {skipped} skipped"


def with_tests(arguments):
    """pytest's arguments: those of the caller, and all tests unless these name a file or a folder of tests.

    Tests come first, or else pytest would not find the conftest.py that declares the other options.
    """

    def is_test(word):
        return word.partition("::")[0].endswith(".py") or word.startswith("python_tests")

    tests = [word for word in arguments if is_test(word)]
    return [*(tests or ["python_tests"]), *(word for word in arguments if not is_test(word))]


def run(number, logs, arguments):
    """One run of pytest: the names of the tests that failed, and a line about the run."""
    report, log = logs / f"run-{number}.xml", logs / f"run-{number}.log"
    report.unlink(missing_ok=True)
    begin = time.monotonic()
    with open(log, "wb") as output:
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *with_tests(arguments)]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        with processes.start(command, cwd=ROOT, **pipes) as process:
            try:
                status = process.wait()
            except BaseException:
                processes.end(process)
                raise
    took = time.monotonic() - begin
    if not report.exists():
        names, counts = [f"(pytest ended with status {status}, without a report: see {log})"], "no report"
    else:
        names, counts = failures(report)
        if status != 0 and not names:
            names = [f"(pytest ended with status {status}: see {log})"]
    return names, f"run {number}: {counts}, in {took:.0f} s"


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def not_negative(text):
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=positive, default=10, help="how often (default: 10)")
    parser.add_argument("--load", type=not_negative, default=0, help="busy loops beside it (default: none)")
    parser.add_argument("--logs", type=Path, default=LOGS, help="where the logs go")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after `--`")
    options = parser.parse_args()
    options.logs.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A shell that starts this program in the background lets it ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    failed, runs = collections.Counter(), 0
    red = 0
    try:
        with busy_loops(options.load):
            for number in range(1, options.runs + 1):
                names, line = run(number, options.logs, options.pytest)
                runs = number
                red += bool(names)
                failed.update(names)
                print(line, flush=True)
                for name in names:
                    print(f"    {name}", flush=True)
    except KeyboardInterrupt:
        print("interrupted")
    print(f"{runs} of {options.runs} runs beside {options.load} busy loops: {red} with failures")
    for name, times in failed.most_common():
        print(f"{times:4} of {runs}: {name}")
    return 0 if runs == options.runs and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
