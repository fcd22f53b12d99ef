"""The drop-ins umqtt.simple and umqtt.robust: programs that run unchanged with the originals, and with the same
output; and programs for which the originals are no match.
"""

import contextlib

import pytest
from harness import certificates, modules
from harness.fault_proxy import Remote
from harness.obliging import ObligingBroker, oblige
from harness.peer import Peer
from harness.targets import ROOT, Unix
from harness.tls_front import TlsFront

# The programs say how they connect themselves.
pytestmark = pytest.mark.plain

NAMES = ("simple", "robust")
OURS = {name: ROOT / f"port/lib/umqtt.{name}/umqtt/{name}.py" for name in NAMES}
# bench/umqtt_source.py fetches them.
ORIGINALS = {name: ROOT / f"build/bench/micropython-umqtt.simple-1.3.4/umqtt/{name}.py" for name in NAMES}


def modules_of(files):
    """The modules that a program imports."""
    texts = {f"umqtt/{name}.py": path.read_text(encoding="utf-8") for name, path in files.items()}
    return texts | modules.of_packages("mqtt_ssl_params") if files is OURS else texts


@pytest.fixture
def run_better(run_script):
    """Runs a program with our modules."""
    return lambda name, **defines: run_script(name, MODULES=modules_of(OURS), **defines)


@pytest.fixture(params=["original", "ours"])
def run_program(request, run_script):
    """Runs a program with the originals, or with our modules."""
    files = ORIGINALS if request.param == "original" else OURS
    missing = [path for path in files.values() if not path.exists()]
    if missing:
        pytest.skip(f"{missing[0].name} is not here: `make _umqtt` fetches it")
    return lambda name, **defines: run_script(name, MODULES=modules_of(files), **defines)


def test_publishing(run_program, broker):
    with Peer(broker) as peer:
        peer.subscribe("dropin/button", 1)
        peer.subscribe("dropin/state", 1)
        peer.subscribe("dropin/long", 1)
        run_program("publishes")
        assert peer.take(6) == [
            ("dropin/button", b"toggle"),
            ("dropin/button", b"pressed"),
            ("dropin/state", b"on"),
            ("dropin/state", b"off"),
            ("dropin/long", b"x" * 1000),
            ("dropin/state", b""),
        ]
        assert [qos for qos, _ in peer.details] == [0, 1, 1, 0, 0, 1]


PROGRAMS = {
    "subscribes": """\
        0 None None
        (b'dropin/led/0', b'value 0')
        (b'dropin/led/1', b'value 1')
        (b'dropin/led/2', b'value 2')
        (b'dropin/exact', b'with an answer')
        (b'dropin/led/again', b'0')
        (b'dropin/led/again', b'1')
        (b'dropin/led/again', b'2')
        None
        quiet: None
        """,
    "lamp": """\
        b'dropin/lamp' on
        b'dropin/lamp' off
        b'dropin/lamp' on
        b'dropin/lamp' dimmed
        dimmed None
        """,
    "polls": """\
        None
        []
        True 1
        b'dropin/polled' b'0'
        True 1
        b'dropin/polled' b'1'
        True 1
        b'dropin/polled' b'2'
        []
        b'dropin/polled' b'blocking'
        None
        """,
    "session": """\
        a new session
        b'dropin/session/1' b'meanwhile'
        1
        b'dropin/session/2' b'and again'
        0
        None
        0
        None
        """,
    "callbacks": """\
        b'dropin/cb/answer' b'yes to retained'
        None
        b'dropin/cb/question' b'retained'
        the callback raised b'now'
        b'dropin/cb/question' b''
        """,
}


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("name, printed", PROGRAMS.items(), ids=list(PROGRAMS))
def test_the_same_output(run_program, name, printed):
    assert run_program(name) == lines(printed)


def test_will_and_login(run_program, new_broker):
    broker = new_broker(users={"ann": "secret"})
    assert run_program("will_and_login", PORT=broker.port) == lines("""\
        ann is refused: 5
        bob is refused: 5
        None is refused: 5
        b'dropin/will' b'lost'
        """)


def test_faults(run_program, new_broker, closed_port):
    broker = new_broker()
    with Remote(kill=broker.kill, start=broker.start) as remote:
        printed = run_program("faults", PORT=broker.port, CONTROL=remote.port, NOBODY=closed_port)
    assert printed == lines("""\
        connect raises OSError
        subscribe raises AssertionError
        set_last_will raises AssertionError
        set_last_will raises AssertionError
        OSError
        OSError
        OSError
        connect raises OSError
        0
        b'dropin/faults' b'back'
        """)


@contextlib.contextmanager
def remote_of(broker, **functions):
    """Takes the commands of a program about its broker."""

    def publish():
        with Peer(broker) as peer:
            peer.deliver("dropin/robust", b"meanwhile", 1)

    functions.update(publish=publish, restart=broker.restart, kill=broker.kill, start=broker.start)
    with Remote(**functions) as remote:
        yield remote


def test_robust(run_program, new_broker):
    broker = new_broker(persistence=True, config=["autosave_on_changes true", "autosave_interval 1"])
    locked = new_broker(users={"ann": "secret"})
    with remote_of(broker) as remote:
        printed = run_program("robust", PORT=broker.port, CONTROL=remote.port, LOCKED=locked.port)
    assert printed == lines("""\
        b'dropin/robust' b'first'
        b'dropin/robust' b'second'
        b'dropin/robust' b'meanwhile'
        b'dropin/robust' b'meanwhile'
        0
        [False, True, 1, True, 2]
        5
        """)


def answers_no_publish(packet):
    """A broker that acknowledges no message and answers no PINGREQ."""
    return None if packet.kind in ("PUBLISH", "PINGREQ") else oblige(packet)


def test_better_than_simple(run_better, broker):
    with ObligingBroker(lambda packet: None) as silent, ObligingBroker(answers_no_publish) as mute:
        printed = run_better("better", SILENT=silent.port, BROKER=mute.port, PORT=broker.port)
    assert printed == lines("""\
        b'dropin/better' b'QoS 2'
        b'dropin/better' b'\\xc3\\xbcn\\xc3\\xafcode'
        b'1' None
        b'2' None
        """)


def test_better_than_robust(run_better, new_broker):
    broker = new_broker(persistence=True)

    def forget():
        (broker.folder / "mosquitto.db").unlink()
        broker.start()

    with remote_of(broker, forget=forget) as remote:
        run_better("robust_better", PORT=broker.port, CONTROL=remote.port)




def test_tls(run_better, broker, target, front_context):
    if not isinstance(target, Unix):
        pytest.skip("the target has one kind of TLS or none")
    root = certificates.root()
    other = certificates.authority("another")
    with TlsFront((broker.host, broker.port), front_context) as front:
        printed = run_better("secured", PORT=front.port, CA=root.pem, CA_DER=root.der, OTHER_DER=other.der)
    assert printed == lines("""\
        the port's context b'xxxxxxxxxx'
        the module's context b'xxxxxxxxxx'
        not verified b'xxxxxxxxxx'
        verified b'xxxxxxxxxx'
        with no authority to trust is refused
        with another authority is refused
        """)
