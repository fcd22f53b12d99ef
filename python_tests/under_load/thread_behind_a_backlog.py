# heap: 8m
# The loop's function holds everything up, and the main program's answer comes behind 40 MB of messages: it waits
# for them in vain, within its deadline, and keeps none beyond the bound. Then they come, in order.
import gc
import time

import mqtt
from on_target.control import tell
from on_target.support import expect_errno, wait_until

COMMAND = 3000
got = 0
wrong = []
failures = []
held = []
going_on = []
used = []


def take(client, payload, topic):
    global got
    if payload == b"hold":
        held.append(None)
        wait_until(lambda: going_on, 100)
        return
    number = int(payload[:6])
    if number != got:
        wrong.append((number, got))
    got = number + 1
    if number % 100 == 0:
        gc.collect()
        used.append(gc.mem_alloc())


client = mqtt.Client("thread-behind", command_timeout=COMMAND)
assert client.connect(HOST, 60, PORT, loop_failure=failures.append) == 0
client.subscribe("m", take, QOS)
gc.collect()
before = gc.mem_alloc()
began = time.ticks_ms()
expect_errno(110, client.publish, "behind", "", 1)
took = time.ticks_diff(time.ticks_ms(), began)
assert held
tell("stalled")
gc.collect()
more = gc.mem_alloc() - before
print("took", took, "ms;", more, "bytes more in use")
assert took <= COMMAND + COMMAND // 10 + 100, took
assert more <= MOST, more
assert client.connected() and not failures and got == 0
going_on.append(None)
tell("go_on")
wait_until(lambda: got == COUNT, 60)
assert not wrong, wrong[:10]
assert max(used) - before <= MOST, (before, used)
client.publish("after", "", 2)
assert client.connected() and not failures
client.disconnect()
print("OK")
