"""What is wrong with an argument is said before anything is done."""

import pytest
from fake import FakeBroker


@pytest.mark.parametrize(
    "ssl_ctx",
    [False, pytest.param(True, marks=pytest.mark.xfail(strict=True, reason="connect() has no TLS yet"))],
    ids=["plain", "ssl_ctx"],
)
def test_of_a_client_and_of_connect(run_script, ssl_ctx):
    with FakeBroker() as fake:
        run_script("bad_connect", HOST=fake.host, PORT=fake.port, SSL_CTX=ssl_ctx)
        assert fake.connections == 0


@pytest.mark.smoke
def test_of_a_connected_client(run_script):
    """Nothing is sent, and the connection stays usable."""
    with FakeBroker() as fake:
        run_script("bad_arguments", HOST=fake.host, PORT=fake.port)
    assert [p.kind for p in fake.packets] == ["CONNECT", "PUBLISH", "DISCONNECT"]
    assert fake.packets[1].topic == b"still/usable"


LONG = "é" * 32767 + "x"  # 65535 bytes


def test_everything_that_is_allowed(run_script):
    """Every kind of buffer, and every limit."""
    with FakeBroker() as fake:
        run_script("good_arguments", HOST=fake.host, PORT=fake.port)
    got = [(p.topic.decode(), p.payload, p.qos, p.retain) for p in fake.of_kind("PUBLISH")]
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
        (LONG, b"x", 0, False),
        ("/", b"", 0, False),
        (" ", b"", 0, False),
        ("$SYS/x", b"", 2, False),
        ("\ufeffbom", b"", 0, False),
        ("\U0010ffff", b"", 0, False),
        ("kept", b"before", 1, False),
    ]
    filters = [p.body[4:-1].decode() for p in fake.of_kind("SUBSCRIBE")]
    assert filters == ["#", "+", "/", "+/#", "/+", "a/+/b/#", "$SYS/#", "ü/+", LONG, "bytes/+", "array/+"]
    connects = [p.connect() for p in fake.of_kind("CONNECT")]
    assert [c["client_id"].decode() for c in connects] == ["good", "", "bytes-like", "x" * 65535]
    assert connects[1]["clean"] and connects[1]["keepalive"] == 0
    assert connects[1]["username"] == "änn".encode() and connects[1]["password"] == b"\0\xff"
    assert connects[1]["will_payload"] == b"" and connects[1]["will_topic"] == "wïll".encode()
    assert connects[2]["keepalive"] == 65535
    assert connects[2]["will_payload"] == b"x" * 65535
    assert "username" not in connects[3] and "will_topic" not in connects[3] and "password" not in connects[3]
