"""TLS end to end: servers that are to be trusted, and those that are not.

Rust tests the faults of a server inside of TLS; here are those things that a user sees.
"""

import socket
import ssl
import threading

import pytest
from harness import certificates, mqtt_packets
from harness.certificates import DAY, NOW, authority, issue, local_server, root
from harness.fault_proxy import FaultProxy
from harness.obliging import ObligingBroker, echo
from harness.openssl_server import OpensslRelay, OpensslServer
from harness.targets import Mps2, Mps2Tls
from harness.tls_front import TlsFront, server_context
from tls.bad_certificates import BAD, EACCES, NAME

pytestmark = pytest.mark.plain

MIB = 1 << 20
# As the target's errno module has them: the same on all that run this.
EPROTO, ECONNRESET, ETIMEDOUT = 71, 104, 110
BOTH = pytest.mark.parametrize("kind", ["builtin", "port"])


@pytest.fixture(autouse=True)
def tls(target):
    if isinstance(target, Mps2) and not isinstance(target, Mps2Tls):
        pytest.skip("the firmware of these boards has no TLS")


# ---- servers that are to be trusted


@pytest.mark.parametrize("kind_of_key", ["p256", "rsa", "p384", "ed25519"])
@BOTH
def test_mosquitto(run_tls, tls_broker, kind, kind_of_key):
    """Every kind of key, for the server and its authorities; 1 MiB, all QoS, a reconnection."""
    if (kind, kind_of_key) == ("port", "ed25519"):
        pytest.skip("mbedTLS has no Ed25519")
    broker = tls_broker(local_server(kind_of_key))
    run_tls("exchange", kind, root(kind_of_key), PORT=broker.port, SIZE=MIB, AGAIN=True)


@BOTH
def test_two_intermediates(run_tls, tls_broker, kind):
    upper = authority("upper", root(), kind="rsa")
    lower = authority("lower", upper, kind="p384")
    broker = tls_broker(issue("server", lower, names=[NAME, "127.0.0.1", "10.0.2.2"]))
    run_tls("exchange", kind, PORT=broker.port, SIZE=4096, AGAIN=True)


