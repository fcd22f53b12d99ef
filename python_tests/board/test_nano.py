"""The Arduino Nano RP2040 Connect: its differences from other targets, and the other tests that its
firmware must pass. The other tests that it runs are those marked smoke."""

import hashlib
import ssl

import pytest
from harness import certificates, documents, rp2040
from harness.peer import Peer
from harness.raw_repl import END, BoardError
from harness.tls_front import TlsFront, server_context

pytestmark = [pytest.mark.nano, pytest.mark.smoke]

CONNECTED = f"""
import mqtt
seen = []
client = mqtt.Client("nano")
client.connect("{rp2040.HOST}", 30, {{port}}, loop_failure=lambda c: seen.append("lost"))
client.subscribe("nano/in", lambda c, payload, topic: seen.append(payload), 1)
"""

WAIT_FOR = """
import time
end = time.ticks_add(time.ticks_ms(), 20000)
while len(seen) < {count} and time.ticks_diff(end, time.ticks_ms()) > 0: time.sleep_ms(10)
print(seen)
"""


@pytest.fixture
def board(target):
    with rp2040.Board(target.name, target.image) as board:
        board.enter_raw_repl()
        board.run(board.network_up)
        yield board


def endings(broker):
    """How many connections the broker has seen end."""
    return broker.log().count("closed its connection") + broker.log().count(" disconnected.")


def test_a_soft_reset_with_a_live_connection(board, broker):
    """The connection is closed, and its remains do no harm to the next one."""
    with Peer(broker) as peer:
        for number in range(3):
            board.run(CONNECTED.format(port=broker.port))
            message = b"%d" % number
            peer.publish("nano/in", message, 1)
            assert board.run(WAIT_FOR.format(count=1)) == f"{[message]}\n"
            before = endings(broker)
            board.write(END)
            board.read_until(b"MPY: soft reboot\r\n")
            board.read_until(b"raw REPL; CTRL-B to exit\r\n>")
            assert endings(broker) == before + 1
            # MicroPython resets the WiFi module as it starts.
            board.run(board.network_up)


def test_the_wireless_network_goes_away(board, broker):
    """The WiFi module closes all sockets then."""
    board.run(CONNECTED.format(port=broker.port))
    board.run("import network\nnetwork.WLAN().disconnect()")
    assert board.run(WAIT_FOR.format(count=1)) == "['lost']\n"
    assert board.run("print(client.connected())") == "False\n"
    board.run(board.network_up)
    assert board.run("print(client.reconnect())") == "0\n"


def test_a_message_larger_than_the_wifi_modules_buffer(board, broker):
    """It takes 4,092 bytes in one command, and loses the bytes beyond."""
    with Peer(broker) as peer:
        peer.subscribe("nano/large", 1)
        board.run(CONNECTED.format(port=broker.port))
        board.run("payload = bytes(i * 7 % 251 for i in range(10000))\nclient.publish('nano/large', payload, 1)")
        ((_, payload),) = peer.take(1)
        expected = bytes(i * 7 % 251 for i in range(10000))
        assert hashlib.sha256(payload).digest() == hashlib.sha256(expected).digest()


def test_the_error_when_there_is_no_broker(board):
    board.run("import errno, mqtt\nclient = mqtt.Client('nano', command_timeout=5000)")
    for host, error in (
        (rp2040.HOST, "ECONNREFUSED"),
        ("10.0.0.77", "EHOSTUNREACH"),
        ("no.such.host.invalid", "EHOSTUNREACH"),
    ):
        board.run(
            f"try: client.connect('{host}', 30, 1)\n"
            f"except OSError as e: assert e.errno == errno.{error}, e\n"
            "else: assert False"
        )


def test_a_broker_by_its_name(board, broker):
    board.run(CONNECTED.replace(rp2040.HOST, "localhost").format(port=broker.port))
    assert board.run("print(client.connected())") == "True\n"


@pytest.mark.parametrize("tls", ["port"])
def test_all_ways_of_publishing_over_tls(run_script, tls):
    """With the context of the port's own `tls` module, which verifies the broker's certificate."""
    run_script("features/round_trip", TOPIC="nano/tls")


def test_tls_with_a_certificate_that_no_authority_has_signed(board, broker):
    identity = certificates.issue("a stranger", names=[rp2040.HOST])
    with TlsFront((broker.host, broker.port), server_context(identity)) as front:
        with pytest.raises(BoardError, match="X509|verif|certificate"):
            board.run(
                "import binascii, mqtt, tls\n"
                "context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)\n"
                f"pem = {certificates.root().pem!r}\n"
                "context.load_verify_locations(binascii.a2b_base64(''.join(pem.strip().split('\\n')[1:-1])))\n"
                f"mqtt.Client('nano').connect('{rp2040.HOST}', 30, {front.port}, ssl_ctx=context)"
            )
        assert isinstance(front.failures[0], ssl.SSLError)


THEIR_BROKER = 'client.connect("192.168.1.10", '
PROGRAMS = [
    block
    for page in documents.PAGES
    for block in documents.blocks(page)
    if block.language == "py" and THEIR_BROKER in block.source and "network.LAN" not in block.source
]
assert PROGRAMS


@pytest.mark.parametrize("block", PROGRAMS, ids=str)
def test_program_of_the_documentation(board, broker, block):
    source = block.source.replace(THEIR_BROKER, f'client.connect("{rp2040.HOST}", port={broker.port}, ')
    # In one piece: a line that the callback prints must not come between two runs.
    assert board.run(source + "time.sleep_ms(500)\nprint(client.connected())").endswith("True\n")
