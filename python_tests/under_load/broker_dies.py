# The broker dies while a function, WORK ms long, has most of MESSAGES messages before it.
import time

import mqtt
from on_target.control import tell
from on_target.support import wait_until

count = 0
failures = []


def slow(client, payload, topic):
    global count
    count += 1
    time.sleep_ms(WORK)


client = mqtt.Client("broker-dies", command_timeout=20000)
assert client.connect(HOST, 2, PORT, loop_failure=failures.append) == 0
client.subscribe("m", slow)
client.publish("begin", "", 1)
wait_until(lambda: count)
tell("end")
began = time.ticks_ms()
while client.connected():
    time.sleep_ms(5)
    assert time.ticks_diff(time.ticks_ms(), began) < 60000
took = time.ticks_diff(time.ticks_ms(), began)
print("noticed after", took, "ms, at message", count)
assert took <= 3000 + WORK + 250 * SLOWNESS, took
wait_until(lambda: failures)
client.disconnect()
print("OK")
