# heap: 1m
# COUNT messages to itself, faster than the function takes them: all arrive, in order, and the memory in use moves
# by no more than MOST bytes.
import gc
import time

import mqtt
from on_target.support import wait_until

got = 0
wrong = []
used = []
failures = []


def slow(client, payload, topic):
    global got
    number = int(payload[:6])
    if number != got:
        wrong.append((number, got))
    got = number + 1
    time.sleep_ms(2)
    if number % 25 == 0:
        gc.collect()
        used.append(gc.mem_alloc())


client = mqtt.Client("own-messages", command_timeout=30000)
assert client.connect(HOST, 60, PORT, loop_failure=failures.append, start_loop=LOOP) == 0
client.subscribe("own", slow, QOS)
rest = bytes(SIZE - 6)
for number in range(COUNT):
    client.publish("own", b"%06d" % number + rest, 1)
if not LOOP:
    # The last ones may still be under way.
    while got < COUNT:
        client.publish("reading", "", 1)
wait_until(lambda: got >= COUNT, 60)
print("memory", used[0], max(used))
assert not wrong, wrong[:10]
assert not failures and client.connected()
assert max(used) - used[0] <= MOST, used
client.disconnect()
print("OK")
