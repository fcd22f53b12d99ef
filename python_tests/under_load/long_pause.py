# loop_failure has reconnected, and its next call is 20 s away: messages come at once, disconnect() returns at once.
import time

import mqtt
from on_target.support import Record, stays, wait_until

got = Record()
begins = []


def failed(client):
    begins.append(time.ticks_ms())
    assert client.reconnect() == 0
    return mqtt.RECOVERED


for _ in range(2):
    got.messages.clear()
    begins.clear()
    client = mqtt.Client("long-pause", cycle_timeout=20000, command_timeout=5000)
    client.subscribe("t", got)
    assert client.connect(HOST, 0, PORT, loop_failure=failed) == 0
    client.publish("go")
    wait_until(lambda: got.messages == [("t", b"at once")], 8)
    assert client.connected()
    client.publish("again")
    # The end is noticed at once, too.
    wait_until(lambda: not client.connected(), 8)
    stays(lambda: len(begins) == 1 and not client.connected(), 1000)
    began = time.ticks_ms()
    client.disconnect()
    took = time.ticks_diff(time.ticks_ms(), began)
    assert took < 2000 * SLOWNESS, took
    assert len(begins) == 1
print("OK")
