# CALLS calls of loop_failure begin at least CYCLE ms apart, though it reconnects (or tries to) each time.
import time

import mqtt
from on_target.support import stays, wait_until

begins = []
returned = []


def failed(client):
    begins.append(time.ticks_ms())
    if RECONNECTS and len(begins) <= CALLS:
        try:
            client.reconnect()
        except OSError:
            pass  # the broker closed it without a CONNACK
    returned.append(None)
    return mqtt.RECOVERED if len(begins) < CALLS else mqtt.BREAK_LOOP


client = mqtt.Client("pauses", cycle_timeout=CYCLE)
assert client.connect(HOST, 60, PORT, loop_failure=failed) == 0
client.publish("go")
# Generous: it is about pauses that are too short.
wait_until(lambda: len(returned) == CALLS, 40)
pauses = [time.ticks_diff(b, a) for a, b in zip(begins, begins[1:])]
print(pauses)
# The clock's last millisecond may be of either side.
assert min(pauses) >= CYCLE - 1, pauses
client.disconnect()
stays(lambda: len(begins) == CALLS, 3 * CYCLE)
last = mqtt.Client("ended")
assert last.connect(HOST, 60, PORT) == 0
last.disconnect()
print("OK")
