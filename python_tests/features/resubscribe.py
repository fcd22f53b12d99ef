# A clean session has no subscriptions at the broker: they are made again.
import mqtt
from on_target.support import Record, wait_until

record, other = Record(), Record()
client = mqtt.Client("resubscribe")
client.subscribe(TOPIC + "/early", record, 1)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC + "/a", record, 1)
client.subscribe(TOPIC + "/b", record, 1)
client.subscribe(TOPIC + "/c", record, 1)
client.unsubscribe(TOPIC + "/c")
for connect_again in (client.reconnect, lambda: client.connect(HOST, 60, PORT)):
    assert connect_again() == 0
    for name in ("early", "a", "c", "b"):
        client.publish(TOPIC + "/" + name, name, 1)
    wait_until(lambda: len(record) == 3)
    assert record.messages == [(TOPIC + "/" + name, name.encode()) for name in ("early", "a", "b")]
    record.messages.clear()
    client.disconnect()
assert not record
print("OK")
