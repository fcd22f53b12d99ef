# After a collection a payload gets the memory of one that the program has dropped, although others came behind it.
import gc

import mqtt
import uctypes
from on_target.support import wait_until

SIZE = min(16000, LARGEST // 8)
PAYLOADS = 5
# Two of them: a word on some stack may still look like a reference to one.
DROPPED = (1, 2)


def on_message(client, payload, topic):
    addresses.append(uctypes.addressof(payload))
    kept.append(payload)


def receive(count):
    client.publish(TOPIC, bytes(SIZE), 1)
    wait_until(lambda: len(addresses) == count)


addresses = []
kept = []
client = mqtt.Client("gap", command_timeout=20000)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC, on_message, 1)
gc.collect()
for count in range(PAYLOADS):
    receive(count + 1)
for number in DROPPED:
    kept[number] = None
gc.collect()
receive(PAYLOADS + 1)
assert addresses[PAYLOADS] <= max(addresses[number] for number in DROPPED), addresses
client.disconnect()
print("OK")
