"""Much at once, and much in a row."""

import pytest
from harness import mqtt_packets as mqtt
from harness.fake_broker import FakeBroker
from harness.targets import Mps2

# Mosquitto 2.0 changes the order of QoS 2 messages when they have to queue for its window.
WINDOW = ["max_inflight_messages 1020"]
CASES = (
    "publish_0 publish_1 publish_2 subscribe resubscribe unsubscribe unsubscribe_itself reconnect disconnect "
    "disconnect_and_connect raising recursion computing"
).split()


@pytest.mark.parametrize("qos", [1, 2])
@pytest.mark.parametrize("case", CASES)
def test_functions_that_call_methods_while_a_flood_comes_in(new_broker, run_script, case, qos):
    broker = new_broker(config=WINDOW)
    run_script("calls_in_functions_beside_a_flood", 50, PORT=broker.port, CASE=case, QOS=qos, MESSAGES=1000)


def test_eight_threads_publish_while_the_loop_receives(new_broker, run_script):
    run_script("threads_publish_beside_a_flood", 50, PORT=new_broker(config=WINDOW).port)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_message_larger_than_the_memory_is_thrown_away(run_script, qos):
    large = mqtt.publish("large", bytes(1 << 20), qos, 7 if qos else None)

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        for _ in range(3):
            link.send_quietly(large)
            if qos:
                link.expect(mqtt.puback(7) if qos == 1 else mqtt.pubrec(7))
            if qos == 2:
                # Again: it counts as delivered.
                link.send_quietly(mqtt.publish("large", bytes(1 << 20), qos, 7, dup=True))
                link.expect(mqtt.pubrec(7))
                link.send(mqtt.pubrel(7))
                link.expect(mqtt.pubcomp(7))
            link.send(mqtt.publish("next", b"small", 1, 8))
            link.expect(mqtt.puback(8))
        link.send(mqtt.publish("end"))
        link.expect_goodbye()

    with FakeBroker(script, clients=["memory"]) as broker:
        lines = run_script("message_larger_than_the_memory", 50, PORT=broker.port)
    assert len(lines) == 3, lines
    assert all("thrown away" in line for line in lines)


@pytest.mark.first
def test_100_000_messages_leave_nothing_behind(run_script):
    run_script("many_messages_leave_nothing", 100, COUNT=100_000)


def test_1000_connections_leave_nothing_behind(run_script):
    run_script("many_connections_leave_nothing", 60, ROUNDS=1000)


def test_clients_that_the_program_forgot_are_collected(run_script):
    run_script("forgotten_clients", 30, CLIENTS=100)


def test_a_broker_that_sends_and_reads_nothing_is_noticed_by_the_keep_alive(sends_and_reads_nothing):
    sends_and_reads_nothing(KEEPALIVE=3, PATIENCE=60000)


def test_a_broker_that_sends_and_reads_nothing_is_noticed_within_command_timeout(sends_and_reads_nothing, target):
    if isinstance(target, Mps2):
        pytest.skip("QEMU's network stops sending, too, and then nothing has to be acknowledged")
    sends_and_reads_nothing(KEEPALIVE=0, PATIENCE=3000)


@pytest.fixture
def sends_and_reads_nothing(run_script, target):
    """Acknowledgements that cannot leave: bounded memory, and an end in time."""
    flood = b"".join(mqtt.publish("flood", b"", 1, number) for number in range(1, 1001))

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.expect_packet("PUBLISH", topic="go")
        link.flood(flood, 900)
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.send(mqtt.puback(link.expect_packet("PUBLISH", topic="after").packet_id))
        link.expect_goodbye()

    def run(**defines):
        limits = {"LIMIT": 60000 * target.slowness, "MOST": 15000 if isinstance(target, Mps2) else 2000}
        with FakeBroker(script, buffer=1024, clients=["full"]) as broker:
            run_script("acknowledgements_that_cannot_leave", 100, PORT=broker.port, **limits, **defines)

    return run
