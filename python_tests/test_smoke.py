"""The machinery itself: the interpreter, the runner, the brokers."""

import socket
import subprocess

import pytest
from broker import Mosquitto
from targets import with_definitions


@pytest.mark.smoke
def test_smoke(run_script):
    version = run_script("smoke")
    assert "MicroPython" in version[0]


@pytest.mark.parametrize(
    "source, line",
    [("raise ValueError\n", 1), ("# a comment\nx = 1\nraise ValueError\n", 3), ("def f():\n    pass\nf()\n1/0\n", 5)],
)
def test_line_numbers_of_a_script_with_definitions(target, tmp_path, source, line):
    script = tmp_path / "script.py"
    script.write_text(source)
    result = target.run(script, {"A": 1, "B": "é\n'\""}, timeout=10, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 1
    assert f"script.py\", line {line}, in" in result.stderr


def test_definitions_must_have_names():
    with pytest.raises(ValueError):
        with_definitions("", {"a b": 1})


def test_a_script_that_does_not_end_is_ended(target, tmp_path):
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


def test_a_broker_takes_another_port_when_its_own_is_taken(monkeypatch):
    with socket.socket() as taken:
        taken.bind((Mosquitto.host, 0))
        taken.listen()
        ports = iter([taken.getsockname()[1]])
        import broker as module

        free_port = module.free_port
        monkeypatch.setattr(module, "free_port", lambda: next(ports, None) or free_port())
        with Mosquitto() as broker:
            assert broker.port != taken.getsockname()[1]


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
