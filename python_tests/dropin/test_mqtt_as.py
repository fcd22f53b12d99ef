"""The drop-in mqtt_as: programs in the manner of its documentation, and faults."""

import contextlib
import socket
import threading

import pytest
from harness import certificates, loopback, modules, mqtt5, mqtt_packets
from harness.fake_broker import FakeBroker
from harness.fault_proxy import FaultProxy, Remote
from harness.obliging import ObligingBroker, oblige
from harness.peer import Peer
from harness.targets import Unix
from harness.tls_front import TlsFront

# The programs say how they connect themselves.
pytestmark = pytest.mark.plain

MODULES = modules.of_packages("mqtt_as", "mqtt_ssl_params")

# A WiFi that comes when the program asks for it.
NETWORK = """
STA_IF = 0
class WLAN:
    up = False
    lets_in = True
    stays = True
    calls = []
    looks = 0
    def __new__(cls, interface):
        return cls
    @classmethod
    def active(cls, state):
        assert state or cls.calls.append(("down",)) is None
    @classmethod
    def connect(cls, *credentials):
        cls.calls.append(("up",) + credentials)
        cls.up = cls.lets_in
        cls.looks = 0
    @classmethod
    def disconnect(cls):
        cls.up = False
    @classmethod
    def isconnected(cls):
        cls.looks += 1
        if cls.looks == 3 and not cls.stays:
            cls.up = False
        return cls.up
"""


@pytest.fixture
def run_program(run_script):
    return lambda name, **defines: run_script(f"as_{name}", **{"MODULES": MODULES, **defines})


def test_events_while_the_broker_restarts(run_program, new_broker):
    broker = new_broker()
    with Remote(restart=broker.restart) as remote:
        printed = run_program("range", PORT=broker.port, CONTROL=remote.port)
    messages = [(b"dropin/range/led", payload, False) for payload in (b"before", b"again", b"again", b"again")]
    assert printed == [f"3 {messages}"]


def test_version_5(run_program, new_broker):
    broker = new_broker()
    with Remote(restart=broker.restart) as remote:
        run_program("mqtt5", PORT=broker.port, CONTROL=remote.port)


def test_version_5_on_the_wire(run_program):
    """The properties of CONNECT, a session that lives on, and refusals."""

    def script(broker):
        connect = {"session_expiry_interval": 3600, "receive_maximum": 5}
        link = broker.accept()
        link.expect_packet("CONNECT", properties=connect, clean_session=False)
        link.send(mqtt5.connack(topic_alias_maximum=3))
        packet = link.expect_packet("SUBSCRIBE", properties={"subscription_identifier": [7]})
        link.send(mqtt5.suback(packet.packet_id, 0x87, reason_string="not here"))
        packet = link.expect_packet("PUBLISH", qos=1, properties={"user_property": [("a", "b")]})
        link.drop()
        link = broker.accept()
        link.expect_packet("CONNECT", properties=connect, clean_session=False)
        link.send(mqtt5.connack(True))
        # The session has the message with its properties.
        again = link.expect_packet("PUBLISH", qos=1, properties={"user_property": [("a", "b")]}, dup=True)
        assert again.packet_id == packet.packet_id
        link.send(mqtt5.puback(again.packet_id))
        packet = link.expect_packet("PUBLISH", qos=1)
        link.send(mqtt5.puback(packet.packet_id, 0x97, reason_string="no more"))
        link.expect_goodbye()

    with FakeBroker(script, clients=["dropin-five"]) as broker:
        run_program("mqtt5_wire", PORT=broker.port)


def test_callbacks_while_the_broker_is_away(run_program, new_broker):
    broker = new_broker()
    with Remote(kill=broker.kill, start=broker.start) as remote:
        printed = run_program("callbacks", PORT=broker.port, CONTROL=remote.port)
    messages = [(b"dropin/callbacks/kept", b"old", retained) for retained in (False, True)]
    assert printed == [f"[True, False, True] {messages}"]


def test_sessions(run_program, broker):
    with FaultProxy(broker.host, broker.port, ["dropin-session", "dropin-helper"]) as proxy:
        printed = run_program("session", PORT=proxy.port, CONTROL=proxy.control_port)
    assert printed == [
        "False False [b'before']",
        "True False []",
        "False True [b'before']",
        "True True []",
        "outage False [b'meanwhile']",
        "outage True []",
    ]


