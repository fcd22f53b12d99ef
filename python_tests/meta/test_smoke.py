"""The machinery itself: the interpreter, the runner, the brokers."""

import contextlib
import socket
import subprocess
import time

import pytest
from harness import loopback, mqtt_packets
from harness.broker import Mosquitto
from harness.ending import traceback_apart
from harness.fake_broker import FakeBroker
from harness.fault_proxy import FaultProxy, Remote
from harness.link import ScriptFailure
from harness.obliging import ObligingBroker
from harness.targets import prepared, with_definitions

# The time limit of steps that take no time, in s.
PATIENCE = 60

PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


@pytest.mark.smoke
def test_smoke(run_script):
    version = run_script("smoke")
    assert "MicroPython" in version[0]


@pytest.mark.both_versions
def test_clients_speak_the_version_of_the_test(run_script, version):
    def script(broker):
        for client in ("blocking", "for asyncio"):
            link = broker.accept()
            link.accept_connect(client_id=client)
            assert link.version == version
            link.expect_goodbye()

    with FakeBroker(script) as broker:
        run_script("clients_of_both_kinds", PORT=broker.port)


@pytest.mark.parametrize(
    "source, line",
    [("raise ValueError\n", 1), ("# a comment\nx = 1\nraise ValueError\n", 3), ("def f():\n    pass\nf()\n1/0\n", 5)],
)
def test_line_numbers_of_a_script_with_definitions(target, tmp_path, source, line):
    script = tmp_path / "script.py"
    script.write_text(source)
    result = target.run(script, {"A": 1, "B": "é\n'\""}, timeout=60, **PIPES)
    assert result.returncode == 1
    _, errors = traceback_apart(1, result.stdout, result.stderr)
    assert f"script.py\", line {line}, in" in errors


def test_definitions_must_have_names():
    with pytest.raises(ValueError):
        with_definitions("", {"a b": 1})


IMPORTING = """\
from on_target.support import (
    Record,
    wait_until,
)
from on_target.control import tell
record = Record()
wait_until(lambda: True)
assert SLOWNESS == 3
print(len(record), callable(tell))
1 / 0
"""


def test_a_script_gets_the_modules_that_it_imports(target, tmp_path):
    """They see its definitions, and its lines keep their numbers."""
    script = tmp_path / "importing.py"
    script.write_text(IMPORTING)
    result = target.run(script, {"SLOWNESS": 3}, timeout=60, **PIPES)
    printed, errors = traceback_apart(result.returncode, result.stdout, result.stderr)
    assert printed == "0 True\n"
    assert 'importing.py", line 10, in' in errors


@pytest.mark.parametrize("names", ["nonsense", "Record as R", "Record, time"])
def test_a_script_cannot_import_a_missing_module(tmp_path, names):
    script = tmp_path / "script.py"
    script.write_text(f"from on_target.support import {names}\n")
    with pytest.raises(ImportError, match="on_target.support has no"):
        prepared(script, {})


