# heap: 512K
# There is no memory for the identifiers of so many QoS 2 messages that the broker does not release: the
# connection ends, and all come on the next one, each once.
import gc
import time

import mqtt
from on_target.support import wait_until

seen = bytearray(COUNT)


def on_message(client, payload, topic):
    seen[payload[0]] += 1


client = mqtt.Client("identifiers", clean_session=False, command_timeout=10000)
client.subscribe(TOPIC, on_message, 2)
assert client.connect(HOST, 60, PORT) == 0
gc.collect()
hoard = None
size = 8192
while size >= 256:
    try:
        hoard = (hoard, bytearray(size))
    except MemoryError:
        size //= 2
client.publish("all")
# Nothing that takes memory.
while client.connected():
    time.sleep_ms(2)
hoard = None
gc.collect()
# Nothing tells that the loop has ended, and it looks again within 20 ms. A program that connects before
# goes on with the same loop, which then prints nothing.
time.sleep_ms(500)
came = sum(seen)
assert 0 < came < COUNT and max(seen) == 1, (came, seen)
assert client.reconnect() == 0
client.loop()
wait_until(lambda: min(seen))
client.publish("released", b"", 1)
assert max(seen) == 1, seen
client.disconnect()
print("OK")
