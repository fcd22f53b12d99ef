# No memory is left while messages arrive: each is lost with a line on the console, and that is all.
import gc
import time

import mqtt
from on_target.support import Record, wait_until

LOST = 20
payload = bytes(1000)
failures = []
got = Record()
client = mqtt.Client("memory", command_timeout=10000)
assert client.connect(HOST, 60, PORT, loop_failure=failures.append) == 0
client.subscribe(TOPIC, got)
client.publish(TOPIC, payload)
wait_until(lambda: got)
gc.collect()
# The dict of the program's names must not grow later: each name of the program is there now.
hoard = came = _ = None
for size in (4000, 500, 100, 32):
    try:
        while True:
            hoard = (hoard, bytearray(size))
    except MemoryError:
        pass
for _ in range(LOST):
    client.publish(TOPIC, payload)
time.sleep_ms(500)
came = len(got)
hoard = None
gc.collect()
assert came == 1, came
assert client.connected() and not failures
client.publish(TOPIC, payload, 2)
wait_until(lambda: len(got) == 2)
client.disconnect()
print("OK")
