# save() and restore() with MQTT 5: properties of messages, options of subscriptions, the version of the session.
import binascii

import mqtt
from on_target.support import expect, need_version_5

need_version_5()
FILTERS = ("kitchen/lamp/set", "kitchen/+/all", "firmware/kitchen/lamp")
OPTIONS = {"no_local": True, "retain_as_published": True, "retain_handling": 1}
PROPERTIES = {
    "payload_format_indicator": 1,
    "message_expiry_interval": 600,
    "content_type": "text/plain",
    "response_topic": "lamp/answer",
    "correlation_data": b"\x00\x01",
    "user_property": [("site", "north"), ("site", "south")],
}


def new(version=5):
    client = mqtt.Client("device", False, command_timeout=20000)
    if version == 5:
        client.set_version(5, session_expiry_interval=3600)
    return client


def subscribe(client):
    for number, name in enumerate(FILTERS):
        client.subscribe(name, print, 1, properties={"subscription_identifier": number + 1}, **OPTIONS)


client = new()
assert client.connect(HOST, 60, PORT) == 0
subscribe(client)
client.disconnect()
empty = len(client.save())
for payload in (b"12345678901234567890", b"09876543210987654321"):
    client.publish("kitchen/lamp/state", payload, 1, wait=False, properties={"content_type": "text/plain"})
state = client.save()
assert len(state) <= 256, len(state)
# Without properties a message takes no byte more than in a session of MQTT 3.1.1.
lengths = []
for version in (4, 5):
    other = new(version)
    other.publish("t", "payload", 2, wait=False)
    lengths.append(len(other.save()))
assert lengths[0] == lengths[1]

# A client of MQTT 3.1.1 could not send the properties.
error = expect(ValueError, new(4).restore, state)
assert "set_version(5)" in str(error), error
# A session of MQTT 3.1.1 has nothing that MQTT 5 has not.
old = new(4)
old.publish("old", "message", 1, wait=False)
new().restore(old.save())
for number in (0, 3, 255):
    body = bytes([number]) + state[1:-4]
    error = expect(ValueError, new().restore, body + binascii.crc32(body).to_bytes(4, "big"))
    assert "version" in str(error), error
# The client is as before.
again = new()
before = again.save()
body = state[:1] + state[1:-4].replace(b"text/plain", b"text\xff plain"[:10])
expect(ValueError, again.restore, body + binascii.crc32(body).to_bytes(4, "big"))
assert again.save() == before

again.restore(state)
assert again.save() == state
again.publish("kitchen/lamp/state", "all", 1, wait=False, properties=PROPERTIES)
state = again.save()

# Power again: the broker has the session. Nothing is sent for filters with the same options.
last = new()
last.restore(state)
subscribe(last)
assert last.connect(HOST, 60, PORT) == 0 and last.session_present
last.subscribe(FILTERS[0], print, 1, no_local=False, properties={"subscription_identifier": 1})
last.publish("end", "", 1)
last.disconnect()

# The broker has lost the session: its time has run out.
late = new()
late.restore(state)
subscribe(late)
assert late.connect(HOST, 60, PORT) == 0 and not late.session_present
late.publish("end", "", 1)
late.disconnect()
print("OK")
