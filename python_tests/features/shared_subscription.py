# Two members of a group, which share COUNT messages, and a client beside them.
import mqtt
from on_target.support import Record, wait_until

members = [Record(), Record()]
everything = Record()
filters = "shared-%d/+" % QOS
clients = [mqtt.Client("member-%d" % number, command_timeout=10000) for number in range(2)]
beside = mqtt.Client("beside", command_timeout=10000)
for client, record in zip(clients, members):
    assert client.connect(HOST, 60, PORT) == 0
    client.subscribe("$share/group/" + filters, record, QOS)
assert beside.connect(HOST, 60, PORT) == 0
beside.subscribe(filters, everything, QOS)
beside.publish("begin-%d" % QOS)
wait_until(lambda: len(everything) == COUNT and sum(map(len, members)) >= COUNT)
got = sorted(int(payload) for record in members for _, payload in record.messages)
assert got == list(range(COUNT)), got
# Their topics are the messages' own.
assert {topic for record in members for topic, _ in record.messages} == {"shared-%d/0" % QOS, "shared-%d/1" % QOS}
assert all(members), [len(record) for record in members]
# A member that has left gets no more.
clients[0].unsubscribe("$share/group/" + filters)
before = len(members[0])
beside.publish("shared-%d/last" % QOS, "", QOS)
wait_until(lambda: members[1].messages[-1][0] == "shared-%d/last" % QOS)
assert len(members[0]) == before
for client in clients + [beside]:
    client.disconnect()
print("OK")
