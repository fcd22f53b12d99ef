# Each message is compared as it comes: there may be no room to keep it.
import time

import mqtt
from on_target.support import payload_of, stays, wait_until

count = 0
wrong = []


def on_message(client, payload, topic):
    global count
    if (topic, payload) != (TOPIC, payload_of(count)):
        wrong.append((count, topic, payload))
    count += 1


client = mqtt.Client("many_in")
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC, on_message, QOS)
begin = time.ticks_ms()
asked = 0
while asked < COUNT:
    # Portion by portion, as many at once as there is memory for.
    client.publish(READY)
    asked += PORTION
    wait_until(lambda: count >= asked or wrong, 40)
    assert not wrong, wrong[0]
print(time.ticks_diff(time.ticks_ms(), begin), "ms")
assert not wrong, wrong[0]
stays(lambda: count == COUNT, 100)
client.disconnect()
print("OK")
