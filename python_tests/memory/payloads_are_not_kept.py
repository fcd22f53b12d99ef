# A payload is free again as soon as the broker has it, or the function that got it is done: it is not kept
# where it was.
import mqtt
from on_target.heap import used
from on_target.support import wait_until

SIZE = min(20000, LARGEST)
MESSAGES = 3
try:
    import _thread  # noqa: F401 - it is there

    # On the stack of the loop, which waits, there may be a word that looks like a reference to the last one.
    ALIVE = 1
except ImportError:
    ALIVE = 0


def count(client, payload, topic):
    global counted
    counted += len(payload)


def publish(topic, qos):
    """Here, because a caller's frame keeps the objects that it has passed on."""
    for _ in range(MESSAGES):
        client.publish(topic, bytes(SIZE), qos)


counted = 0
client = mqtt.Client("payloads", command_timeout=20000)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC, count, 2)
for qos in range(3):
    client.publish(TOPIC, "small", qos)
wait_until(lambda: counted == 15)
before = used()
for qos in range(3):
    publish(TOPIC + "/elsewhere", qos)
    sent = used() - before
    assert sent < SIZE // 2, (qos, sent)
for qos in range(3):
    counted = 0
    publish(TOPIC, qos)
    wait_until(lambda: counted == MESSAGES * SIZE)
    received = used() - before
    assert received < ALIVE * SIZE + SIZE // 2, (qos, received)
client.disconnect()
print("OK")
