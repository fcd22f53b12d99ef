import hashlib

import mqtt
from on_target.support import wait_until

came = []


def on_message(client, payload, topic):
    came.append((topic, len(payload), hashlib.sha256(payload).digest()))


client = mqtt.Client("large_in")
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC, on_message, QOS)
client.publish(READY)
wait_until(lambda: came)
assert came == [(TOPIC, SIZE, DIGEST)], came
client.publish(TOPIC + "/not", "still usable", 1)
client.disconnect()
print("OK")