def test_a_script_that_hangs_is_killed(target, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("print('here')\nwhile True: pass\n")
    with pytest.raises(subprocess.TimeoutExpired) as late:
        target.run(script, timeout=0.5, stdout=subprocess.PIPE, text=True)
    assert late.value.output == "here\n"


def test_a_broker_comes_back_on_its_port(new_broker):
    broker = new_broker(persistence=True)
    port = broker.port
    broker.restart()
    assert broker.port == port
    broker.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((broker.host, port), 1)
    broker.start()
    socket.create_connection((broker.host, port), 1).close()


def test_a_broker_that_is_down_keeps_its_port():
    with Mosquitto() as broker:
        broker.kill()
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((broker.host, broker.port))
        # Nor is anybody given it, not with SO_REUSEADDR either.
        with contextlib.ExitStack() as stack:
            for _ in range(2000):
                other = stack.enter_context(socket.socket())
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind((broker.host, 0))
                assert other.getsockname()[1] != broker.port
        broker.start()


def test_a_broker_knows_its_users(new_broker):
    broker = new_broker(users={"ann": "secret"})

    def connect(name, password):
        """A CONNECT packet by hand; returns the return code of the CONNACK."""
        fields = [b"id", name.encode(), password.encode()]
        body = b"\0\4MQTT\4\xc2\0\x3c" + b"".join(len(field).to_bytes(2, "big") + field for field in fields)
        with socket.create_connection((broker.host, broker.port), 5) as connection:
            connection.sendall(bytes([0x10, len(body)]) + body)
            return connection.recv(4)[3]

    assert connect("ann", "secret") == 0
    assert connect("ann", "wrong") == 5


def test_a_broker_leaves_nothing_behind():
    with Mosquitto() as broker:
        process, folder = broker.process, broker.folder
        assert folder.exists()
    assert process.poll() is not None
    assert not folder.exists()


# ---- servers that know their clients

STRANGERS = {
    "nothing": b"",
    "http": b"GET / HTTP/1.1\r\n\r\n",
    "half a header": b"\x10",
    "another client": mqtt_packets.connect("stranger"),
    "another packet": mqtt_packets.pingreq(),
}


@contextlib.contextmanager
def strangers(port, answered=("http", "another client", "another packet")):
    """One of each kind, all the while; each has said its word before the client comes. Those of which it
    is clear that they are strangers (`answered`) are turned away.
    """
    with contextlib.ExitStack() as stack:
        connections = {}
        for name, data in STRANGERS.items():
            connections[name] = stack.enter_context(socket.create_connection((loopback.HOST, port), 5))
            connections[name].sendall(data)
        yield connections
        for name in answered:
            connections[name].settimeout(PATIENCE)
            try:
                assert connections[name].recv(100) == b"", name
            except ConnectionResetError:
                pass  # It was turned away with its bytes unread.


def say_hello(port):
    """A client's whole life, byte by byte at first."""
    with socket.create_connection((loopback.HOST, port), 5) as client:
        client.settimeout(PATIENCE)
        for byte in mqtt_packets.connect("ours"):
            client.sendall(bytes([byte]))
            time.sleep(0.002)
        assert client.recv(4) == mqtt_packets.connack()
        client.sendall(mqtt_packets.disconnect())


def test_a_fake_broker_leaves_strangers_alone():
    def script(broker):
        link = broker.accept()
        link.accept_connect(client_id="ours")
        link.expect(mqtt_packets.disconnect())
        with pytest.raises(ScriptFailure, match="no connection came"):
            broker.accept(within=0.2)

    with FakeBroker(script, clients=["ours"]) as broker, strangers(broker.port):
        say_hello(broker.port)
    assert len(broker.links) == 1


def test_an_obliging_broker_leaves_strangers_alone():
    with ObligingBroker(clients=["ours"]) as broker, strangers(broker.port):
        say_hello(broker.port)
        broker.wait_for(lambda: broker.of_kind("DISCONNECT"))
    assert broker.kinds() == ["CONNECT", "DISCONNECT"]
    assert len(broker.conversations) == 1


def test_a_proxy_leaves_strangers_alone():
    """The proxy cuts the client's connection, and the broker sees no other."""
    with ObligingBroker() as broker, FaultProxy(broker.host, broker.port, clients=["ours"]) as proxy:
        proxy.cut_after("up", "packets", 2, "fin")
        with strangers(proxy.port):
            say_hello(proxy.port)
            broker.wait_for(lambda: broker.of_kind("DISCONNECT"))
    assert proxy.accepted == 1
    assert broker.kinds() == ["CONNECT", "DISCONNECT"]


def test_commands_do_not_wait_for_strangers():
    done = []
    with (
        Remote(act=lambda: done.append(True)) as remote,
        socket.create_connection((loopback.HOST, remote.port), 5),
        strangers(remote.port, answered=()),
        socket.create_connection((loopback.HOST, remote.port), 5) as client,
    ):
        client.settimeout(PATIENCE)
        client.sendall(b"ac")
        client.sendall(b"t\n")
        assert client.recv(10) == b"ok\n"
    assert done == [True]
