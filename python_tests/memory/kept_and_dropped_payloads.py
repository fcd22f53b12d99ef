# Payloads of several sizes, more than the heap holds: the program keeps some for a while, makes small objects and
# collects. Each payload has memory of its own, and that of the others is used again.
# heap: 512k
import gc

import mqtt
from on_target.support import payload_of, wait_until

SIZES = [min(size, LARGEST // 4) for size in (20000, 5000, 300, 12000, 2048, 16000)]
MESSAGES = 150
KEEP = 3


def payload_with(number):
    part = payload_of(number) + str(number).encode()
    size = SIZES[number % len(SIZES)]
    return (part * (size // len(part) + 1))[:size]


def on_message(client, payload, topic):
    global came
    if came % 7 == 0:
        kept.append((came, payload))
        small.append((came, str(came)))
    if len(kept) > KEEP:
        number, old = kept.pop(0)
        assert old == payload_with(number), number
    if came % 40 == 39:
        gc.collect()
    came += 1


came = 0
kept = []
small = []
client = mqtt.Client("kept", command_timeout=20000)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC, on_message, 1)
for number in range(MESSAGES):
    client.publish(TOPIC, payload_with(number), 1)
    wait_until(lambda: came == number + 1)
for number, payload in kept:
    assert payload == payload_with(number), number
assert small == [(number, str(number)) for number in range(0, MESSAGES, 7)], small
client.disconnect()
print("OK")
