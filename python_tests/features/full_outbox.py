# A broker that acknowledges nothing before it is told to: the window fills, then the outbox.
import errno
import time

import mqtt
from on_target.support import expect_errno, wait_until


def publish(number):
    return client.publish("full/%d" % number, b"%d" % number, 1, wait=False)


def fill(limit=5000):
    "As many as there is room for."
    taken = []
    begin = time.ticks_ms()
    while len(taken) < limit:
        try:
            taken.append(publish(len(taken)))
        except OSError as error:
            assert error.errno == errno.ENOBUFS, error
            break
    assert 10 < len(taken) < limit, len(taken)
    # No call waits for the broker.
    assert time.ticks_diff(time.ticks_ms(), begin) < 4000 * SLOWNESS
    return taken


client = mqtt.Client("full", clean_session=CLEAN, command_timeout=20000)
assert client.connect(HOST, 60, PORT) == 0
deliveries = fill()
room = len(deliveries)
assert not any(delivery.done() for delivery in deliveries)
expect_errno(110, deliveries[0].wait, 50)
client.publish("go")
for delivery in deliveries:
    delivery.wait()
# All of the room is there again.
client.publish("hold")
again = fill()
assert len(again) == room, (len(again), room)
assert client.connected()
if END == "disconnect":
    client.disconnect()
else:
    # The broker cuts the connection.
    client.publish("cut")
    wait_until(lambda: not client.connected())
    if not CLEAN:
        assert not any(delivery.done() for delivery in again)
        client.reconnect()
        client.publish("go")
        for delivery in again:
            delivery.wait()
if END == "disconnect" or CLEAN:
    for delivery in again:
        assert delivery.done()
        error = expect_errno(103 if END == "disconnect" else 104, delivery.wait)
        assert ("disconnect() was called" in str(error)) == (END == "disconnect"), error
    # They have left room. The messages that a stored session keeps stay in order, before new ones.
    if CLEAN:
        late = publish(room)
        assert client.connect(HOST, 60, PORT) == 0
        client.publish("go")
        late.wait()
    else:
        assert client.connect(HOST, 60, PORT) == 0
        client.publish("go")
        client.publish("full/%d" % room, b"%d" % room, 1)
print(room)
client.disconnect()
print("OK")
