# The broker reads nothing for a while: large messages leave in parts, and no call waits for it.
import errno
import time

import mqtt
from on_target.support import expect_errno

SIZE = min(LARGEST, 1 << 20)
# Every byte tells its place.
payload = bytes(range(251)) * (SIZE // 251)


def in_time(_call, *args, **kwargs):
    begin = time.ticks_ms()
    result = _call(*args, **kwargs)
    assert time.ticks_diff(time.ticks_ms(), begin) < 1000 * SLOWNESS
    return result


client = mqtt.Client("slow", command_timeout=30000)
assert client.connect(HOST, 60, PORT, start_loop=START_LOOP) == 0
deliveries = []
full = False
while len(deliveries) < 6 and not full:
    try:
        deliveries.append(in_time(client.publish, "slow/%d" % len(deliveries), payload, 1, wait=False))
    except OSError as error:
        assert error.errno == errno.ENOBUFS
        full = True
assert not any(delivery.done() for delivery in deliveries)
if THEN == "disconnect":
    in_time(client.disconnect)
    expect_errno(103, deliveries[-1].wait)
else:
    if THEN == "publish":
        # Callers that wait go on in the middle of the packet, then send their own.
        client.publish("slow/none")
        client.publish("slow/%d" % len(deliveries), payload, 1)
        client.subscribe("slow/none", print)
    for delivery in deliveries:
        delivery.wait()
    client.disconnect()
print(full)
print("OK")
