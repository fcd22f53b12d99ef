import mqtt
from on_target.support import Record, wait_until

record, other = Record(), Record()


def after(client):
    client.subscribe("by/callback", record)


client = mqtt.Client("x", command_timeout=10000)
assert client.connect(HOST, 60, PORT, aconnect_cb=after) == 0
client.subscribe("by/hand", other)
assert client.reconnect() == 0
client.disconnect()
assert client.connect(HOST, 60, PORT, aconnect_cb=after) == 0
client.publish("by/callback")
client.publish("by/hand")
wait_until(lambda: record and other)
client.disconnect()
print("OK")
