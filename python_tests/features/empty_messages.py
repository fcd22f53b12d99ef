import mqtt
from on_target.support import Record, wait_until

record = Record()
client = mqtt.Client("empty_messages")
assert client.connect(HOST, 60, PORT) == 0
for qos in range(3):
    client.publish(TOPIC, qos=qos)
    client.publish(TOPIC, b"", qos)
    client.publish(TOPIC, None, qos)
client.subscribe(IN, record, 2)
client.publish(READY)
wait_until(lambda: len(record) == 3)
assert record.messages == [(IN, b"")] * 3
client.disconnect()
print("OK")
