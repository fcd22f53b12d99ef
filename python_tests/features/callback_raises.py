import mqtt
from on_target.support import Record, wait_until

record = Record()


def divide(client, payload, topic):
    1 / 0


def raise_too(client, payload, topic):
    raise ValueError("of the second function")


client = mqtt.Client("callback_raises")
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC, divide, 1)
client.subscribe(TOPIC + "/#", raise_too, 1)
client.subscribe("+/raises", record, 1)
client.publish(TOPIC, "x", 1)
wait_until(lambda: len(record) == 1)
# The loop goes on, and the message was acknowledged: it does not come again.
client.unsubscribe(TOPIC)
client.unsubscribe(TOPIC + "/#")
client.publish(TOPIC, "y", 1)
wait_until(lambda: len(record) == 2)
assert record.messages == [(TOPIC, b"x"), (TOPIC, b"y")]
assert client.connected()
client.disconnect()
print("OK")
