import gc
import time

import mqtt

came = []


def on_message(client, payload, topic):
    came.append(time.ticks_ms())


def compute():
    for _ in range(2000):
        pass


client = mqtt.Client("busy", command_timeout=10000)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe("a", on_message)
for work in (compute, lambda: time.sleep_ms(1), lambda: time.sleep_ms(700), lambda: time.sleep(0.7), gc.collect):
    came.clear()
    begin = time.ticks_ms()
    client.publish("a")
    while not came:
        work()
        assert time.ticks_diff(time.ticks_ms(), begin) < 5000 * SLOWNESS
    took = time.ticks_diff(came[0], begin)
    assert took < 500 * SLOWNESS, took
client.disconnect()
print("OK")
