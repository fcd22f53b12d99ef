# publish(wait=False) at a broker that behaves: messages arrive in order, before connect() and in callbacks too.
import time

import mqtt
from on_target.support import Record, expect, expect_errno, wait_until

got = Record()
client = mqtt.Client("later", command_timeout=30000)
client.subscribe("later/#", got, 2)


def wait_for(count):
    """Until so many messages have come. Without a loop, calls that wait read them."""
    if START_LOOP:
        wait_until(lambda: len(got) >= count)
    while len(got) < count:
        client.publish("none", qos=1)


# Arguments.
expect(TypeError, client.publish, "later/a", "x", 1, False, False)
error = expect(TypeError, client.publish, "later/a", "x", 1, wait="no")
assert str(error) == "wait must be a bool", error
expect(ValueError, client.publish, "later/+", "x", 1, wait=False)
expect(TypeError, client.publish, "later/a", 1, 1, wait=False)
expect(TypeError, mqtt.Delivery)
expect_errno(107, client.publish, "later/a", "x", 0, wait=False)
expect_errno(107, client.publish, "later/a", "x", 1)

# Before there is a connection. The payload is that of the call.
buffer = bytearray(b"0")
early = client.publish("early/0", buffer, 1, wait=False)
buffer[0] = 120
assert isinstance(early, mqtt.Delivery) and not early.done()
begin = time.ticks_ms()
error = expect_errno(110, early.wait, 100)
assert 90 <= time.ticks_diff(time.ticks_ms(), begin) < 100 + 1000 * SLOWNESS
expect_errno(110, early.wait, timeout=0)
expect(ValueError, early.wait, -1)
expect(TypeError, early.wait, "long")
expect(TypeError, mqtt.Delivery.wait, client)
assert client.connect(HOST, 60, PORT, start_loop=START_LOOP) == 0
assert early.wait() is None and early.done() and early.wait(0) is None

# More than the window has room for, of both qualities of service, with calls that wait in between.
deliveries = []
for number in range(1, 60):
    message = str(number)
    qos = 1 + number % 2
    if number % 10 == 9:
        client.publish("later/%s" % message, message, qos)
    elif number % 10 == 4:
        # A broker may pass QoS 0 on earlier.
        assert client.publish("none", message, 0, wait=False) is None
        client.publish("later/%s" % message, message, qos, wait=True)
    else:
        deliveries.append(client.publish("later/%s" % message, message, qos, wait=False))
for delivery in deliveries:
    delivery.wait()
    assert delivery.done()
wait_for(59)
numbers = [int(payload) for _, payload in got.messages]
# The broker passes messages of QoS 2 on later than those of QoS 1.
assert [number for number in numbers if number % 2] == list(range(1, 60, 2)), numbers
assert [number for number in numbers if not number % 2] == list(range(2, 60, 2)), numbers
got.messages.clear()

# In a callback, and in a function that MicroPython runs in between.
answers = []


def answer(client, payload, topic):
    for number in range(20):
        answers.append(client.publish("later/answer", "%d" % number, 1, wait=False))


client.subscribe("question", answer, 1)
client.publish("question", qos=1)
wait_for(20)
for delivery in answers:
    delivery.wait()
assert [payload for _, payload in got.messages] == [b"%d" % number for number in range(20)], got.messages
got.messages.clear()

# The program need not keep the deliveries.
for number in range(20):
    client.publish("later/dropped", "%d" % number, 2, wait=False)
wait_for(20)
assert [payload for _, payload in got.messages] == [b"%d" % number for number in range(20)], got.messages
client.disconnect()
print("OK")
