import mqtt
from on_target.support import Record, wait_until

client = mqtt.Client("round_trip")
assert client.connect(HOST, 60, PORT) == 0
record = Record()
for granted in range(3):
    client.subscribe(TOPIC, record, granted)
    for qos in range(3):
        payload = b"%d as %d" % (qos, granted)
        assert client.publish(TOPIC, payload, qos) is None
        wait_until(lambda: record)
        assert record.messages == [(TOPIC, payload)]
        topic, payload = record.messages.pop()
        assert type(topic) is str and type(payload) is bytes
client.unsubscribe(TOPIC)
client.disconnect()
print("OK")
