"""Every function as the specification has it: names, order, defaults."""

import subprocess
import tomllib
from pathlib import Path

import pytest
from harness.obliging import ObligingBroker, oblige, oblige_until_close
from harness.targets import ROOT, Unix


@pytest.mark.smoke
def test_names_and_values(run_script):
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
    run_script("names_of_the_module", RELEASE=version)


@pytest.mark.smoke
def test_parameters(run_script):
    """By position, by keyword, left out; too many, unknown, missing, twice."""
    with ObligingBroker() as broker:
        run_script("parameters_by_name", HOST=broker.host, PORT=broker.port)


def check_conversation(packets, optional):
    """A conversation of arguments_by_position_and_name.py, with its optional arguments or with their defaults."""
    connect, publish, subscribe, unsubscribe, disconnect = packets
    expected = {
        "clean_session": not optional,
        "keepalive": 7,
        "client_id": "the-id",
        "will": ("will/topic", b"will payload", 1, False) if optional else ("will/topic", b"will payload", 0, True),
        "username": "ann",
        "password": b"secret" if optional else b"",
    }
    assert connect.fields == expected
    publish.fields.pop("packet_id", None)
    expected = {"topic": "p/t", "payload": b"", "qos": 0, "dup": False, "retain": False}
    assert publish.fields == expected | ({"payload": b"a payload", "qos": 1, "retain": True} if optional else {})
    assert subscribe.filters == [("s/t", 2 if optional else 0)]
    assert unsubscribe.filters == ["s/t"]
    assert disconnect.kind == "DISCONNECT"


@pytest.mark.smoke
def test_every_argument_arrives_in_its_place(run_script):
    """Each argument arrives in the field it is for, however it is passed; and the defaults."""
    with ObligingBroker() as broker:
        run_script("arguments_by_position_and_name", HOST=broker.host, PORT=broker.port)
    by_position, by_keyword, left_out = broker.conversations
    check_conversation(by_position, True)
    check_conversation(by_keyword, True)
    check_conversation(left_out, False)


@pytest.mark.plain
def test_the_default_port(run_script, target):
    if not isinstance(target, Unix):
        pytest.skip("the target does not share this machine's loopback")
    try:
        broker = ObligingBroker(host="127.18.83.1", port=1883)
    except OSError as error:
        pytest.skip(f"no port 1883 to be had: {error}")
    with broker:
        run_script("default_port", HOST=broker.host)
    assert broker.kinds() == ["CONNECT", "DISCONNECT"]


def test_the_default_cycle_timeout(run_script):
    """500 ms lie between two calls of a loop_failure that claims success in vain."""
    with ObligingBroker(oblige_until_close) as broker:
        run_script("default_cycle_timeout", HOST=broker.host, PORT=broker.port)


@pytest.fixture(scope="session")
def minute_long_wait(target):
    """A program that waits for the default command_timeout; and its broker."""
    if not isinstance(target, Unix):
        pytest.skip("one program after the other on this target")
    with ObligingBroker(lambda packet: oblige(packet) if packet.kind == "CONNECT" else None) as broker:
        defines = {"HOST": broker.host, "PORT": broker.port}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with target.popen(Path(__file__).with_name("default_command_timeout.py"), defines, text=True, **pipes) as process:
            yield process, broker
            process.kill()


@pytest.mark.first
def test_the_default_command_timeout_begins(minute_long_wait):
    process, broker = minute_long_wait
    broker.wait_for(lambda: broker.of_kind("PUBLISH"))


@pytest.mark.last
def test_the_default_command_timeout_ends(minute_long_wait):
    """A publish that nobody acknowledges ends after a minute."""
    process, _ = minute_long_wait
    said, _ = process.communicate(timeout=120)
    assert (said, process.returncode) == ("OK\n", 0)
