# Each client has the next one's messages, none of anybody else's.
import mqtt
from on_target.support import Record, wait_until

clients, records = [], []
for i in range(CLIENTS):
    record = Record()
    client = mqtt.Client("several_%d" % i)
    assert client.connect(HOST, 60, PORT) == 0
    client.subscribe("several/%d" % i, record, 1)
    clients.append(client)
    records.append(record)
for number in range(MESSAGES):
    for i, client in enumerate(clients):
        client.publish("several/%d" % ((i + 1) % CLIENTS), b"%d" % number, number % 3)
wait_until(lambda: all(len(record) == MESSAGES for record in records))
for i, record in enumerate(records):
    assert sorted(record.messages) == sorted([("several/%d" % i, b"%d" % number) for number in range(MESSAGES)])
clients[0].disconnect()
assert [client.connected() for client in clients] == [False] + [True] * (CLIENTS - 1)
for client in clients:
    client.disconnect()
print("OK")
