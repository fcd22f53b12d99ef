"""The command line of run.py: its arguments, its output and its exit status."""

import signal
import subprocess
import sys
import time

import pytest
from harness import raw_repl
from harness.ending import traceback_apart
from harness.targets import ROOT, TARGETS, Unix

pytestmark = pytest.mark.plain

RUN = [sys.executable, str(ROOT / "python_tests" / "run.py")]
# Prints its definitions.
SHOW = """\
import sys
HOST = "nobody"
print([HOST, sys.argv[1:]])
try:
    print([EXTRA])
except NameError:
    pass
"""


@pytest.fixture
def write(tmp_path):
    def write(source, name="script.py"):
        script = tmp_path / name
        script.write_text(source, encoding="utf-8")
        return str(script)

    return write


@pytest.fixture
def run(target):
    """Runs it with these words, on the target unless they name one; its result."""

    def run(*words, on=("--target", target.name), timeout=60):
        command = [*RUN, *on, *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout * target.slowness, cwd=ROOT)

    return run


def printed(result):
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


@pytest.mark.smoke
@pytest.mark.parametrize(
    "words, expected",
    [
        ("SCRIPT", ["nobody", []]),
        ("SCRIPT --define HOST=10.0.2.2", ["10.0.2.2", []]),
        ("--define HOST=10.0.2.2 SCRIPT", ["10.0.2.2", []]),
        ("--define=HOST=10.0.2.2 SCRIPT --timeout 50", ["10.0.2.2", []]),
        ("--define HOST=a SCRIPT --define HOST=b", ["b", []]),
        ("SCRIPT one two", ["nobody", ["one", "two"]]),
        ("SCRIPT one --define HOST=a two", ["a", ["one", "two"]]),
        ("SCRIPT -- --define HOST=a", ["nobody", ["--define", "HOST=a"]]),
        ("SCRIPT --define HOST=a -- -v --timeout 1", ["a", ["-v", "--timeout", "1"]]),
        ("--timeout 50 -- SCRIPT -v", ["nobody", ["-v"]]),
        ("SCRIPT -- one -- two", ["nobody", ["one", "--", "two"]]),
    ],
)
def test_options_before_and_after_the_script(run, write, words, expected):
    script = write(SHOW)
    result = run(*(script if word == "SCRIPT" else word for word in words.split()))
    assert printed(result) == f"{expected}\n"


@pytest.mark.parametrize(
    "text, value",
    [
        ("5", 5),
        ("'5'", "5"),
        ("five", "five"),
        ("", ""),
        ("a=b", "a=b"),
        ("[1, 'x']", [1, "x"]),
        ("None", None),
        ("two words", "two words"),
    ],
)
def test_values_of_definitions(run, write, text, value):
    """A literal is taken as such, anything else as a string; a name that the script does not set comes in front."""
    result = run(write(SHOW), "--define", f"EXTRA={text}")
    assert printed(result).splitlines() == ["['nobody', []]", f"{[value]!r}"]


@pytest.mark.parametrize(
    "source, status",
    [
        ("pass", 0),
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit(7)", 7),
        ("raise ValueError('it')", 1),
        ("1 +", 1),
    ],
)
def test_the_exit_status_is_that_of_the_script(run, write, source, status):
    result = run(write(source + "\n"))
    assert result.returncode == status, result
    _, errors = traceback_apart(status, result.stdout, result.stderr)
    assert ("Traceback" in errors) == (status == 1)


def test_a_time_limit(run, write, target):
    limit = 1 if isinstance(target, Unix) else 10
    script = write("print('here')\nwhile True: pass\n")
    begin = time.monotonic()
    result = run(script, "--timeout", str(limit))
    assert (result.returncode, result.stdout) == (124, "here\n"), result
    assert result.stderr == f"run.py: {script} did not end within {limit} s\n"
    assert time.monotonic() - begin >= limit


def test_a_script_that_a_signal_ends(run, write, target):
    if not isinstance(target, Unix):
        pytest.skip("the target is no process of this machine")
    result = run(write("import ffi\nffi.open(None).func('i', 'raise', 'i')(9)\n"))
    assert result.returncode == 128 + signal.SIGKILL, result


def test_messages_of_the_emulator_are_no_output_of_the_board(capfd):
    emulator = "import sys; sys.stderr.write('a packet was lost'); print('here'); sys.exit(3)"
    with raw_repl.Board([sys.executable, "-c", emulator]) as board:
        assert board.read_until(b"here\n") == b""
        with pytest.raises(raw_repl.BoardEnded) as end:
            board.read_until(b"never")
    assert str(end.value) == "the emulator ended with status 3: a packet was lost"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "words, complaint",
    [
        ([], "a script is wanted"),
        (["--define"], "expected one argument"),
        (["script.py", "--define", "HOST"], "NAME=VALUE is wanted, not 'HOST'"),
        (["script.py", "--define", "1st=x"], "NAME=VALUE is wanted, not '1st=x'"),
        (["script.py", "--timeout", "soon"], "invalid seconds value: 'soon'"),
        (["script.py", "--timeout", "0"], "more than 0"),
        (["script.py", "--timeout", "inf"], "more than 0"),
        (["script.py", "--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_a_command_line_with_a_mistake(run, words, complaint):
    result = run(*words)
    assert (result.returncode, result.stdout) == (2, ""), result
    assert complaint in result.stderr and "Traceback" not in result.stderr


def test_a_script_that_is_not_there(run, tmp_path):
    result = run(tmp_path / "nowhere.py")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"run.py: [Errno 2] No such file or directory: '{tmp_path / 'nowhere.py'}'\n"


def test_an_unknown_target(run):
    result = run("script.py", on=("--target", "toaster"))
    assert result.returncode == 2
    assert "invalid choice: 'toaster'" in result.stderr and "MPS2_AN385" in result.stderr


def test_a_target_that_is_not_built(run, write, target):
    missing = next((other for other in TARGETS.values() if not other.image.exists()), None)
    if missing is None:
        pytest.skip("all of them are built")
    result = run(write(SHOW), on=("--target", missing.name))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"run.py: target {missing.name} is not built: `{missing.made_by}` builds it\n"


def test_the_list_of_targets(run, target):
    lines = printed(run("--list", on=())).splitlines()
    assert [line.split()[0] for line in lines] == list(TARGETS)
    assert f"{target.name} built" in [" ".join(line.split()) for line in lines]


def test_the_command_that_its_help_shows(run, broker, target):
    text = printed(run("--help", on=()))
    line = next(line.strip() for line in text.splitlines() if line.strip().startswith("python3 "))
    assert line == "python3 python_tests/run.py --target unix examples/publish.py --define HOST=127.0.0.1"
    words = line.replace("unix", target.name).replace("127.0.0.1", target.host).split()[2:]
    printed(run(*words, "--define", f"PORT={broker.port}", on=()))
