import mqtt
from on_target.support import stays

events = []


def event(client):
    events.append(client)


client = mqtt.Client("keep_alive")
assert client.connect(HOST, 1, PORT, None, event, event, event) == 0
assert len(events) == 1
stays(client.connected, IDLE_MS)
client.publish("keep_alive", "", 1)
assert len(events) == 1
client.disconnect()
print("OK")
