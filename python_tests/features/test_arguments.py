"""A wrong argument raises before anything is done."""

import pytest
from harness.obliging import ObligingBroker


@pytest.mark.plain
def test_of_a_client_and_of_connect(run_script):
    with ObligingBroker() as broker:
        run_script("bad_arguments_of_connecting", HOST=broker.host, PORT=broker.port)
    assert broker.conversations == []


@pytest.mark.smoke
def test_of_a_connected_client(run_script):
    """Nothing is sent, and the connection stays usable."""
    with ObligingBroker() as broker:
        run_script("bad_arguments_of_commands", HOST=broker.host, PORT=broker.port)
    assert broker.kinds() == ["CONNECT", "PUBLISH", "DISCONNECT"]
    assert broker.packets[1].topic == "still/usable"


def test_all_valid_arguments(run_script, largest):
    """Every kind of buffer, and every limit, as far as there is the memory for it."""
    longest = min(largest // 2, 65536) - 1
    long_topic = "é" * (longest // 2) + "x"
    with ObligingBroker() as broker:
        run_script("good_arguments", HOST=broker.host, PORT=broker.port, LONGEST=longest)
    got = [(p.topic, p.payload, p.qos, p.retain) for p in broker.of_kind("PUBLISH")]
    assert got == [
        ("str", "Grüße, 世界 🎉".encode(), 0, False),
        ("bytes/ü", b"bytes\0\xff", 0, False),
        ("bytearray", b"bytearray", 0, False),
        ("memoryview", b"emoryvie", 0, False),
        ("array", b"\x01\x00\x02\x00", 0, False),
        ("none", b"", 0, False),
        ("empty", b"", 0, False),
        ("empty", b"", 1, True),
        ("int true", b"", 1, True),
        ("int false", b"", 0, False),
        (long_topic, b"x", 0, False),
        ("/", b"", 0, False),
        (" ", b"", 0, False),
        ("$SYS/x", b"", 2, False),
        ("\ufeffbom", b"", 0, False),
        ("\U0010ffff", b"", 0, False),
        ("first", b"", 0, False),
        ("other", b"", 0, False),
        ("kept", b"before", 1, False),
    ]
    filters = [p.filters[0][0] for p in broker.of_kind("SUBSCRIBE")]
    assert filters == ["#", "+", "/", "+/#", "/+", "a/+/b/#", "$SYS/#", "ü/+", long_topic, "bytes/+", "array/+"]
    good, empty, bytes_like, long = broker.of_kind("CONNECT")
    assert good.client_id == "good"
    assert (empty.client_id, empty.clean_session, empty.keepalive) == ("", True, 0)
    assert (empty.username, empty.password) == ("änn", b"\0\xff")
    assert empty.will == ("wïll", b"", 1, False)
    assert (bytes_like.client_id, bytes_like.keepalive) == ("bytes-like", 65535)
    assert bytes_like.will == ("t", b"x" * longest, 2, True)
    assert (long.client_id, long.username, long.password, long.will) == ("x" * longest, None, None, None)
