# After a collection a payload gets the memory of one that the program has dropped, although others came behind it.
import gc

import mqtt
import uctypes
from on_target.support import wait_until

SIZE = min(16000, LARGEST // 8)


def on_message(client, payload, topic):
    addresses.append(uctypes.addressof(payload))
    kept.append(payload)


addresses = []
kept = []
client = mqtt.Client("gap", command_timeout=20000)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC, on_message, 1)
for dropped in (1, 2):
    gc.collect()
    for _ in range(4):
        count = len(addresses) + 1
        client.publish(TOPIC, bytes(SIZE), 1)
        wait_until(lambda: len(addresses) == count)
    gap = addresses[-4 + dropped]
    kept[dropped] = None
    gc.collect()
    client.publish(TOPIC, bytes(SIZE), 1)
    wait_until(lambda: len(addresses) == count + 1)
    assert addresses[-1] <= gap, (addresses, gap)
    kept.clear()
    addresses.clear()
client.disconnect()
print("OK")