@pytest.mark.parametrize(
    "names, hostname",
    [
        (["broker.example"], "broker.example"),
        (["a.example", "BROKER.Example"], "broker.example"),
        (["*.example.org"], "broker.example.org"),
        (["192.0.2.7", "10.0.2.2"], "192.0.2.7"),
        (["2001:db8::7"], "2001:db8::7"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
def test_names_other_than_that_of_the_host(run_tls, tls_broker, names, hostname):
    broker = tls_broker(issue("server", root(), names=names))
    run_tls("exchange", PORT=broker.port, HOSTNAME=hostname, SIZE=256, AGAIN=True)


@pytest.mark.parametrize("kind_of_key", ["p256", "rsa"])
@BOTH
def test_client_certificates(run_tls, tls_broker, kind, kind_of_key):
    clients = authority("clients")
    broker = tls_broker(local_server(), "use_identity_as_username true", clients=clients)
    client = issue("ann", clients, kind=kind_of_key, usages=[certificates.CLIENT])
    run_tls("exchange", kind, client=client, PORT=broker.port, SIZE=4096, AGAIN=True)
    assert "u'ann'" in broker.log()


@pytest.mark.parametrize(
    "kind, version",
    [("builtin", "-tls1_3"), ("port", "-tls1_2")],
)
@pytest.mark.parametrize("kind_of_key", ["p256", "rsa", "p384"])
def test_openssl(run_tls, broker, kind, version, kind_of_key):
    """OpenSSL's own server, with records of 16 KiB and session tickets."""
    options = [version, "-num_tickets", "4"] if version == "-tls1_3" else [version]
    with OpensslRelay(broker, local_server(kind_of_key), *options) as server:
        run_tls("exchange", kind, root(kind_of_key), PORT=server.port, SIZE=MIB, AGAIN=False)


# The names that the client offers, those that the server knows, and the client's error.
PROTOCOLS = {
    "one": (["mqtt"], "mqtt", ""),
    "second": (["x-amzn-mqtt-ca", "mqtt"], "http/1.1,mqtt", ""),
    "longest": (["a", "x" * 250], "x" * 250, ""),
    "none in common": (["mqtt", "mqttx"], "mqt,http/1.1", "the server knows none of the names in alpn"),
}


@pytest.mark.parametrize("case", list(PROTOCOLS))
def test_application_protocols(run_tls, broker, case):
    """OpenSSL's server refuses clients of which it knows no name."""
    offered, known, words = PROTOCOLS[case]
    with OpensslRelay(broker, local_server(), "-tls1_3", "-alpn", known) as server:
        run_tls("application_protocols", PORT=server.port, ALPN=offered, WORDS=words)


@pytest.mark.parametrize("offered", [None, ["x-amzn-mqtt-ca"], ["mqtt", "x-amzn-mqtt-ca"]])
def test_the_choice_of_the_server(run_tls, broker, offered):
    context = server_context(local_server())
    context.set_alpn_protocols(["http/1.1", "x-amzn-mqtt-ca"])
    with TlsFront((broker.host, broker.port), context) as front:
        run_tls("application_protocols", PORT=front.port, ALPN=offered, WORDS="")
    assert front.protocols == [offered and "x-amzn-mqtt-ca"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@BOTH
def test_versions(run_tls, broker, kind, version):
    """The built-in TLS speaks 1.3 alone, MicroPython's own 1.2."""
    speaks = (kind == "builtin") == (version == ssl.TLSVersion.TLSv1_3)
    with TlsFront((broker.host, broker.port), server_context(local_server(), version=version)) as front:
        if speaks:
            run_tls("exchange", kind, PORT=front.port, SIZE=4096, AGAIN=True)
        else:
            words = ["TLS 1.3"] if kind == "builtin" else ["FATAL_ALERT"]
            run_tls("refused_connection", kind, PORT=front.port, ERRNO=EPROTO, WORDS=words)


def test_without_verification_any_server_is_trusted(run_tls, broker):
    """Only without verification: the certificate is expired, for another name, and from an unknown authority."""
    identity = issue("anybody", names=["elsewhere.example"], begin=NOW - 9 * DAY, end=NOW - 8 * DAY)
    with TlsFront((broker.host, broker.port), server_context(identity)) as front:
        run_tls("refused_connection", PORT=front.port, ERRNO=EACCES, WORDS=[])
        run_tls("unverified_server", PORT=front.port)


# ---- servers that are not


@pytest.mark.parametrize("case", list(BAD))
def test_a_bad_certificate(run_tls, broker, case):
    """The error says what is wrong with it."""
    make, words = BAD[case]
    good = server_context(local_server())
    with (
        TlsFront((broker.host, broker.port), server_context(make())) as bad,
        TlsFront((broker.host, broker.port), good) as good,
    ):
        run_tls("refused_connection", PORT=bad.port, GOOD=good.port, HOSTNAME=NAME, ERRNO=EACCES, WORDS=words)
    # The front has seen the end of both by now.
    assert len(bad.failures) == 2


def test_a_name_instead_of_an_address(run_tls, broker, target):
    with TlsFront((broker.host, broker.port), server_context(issue("s", root(), names=[NAME, "*.0.0.1"]))) as front:
        run_tls("refused_connection", PORT=front.port, HOST=target.host, ERRNO=EACCES, WORDS=["another name", NAME])


@pytest.mark.parametrize("case", ["expired", "unknown issuer", "wrong name"])
def test_a_bad_certificate_and_the_ports_own_tls(run_tls, broker, case):
    words = {"expired": "expired", "unknown issuer": "trusted CA", "wrong name": "Common Name"}[case]
    with TlsFront((broker.host, broker.port), server_context(BAD[case][0]())) as front:
        run_tls("refused_connection", "port", PORT=front.port, HOST=NAME, ERRNO=EACCES, WORDS=[words])


def test_a_client_without_the_required_certificate(run_tls, tls_broker):
    broker = tls_broker(local_server(), clients=authority("clients"))
    run_tls("refused_connection", PORT=broker.port, ERRNO=EACCES, WORDS=["client certificate"])


def test_a_client_certificate_of_another_authority(run_tls, tls_broker):
    broker = tls_broker(local_server(), clients=authority("clients"))
    stranger = issue("ann", authority("others"), usages=[certificates.CLIENT])
    run_tls("refused_connection", client=stranger, PORT=broker.port, ERRNO=EACCES, WORDS=["refused the client certificate"])


@BOTH
def test_a_server_without_tls(run_tls, broker, kind):
    run_tls("refused_connection", kind, PORT=broker.port, ERRNO=ECONNRESET, WORDS=[])


def serve(data, pause=None):
    """Listens, and sends every connection this; with a pause after each byte if there is one."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def run():
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    for byte in data if pause else [0]:
                        connection.sendall(bytes([byte]) if pause else data)
                        if ended.wait(pause or 0.2):
                            return
                except OSError:
                    pass  # The client has seen enough.

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def close():
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(60)

    return listener.getsockname()[1], close


GARBAGE = {
    "http": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "zeros": bytes(4000),
    "ones": b"\xff" * 4000,
    "oversized record": b"\x16\x03\x03\xff\xff" + bytes(4000),
    "empty record": b"\x16\x03\x03\x00\x00" * 4,
    "alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "end": b"",
}


@pytest.mark.parametrize("what", list(GARBAGE))
@BOTH
def test_garbage(run_tls, kind, what):
    """Some error at once, and no crash."""
    port, close = serve(GARBAGE[what])
    try:
        errno = ECONNRESET if what == "end" else EPROTO
        lines = run_tls("refused_connection", kind, PORT=port, ERRNO=errno, WORDS=[])
        assert int(lines[0].split()[0]) < 5000
    finally:
        close()


@BOTH
def test_a_handshake_in_single_bytes_ends_in_time(run_tls, kind):
    """One byte in a second, of a possible handshake."""
    port, close = serve(b"\x16\x03\x03\x10\x00\x02\x00\x0f\xfc" + bytes(60), 1)
    try:
        lines = run_tls("refused_connection", kind, PORT=port, COMMAND_TIMEOUT=2500, ERRNO=ETIMEDOUT, WORDS=[])
        assert 5000 <= int(lines[0].split()[0]) < 6500
    finally:
        close()


# ---- connections that end


def test_disconnect_and_reconnect_send_close_notify(run_tls, broker):
    """RFC 8446, section 6.1; after DISCONNECT. MicroPython's own TLS has none to send."""
    with TlsFront((broker.host, broker.port), server_context(local_server())) as front:
        run_tls("exchange", PORT=front.port, SIZE=256, AGAIN=True)
    assert front.ends == [True, True]


@pytest.mark.parametrize("recover", [False, True], ids=["loop ends", "loop recovers"])
@BOTH
def test_an_end_without_close_notify_in_mid_packet_is_no_message(run_tls, kind, recover):
    """The part of the message that has arrived is not delivered."""
    large = mqtt_packets.publish("tls/lost", bytes(100_000))

    def answer(packet):
        return large if packet.kind == "PUBLISH" and packet.payload == b"begin" else echo(packet)

    with (
        ObligingBroker(answer) as broker,
        TlsFront((broker.host, broker.port), server_context(local_server()), truncate=50_000) as front,
    ):
        lines = run_tls("lost_connection", kind, PORT=front.port, RECOVER=recover)
    words = "without a TLS close_notify" if kind == "builtin" else "ECONNRESET"
    assert [line for line in lines if line.startswith("lost: ") and words in line], lines


@pytest.mark.parametrize("driver", ["loop", "asyncio"])
def test_new_keys(run_tls, driver):
    """KeyUpdate (RFC 8446, section 4.6.3), which asks for an answer (K) or not (k). The client answers while the
    program only reads."""
    commands = "kKKkK"
    update = b"TLS 1.3, Handshake [length 0005], KeyUpdate"
    with OpensslServer(local_server(), "-tls1_3", "-msg") as server:

        def say(data, sign=b">>> TLS 1.2, InnerContent [length 0001]\n    17"):
            # openssl takes a command only at the front of a piece of its input.
            before = server.said.count(sign)
            server.send(data)
            server.wait_for(sign, before + 1)

        def play():
            server.wait_for(b"\0\4MQTT\4")
            say(mqtt_packets.connack())
            server.wait_for(b"tls/keys\0")
            subscribe = server.said.split(b"\x82\x0d")[1]
            say(mqtt_packets.suback(int.from_bytes(subscribe[:2], "big"), 0))
            for number, command in enumerate(commands):
                say(f"{command}\n".encode(), b">>> " + update)
                if command == "K":
                    server.wait_for(b"<<< " + update, commands[: number + 1].count("K"))
                say(mqtt_packets.publish("tls/keys", str(number).encode()))
            if driver == "asyncio":
                server.wait_for(b"\xa2\x0c")
                unsubscribe = server.said.split(b"\xa2\x0c")[1]
                say(mqtt_packets.unsuback(int.from_bytes(unsubscribe[:2], "big")))
            server.wait_for(b"tls/keysdone")

        thread = threading.Thread(target=play)
        thread.start()
        run_tls("new_keys", PORT=server.port, DRIVER=driver, COUNT=len(commands))
        thread.join()


# ---- slow links


@pytest.mark.first
@BOTH
def test_a_slow_link(run_tls, broker, kind):
    """Three bytes every 80 ms towards the client, which looks every 50 ms."""
    identity = issue("s", root(), names=certificates.LOCAL)
    with TlsFront((broker.host, broker.port), server_context(identity)) as front, FaultProxy(front.host, front.port) as proxy:
        proxy.drip(0.08, "down", 3)
        run_tls("slow_link", kind, PORT=proxy.port)


# ---- contexts, threads


def test_contexts(run_tls):
    """The errors of create_ssl_context() about bad arguments."""
    client = issue("client", root(), usages=[certificates.CLIENT])
    other = issue("other", root())
    run_tls(
        "contexts",
        client=client,
        CA2=root("rsa").pem,
        OTHER_PKEY=other.key_pem,
        ENCRYPTED=certificates.encrypted_key_pem(client.key),
    )


def test_a_stack_that_is_too_small(run_tls, tls_broker):
    run_tls("small_stack", PORT=tls_broker(local_server()).port)


def test_anything_that_wraps_sockets(run_tls, broker):
    run_tls("anything_that_wraps_sockets", PORT=broker.port)


@BOTH
def test_many_connections(run_tls, tls_broker, kind):
    """Nothing is left of connections that have ended, or failed."""
    broker = tls_broker(local_server())
    run_tls("many_connections", kind, PORT=broker.port, COUNT=150)
