# Two clients with one identifier: the broker closes the connection of the older one each time.
import time

import mqtt

begins = {}


def failed(client):
    begins.setdefault(client, []).append(time.ticks_ms())
    try:
        client.reconnect()
    except OSError:
        pass  # the other one was quicker
    return mqtt.RECOVERED


clients = [mqtt.Client("one-identifier", cycle_timeout=CYCLE) for _ in range(2)]
for client in clients:
    assert client.connect(HOST, 60, PORT, loop_failure=failed) == 0
time.sleep(SECONDS)
for client in clients:
    client.disconnect()
pauses = [time.ticks_diff(b, a) for times in begins.values() for a, b in zip(times, times[1:])]
print(pauses)
assert len(begins) == 2 and pauses, begins
assert min(pauses) >= CYCLE - 1, pauses
print("OK")
