import time

import mqtt
from on_target.support import payload_of

client = mqtt.Client("many_out")
assert client.connect(HOST, 60, PORT) == 0
begin = time.ticks_ms()
for number in range(COUNT):
    client.publish(TOPIC, payload_of(number), QOS)
print(time.ticks_diff(time.ticks_ms(), begin), "ms")
client.publish(TOPIC, "end", QOS)
client.disconnect()
print("OK")
