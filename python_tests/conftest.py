"""The options and fixtures of all tests.

A test runs the MicroPython script beside it on the target, against a broker; with its folder's name
in front one of another folder:

    def test_retained(run_script):
        run_script("retained_messages", TOPIC="t/retained")
        run_script("features/retained_messages", TOPIC="t/retained")

The script finds HOST and PORT, SLOWNESS and LARGEST (see targets.py), and the test's own
definitions as globals; and HANDSHAKE, the ms by which a deadline is to be longer that is there for
something else and has to last for a connection, too. Its clients speak the `version` of the test, which a test with
the mark `both_versions` runs with each of. It reports by its last line: `OK`, or
`SKIP <reason>` where the target lacks something that it needs. Anything else, a traceback and an exit
status other than 0 included, is a failure, and so is taking too long. A failure shows all its output.

"""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest
from harness import certificates, tls_scripts, versions
from harness.broker import Mosquitto
from harness.loopback import HOST as LOOPBACK
from harness.loopback import HeldPort
from harness.qemu import NETWORK_UP, Board
from harness.targets import TARGETS, EmulatedBoard, Mps2, Nano, TargetMissing
from harness.tls_front import TlsFront, server_context

TESTS = Path(__file__).parent
pytest_plugins = ["harness.scenes"]
# How long a script may take, in s; of a machine that has much else to do so many times as long. No
# promise: only a script that hangs takes so long.
TIMEOUT = 60
BUSY_MACHINE = 5
# The share of a script's short deadline that is for a TLS handshake, in ms. A handshake takes a hundredth of
# that on an idle PC, and a twentieth of it in the time of an emulated board.
HANDSHAKE = 2000


def pytest_addoption(parser):
    parser.addoption("--target", default="unix", choices=list(TARGETS), help="where the scripts run")
    parser.addoption(
        "--tls",
        choices=list(tls_scripts.CONTEXTS),
        help="scripts connect with TLS, through a front that takes it away: with a context of "
        "mqtt.create_ssl_context() or of the port's own tls module",
    )
    parser.addoption("--thorough", action="store_true", help="on a board, send every kind of flood, for an hour or two")


def pytest_xdist_auto_num_workers(config):
    """`-n auto`: a script waits half of its time, on an emulated board, too."""
    return 2 * len(os.sched_getaffinity(0))


def pytest_report_header(config):
    tls = config.getoption("--tls")
    return f"target: {config.getoption('--target')}" + (f", TLS: {tls}" if tls else "")


def pytest_generate_tests(metafunc):
    """Runs tests with the mark `both_versions` with each version of MQTT. TLS is the same beneath both."""
    marked = metafunc.definition.get_closest_marker("both_versions") and "version" in metafunc.fixturenames
    if marked and not metafunc.config.getoption("--tls"):
        metafunc.parametrize("version", versions.PACKETS, ids=lambda version: f"v{version}")


def enough_for_version_5(item, target):
    """Whether a test is not of MQTT 5, or one of those that are enough there: the arguments of the mark are lists of
    the values of the test's own ones; with `board=False`, MQTT 5 does not run on emulated boards.
    """
    mark, call = item.get_closest_marker("both_versions"), getattr(item, "callspec", None)
    if mark is None or call is None or call.params.get("version") != 5:
        return True
    if isinstance(target, EmulatedBoard) and not mark.kwargs.get("board", True):
        return item.config.getoption("--thorough")
    return all(call.params[name] in values for name, values in mark.kwargs.items() if name != "board")


def pytest_collection_modifyitems(config, items):
    """Leaves out tests that are not for the target or the option. Tests that take long by themselves begin
    before all others. Its result is read after everything else, but by several processes
    at once, which know nothing of each other, together with the rest.
    """
    target = config.getoption("--target")
    kinds = {"board": Mps2, "nano": Nano}
    unwanted = {mark for mark, kind in kinds.items() if not isinstance(TARGETS[target], kind)}
    if target != "unix-panic":
        unwanted.add("panic")
    if not target.endswith("-mpy"):
        unwanted.add("natmod")
    if target != "MPS2_AN385-tls":
        unwanted.add("tls_board")
    if config.getoption("--tls"):
        unwanted.add("plain")
    if isinstance(TARGETS[target], EmulatedBoard) and not config.getoption("--thorough"):
        unwanted.add("thorough")
    # Its marks alone: a folder may have the same name.
    items[:] = [item for item in items if not unwanted.intersection(mark.name for mark in item.iter_markers())]
    if isinstance(TARGETS[target], Mps2):
        # Tests that run nothing on the target run elsewhere.
        items[:] = [item for item in items if "target" in item.fixturenames]
    items[:] = [item for item in items if enough_for_version_5(item, TARGETS[target])]
    reasons = unsuited(target)
    items[:] = [item for item in items if not any(item.nodeid.startswith(test) for test in reasons)]
    places = {"first": 0, "last": 0 if hasattr(config, "workerinput") else 2}
    items.sort(key=lambda item: next((places[name] for name in places if item.get_closest_marker(name)), 1))


