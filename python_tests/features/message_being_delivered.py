# `client.message` is the message that is being delivered: inside its functions, on their thread, and nowhere
# else. Of a QoS 1 message the DUP flag came from the broker.
import time

import mqtt
from on_target.support import expect, wait_until

client = mqtt.Client("message", command_timeout=20000)
seen = []
inside = []


def flags(message):
    return message.topic, message.payload, message.qos, message.retain, message.dup, message.properties


def first(client, payload, topic):
    message = client.message
    assert message.topic is topic and message.payload is payload
    seen.append(flags(message))
    # While this waits, other messages come, and wait: the message stays the same.
    client.publish("during", qos=1)
    assert flags(client.message) == flags(message)
    if payload == b"raise":
        raise ValueError("the message is gone all the same")


def second(client, payload, topic):
    inside.append(flags(client.message))


def connected(client):
    assert client.message is None


assert client.message is None and client.session_present is False and client.failure is None
assert client.connect(HOST, 30, PORT, aconnect_cb=connected) == 0
client.subscribe("m/#", first, 2)
client.subscribe("m/+", second, 2)
client.publish("go", qos=1)
wait_until(lambda: len(inside) == 6)
wait_until(lambda: client.message is None)
assert seen == inside, (seen, inside)
assert seen == [
    ("m/0", b"zero", 0, False, False, None),
    ("m/r", b"kept", 0, True, False, None),
    ("m/1", b"", 1, False, False, None),
    ("m/d", b"again", 1, True, True, None),
    ("m/2", b"two", 2, False, False, None),
    ("m/x", b"raise", 2, True, True, None),
], seen


expect(AttributeError, lambda: client.messages)
# An attribute of the program hides the client's.
client.message = 1
assert client.message == 1
del client.message
assert client.message is None
client.disconnect()
# A message that a function keeps stays as it is.
kept = []
client.subscribe("m/#", lambda client, payload, topic: kept.append(client.message), 2)
assert client.connect(HOST, 30, PORT) == 0
client.publish("go", qos=1)
wait_until(lambda: len(kept) == 6)
assert [flags(message) for message in kept] == seen
assert kept[5].payload == b"raise" and tuple(kept[2]) == seen[2]
time.sleep_ms(20)
client.disconnect()
print("OK")
