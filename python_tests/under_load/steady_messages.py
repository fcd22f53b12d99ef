# A function takes WORK ms for each message, and the messages come faster, for SECONDS: the connection stays,
# and the memory in use moves by no more than MOST bytes. With LOOP False the program's own calls read.
import errno
import gc
import time

import mqtt

count = 0
failures = []
used = []


def slow(client, payload, topic):
    global count
    count += 1
    time.sleep_ms(WORK)
    if count % 50 == 0:
        gc.collect()
        used.append(gc.mem_alloc())


client = mqtt.Client("steady", command_timeout=5000)
assert client.connect(HOST, KEEP_ALIVE, PORT, loop_failure=failures.append, start_loop=LOOP) == 0
client.subscribe("steady", slow)
client.publish("begin")
began = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), began) < SECONDS * 1000:
    if LOOP:
        time.sleep_ms(50)
    else:
        try:
            # It may wait, and send nothing, for longer than the keep-alive lasts.
            client.publish("reading", "", 1)
        except OSError as error:
            # The answer is behind the messages, which become ever more. In the end the window is full.
            assert error.errno in (errno.ETIMEDOUT, errno.ENOBUFS), error
    assert not failures and client.connected(), (failures, client.connected(), count)
print("delivered", count, "memory", used[:1], used[-1:])
assert max(used) - used[0] <= MOST, used
began = time.ticks_ms()
client.disconnect()
took = time.ticks_diff(time.ticks_ms(), began)
assert took < 2000 * SLOWNESS, took
assert not failures
print("OK")