def unsuited(target):
    """The tests, by the beginnings of their names, that the target cannot pass, with the reasons."""
    reasons = {}
    lists = [target]
    if isinstance(TARGETS[target], EmulatedBoard) and target.endswith(("-mpy", "-mpy-lean")):
        # Boards with the native module have a list in common.
        lists.append("boards-mpy")
    for path in (TESTS / f"unsuited-{name}.txt" for name in lists):
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
            if line and not line.startswith("#"):
                test, _, reason = line.partition("  ")
                reasons[test] = reason.strip()
    return reasons


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows what the brokers of the test had to say."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for broker in getattr(item, "brokers", []):
            report.sections.append((f"Mosquitto on port {broker.port}", broker.log()[-8000:]))


@pytest.fixture(scope="session")
def target(request):
    """The target under test."""
    target = TARGETS[request.config.getoption("--target")]
    try:
        target.check()
    except TargetMissing as missing:
        pytest.exit(str(missing), returncode=1)
    return target


@pytest.fixture(scope="session")
def largest(target):
    """How many bytes a test may have in one piece on the target."""
    return target.largest


@pytest.fixture(scope="session")
def session_broker():
    with Mosquitto() as broker:
        yield broker


@pytest.fixture
def broker(session_broker, request):
    """The broker that all tests share: leave no retained messages and no sessions behind."""
    request.node.brokers = [*getattr(request.node, "brokers", []), session_broker]
    return session_broker


@pytest.fixture
def new_broker(request):
    """Makes brokers for this test alone: `new_broker(users={"ann": "secret"})`, running."""
    with contextlib.ExitStack() as stack:

        def make(**options):
            broker = stack.enter_context(Mosquitto(**options))
            request.node.brokers = [*getattr(request.node, "brokers", []), broker]
            return broker

        yield make


@pytest.fixture
def closed_port():
    """A port on which no program listens, now or later."""
    with HeldPort() as port:
        yield port.number


@pytest.fixture
def tls(request):
    """The kind of context that scripts connect with; None: without TLS."""
    return None if request.node.get_closest_marker("plain") else request.config.getoption("--tls")


@pytest.fixture(scope="session")
def front_context():
    """The certificates of servers that clients trust."""
    return server_context(certificates.local_server())


@pytest.fixture
def power_up(target):
    """Switches boards on, at the raw REPL."""
    boards = []

    def power_up(network=True, **options):
        boards.append(board := Board(target.name, target.image, **options))
        board.enter_raw_repl()
        if network:
            board.run(NETWORK_UP)
        return board

    yield power_up
    for board in boards:
        board.switch_off()


@pytest.fixture
def board(power_up):
    return power_up()


@pytest.fixture
def version():
    """The version of MQTT that the clients of the test's scripts speak."""
    return 4


@pytest.fixture
def packets(version):
    """The module that makes the packets of that version."""
    return versions.PACKETS[version]


@pytest.fixture
def run_script(target, broker, tls, version, request):
    """Runs a script on the target; returns the lines that it printed before its `OK`.

    `server` is the address of this machine where the server of `PORT` listens.
    """

    def run(name, timeout=TIMEOUT, args=(), server=LOOPBACK, **defines):
        script = (TESTS if "/" in name else request.path.parent) / f"{name}.py"
        defines = {
            "HOST": target.host,
            "PORT": broker.port,
            "SLOWNESS": target.slowness,
            "LARGEST": target.largest,
            "HANDSHAKE": 0 if tls is None else HANDSHAKE,
            "VERSION": version,
            **defines,
        }
        if defines["HOST"] == LOOPBACK:
            # This machine, as the target knows it.
            defines["HOST"] = target.host
        front = contextlib.nullcontext()
        if tls is not None:
            context = request.getfixturevalue("front_context")
            front = TlsFront((server, defines["PORT"]), context)
            defines["TLS"] = (tls, certificates.root().pem)
        options = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "text": True,
            "errors": "replace",
        }
        try:
            with front:
                if tls is not None:
                    defines["PORT"] = front.port
                result = target.run(script, defines, BUSY_MACHINE * timeout, args, **options)
        except subprocess.TimeoutExpired as late:
            pytest.fail(f"{name}.py did not end within {late.timeout:g} s; it printed:\n{late.output}", pytrace=False)
        lines = result.stdout.splitlines()
        last = lines[-1] if lines else ""
        if result.returncode == 0 and (last == "SKIP" or last.startswith("SKIP ")):
            pytest.skip(last[5:] or "no reason given")
        if result.returncode != 0 or last != "OK":
            pytest.fail(f"{name}.py: exit status {result.returncode}; it printed:\n{result.stdout}", pytrace=False)
        return lines[:-1]

    return run
