"""The cost of messages on a board, in instructions that QEMU counts: the same ones all the time.

An instruction takes a nanosecond (qemu.CLOCK), and the board's time.ticks_cpu() stands still while its
processor sleeps.
"""

import pytest
from harness import mqtt_packets
from harness.fake_broker import FakeBroker
from harness.qemu import HOST

pytestmark = pytest.mark.board

# Messages that are measured together.
BLOCK = 100
# Much more than a block takes, in s.
PATIENCE = 240

CLIENT = f"""
import gc, mqtt, time
HOST = {HOST!r}
BLOCK = {BLOCK}
client = mqtt.Client("cost", command_timeout=30000)

def block(operation):
    gc.collect()
    begin = time.ticks_cpu()
    operation()
    return time.ticks_diff(time.ticks_cpu(), begin)
"""

PUBLISHING = """
payload = b"x" * 64

def publish():
    for _ in range(BLOCK):
        client.publish("cost/topic", payload, QOS)

client.connect(HOST, 0, PORT)
print([block(publish) for _ in range(BLOCKS)])
client.disconnect()
"""

RECEIVING = """
count = 0

def on_message(client, payload, topic):
    global count
    count += 1

def receive():
    wanted = count + BLOCK
    client.publish("more")
    while count < wanted:
        time.sleep_ms(1)

client.connect(HOST, 0, PORT)
client.subscribe("cost/topic", on_message, 2)
print([block(receive) for _ in range(BLOCKS)])
# When this is acknowledged, all before it is: nothing is sent to a client that is gone.
client.publish("cost/end", qos=1)
client.disconnect()
"""

# The cycles between the callbacks of equal messages that all came at once.
DISPATCHING = """
stamps = []

def on_message(client, payload, topic):
    stamps.append(time.ticks_cpu())

client.connect(HOST, 0, PORT)
costs = []
number = 0
for filters in (10, 1000):
    while number < filters:
        client.subscribe(FILTERS[number % len(FILTERS)] % number, on_message)
        number += 1
    times = []
    for _ in range(5):
        gc.collect()
        stamps.clear()
        client.publish("more")
        while len(stamps) < MESSAGES:
            time.sleep_ms(1)
        times.append(time.ticks_diff(stamps[-1], stamps[0]))
    costs.append(sorted(times)[2])
print(costs)
client.disconnect()
"""


def run(power_up, script, source, **defines):
    """The output of the client, while the broker follows a script."""
    with FakeBroker(script, clients=["cost"]) as broker:
        board = power_up()
        defines["PORT"] = broker.port
        assignments = "".join(f"{name} = {value!r}\n" for name, value in defines.items())
        return eval(board.run(assignments + CLIENT + source, PATIENCE))


def obliging(more=b""):
    """A script: acknowledges everything, and sends `more` for a message on the topic `more`."""

    def script(broker):
        link = broker.accept()
        answers = {
            "CONNECT": lambda packet: mqtt_packets.connack(),
            "SUBSCRIBE": lambda packet: mqtt_packets.suback(packet.packet_id, *(qos for _, qos in packet.filters)),
            "PUBREC": lambda packet: mqtt_packets.pubrel(packet.packet_id),
            "PUBREL": lambda packet: mqtt_packets.pubcomp(packet.packet_id),
        }
        while (packet := link.next_packet()) is not None:
            if packet.kind == "PUBLISH" and packet.topic == "more":
                link.send_quietly(more)
            elif packet.kind == "PUBLISH" and packet.qos > 0:
                link.send_quietly((mqtt_packets.puback if packet.qos == 1 else mqtt_packets.pubrec)(packet.packet_id))
            elif packet.kind in answers:
                link.send_quietly(answers[packet.kind](packet))

    return script


def does_not_grow(costs, waits):
    """The last blocks cost as much as the first ones, but for the very first one, which makes objects
    that the others use. A call that waits for answers of the broker wakes up once for each piece of them.
    """
    first, last = costs[1:6], costs[-5:]
    assert min(last) <= (1.5 if waits else 1.03) * min(first), (first, last)


@pytest.mark.parametrize("qos, messages", [(0, 10_000), (1, 2000), (2, 2000)])
def test_a_message_published_late_costs_no_more(power_up, qos, messages):
    does_not_grow(run(power_up, obliging(), PUBLISHING, QOS=qos, BLOCKS=messages // BLOCK), qos > 0)


@pytest.mark.parametrize("qos, messages", [(0, 10_000), (1, 2000), (2, 2000)])
def test_a_message_received_late_costs_no_more(power_up, qos, messages):
    number = range(1, BLOCK + 1)
    more = b"".join(mqtt_packets.publish("cost/topic", b"x" * 64, qos, packet_id=i if qos else None) for i in number)
    does_not_grow(run(power_up, obliging(more), RECEIVING, BLOCKS=messages // BLOCK), qos > 0)


@pytest.mark.parametrize(
    "filters, topic",
    [
        (["sensors/%d/temperature"], "sensors/7/temperature"),
        (["sensors/%d/#"], "sensors/7/temperature"),
        (["+/%d/+"], "sensors/7/temperature"),
        (["sensors/%d/+", "+/%d/temperature", "sensors/%d/temperature"], "sensors/7/temperature"),
    ],
    ids=["exact", "multi-level", "single-level", "mixed"],
)
def test_a_thousand_filters_cost_less_than_ten_times_ten(power_up, filters, topic):
    messages = 10
    more = mqtt_packets.publish(topic, b"x" * 16) * messages
    ten, thousand = run(power_up, obliging(more), DISPATCHING, FILTERS=filters, MESSAGES=messages)
    assert thousand < 10 * ten, (ten, thousand)
