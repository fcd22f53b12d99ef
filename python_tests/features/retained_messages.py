import mqtt
from on_target.support import Record, wait_until


def retained_now():
    """The messages that a new subscription gets."""
    record = Record()
    client = mqtt.Client("retained_reader")
    assert client.connect(HOST, 60, PORT) == 0
    client.subscribe(TOPIC, record, 1)
    client.subscribe(TOPIC + "/mark", record, 1)
    client.publish(TOPIC + "/mark", "", 1)
    wait_until(lambda: (TOPIC + "/mark", b"") in record.messages)
    client.disconnect()
    return [payload for topic, payload in record.messages if topic == TOPIC]


client = mqtt.Client("retained")
assert client.connect(HOST, 60, PORT) == 0
assert retained_now() == []
client.publish(TOPIC, "not retained", 1)
assert retained_now() == []
client.publish(TOPIC, "first", 1, True)
assert retained_now() == [b"first"]
client.publish(TOPIC, "second", 2, retain=True)
client.publish(TOPIC, "not retained", 1, False)
assert retained_now() == [b"second"]
client.publish(TOPIC, retain=True, qos=1)
assert retained_now() == []
client.publish(TOPIC, "last", 1, True)
client.disconnect()
print("OK")