def test_a_subscriber_slower_than_the_queue(run_program):
    run_program("queue")


def test_faults(run_program, new_broker, closed_port):
    locked = new_broker(users={"ann": "secret"})
    run_program("faults", REFUSED=locked.port, NOBODY=closed_port)


def acknowledges_nothing(packet):
    """A broker that keeps sessions, and acknowledges no message: it tells the client that one has arrived."""
    if packet.kind == "CONNECT":
        return mqtt_packets.connack(session_present=not packet.clean_session)
    return mqtt_packets.publish("dropin/arrived") if packet.kind == "PUBLISH" else oblige(packet)


def test_a_broker_that_does_not_answer(run_program, broker):
    with FaultProxy(broker.host, broker.port, ["dropin-mute"]) as proxy, ObligingBroker(acknowledges_nothing) as mute:
        run_program("mute", PORT=proxy.port, CONTROL=proxy.control_port, MUTE=mute.port)
    talks = [talk for talk in mute.conversations if any(packet.kind == "PUBLISH" for packet in talk)]
    published = [[packet for packet in talk if packet.kind == "PUBLISH"] for talk in talks]
    # The program has not subscribed anew.
    assert [sum(packet.kind == "SUBSCRIBE" for packet in talk) for talk in talks] == [1, 0, 1, 0]
    # Without a session as a new message, with one as a duplicate. No connection has it twice.
    assert [[packet.dup for packet in packets] for packets in published] == [[False], [False], [False], [True]]


def test_nothing_is_lost_over_a_link_that_is_cut(run_program, broker):
    with FaultProxy(broker.host, broker.port, ["dropin-sender"]) as proxy:
        run_program("insists", timeout=120, PORT=proxy.port, BROKER=broker.port, CONTROL=proxy.control_port)


def test_a_call_that_is_cancelled_leaves_the_client_usable(run_program):
    run_program("cancelled")


def test_the_will_and_the_end_of_programs(run_program, broker):
    with Peer(broker) as peer:
        peer.subscribe("dropin/will", 1)
        assert run_program("will") == ["it failed"]
        peer.deliver("dropin/will", b"after that", 1)
        got = []
        while b"after that" not in got:
            got += [payload for _, payload in peer.take(1)]
    assert b"failed" in got and b"ended" not in got


@contextlib.contextmanager
def name_server():
    """Answers every question; a `fault` of its Remote spoils the next answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((loopback.HOST, 0))
        server.settimeout(0.1)
        ended = threading.Event()
        answers = {"good": lambda query: query[:2] + b"\x81\x80" + query[4:], "garbage": lambda query: query}
        how = ["good"]

        def serve():
            while not ended.is_set():
                try:
                    query, asker = server.recvfrom(512)
                except TimeoutError:
                    continue
                if how[0] in answers:
                    server.sendto(answers[how[0]](query), asker)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            with Remote(garbage=lambda: how.__setitem__(0, "garbage"), silence=lambda: how.__setitem__(0, "")) as remote:
                yield server.getsockname()[1], remote.port
        finally:
            ended.set()
            thread.join()


def test_wan_ok(run_program):
    with name_server() as (port, control):
        run_program("wan", DNS=port, CONTROL=control)


def test_wifi(run_program, target):
    if not isinstance(target, Unix):
        pytest.skip("the target has a module network of its own")
    run_program("wifi", MODULES={**MODULES, "network.py": NETWORK})


def test_tls(run_program, broker, target, front_context):
    if not isinstance(target, Unix):
        pytest.skip("the target has one kind of TLS or none")
    root = certificates.root()
    other = certificates.authority("another")
    with TlsFront((broker.host, broker.port), front_context) as front:
        defines = {"PORT": front.port, "CA": root.pem, "CA_DER": root.der, "OTHER_DER": other.der}
        printed = run_program("secured", **defines)
    assert printed == [
        "the port's context b'xxxxxxxxxx'",
        "the module's context b'xxxxxxxxxx'",
        "not verified b'xxxxxxxxxx'",
        "verified b'xxxxxxxxxx'",
        "with the name of the server b'xxxxxxxxxx'",
        "with another name is refused",
        "with another authority is refused",
    ]
