"""The client for asyncio, mqtt_aio."""

import contextlib
import socket
import threading
import time

import pytest
from harness import certificates, loopback, mqtt_packets
from harness.fake_broker import FakeBroker
from harness.fault_proxy import FaultProxy
from harness.targets import EmulatedBoard, Mps2Tls, Nano
from harness.tls_front import TlsFront

CALLS = ("connect", "reconnect", "subscribe", "unsubscribe", "disconnect", "iterate", "request")


@pytest.mark.smoke
def test_the_methods(run_script):
    run_script("surface")


def test_a_coroutine_awaits_a_delivery_of_the_plain_client(run_script):
    run_script("deliveries")


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_is_cancelled_leaves_the_client_usable(run_script, call):
    run_script("cancelled", CALL=call, QOS=0)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_publish_that_is_cancelled_leaves_the_client_usable(run_script, qos):
    run_script("cancelled", CALL="publish", QOS=qos)


def test_exactly_once_over_a_link_that_is_cut(run_script, broker):
    with FaultProxy(broker.host, broker.port, ["aio-sender", "aio-receiver"]) as proxy:
        run_script("exactly_once", timeout=120, PORT=proxy.port, CONTROL=proxy.control_port, COUNT=100)


@pytest.fixture
def pause(run_script, target):
    if isinstance(target, Nano):
        pytest.skip("its emulator counts no instructions")
    rest = 0 if isinstance(target, EmulatedBoard) else 1

    def run(case, **defines):
        defines = {"COMMAND": 2000, "MOST": 20 * target.slowness, "REST": rest, **defines}
        for line in run_script("pauses", CASE=case, **defines):
            print(line)

    return run


@pytest.mark.plain
@pytest.mark.parametrize("takes", [True, False], ids=["connection taken", "connection not taken"])
def test_the_pause_at_a_port_that_never_answers(pause, takes):
    with socket.create_server((loopback.HOST, 0), backlog=0) as server, contextlib.ExitStack() as stack:
        for _ in range(0 if takes else 4):
            # The system takes no more when the queue is full.
            full = stack.enter_context(socket.socket())
            full.setblocking(False)
            full.connect_ex(server.getsockname())
        pause("silent", PORT=server.getsockname()[1])


@pytest.mark.plain
@pytest.mark.parametrize("kind", ["builtin", "port"])
@pytest.mark.parametrize(("case", "drip"), [("dripping", (0.1, 1)), ("secured", (0.01, 50))])
def test_the_pause_while_a_handshake_drips(pause, broker, front_context, target, kind, case, drip):
    if isinstance(target, EmulatedBoard) and not (isinstance(target, Mps2Tls) and kind == "builtin"):
        pytest.skip("the firmware has not this TLS")
    seconds, count = drip
    # The longest step of cryptography. A board tells exactly; docs/asyncio.md says how long it is there.
    most = 60 if kind == "builtin" else 200
    with TlsFront((broker.host, broker.port), front_context) as front, FaultProxy(loopback.HOST, front.port) as proxy:
        proxy.drip(seconds, "down", count)
        command = 2000 if case == "dripping" else 20000
        pause(case, PORT=proxy.port, KIND=kind, CA=certificates.root().pem, COMMAND=command, MOST=most)


@pytest.mark.plain
def test_the_pause_while_a_large_message_comes_slowly(pause, largest):
    size = min(largest, 1 << 20)

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(1)
        data = mqtt_packets.publish("large", bytes(size), 1, 1)
        for at in range(0, len(data), len(data) // 50):
            link.send_quietly(data[at : at + len(data) // 50])
            time.sleep(0.02)
        link.expect_packet("PUBACK")
        link.expect_goodbye()

    with FakeBroker(script, clients=["pauses"]) as broker:
        pause("large", PORT=broker.port, SIZE=size, COMMAND=20000)


@pytest.mark.plain
def test_the_pause_while_the_broker_restarts(pause, new_broker):
    broker = new_broker()

    def restart():
        while "'subscribed'" not in broker.log() and not ended.is_set():
            time.sleep(0.05)
        broker.kill()
        time.sleep(0.3)
        broker.start()
        # A broker ends with the thread that has started it.
        ended.wait()

    ended = threading.Event()
    thread = threading.Thread(target=restart, daemon=True)
    thread.start()
    try:
        pause("restart", PORT=broker.port, COMMAND=20000)
    finally:
        ended.set()
        thread.join()
