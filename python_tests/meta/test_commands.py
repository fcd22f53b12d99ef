"""The commands that run the tests, or look at them: .ci/stages.py, flaky.py, coverage_of_methods.py."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from harness.targets import ROOT

pytestmark = pytest.mark.plain

STAGES = ROOT / ".ci" / "stages.py"
FLAKY = ROOT / "python_tests" / "flaky.py"
COVERAGE = ROOT / "python_tests" / "coverage_of_methods.py"
MAKEFILE = """
good:
\t@echo all is well
bad:
\t@echo something is wrong; exit 3
pytest:
\t@echo "==== 7 passed, 1 skipped in 0.10s ===="
meets:
\t@touch met; for _ in $$(seq 600); do [ ! -f waited ] || exit 0; sleep 0.1; done; exit 1
waits:
\t@touch waited; for _ in $$(seq 600); do [ ! -f met ] || exit 0; sleep 0.1; done; exit 1
late:
\t@sleep 0.5; touch ended
early:
\t@[ -f ended ]
slow:
\t@echo $$$$ > $(PIDS); exec sleep 1000
"""


@pytest.fixture
def command(tmp_path):
    """The command line for these stages, with a copy of stages.py that has the Makefile above beside it."""
    (tmp_path / ".ci").mkdir()
    copy = tmp_path / ".ci" / STAGES.name
    copy.write_text(STAGES.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    return lambda *stages: [sys.executable, str(copy), "make", *stages]


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_all_stages_run_and_those_that_fail_are_named(command, tmp_path):
    result = run(command("bad", "pytest", "missing", "good"))
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert "something is wrong" in lines
    assert "all is well" not in lines
    kinds = [line.split()[0] for line in lines if re.match(r"(passed|FAILED) +\d+\.\d s  ", line)]
    assert kinds == ["FAILED", "passed", "FAILED", "passed"]
    assert any(line.endswith("7 passed, 1 skipped in 0.10s") for line in lines)
    assert lines[-2:] == ["failed: bad missing", "stages: 2 passed, 2 failed"]
    assert (tmp_path / "build/test/good.log").read_text() == "all is well\n"


def test_when_all_stages_pass_nothing_is_named(command):
    result = run(command("good", "pytest"))
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == "stages: 2 passed, 0 failed"
    assert "failed:" not in result.stdout


def test_stages_run_beside_others(command):
    """`meets` and `waits` wait for each other."""
    result = run(command("meets", "--first", "good", "--beside", "waits"))
    assert result.returncode == 0, result.stdout
    names = [line.split()[-1] for line in result.stdout.splitlines() if line.startswith("passed")]
    assert names[0] == "good" and sorted(names[1:]) == ["meets", "waits"]


def test_no_other_stage_begins_before_the_first_have_ended(command):
    result = run(command("early", "--first", "late", "--beside", "good"))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_an_interrupt_ends_the_stage_and_its_processes(command, tmp_path, number, status):
    pids = tmp_path / "pids"
    with subprocess.Popen(command("slow", "good"), env={**os.environ, "PIDS": str(pids)}, stdout=subprocess.PIPE) as process:
        try:
            wait_until(lambda: pids.exists() and pids.read_text().strip())
            process.send_signal(number)
            process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode == status
    wait_until(lambda: command_line(pids.read_text().strip()) == b"")


TESTS = """
import pathlib
COUNTER = pathlib.Path(__file__).with_name("counter")

def test_steady():
    pass

def test_every_other_time():
    count = len(COUNTER.read_text()) if COUNTER.exists() else 0
    COUNTER.write_text("x" * (count + 1))
    assert count % 2 == 0
"""


def flaky(tmp_path, *words):
    tests = tmp_path / "test_something.py"
    tests.write_text(TESTS, encoding="utf-8")
    return [sys.executable, str(FLAKY), "--logs", str(tmp_path / "logs"), *words, "--", "-p", "no:cacheprovider", str(tests)]


def test_each_failure_is_counted(tmp_path):
    result = run(flaky(tmp_path, "--runs", "3", "--load", "1"))
    assert result.returncode == 1, result
    lines = result.stdout.splitlines()
    assert lines[-2] == "3 of 3 runs beside 1 busy loops: 1 with failures"
    assert re.fullmatch(r" +1 of 3: .*test_something::test_every_other_time", lines[-1])
    assert run(flaky(tmp_path / "..", "--runs", "0")).returncode == 2


def test_no_busy_loop_outlives_the_command(tmp_path):
    """Not when it is killed, either."""
    with subprocess.Popen(flaky(tmp_path, "--runs", "1000", "--load", "2"), stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        loops = [pid for pid in children(process.pid) if b"while True: pass" in command_line(pid)]
        assert len(loops) == 2
        process.kill()
    wait_until(lambda: not any(b"while True" in command_line(pid) for pid in loops))


def test_every_target_has_a_help_text_or_a_private_name():
    files = [ROOT / "Makefile", ROOT / ".ci" / "checks.mk"]
    rules = [line for file in files for line in file.read_text().splitlines() if re.match(r"[a-z][a-z-]*:(?!=)", line)]
    assert len(rules) > 50
    assert not [rule for rule in rules if "## " not in rule]
    phony = run(["make", "--no-print-directory", "-pn", "help"]).stdout
    targets = set(re.search(r"^\.PHONY: (.*)$", phony, re.MULTILINE)[1].split())
    missing = [rule for rule in rules if rule.partition(":")[0] not in targets]
    assert not missing


def test_every_method_has_a_test():
    result = run([sys.executable, str(COVERAGE)])
    assert result.returncode == 0, result.stdout
    table, name = {}, None
    for line in result.stdout.splitlines():
        if line.startswith(" "):
            table[name].add(line.strip())
        else:
            name = line.partition(":")[0]
            table[name] = set()
    # A script of its own, a case of a script, a script of another folder.
    assert "features/test_features.py::test_retained_messages" in table["publish"]
    assert "features/test_features.py::test_retained_messages" not in table["set_will"]
    assert "conformance/test_fake_protocol.py::test_settings_can_be_removed" in table["set_will"]
    assert "conformance/test_fake_protocol.py::test_no_pings_with_keepalive_0" not in table["set_will"]
    assert "memory/test_memory.py::test_a_collection_while_arguments_are_taken" in table["set_will"]
    assert run([sys.executable, str(COVERAGE), "nonsense"]).returncode == 2


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def command_line(pid):
    """Empty when the process has ended, whether anybody has asked how or not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
