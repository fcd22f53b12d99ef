# Publishes and receives up to a message "end", or until the power fails. Its session and its counts are in one store.
import struct

import mqtt
from store import store

COUNTS = ">III"
counts = [0, 0, 0]  # published at QoS 1 and at QoS 2, received
wrong = []
ended = False


def text_of(qos):
    return b"%d %08d" % (qos, counts[qos - 1])


def save(state):
    for qos in (1, 2):
        # The message is in the session: it counts as published.
        if text_of(qos) in state:
            counts[qos - 1] += 1
    store.write(struct.pack(COUNTS, *counts) + state)


def function(client, payload, topic):
    global ended
    if payload == b"end":
        ended = True
    elif int(payload) != counts[2]:
        wrong.append((payload, counts[2]))
    else:
        counts[2] += 1


def properties_of(payload):
    """The payload once more, to be looked for in the message that arrives."""
    return {"properties": {"content_type": payload.decode()}} if PROTOCOL == 5 else {}


client = mqtt.Client("power-cuts", False, command_timeout=30000)
if PROTOCOL == 5:
    # Longer than the power is ever gone.
    client.set_version(5, session_expiry_interval=600)
if store.data:
    size = struct.calcsize(COUNTS)
    counts[:] = struct.unpack_from(COUNTS, store.data)
    client.restore(store.data[size:])
client.set_store(save)
client.subscribe("in", function, 2)
assert client.connect(HOST, 30, PORT, start_loop=False) == 0
while not ended and not wrong:
    for qos in (1, 2):
        payload = text_of(qos)
        client.publish("out/%d" % qos, payload, qos, **properties_of(payload))
assert not wrong, wrong
client.disconnect()
print(*counts)
print("OK")
