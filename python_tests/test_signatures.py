"""Every function as the specification has it: names, order, defaults."""

import tomllib

import pytest
from fake import FakeBroker, closing
from targets import ROOT, Unix


@pytest.mark.smoke
def test_names_and_values(run_script):
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
    run_script("names", VERSION=version)


@pytest.mark.smoke
def test_parameters(run_script):
    """By position, by keyword, left out; too many, unknown, missing, twice."""
    with FakeBroker() as fake:
        run_script("parameters", HOST=fake.host, PORT=fake.port)


def everything_set(packets):
    connect, publish, subscribe, unsubscribe, disconnect = packets
    assert connect.connect() == {
        "client_id": b"the-id",
        "clean": False,
        "keepalive": 7,
        "will_topic": b"will/topic",
        "will_payload": b"will payload",
        "will_qos": 1,
        "will_retain": False,
        "username": b"ann",
        "password": b"secret",
    }
    assert (publish.topic, publish.payload, publish.qos, publish.retain) == (b"p/t", b"a payload", 1, True)
    assert subscribe.body[2:] == b"\0\3s/t\2"
    assert unsubscribe.body[2:] == b"\0\3s/t"
    assert (disconnect.kind, disconnect.body) == ("DISCONNECT", b"")


def everything_left_out(packets):
    connect, publish, subscribe, unsubscribe, disconnect = packets
    assert connect.connect() == {
        "client_id": b"the-id",
        "clean": True,
        "keepalive": 7,
        "will_topic": b"will/topic",
        "will_payload": b"will payload",
        "will_qos": 0,
        "will_retain": True,
        "username": b"ann",
        "password": b"",
    }
    assert (publish.topic, publish.payload, publish.qos, publish.retain) == (b"p/t", b"", 0, False)
    assert subscribe.body[2:] == b"\0\3s/t\0"
    assert unsubscribe.body[2:] == b"\0\3s/t"
    assert (disconnect.kind, disconnect.body) == ("DISCONNECT", b"")


@pytest.mark.smoke
def test_what_goes_where(run_script):
    """Each argument arrives in the field it is for, however it is passed; and the defaults."""
    with FakeBroker() as fake:
        run_script("passing", HOST=fake.host, PORT=fake.port)
    by_connection = [[p for p in fake.packets if p.connection == n] for n in range(fake.connections)]
    assert len(by_connection) == 3
    everything_set(by_connection[0])
    everything_set(by_connection[1])
    everything_left_out(by_connection[2])


def test_the_default_port(run_script, target):
    if not isinstance(target, Unix):
        pytest.skip("the target does not share this machine's loopback")
    try:
        fake = FakeBroker(host="127.18.83.1", port=1883)
    except OSError as error:
        pytest.skip(f"no port 1883 to be had: {error}")
    with fake:
        run_script("default_port", HOST=fake.host)
    assert [p.kind for p in fake.packets] == ["CONNECT", "DISCONNECT"]


def test_the_default_cycle_timeout(run_script):
    """500 ms lie between two calls of a loop_failure that claims success in vain."""
    with FakeBroker(closing) as fake:
        run_script("cycle_timeout", HOST=fake.host, PORT=fake.port)
