"""The read loop that MicroPython's scheduler runs: beside, and on top of, the main program."""

import threading

import pytest
from harness import mqtt_packets
from harness.fake_broker import FakeBroker
from harness.obliging import ObligingBroker, echo, oblige

pytestmark = pytest.mark.board


@pytest.mark.smoke
@pytest.mark.parametrize("case", ["bridge", "timer"])
def test_calls_on_top_of_calls_that_wait(run_script, case):
    run_script("calls_on_top_of_calls", CASE=case)


@pytest.mark.parametrize("case", ["timer_while_connecting", "others_live"])
def test_calls_on_top_of_calls_that_wait_in_vain(run_script, case):
    def answer(packet):
        if packet.kind == "CONNECT" and packet.client_id == "silence":
            return None
        if packet.kind == "PUBLISH":
            return None if packet.topic == "silence" else mqtt_packets.publish(packet.topic, packet.payload)
        return oblige(packet)

    with ObligingBroker(answer) as broker:
        run_script("calls_on_top_of_calls", HOST=broker.host, PORT=broker.port, CASE=case)


def test_the_program_is_not_starved_by_a_flood(run_script):
    message = mqtt_packets.publish("t/flood", bytes(500))

    def answer(packet):
        return message * 40000 if packet.kind == "PUBLISH" else oblige(packet)

    with ObligingBroker(answer) as broker:
        run_script("program_and_loop_share_time", HOST=broker.host, PORT=broker.port, CASE="flood")


@pytest.mark.smoke
def test_messages_come_in_while_the_program_waits_for_other_things(run_script):
    ticking = []

    def answer(packet):
        if packet.kind == "PUBLISH" and packet.topic == "every":
            ticking.append(ticker := Ticker(int(packet.payload) / 1000, broker))
            ticker.start()
        elif packet.kind == "PUBLISH":
            return mqtt_packets.publish("count", b"%d" % ticking.pop().stop())
        return oblige(packet)

    with ObligingBroker(answer) as broker:
        try:
            run_script("program_and_loop_share_time", HOST=broker.host, PORT=broker.port, CASE="waits")
        finally:
            for ticker in ticking:
                ticker.stop()


class Ticker(threading.Thread):
    """Sends a message each so often."""

    def __init__(self, seconds, broker):
        super().__init__(daemon=True)
        self.seconds = seconds
        self.broker = broker
        self.stopped = threading.Event()
        self.sent = 0

    def run(self):
        while not self.stopped.wait(self.seconds):
            self.broker.send(mqtt_packets.publish("t/tick", b""))
            self.sent += 1

    def stop(self):
        """How many it has sent, in the end."""
        self.stopped.set()
        self.join()
        return self.sent


def test_messages_for_which_there_is_no_memory(run_script):
    lines = run_script("messages_without_memory", TOPIC="board/memory")
    assert sum(line.startswith("mqtt: a message was thrown away") for line in lines) == 20, lines


def test_a_full_queue_of_scheduled_functions(run_script):
    with ObligingBroker(echo) as broker:
        run_script("full_queue_of_functions", HOST=broker.host, PORT=broker.port)
    assert [packet.kind for packet in broker.packets].count("PINGREQ") >= 3


def test_bytes_that_a_socket_accepts_but_does_not_send(run_script):
    """It is not taken for sent."""

    def script(broker):
        for _ in range(2):
            broker.accept(900).accept_connect()

    with FakeBroker(script, buffer=1024, clients=["in-vain"]) as broker:
        run_script("socket_takes_and_does_not_send", 120, PORT=broker.port)
