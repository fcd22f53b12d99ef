# COUNT messages out and in again: the memory in use stays as it is.
import gc
import time

import mqtt

BATCH = 500
count = 0


def take(client, payload, topic):
    global count
    count += 1


def batch(qos):
    global count
    count = 0
    for i in range(BATCH):
        publish("t/flat", b"a payload of some size", qos)
    end = time.ticks_add(time.ticks_ms(), 20000)
    while count < BATCH:
        assert time.ticks_diff(end, time.ticks_ms()) > 0
        time.sleep_ms(1)


c = mqtt.Client("flat", command_timeout=20000)
c.connect(HOST, 60, PORT)
c.subscribe("t/flat", take, 2)
publish = c.publish
used = []
for number in range(COUNT // BATCH):
    batch((0, 0, 0, 0, 0, 0, 0, 1, 0, 2)[number % 10])
    gc.collect()
    if number % 10 == 0:
        used.append(gc.mem_alloc())
# The first ones fill the memory that is kept for later: buffers, the inbox.
settled = used[len(used) // 3 :]
print(settled[0], settled[-1], max(settled) - min(settled))
assert settled[-1] - settled[0] < 4096, used
c.disconnect()
print("OK")
