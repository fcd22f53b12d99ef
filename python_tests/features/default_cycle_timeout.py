# Without a connection, a loop that is told RECOVERED asks again after `cycle_timeout`.
import time

import mqtt
from on_target.support import wait_until


def period_of(client):
    calls = []

    def failure(client):
        calls.append(time.ticks_ms())
        return mqtt.RECOVERED if len(calls) < 3 else mqtt.BREAK_LOOP

    client.connect(HOST, 0, PORT, loop_failure=failure)
    client.publish("close")
    wait_until(lambda: len(calls) == 3)
    return time.ticks_diff(calls[2], calls[1])


default = period_of(mqtt.Client("a", command_timeout=5000))
assert 490 <= default < 500 + 500 * SLOWNESS, default
set_one = period_of(mqtt.Client("b", True, 100, 5000))
assert 95 <= set_one < 100 + 350 * SLOWNESS, set_one
shortest = period_of(mqtt.Client("c", True, 0, 5000))
assert shortest < 100 * SLOWNESS, shortest
print("OK")
