import mqtt
from on_target.support import Record, expect, wait_until

record, other = Record(), Record()
client = mqtt.Client("refused")
assert client.connect(HOST, 60, PORT) == 0
error = expect(mqtt.MQTTException, client.subscribe, "refused/a", record, 1)
assert error.args[0] == 0x80 and error.errno == 0x80 and "refused" in error.args[1], error
try:
    client.subscribe("refused/a", record)
except OSError:
    pass
# A refusal of the same filter leaves the old subscription.
client.subscribe("granted", record, 1)
expect(mqtt.MQTTException, client.subscribe, "granted", other, 2)
# This broker passes everything on.
client.publish("refused/a", "x")
client.publish("granted", "y")
wait_until(lambda: record)
assert record.messages == [("granted", b"y")] and not other
# It stays so on the next connection.
assert client.reconnect() == 0
client.publish("refused/a", "x")
client.publish("granted", "z")
wait_until(lambda: len(record) == 2)
assert record.messages[1] == ("granted", b"z") and not other
client.disconnect()
# Nobody called for a subscription that was registered before: the console says that it is refused.
client.subscribe("refused/b", record)
assert client.connect(HOST, 60, PORT) == 0
client.publish("refused/b", "x")
client.publish("granted", "z")
wait_until(lambda: len(record) == 3)
assert record.messages[2] == ("granted", b"z")
client.disconnect()
print("OK")
