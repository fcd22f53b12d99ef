"""Soft resets in the middle of everything: nothing is left behind."""

import os

import pytest
from harness import mqtt_packets
from harness.obliging import ObligingBroker, oblige
from harness.qemu import HOST, NETWORK_UP
from harness.raw_repl import END, INTERRUPT, PATIENCE

pytestmark = pytest.mark.board

# `RESETS=1000 make board-test PYTEST='-k many_resets'` is the test of a release.
RESETS = int(os.environ.get("RESETS", "60"))

CONNECTED = """
import mqtt, time
c = mqtt.Client("board", command_timeout=60000)
c.connect(HOST, 60, PORT)
"""
IN_CALLBACK = """
def wait(*args):
    print("ready")
    while True: time.sleep_ms(5)
"""
CLASS = """
import mqtt, time
class Lamp(mqtt.Client):
    def wait(self, client, payload, topic):
        print("ready")
        while self is client: time.sleep_ms(5)
"""
# The work in which the board is interrupted, once it has printed that it is ready.
SITUATIONS = {
    "connected": CONNECTED + "print('ready')\nwhile True: pass",
    "sleeping": CONNECTED + "print('ready')\ntime.sleep(1000)",
    "connecting": "import mqtt\nprint('ready')\nmqtt.Client('silence').connect(HOST, 60, PORT)",
    "publishing": CONNECTED + "print('ready')\nc.publish('silence', 'x', 2)",
    "flood": CONNECTED + "c.subscribe('#', lambda *_: None)\nc.publish('flood')\nprint('ready')\nwhile True: pass",
    "callback": CONNECTED + IN_CALLBACK + "c.subscribe('#', wait)\nc.publish('echo')\nwhile True: time.sleep_ms(1)",
    "publishing in a callback": CONNECTED
    + "def wait(*args):\n    print('ready')\n    c.publish('silence', 'x', 2)\n"
    + "c.subscribe('#', wait)\nc.publish('echo')\nwhile True: time.sleep_ms(1)",
    "class": CLASS + CONNECTED.replace("mqtt.Client", "Lamp")
    + "c.c = c\nc.subscribe('#', c.wait)\nc.publish('echo')\nc = None\nwhile True: time.sleep_ms(1)",
    "loop_failure": CONNECTED.replace("PORT)", "PORT, loop_failure=wait)").replace("c = ", IN_CALLBACK + "c = ")
    + "c.publish('close')\nwhile True: time.sleep_ms(1)",
}
# A whole life of a client.
LIFE = """
import gc, mqtt, time
got = []
c = mqtt.Client("again", command_timeout=10000)
c.connect(HOST, 60, PORT)
c.subscribe("#", lambda c, payload, topic: got.append(payload))
c.publish("echo", b"hello")
while not got: time.sleep_ms(1)
"""


def answer(packet):
    if packet.kind == "CONNECT" and packet.client_id == "silence":
        return None
    if packet.kind != "PUBLISH":
        return oblige(packet)
    if packet.topic == "close":
        return mqtt_packets.publish("illegal/#")
    if packet.topic == "silence":
        return None
    return mqtt_packets.publish("t", packet.payload) * (100_000 if packet.topic == "flood" else 1)


@pytest.fixture
def broker():
    with ObligingBroker(answer) as broker:
        yield broker


def reset(board):
    board.write(END)
    board.read_until(b"MPY: soft reboot\r\n")
    board.read_until(b">")


def with_broker(source, broker):
    return f"HOST, PORT = {HOST!r}, {broker.port}\n{source}"


FREE = "import gc; gc.collect(); print(gc.mem_free())"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_reset_in_the_middle(power_up, broker, situation):
    board = power_up()
    reset(board)
    free = int(board.run(FREE))
    for _ in range(2):
        board.start(with_broker(SITUATIONS[situation], broker))
        board.read_until(b"ready\r\n")
        board.write(INTERRUPT)
        assert board.follow(PATIENCE)[1].endswith("KeyboardInterrupt: \n")
        reset(board)
        assert abs(int(board.run(FREE)) - free) < 256
        board.run(with_broker(LIFE, broker))
        reset(board)


def test_machine_soft_reset_in_a_callback(power_up, broker):
    board = power_up()
    source = CONNECTED + "c.subscribe('#', lambda *_: machine.soft_reset())\nc.publish('echo')\ntime.sleep(10)"
    board.start(with_broker("import machine\n" + source, broker))
    board.read_until(b"MPY: soft reboot\r\n")
    board.read_until(b">")
    board.run(with_broker(LIFE, broker))


def test_many_resets_with_a_live_connection(power_up, broker):
    board = power_up()
    reset(board)
    free = int(board.run(FREE))
    for _ in range(RESETS):
        board.run(with_broker(LIFE, broker))
        reset(board)
    assert abs(int(board.run(FREE)) - free) < 256
    assert len(broker.conversations) == RESETS
    board.run(NETWORK_UP)
