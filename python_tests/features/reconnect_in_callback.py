import mqtt
from on_target.support import Record, wait_until

codes = []
record = Record()


def on_message(client, payload, topic):
    codes.append(client.reconnect())
    client.publish("a/after", payload, 1)


client = mqtt.Client("x", command_timeout=10000)
assert client.connect(HOST, 60, PORT, loop_failure=codes.append) == 0
client.subscribe("a/reconnect", on_message)
client.subscribe("a/after", record)
for number in range(5):
    client.publish("a/reconnect", b"%d" % number)
    wait_until(lambda: len(record) == number + 1)
assert codes == [0] * 5
assert record.messages == [("a/after", b"%d" % number) for number in range(5)]
assert client.connected()
client.disconnect()
print("OK")
